"""The phone list: whom, why, what to say, and what came of it (issue points 4 and 6)."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from booking.models import Booking, BookingEvent, Closure, ContactRecord
from booking.operations import bookings, corrections, moving, no_contact, sessions
from booking.operations.moving import Change
from booking.queries import calls
from booking.rules.calls import Why
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.admin.crowd import copy, queries_of
from tests.cast import MORNING, SESSION, THURSDAY, Office, make_person
from tests.visitor import text_of
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import ensure_roles
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
LIST = "/admin/booking/booking/calls/"
FRIDAY, MONDAY = SESSION + timedelta(days=1), SESSION + timedelta(days=4)
EVE = SESSION - timedelta(hours=18)  # Wednesday 16:00
NOBODY = "お電話でお知らせする方はいません。"


@pytest.fixture
def silent(requested: Booking) -> Booking:
    """A request of somebody without a mailbox that nobody answered in time."""
    Person.objects.update(email="")
    OutgoingMail.objects.all().delete()
    bookings.expire_unconfirmed(now=requested.confirm_limit, wall=requested.confirm_limit)
    requested.refresh_from_db()
    return requested


@pytest.fixture
def desk(desk_of: DeskOf, office: Office) -> Desk:
    return desk_of(office.staff, SESSION - timedelta(hours=1))


def whys(now: object = EVE) -> list[Why]:
    return [call.why for call in calls(now=now)]


def press(desk: Desk, booking: Booking, name: str) -> str:
    """The one-click button of the list."""
    seen = booking.events.latest("pk").pk
    return text_of(desk.post(f"/admin/booking/booking/{booking.pk}/act/{name}/", seen=seen, next=LIST))


def test_person_without_a_mailbox_is_listed_with_what_to_say(desk: Desk, silent: Booking) -> None:
    words = text_of(desk.get(LIST))
    expected = (
        "お電話する方1件",
        "豊岡花子",
        "090-****-5678",
        "メールアドレスがありません",
        "期限切れになったこと。",
        "電話でお知らせした",
    )
    assert [part for part in expected if part not in words] == []


def test_one_press_says_that_the_person_was_told(desk: Desk, silent: Booking) -> None:
    words = press(desk, silent, "told")
    assert ("電話でお知らせしたことを記録しました。" in words, NOBODY in words) == (True, True)
    assert (silent.contacts.get().meaning, silent.contacts.get().recorded_by) == ("told", desk_user())


def desk_user() -> User:
    return User.objects.get(username="sato")


def test_attempts_in_vain_are_seen(desk: Desk, silent: Booking) -> None:
    assert "4月8日（木）9:00つながらず" in press(desk, silent, "not_reached")
    desk.now += timedelta(minutes=20)
    assert "4月8日（木）9:00つながらず4月8日（木）9:20つながらず" in press(desk, silent, "not_reached")


def test_slower_colleague_reads_who_told(desk: Desk, desk_of: DeskOf, office: Office, silent: Booking) -> None:
    press(desk, silent, "told")
    other = desk_of(office.tanaka.user, desk.now)
    assert "すでに佐藤さんが、4月8日（木）9:00に電話でお知らせしています。" in press(other, silent, "told")


def test_old_page_tells_nothing_of_a_booking_that_moved_on(desk: Desk, confirmed: Booking) -> None:
    seen = confirmed.events.latest("pk").pk
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=desk_user(), now=desk.now, wall=desk.now)
    words = text_of(desk.post(f"/admin/booking/booking/{confirmed.pk}/act/told/", seen=seen, next=LIST))
    assert ("すでに佐藤さんが「中止" in words, ContactRecord.objects.count()) == (True, 0)


def test_button_on_the_booking_carries_what_is_seen(desk: Desk, silent: Booking) -> None:
    page = desk.get(f"/admin/booking/booking/{silent.pk}/act/told/").content.decode()
    assert f'name="seen" value="{silent.events.latest("pk").pk}"' in page


def test_call_before_the_end_tells_nobody_how_it_ended(office: Office, requested: Booking) -> None:
    Person.objects.update(email="")
    ContactRecord.objects.create(booking=requested, channel="phone", meaning="unclear", at=MORNING, recorded_by=office.staff)
    OutgoingMail.objects.all().delete()
    bookings.expire_unconfirmed(now=requested.confirm_limit, wall=requested.confirm_limit)
    assert whys(SESSION) == [Why.NO_ADDRESS]


def test_person_who_phoned_since_knows(office: Office, silent: Booking) -> None:
    sessions.record_contact(silent.pk, channel="phone", meaning="unclear", by=office.staff, now=SESSION, wall=SESSION)
    assert whys(SESSION) == []


def test_person_with_a_mailbox_is_told_by_mail_alone(confirmed: Booking) -> None:
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE)
    assert whys() == []


def test_mail_that_failed_brings_the_person_onto_the_list(desk: Desk, confirmed: Booking) -> None:
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED)
    words = text_of(desk.get(LIST))
    assert ("メールが届いていません" in words, "予約が確定したこと。" in words) == (True, True)


def test_cancellation_by_the_office_the_day_before_is_told_by_phone_too(office: Office, confirmed: Booking) -> None:
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=office.staff, now=EVE, wall=EVE)
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE)
    assert whys() == [Why.SHORT_NOTICE]


def test_person_who_was_there_when_it_was_confirmed_knows(office: Office, confirmed: Booking) -> None:
    Person.objects.update(email="")
    OutgoingMail.objects.all().delete()
    assert whys() == [Why.NO_ADDRESS]
    Booking.objects.update(source="phone", requested_at=confirmed.confirmed_at)
    assert whys() == []


def test_notice_that_still_waits_is_told_to_nobody(office: Office, confirmed: Booking) -> None:
    """C6-1-4b: the notice goes out some minutes after the closing, unless it is corrected meanwhile."""
    Person.objects.update(email="")
    closing, due = SESSION + timedelta(minutes=10), SESSION + timedelta(minutes=15)
    no_contact.cancel_no_contact(confirmed.pk, by=office.staff, now=closing, wall=closing)
    before = whys(closing)
    no_contact.send_no_contact_notices(now=due, wall=due)
    assert (before, whys(due)) == ([], [Why.NO_ADDRESS])


@pytest.fixture
def offered(office: Office, requested: Booking) -> Booking:
    """Asked for Thursday 10:00, offered Friday 10:00 and Monday 10:00, without a mailbox."""
    Person.objects.update(email="")
    OutgoingMail.objects.all().delete()
    return bookings.propose(requested.pk, [FRIDAY, MONDAY], eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)


def test_offer_is_told_until_its_last_time_not_until_the_wish(desk: Desk, offered: Booking) -> None:
    """C6-1-3: the wish has passed, what is offered has not."""
    assert [whys(when) for when in (SESSION + timedelta(minutes=1), MONDAY - timedelta(seconds=1), MONDAY)] == [
        [Why.NO_ADDRESS],
        [Why.NO_ADDRESS],
        [],
    ]
    desk.now = SESSION + timedelta(hours=1)
    assert "ご提案の日時：4月9日（金）10:00、4月12日（月）10:00" in text_of(desk.get(LIST))


def test_offer_made_after_the_wish_is_told(office: Office, requested: Booking) -> None:
    Person.objects.update(email="")
    later = SESSION + timedelta(hours=1)
    bookings.propose(requested.pk, [MONDAY], eligibility="registered", by=office.staff, now=later, wall=later)
    assert whys(later) == [Why.NO_ADDRESS]


def test_offer_stands_on_the_list_of_the_day_that_is_offered(desk: Desk, offered: Booking) -> None:
    days = ["2027-04-08", "2027-04-09", "2027-04-12", "2027-04-13"]
    assert ["豊岡花子" in text_of(desk.get(LIST, day=day)) for day in days] == [True, True, True, False]


def test_offer_that_is_taken_back_is_mailed(office: Office, requested: Booking) -> None:
    bookings.propose(requested.pk, [FRIDAY], eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    moving.release(requested.pk, reason="研修", by=office.staff, now=MORNING, wall=MORNING)
    assert "ご提案した日時の取りやめ" in OutgoingMail.objects.latest("pk").subject
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE)
    assert whys(MORNING) == []


def test_offer_that_is_taken_back_is_told_by_phone_without_a_mailbox(desk: Desk, office: Office, offered: Booking) -> None:
    moving.release(offered.pk, reason="研修", by=office.staff, now=MORNING, wall=MORNING)
    assert whys(MORNING) == [Why.NO_ADDRESS]
    desk.now = MORNING
    assert "ご提案した日時を取りやめたこと。" in text_of(desk.get(LIST))
    assert NOBODY in press(desk, offered, "told")


def test_time_that_was_only_held_is_given_up_without_a_word(office: Office, requested: Booking) -> None:
    Person.objects.update(email="")
    count = OutgoingMail.objects.count()
    moving.release(requested.pk, reason="研修", by=office.staff, now=MORNING, wall=MORNING)
    assert (whys(MORNING), OutgoingMail.objects.count()) == ([], count)


def test_confirmation_of_what_the_person_accepted_is_told_where_its_mail_failed(office: Office, requested: Booking) -> None:
    bookings.propose(requested.pk, [FRIDAY], eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    bookings.accept(requested.pk, FRIDAY, now=MORNING, wall=MORNING)
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED)
    assert whys(MORNING) == [Why.MAIL_FAILED]


def closed_without_contact(booking: Booking, by: User) -> datetime:
    """Closed ten minutes after the start; the moment at which the notice went out."""
    closing, due = SESSION + timedelta(minutes=10), SESSION + timedelta(minutes=15)
    no_contact.cancel_no_contact(booking.pk, by=by, now=closing, wall=closing)
    return due


def test_outcome_that_was_corrected_before_the_notice_leaves_the_mail_its_name(office: Office, confirmed: Booking) -> None:
    due = closed_without_contact(confirmed, office.staff)
    corrections.correct_outcome(confirmed.pk, "wrong_contact", reason="番号違い", by=office.staff, now=due - timedelta(minutes=1))
    no_contact.send_no_contact_notices(now=due, wall=due)
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE)
    assert whys(due) == []


@pytest.mark.parametrize("to", ["completed", "cancelled_by_user"])
@pytest.mark.parametrize("told", [True, False])
def test_correction_is_told_to_whom_the_closing_was(desk: Desk, office: Office, confirmed: Booking, to: str, told: bool) -> None:
    Person.objects.update(email="")
    due = closed_without_contact(confirmed, office.staff)
    desk.now = due + timedelta(minutes=5)
    if told:
        no_contact.send_no_contact_notices(now=due, wall=due)
        press(desk, confirmed, "told")
    after = desk.now = due + timedelta(minutes=10)
    corrections.correct(confirmed.pk, to, reason="行き違い", by=office.staff, now=after, wall=after)
    assert whys(after) == ([Why.NO_ADDRESS] if told else [])
    if told:
        assert ("訂正し" in text_of(desk.get(LIST)), NOBODY in press(desk, confirmed, "told")) == (True, True)


def test_cancellation_that_was_told_by_phone_is_taken_back_by_phone(desk: Desk, office: Office, confirmed: Booking) -> None:
    Person.objects.update(email="")
    OutgoingMail.objects.all().delete()
    desk.now = EVE
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=office.staff, now=EVE, wall=EVE)
    press(desk, confirmed, "told")
    later = EVE + timedelta(minutes=1)
    corrections.correct(confirmed.pk, "confirmed", reason="押し間違い", by=office.staff, now=later, wall=later)
    assert whys(later) == [Why.NO_ADDRESS]


def test_correction_back_to_confirmed_is_told_while_the_session_runs(office: Office, confirmed: Booking) -> None:
    due = closed_without_contact(confirmed, office.staff)
    no_contact.send_no_contact_notices(now=due, wall=due)
    corrections.correct(confirmed.pk, "confirmed", reason="行き違い", by=office.staff, now=due, wall=due)
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED)
    assert [whys(when) for when in (due, confirmed.ends_at)] == [[Why.MAIL_FAILED], []]


def test_list_of_one_day_is_reached_by_the_day_or_its_closure(desk: Desk, silent: Booking) -> None:
    there = Closure.objects.create(date=THURSDAY, label="設備点検")
    asked = [{"day": "2027-04-08"}, {"closure": str(there.pk)}, {"day": "2027-04-09"}]
    assert ["豊岡花子" in text_of(desk.get(LIST, **each)) for each in asked] == [True, True, False]


@pytest.mark.parametrize("asked", [{"day": "2027-02-30"}, {"day": "x"}, {"closure": "999"}, {"closure": "²"}])
def test_day_that_is_none_is_not_found(desk: Desk, asked: dict[str, str]) -> None:
    assert desk.get(LIST, **asked).status_code == 404


def test_list_asks_the_same_number_of_queries_for_one_and_for_two_hundred(desk: Desk, silent: Booking) -> None:
    desk.get(LIST)
    one = queries_of(desk, LIST)
    for number in range(199):
        made = copy(silent, number, make_person(f"利用者{number}", email=""), state="expired")
        BookingEvent.objects.create(booking=made, event="expire", to_state="expired", at=SESSION, actor="system")
    assert (one, queries_of(desk, LIST), len(calls(now=desk.now))) == (14, 14, 200)


@pytest.mark.parametrize(("role", "status"), [("相談員", 200), ("管理者", 200), ("", 403)])
def test_list_is_for_those_who_may_see_bookings(desk_of: DeskOf, office: Office, role: str, status: int) -> None:
    ensure_roles()
    user = User.objects.create_user("member", is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    assert desk_of(user).get(LIST).status_code == status


def test_anonymous_visitor_is_sent_to_the_login(office: Office) -> None:
    assert Client().get(LIST).headers["Location"] == f"/admin/login/?next={LIST}"


def test_mail_about_a_new_time_that_failed_is_told_by_phone(desk: Desk, office: Office, confirmed: Booking) -> None:
    """The person agreed to the new time, and still waits for it in writing."""
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE, delivered_at=MORNING)
    change = Change(office.staff, "ご本人と相談", seen=confirmed.events.latest("pk").pk)
    moving.move(confirmed.pk, SESSION + timedelta(hours=1), change, now=EVE, wall=EVE)
    waiting = whys()
    OutgoingMail.objects.filter(delivered_at=None).update(outbox_state=OutboxState.FAILED)
    failed, words = whys(), text_of(desk.get(LIST))
    press(desk, confirmed, "told")
    assert (waiting, failed, "日時が変わったこと。" in words, whys()) == ([], [Why.MAIL_FAILED], True, [])


@pytest.mark.parametrize("address", [LIST, "/admin/booking/booking/tomorrow/"])
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_day_at_the_end_of_the_calendar_is_not_found(desk: Desk, office: Office, address: str, day: str) -> None:
    assert desk.get(f"{address}?day={day}").status_code == 404
