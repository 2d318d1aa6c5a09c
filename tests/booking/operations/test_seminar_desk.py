"""What staff do for those who phone: registering them, another link, the list of who came; and pages that were opened too early (S1-1, S8-1)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.links import registration_of, token_of
from booking.models import Registration
from booking.operations.applications import Newcomer
from booking.operations.seminars import desk, giving, joining, people, seats
from booking.operations.seminars.joining import KeptOut
from booking.operations.seminars.seats import AlreadyRegistered, RegistrationClosed, SeatChanged
from booking.operations.seminars.steps import EditedMeanwhile, last_line
from booking.rules.seminars import Door
from consent.models import Consent, Method
from tests.cast import MORNING, Office
from tests.seminars import CLOSES, STARTS, guest, press, published, register, sheet
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import MailboxKnown
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_newcomer_is_entered_and_registered_at_once(office: Office) -> None:
    seminar = published(office)
    newcomer = Newcomer("但馬 一郎", "", "+819011112222")
    row = desk.accept(newcomer, seminar.pk, sheet(companion=" 手話通訳 "), press(office), method=Method.STAFF_PHONE)
    assert (row.seat, row.by_staff, row.companion, row.person.phone) == ("seated", office.staff, "手話通訳", "+819011112222")
    assert [(each.method, each.recorded_by) for each in Consent.objects.all()] == [("staff_phone", office.staff)]


def test_same_form_sent_again_is_the_same_registration(office: Office) -> None:
    seminar, form = published(office), sheet()
    rows = [desk.accept(Newcomer("但馬 一郎"), seminar.pk, form, press(office), method=Method.STAFF_COUNTER) for _each in range(2)]
    assert (rows[0], Person.objects.count(), Registration.objects.count()) == (rows[1], 1, 1)


@pytest.mark.parametrize("late", [True, False])
def test_newcomer_is_not_entered_where_the_registration_is_refused(office: Office, late: bool) -> None:
    seminar = published(office)
    if late:
        with pytest.raises(RegistrationClosed):
            desk.accept(Newcomer("但馬 一郎"), seminar.pk, sheet(), press(office, CLOSES), method=Method.STAFF_PHONE)
        assert Person.objects.count() == 0
    else:
        known = guest()
        with pytest.raises(MailboxKnown):
            desk.accept(Newcomer("但馬 一郎", known.email), seminar.pk, sheet(), press(office), method=Method.STAFF_PHONE)
        assert (Person.objects.count(), Registration.objects.count()) == (1, 0)


def test_somebody_known_is_registered_once(office: Office) -> None:
    seminar, person = published(office), guest()
    first = desk.accept(person, seminar.pk, sheet(), press(office), method=Method.STAFF_PHONE)
    with pytest.raises(AlreadyRegistered) as caught:
        desk.accept(person, seminar.pk, sheet(), press(office), method=Method.STAFF_PHONE)
    assert caught.value.registration == first


def test_new_link_is_mailed_and_every_earlier_one_is_dead(office: Office) -> None:
    row = register(published(office), guest())
    old = token_of(row)
    renewed = desk.renew_link(row.pk, by=office.staff, now=MORNING, wall=MORNING)
    mail = OutgoingMail.objects.latest("pk")
    assert (registration_of(old), registration_of(token_of(renewed)), mail.to) == (None, row, "guest1@example.jp")
    assert (token_of(renewed) in mail.body, old in mail.body, mail.secrets) == (True, False, [token_of(renewed)])
    assert AuditEntry.objects.filter(what="参加のページのリンクを送り直す", subject=row.number).count() == 1


@pytest.mark.parametrize("how", ["withdrawn", "over"])
def test_no_new_link_once_there_is_nothing_to_open(office: Office, how: str) -> None:
    row = register(published(office), guest())
    if how == "withdrawn":
        seats.withdraw(row.pk, now=MORNING, wall=MORNING)
    now = STARTS + HOUR if how == "over" else MORNING
    mails = OutgoingMail.objects.count()
    with pytest.raises(SeatChanged):
        desk.renew_link(row.pk, by=office.staff, now=now, wall=now)
    assert OutgoingMail.objects.count() == mails


def test_list_of_attendance_holds_those_with_a_seat_and_leaves_a_line(office: Office) -> None:
    seminar = published(office)
    rows = [register(seminar, guest(number)) for number in (1, 2, 3)]
    assert list(desk.take_out_attendance(seminar, reason="労働局への報告", by=office.staff, now=MORNING)) == rows[:2]
    entry = AuditEntry.objects.get(kind="look")
    assert (entry.subject, entry.reason) == (seminar.number, "労働局への報告")


# --- the office's own way in ---------------------------------------------------------------------------------------------------------------


def test_host_may_enter_from_shortly_before_the_start(office: Office) -> None:
    seminar = published(office)
    with pytest.raises(KeptOut) as caught:
        joining.check_host(seminar, now=STARTS - HOUR)
    assert caught.value.why is Door.TOO_EARLY
    joining.check_host(seminar, now=STARTS)


def test_host_may_enter_while_nobody_else_is_let_in(office: Office) -> None:
    """S8-1: somebody has to tell those who are there."""
    seminar = giving.suspend(published(office).pk, press(office), reason="停電のため")
    joining.check_host(seminar, now=STARTS)
    assert joining.what_bars(seminar, None, now=STARTS) is Door.SUSPENDED


# --- what was pressed was meant for what was seen ------------------------------------------------------------------------------------------


def test_change_by_a_colleague_since_the_page_was_opened_is_not_overwritten(office: Office) -> None:
    seminar = published(office)
    seen = last_line(seminar.pk)
    colleague = replace(press(office), by=office.tanaka.user)
    seminar.title = "はじめての在宅ワーク（改）"
    giving.change(seminar, colleague)
    seminar.title = "在宅ワーク入門"
    with pytest.raises(EditedMeanwhile) as caught:
        giving.change(seminar, replace(press(office), seen=seen))
    seminar.refresh_from_db()
    assert (caught.value.by, seminar.title) == ("田中", "はじめての在宅ワーク（改）")
    giving.cancel(seminar.pk, replace(press(office), seen=last_line(seminar.pk)), reason="講師の都合")


def test_speakers_are_no_change_of_the_content(office: Office) -> None:
    seminar = published(office)
    seen = last_line(seminar.pk)
    people.add_speaker(seminar.pk, name="講師", by=office.staff, now=MORNING)
    assert giving.suspend(seminar.pk, replace(press(office), seen=seen), reason="停電").state == "suspended"
