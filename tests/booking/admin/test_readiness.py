"""Tomorrow's board: each session of the next open day, what is missing and the button that mends it (issue point 7)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from booking.models import Absence, Booking, Closure, DutyHours, Hold, Meeting, ZoomHost
from booking.operations import bookings
from booking.operations.calls import record_call
from booking.operations.readiness import tell_staff
from booking.queries import next_open_day, readiness
from booking.rules.readiness import Lack
from consent.models import ConsentWithdrawal, MinistryRecord
from consent.operations import Shown, agree, record_in_ministry_system
from consent.queries import COUNSELLING
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.admin.crowd import copy, queries_of
from tests.cast import MORNING, SESSION, THURSDAY, Office, at, make_person, publish_terms
from tests.employers import asked, make_contact
from tests.visitor import text_of
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import ensure_roles
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
BOARD = "/admin/booking/booking/tomorrow/"
EVE = SESSION - timedelta(hours=18)  # Wednesday 16:00


@pytest.fixture
def ready(office: Office, confirmed: Booking) -> Booking:
    """The session as it should be the afternoon before."""
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE, delivered_at=MORNING)
    meeting = {"meeting_id": 98765432101, "starts_at": SESSION, "host_email": confirmed.host.email, "ready_at": MORNING}
    Meeting.objects.update(outbox_state=OutboxState.DONE, **meeting)
    MinistryRecord.objects.create(
        person=confirmed.applicant, document=office.version.document, recorded_at=MORNING, recorded_by=office.staff
    )
    return confirmed


@pytest.fixture
def desk(desk_of: DeskOf, office: Office) -> Desk:
    return desk_of(office.staff, EVE)


def missing() -> list[Lack]:
    return [lack for row in readiness(THURSDAY, now=EVE).sessions for lack in row.lacks]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2027, 4, 7), THURSDAY),
        (date(2027, 4, 9), date(2027, 4, 12)),  # Friday looks at Monday
        (date(2027, 4, 10), date(2027, 4, 12)),
        (date(2027, 4, 28), date(2027, 4, 30)),  # the eve of a holiday
        (date(2027, 4, 30), date(2027, 5, 6)),
        (date(2027, 12, 28), date(2028, 1, 4)),
    ],
)
def test_tomorrow_is_the_next_open_day(office: Office, today: date, expected: date) -> None:
    assert [next_open_day(now=at(today, *moment)) for moment in ((0, 0), (23, 59))] == [expected, expected]


def test_day_closed_by_the_office_is_passed_over(office: Office) -> None:
    Closure.objects.create(date=THURSDAY, label="設備点検")
    assert next_open_day(now=EVE) == date(2027, 4, 9)


def test_board_says_that_everything_is_ready(desk: Desk, ready: Booking) -> None:
    words = text_of(desk.get(BOARD))
    expected = ("2027年4月8日（木）", "1件の予約は、すべて準備ができています。", "豊岡花子", "佐藤", "準備よし")
    assert [part for part in expected if part not in words] == []


def test_day_without_bookings_says_so(desk: Desk) -> None:
    assert "予約はありません。" in text_of(desk.get(BOARD, day="2027-04-09"))


def test_other_days_are_one_link_away(desk: Desk, ready: Booking) -> None:
    page = desk.get(BOARD).content.decode()
    assert [f"?day={day}" in page for day in ("2027-04-07", "2027-04-09")] == [True, True]
    assert "豊岡花子" in text_of(desk.get(BOARD, day="2027-04-08"))


@pytest.mark.parametrize("day", ["2027-02-30", "x", "20270408x"])
def test_day_that_is_none_is_not_found(desk: Desk, day: str) -> None:
    assert desk.get(BOARD, day=day).status_code == 404


def test_free_text_stays_closed(desk: Desk, ready: Booking) -> None:
    Booking.objects.update(companion="手話通訳 1名")
    page = desk.get(BOARD).content.decode()
    assert ("手話通訳" in page, "相談内容・同席者の記入あり" in page) == (False, True)


# --- what may be missing --------------------------------------------------------------------------------------------------


def test_fresh_confirmation_waits_for_zoom_and_mail(office: Office, confirmed: Booking) -> None:
    assert missing() == [Lack.ZOOM_WAITING, Lack.MAIL_WAITING, Lack.RECORD]


def test_meeting_given_up_is_made_again_from_the_board(desk: Desk, ready: Booking) -> None:
    Meeting.objects.update(outbox_state=OutboxState.FAILED, meeting_id=None)
    page = text_of(desk.get(BOARD))
    assert ("1件に足りないものがあります。" in page, "Zoomミーティングを作成できませんでした" in page) == (True, True)
    words = text_of(desk.post(f"/admin/booking/booking/meeting/{Meeting.objects.get().pk}/again/", next=BOARD))
    assert ("Zoomミーティングを準備しています" in words, missing()) == (True, [Lack.ZOOM_WAITING])


def test_meeting_that_was_taken_away_is_missing(ready: Booking) -> None:
    Meeting.objects.update(removed_at=MORNING)
    assert missing() == [Lack.ZOOM_MISSING]


def test_mail_given_up_is_sent_again_from_the_board(desk: Desk, ready: Booking) -> None:
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED)
    mail = OutgoingMail.objects.latest("pk")
    page = desk.get(BOARD).content.decode()
    assert f"/admin/mail/outgoingmail/{mail.pk}/again/" in page
    desk.post(f"/admin/mail/outgoingmail/{mail.pk}/again/", next=BOARD)
    assert missing() == [Lack.MAIL_WAITING]


def test_person_without_a_mailbox_is_ready_once_told(office: Office, ready: Booking) -> None:
    OutgoingMail.objects.all().delete()
    before = missing()
    record_call(ready.pk, reached=True, seen=ready.events.latest("pk").pk, by=office.staff, now=EVE)
    assert (before, missing()) == ([Lack.NOT_TOLD], [])


def test_person_without_a_mailbox_is_to_be_told_the_code(desk: Desk, ready: Booking) -> None:
    Person.objects.update(email="")
    assert "当日、開始前に番号を電話で伝える" in text_of(desk.get(BOARD))


def test_host_switched_off_or_given_twice_is_missed(ready: Booking) -> None:
    other = copy(ready, 1, make_person("但馬 太郎", email="taro@example.jp"))
    assert [Lack.HOST_TWICE in row.lacks for row in readiness(THURSDAY, now=EVE).sessions] == [True, True]
    Booking.objects.filter(pk=other.pk).update(starts_at=ready.ends_at, ends_at=ready.ends_at + timedelta(minutes=30))
    assert [Lack.HOST_TWICE in row.lacks for row in readiness(THURSDAY, now=EVE).sessions] == [False, False]
    ZoomHost.objects.update(is_active=False)
    assert [Lack.HOST_GONE in row.lacks for row in readiness(THURSDAY, now=EVE).sessions] == [True, True]


def test_place_that_nobody_holds_is_missed(ready: Booking) -> None:
    Hold.objects.all().delete()
    assert missing() == [Lack.NOT_HELD]


def test_counsellor_off_duty_absent_or_gone_is_missed(office: Office, ready: Booking) -> None:
    DutyHours.objects.filter(counsellor=ready.counsellor).update(until=THURSDAY - timedelta(days=1))
    off_duty = missing()
    Hold.objects.all().delete()
    absence = Absence.objects.create(counsellor=ready.counsellor, starts_at=SESSION, ends_at=ready.ends_at)
    Hold.objects.create(counsellor=ready.counsellor, kind=Hold.Kind.ABSENCE, span=(SESSION, ready.ends_at), absence=absence)
    absent = missing()
    ready.counsellor.is_active = False
    ready.counsellor.save()
    gone = missing()
    assert (off_duty, absent, gone) == (
        [Lack.OFF_DUTY],
        [Lack.NOT_HELD, Lack.COUNSELLOR_ABSENT],
        [Lack.NOT_HELD, Lack.COUNSELLOR_GONE],
    )


def test_session_on_a_closed_day_is_missed(desk: Desk, ready: Booking) -> None:
    Closure.objects.create(date=THURSDAY, label="設備点検")
    words = text_of(desk.get(BOARD, day="2027-04-08"))
    assert (missing(), "閉庁日です" in words, "設備点検" in words) == ([Lack.DAY_CLOSED], True, True)


def test_switch_is_a_task_until_it_is_done(office: Office, ready: Booking) -> None:
    """C2-1b."""
    Booking.objects.update(eligibility="to_switch")
    before = missing()
    Person.objects.update(switched_at=MORNING, switched_by=office.staff)
    assert (before, missing()) == ([Lack.SWITCH], [])


def test_paperwork_is_done_from_the_board(desk: Desk, office: Office, ready: Booking) -> None:
    """C2-1a, C2-1b, C6-2-1b: each lack leads to the inbox's own action for it."""
    ConsentWithdrawal.objects.create(person=ready.applicant, document=office.version.document, withdrawn_at=EVE, recorded_by=office.staff)
    Booking.objects.update(eligibility="unchecked", eligibility_checked_at=None, eligibility_checked_by=None)
    page = desk.get(BOARD).content.decode()
    check, switched = f"/admin/booking/booking/{ready.pk}/act/check/", f"/admin/accounts/person/{ready.applicant_id}/switched/"
    assert (check in page, f"/person/{ready.applicant_id}/ministry/" in page) == (True, True)
    desk.post(check, eligibility="to_switch", next=BOARD)
    assert (missing(), switched in desk.get(BOARD).content.decode()) == ([Lack.SWITCH, Lack.RECORD], True)
    desk.post(switched, next=BOARD)
    assert missing() == [Lack.RECORD]


def test_record_in_the_ministrys_system_ends_with_a_withdrawal(office: Office, ready: Booking) -> None:
    """C6-2-1b, A4."""
    ConsentWithdrawal.objects.create(person=ready.applicant, document=office.version.document, withdrawn_at=EVE, recorded_by=office.staff)
    assert missing() == [Lack.RECORD]


def test_record_in_the_ministrys_system_is_of_the_newest_version_agreed_to(office: Office, ready: Booking) -> None:
    """C6-2-2."""
    second = publish_terms(number=2, effective_at=EVE)
    agree(ready.applicant, Shown(second.pk, "同意します。", EVE), document=COUNSELLING, now=EVE)
    assert missing() == [Lack.RECORD]
    record_in_ministry_system(ready.applicant, document=COUNSELLING, by=office.staff, now=EVE)
    assert missing() == []


def test_record_of_a_merged_row_counts_for_the_survivor(ready: Booking) -> None:
    survivor = make_person("豊岡 花子", email="hanako2@example.jp")
    Person.objects.filter(pk=ready.applicant_id).update(merged_into=survivor)
    assert missing() == []


def test_request_without_an_answer_waits_on_the_board(desk: Desk, requested: Booking) -> None:
    words = text_of(desk.get(BOARD))
    assert ("お返事を待っている申込みが1件あります。" in words, "4月7日（水）17:15" in words) == (True, True)


def test_proposal_waits_on_the_days_that_it_offers(office: Office, requested: Booking) -> None:
    there = THURSDAY + timedelta(days=1)
    bookings.propose(requested.pk, [at(there, 10), at(there, 11)], eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    waiting = [readiness(day, now=EVE).waiting for day in (THURSDAY, there)]
    assert waiting == [[], [requested]]


# --- who, and how much -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "status"), [("相談員", 200), ("管理者", 200), ("", 403)])
def test_board_is_for_those_who_may_see_bookings(desk_of: DeskOf, office: Office, role: str, status: int) -> None:
    ensure_roles()
    user = User.objects.create_user("member", is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    assert desk_of(user).get(BOARD).status_code == status


def test_anonymous_visitor_is_sent_to_the_login(office: Office) -> None:
    assert Client().get(BOARD).headers["Location"] == f"/admin/login/?next={BOARD}"


def test_board_asks_the_same_number_of_queries_for_one_and_for_two_hundred(desk: Desk, ready: Booking) -> None:
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED)
    desk.get(BOARD)
    one = queries_of(desk, BOARD)
    for number in range(199):
        copy(ready, number, make_person(f"利用者{number}", email=f"p{number}@example.jp"))
    assert (one, queries_of(desk, BOARD), len(readiness(THURSDAY, now=EVE).sessions)) == (17, 17, 200)


def test_employers_requests_that_wait_stand_on_the_board_and_in_the_mail(desk: Desk, office: Office, member: Callable[[str], User]) -> None:
    """A10: whatever days they wish for."""
    request = asked(make_contact(office), start=at(date(2027, 4, 12), 10), people=2)
    words = text_of(desk.get(BOARD))
    assert ("求人者からの依頼が1件、お返事を待っています。" in words, request.number in words) == (True, True)
    assert [each.pk for each in readiness(THURSDAY, now=EVE).asked] == [request.pk]
    User.objects.filter(pk=member("管理者").pk).update(email="kanri@example.jp")
    assert tell_staff(now=EVE, wall=EVE) == 1
    body = OutgoingMail.objects.get(to="kanri@example.jp").body
    assert "お返事を待っている求人者からの依頼：1件" in body
    assert f"受付番号 {request.number}\n回答の期限 4月7日（水）17:15" in body
