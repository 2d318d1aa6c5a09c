"""What the slot page drew is kept for whoever sees the same (decision 45), and never shown to anybody who should see something else."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from django.core.cache import caches
from django.http import HttpResponse

from booking.models import Booking, Counsellor, DutyHours, Hold, ZoomHost
from booking.operations.calendar import set_policy
from booking.rules.calendar import tokyo
from booking.rules.slots import ANYBODY
from booking.views.grid import grid_of
from tests.cast import MORNING, SESSION, THURSDAY, TUESDAY, Office, at, away, closed, make_person
from tests.explained import asked_by
from tests.visitor import Visitor, text_of

pytestmark = pytest.mark.django_db
HALF_AN_HOUR = timedelta(minutes=30)
FREE = "4月8日木曜日10時空きあり"


@pytest.fixture
def visitor(office: Office) -> Visitor:
    return Visitor()


def judged(page: HttpResponse) -> bool:
    """Whether the starts had to be judged for this page."""
    return "weeks" in vars(page.context["grid"])  # type: ignore[attr-defined]  # the test client puts it there


def test_second_look_judges_nothing_and_reads_the_same(visitor: Visitor) -> None:
    first, second = visitor.get("/slots/"), Visitor().get("/slots/")
    assert (judged(first), judged(second)) == (True, False)
    assert text_of(first) == text_of(second)


def hold(office: Office) -> None:
    booking = Booking.objects.create(**_of(office))
    Hold.objects.create(counsellor=office.sato, kind=Hold.Kind.RESERVATION, span=(SESSION, SESSION + HALF_AN_HOUR), booking=booking)


def _of(office: Office) -> dict[str, object]:
    times = {"starts_at": SESSION, "ends_at": SESSION + HALF_AN_HOUR, "answer_by": SESSION, "confirm_limit": SESSION}
    return {"number": "1234-5678", "source": "web", "applicant": make_person(), "counsellor": office.sato, "requested_at": MORNING, **times}


def send_away(office: Office) -> None:
    away(office, office.sato, SESSION, SESSION + HALF_AN_HOUR)


def close(office: Office) -> None:
    closed(office, THURSDAY)


def end_duty(office: Office) -> None:
    DutyHours.objects.filter(counsellor=office.sato).update(until=TUESDAY)


def dismiss(office: Office) -> None:
    Counsellor.objects.filter(pk=office.sato.pk).update(is_active=False)


def lose_host(office: Office) -> None:
    ZoomHost.objects.filter(pk=office.sato.default_host_id).update(is_active=False)


def cap(office: Office) -> None:
    set_policy("capacity_per_start", "1", by=office.staff, reason="試験", now=MORNING)


def cap_first_timers(office: Office) -> None:
    set_policy("first_timers_per_day", "0", by=office.staff, reason="試験", now=MORNING)


CHANGES = [hold, send_away, close, end_duty, dismiss, lose_host, cap, cap_first_timers]


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_seen_at_once(visitor: Visitor, office: Office, change: Callable[[Office], None]) -> None:
    visitor.get("/slots/")
    change(office)
    page = visitor.get("/slots/")
    caches["template_fragments"].clear()
    assert (judged(page), text_of(page)) == (True, text_of(visitor.get("/slots/")))


def test_drawing_rests_on_nothing_but_the_key(office: Office) -> None:
    """A page that asked for more while it is drawn would stay as it was when that changes."""
    grid = grid_of(ANYBODY, [], now=MORNING)
    assert asked_by(lambda: [week.days for week in grid.weeks]) == []


def test_deadline_is_kept_to_the_minute(visitor: Visitor) -> None:
    """C6-1-2-3: until 15:00 of the open day before."""
    visitor.now = at(date(2027, 4, 7), 14, 59, 59)
    assert FREE in text_of(visitor.get("/slots/"))
    visitor.now = at(date(2027, 4, 7), 15)
    assert FREE not in text_of(visitor.get("/slots/"))


@pytest.mark.parametrize("turn", [time(0), time(10), time(11, 30), time(13), time(15), time(15, 30)])
def test_drawing_is_kept_until_the_clock_turns(visitor: Visitor, turn: time) -> None:
    """At midnight the days move on, at 15:00 requests close, and at each start that start is over; in between the clock changes nothing."""
    moment = tokyo(date(2027, 4, 7), turn)
    looks = []
    for visitor.now in (moment - HALF_AN_HOUR, moment - timedelta.resolution, moment, moment + HALF_AN_HOUR - timedelta.resolution):
        looks.append(judged(visitor.get("/slots/")))
    assert looks == [True, False, True, False]


def test_draft_stands_in_the_links_of_its_own_browser_only(visitor: Visitor) -> None:
    visitor.choose()
    mine = visitor.get(f"/slots/?draft={visitor.draft.key}").content.decode()
    other = Visitor().get(f"/slots/?draft={visitor.draft.key}").content.decode()
    assert (mine.count(str(visitor.draft.key)) > 1, str(visitor.draft.key) in other) == (True, False)
    assert f'value="{SESSION.isoformat()}" checked' in mine


def test_whoever_has_an_open_booking_is_offered_nothing_of_what_others_are(visitor: Visitor) -> None:
    """A16."""
    visitor.apply()
    stranger, own = Visitor().get("/slots/").content.decode(), visitor.get("/slots/").content.decode()
    assert ('name="start"' in stranger, 'name="start"' in own) == (True, False)
    assert 'name="start"' in Visitor().get("/slots/").content.decode()


def test_what_is_kept_decides_no_booking(visitor: Visitor, office: Office) -> None:
    """Even a drawing that is out of date leads nowhere: the POST looks for itself."""
    visitor.get("/slots/")
    closed(office, THURSDAY)
    answer = visitor.choose()
    assert "選んだ日は閉庁日です。" in text_of(visitor.get(answer.url))
