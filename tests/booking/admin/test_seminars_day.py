"""A seminar on the counsellor's day: the grid, the way in, the week, tomorrow, and what a closure says of it (issue 7)."""

from datetime import timedelta

import pytest

from booking.admin.board import board
from booking.admin.refusals import REFUSALS, told
from booking.admin.seminar_refusals import SEMINAR_REFUSALS
from booking.models import Absence, Closure, Meeting
from booking.operations import meetings
from booking.operations.readiness import tell_staff
from booking.operations.seminars import giving, joining, people, seats, steps
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.admin.crowd import queries_of
from tests.booking.admin.test_seminars import HOUR, LIST
from tests.cast import MORNING, THURSDAY, Office, at
from tests.seminars import STARTS, drawn_up, guest, press, published, register
from tests.simulator import SimulatorHandle
from tests.visitor import at_time, text_of
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
BOOKINGS = "/admin/booking/booking/"
TODAY, WEEK, TOMORROW = f"{BOOKINGS}today/", f"{BOOKINGS}week/", f"{BOOKINGS}tomorrow/"
ON_THURSDAY = f"{TODAY}?day=2027-04-08"


def test_seminar_stands_in_the_grid_of_its_counsellor(office: Office, desk: Desk) -> None:
    seminar = published(office)
    register(seminar, guest())
    lines = {line.start: line.seats[0] for line in board(THURSDAY, now=MORNING).lines}
    assert [each.seminar for each in lines[STARTS].seminars] == [seminar]
    assert [lines[start].goes_on for start in (STARTS, STARTS + HOUR / 2, STARTS + HOUR)] == [False, True, False]
    page = desk.get(ON_THURSDAY)
    words = text_of(page)
    assert ["14:00～15:00はじめての在宅ワーク" in words, "1名／定員2名" in words, "前の予定の続き" in words] == [True] * 3
    assert f"{LIST}{seminar.pk}/change/" in page.content.decode()


def test_draft_and_what_was_cancelled_stand_nowhere(office: Office) -> None:
    drawn_up(office, title="下書き")
    giving.cancel(published(office).pk, press(office), reason="停電")
    assert board(THURSDAY, now=MORNING).seminars == []


def test_seminar_on_a_closed_day_or_outside_the_ten_starts_has_a_line(office: Office, desk: Desk) -> None:
    published(office, starts_at=at(THURSDAY, 12), ends_at=at(THURSDAY, 13), closes_at=at(THURSDAY, 11))
    saturday = THURSDAY + timedelta(days=2)
    published(office, title="土曜の見学会", starts_at=at(saturday, 10), ends_at=at(saturday, 12))
    assert at(THURSDAY, 12) in [line.start for line in board(THURSDAY, now=MORNING).lines]
    assert "土曜の見学会" in text_of(desk.get(TODAY, day=saturday.isoformat()))


def test_sheet_on_paper_names_it(office: Office, desk: Desk) -> None:
    published(office)
    assert "14:00～15:00はじめての在宅ワーク" in text_of(desk.get(f"{BOOKINGS}today/print/", day="2027-04-08"))


def test_week_counts_and_lists_it(office: Office, desk: Desk) -> None:
    published(office)
    words = text_of(desk.get(WEEK))
    assert ["この週の催し（1件）" in words, "催し1" in words, "はじめての在宅ワーク" in words] == [True] * 3


def test_boards_ask_no_more_for_many_seminars(office: Office, desk: Desk) -> None:
    def more(hour: int) -> None:
        span = {"starts_at": at(THURSDAY, hour), "ends_at": at(THURSDAY, hour) + HOUR, "closes_at": at(THURSDAY, 9)}
        register(published(office, title=f"催し{hour}", **span), guest(hour))

    paths = (ON_THURSDAY, WEEK, f"{TOMORROW}?day=2027-04-08")
    more(10)
    few = [queries_of(desk, path) for path in paths]
    for hour in (11, 13, 14, 15):
        more(hour)
    assert [queries_of(desk, path) for path in paths] == few


# --- the way in -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "opens"), [(10, True), (11, False)])
def test_host_button_opens_shortly_before_the_start(office: Office, desk_of: DeskOf, before: int, opens: bool) -> None:
    published(office)
    words = text_of(desk_of(office.staff, STARTS - timedelta(minutes=before)).get(TODAY))
    assert ("きょうの催し（1件）" in words, "催しを始める（担当者として入室）" in words) == (True, opens)


def test_counsellor_goes_in_by_a_fresh_link_and_leaves_a_line(office: Office, desk_of: DeskOf, zoom: SimulatorHandle) -> None:
    seminar = published(office)
    meetings.sweep_meetings(now=MORNING, wall=MORNING)
    desk = desk_of(office.staff, STARTS)
    with at_time(STARTS):
        answer = desk.client.post(f"{LIST}{seminar.pk}/host/")
    assert answer.headers["Location"].startswith(zoom.url)
    assert AuditEntry.objects.filter(what="ホスト用リンクで入室", subject=seminar.number).count() == 1


@pytest.mark.parametrize("when", ["early", "no meeting"])
def test_way_in_that_is_closed_says_so(office: Office, desk_of: DeskOf, when: str) -> None:
    seminar = published(office)
    now = STARTS - HOUR if when == "early" else STARTS
    words = text_of(desk_of(office.staff, now).post(f"{LIST}{seminar.pk}/host/"))
    assert {"early": "入室できるのは、開始の少し前からです。", "no meeting": "Zoomの準備ができていないか"}[when] in words
    assert AuditEntry.objects.filter(what="ホスト用リンクで入室").count() == 0


def test_way_in_is_never_opened_by_a_get(office: Office, desk: Desk) -> None:
    assert desk.get(f"{LIST}{published(office).pk}/host/").status_code == 405


def test_meeting_that_could_not_be_made_is_told_of_and_tried_again(office: Office, desk_of: DeskOf) -> None:
    seminar = published(office)
    Meeting.objects.update(outbox_state="failed", last_error="Zoomに断られました")
    desk = desk_of(office.staff, STARTS - HOUR)
    words = text_of(desk.get(TODAY))
    assert (seminar.number in words, "作成できませんでした" in words) == (True, True)
    assert "もう一度試します" in text_of(desk.post(f"{BOOKINGS}meeting/{seminar.meeting.pk}/again/"))


# --- tomorrow -------------------------------------------------------------------------------------------------------------------------------


def test_tomorrow_shows_how_far_its_meeting_is(office: Office, desk: Desk) -> None:
    published(office)
    words = text_of(desk.get(TOMORROW, day="2027-04-08"))
    assert ["催し1件" in words, "はじめての在宅ワーク" in words, "準備中" in words, "予約はありません" in words] == [
        True,
        True,
        True,
        False,
    ]


def test_mail_of_the_afternoon_before_goes_to_who_gives_it(office: Office) -> None:
    published(office)
    office.staff.__class__.objects.filter(pk=office.staff.pk).update(email="sato@office.example.jp")
    afternoon = at(THURSDAY - timedelta(days=1), 15, 30)
    assert tell_staff(now=afternoon, wall=afternoon) == 1
    mail = OutgoingMail.objects.latest("pk")
    assert ("【催し】" in mail.body, "14:00 はじめての在宅ワーク" in mail.body) == (True, True)


# --- closures and absences ------------------------------------------------------------------------------------------------------------------


def test_day_of_a_seminar_is_not_closed_and_what_was_typed_stays(office: Office, desk: Desk) -> None:
    seminar = published(office)
    page = desk.post(f"{BOOKINGS}calendar/day/2027-04-08/", what="closed", label="停電")
    words = text_of(page)
    assert ["先に催しを移すか、中止" in words, seminar.number in words, 'value="停電"' in page.content.decode()] == [True] * 3
    assert Closure.objects.filter(date=THURSDAY).count() == 0


def test_counsellor_of_a_seminar_is_not_away_and_what_was_typed_stays(office: Office, desk: Desk) -> None:
    seminar = published(office)
    typed = {"counsellors": [office.sato.pk], "first": "2027-04-08", "starts": "13:00", "ends": "16:00", "reason": "研修"}
    page = desk.post(f"{BOOKINGS}roster/absence/", **typed)
    assert ["先に催しを移すか、中止" in text_of(page), 'value="研修"' in page.content.decode()] == [True, True]
    giving.cancel(seminar.pk, press(office), reason="研修のため")
    desk.post(f"{BOOKINGS}roster/absence/", **typed)
    assert Absence.objects.count() == 1


# --- refusals in words ----------------------------------------------------------------------------------------------------------------------


def test_every_error_of_the_operations_has_words(office: Office) -> None:
    named = {
        each
        for module in (giving, joining, people, seats, steps)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Exception) and each.__module__ == module.__name__
    }
    assert named - set(SEMINAR_REFUSALS) == set()
    assert set(SEMINAR_REFUSALS) <= set(REFUSALS)
    plain = [each for each in named if each.__init__ is Exception.__init__]
    assert [each for each in plain if not told(each()).endswith("。")] == []
