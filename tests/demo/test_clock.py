"""The demo's clock: the story's first moment, forwards only, sweeps woken."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client

from booking.models import Booking
from booking.rules.calendar import Calendar, Day, tokyo
from booking.rules.policy import Policy
from tests.cast import TUESDAY, Office
from toyooka_hw.accounts.models import User
from toyooka_hw.celery import app
from toyooka_hw.demo import clock
from toyooka_hw.demo.models import DemoClock
from toyooka_hw.demo.operations import ClockRunsForwards, NotADemo, move_clock, open_story
from toyooka_hw.demo.story import Leap, Scene, leaps, story_moment

OPENING = tokyo(TUESDAY, time(9, 30))
DEMO_CLOCK = "toyooka_hw.demo.clock.now"


@pytest.mark.parametrize(
    ("wall", "begins"),
    [
        pytest.param(tokyo(TUESDAY, time(9, 29, 59)), TUESDAY, id="the same morning"),
        pytest.param(tokyo(TUESDAY, time(9, 30)), date(2027, 4, 13), id="no longer ahead"),
        pytest.param(tokyo(date(2027, 4, 10), time(3)), date(2027, 4, 13), id="a Saturday night"),
        pytest.param(tokyo(date(2026, 12, 23), time(12)), date(2027, 1, 5), id="the week of the year's end is closed"),
        pytest.param(tokyo(date(2027, 4, 21), time(12)), date(2027, 5, 11), id="the weeks of 昭和の日 and こどもの日 have a closed day"),
    ],
)
def test_story_begins_on_the_next_tuesday_followed_by_two_open_days(wall: datetime, begins: date) -> None:
    assert story_moment(wall, Calendar()) == tokyo(begins, time(9, 30))


def test_story_finds_no_beginning_when_every_tuesday_is_closed() -> None:
    closed = {day: Day(day, is_open=False) for day in (TUESDAY + timedelta(weeks=week) for week in range(40))}

    with pytest.raises(ValueError, match="no Tuesday"):
        story_moment(OPENING - timedelta(minutes=1), Calendar(closed))


def scene(now: datetime, session: datetime | None = None) -> Scene:
    return Scene(now, Calendar(), Policy(), session)


def test_leaps_on_the_story_morning() -> None:
    session = tokyo(date(2027, 4, 8), time(10))

    assert leaps(scene(OPENING, session)) == {
        Leap.REQUEST_CLOSES: tokyo(TUESDAY, time(15)),
        Leap.CONFIRM_LIMIT: tokyo(TUESDAY, time(23, 59)),
        Leap.JOIN_OPENS: tokyo(date(2027, 4, 8), time(9, 50)),
        Leap.BEFORE_GRACE_ENDS: tokyo(date(2027, 4, 8), time(10, 9, 59)),
        Leap.GRACE_ENDS: tokyo(date(2027, 4, 8), time(10, 10)),
        Leap.DAY_OVER: tokyo(TUESDAY, time(16)),
        Leap.NEXT_DAY: tokyo(date(2027, 4, 7), time(9, 30)),
        Leap.ONE_MINUTE: OPENING + timedelta(minutes=1),
        Leap.TEN_MINUTES: OPENING + timedelta(minutes=10),
    }


def test_leaps_over_a_weekend_go_to_the_next_open_days_moments() -> None:
    friday_evening = tokyo(date(2027, 4, 9), time(16))

    ahead = leaps(scene(friday_evening))

    assert ahead[Leap.REQUEST_CLOSES] == tokyo(date(2027, 4, 12), time(15))
    assert ahead[Leap.CONFIRM_LIMIT] == tokyo(date(2027, 4, 11), time(23, 59))


def test_moments_of_a_session_are_offered_only_where_there_is_one() -> None:
    assert list(leaps(scene(OPENING))) == [
        Leap.REQUEST_CLOSES,
        Leap.CONFIRM_LIMIT,
        Leap.DAY_OVER,
        Leap.NEXT_DAY,
        Leap.ONE_MINUTE,
        Leap.TEN_MINUTES,
    ]


@pytest.mark.parametrize("leap", [Leap.REQUEST_CLOSES, Leap.CONFIRM_LIMIT, Leap.NEXT_DAY])
def test_leap_pressed_again_goes_on_to_the_next_one(leap: Leap) -> None:
    first = leaps(scene(OPENING))[leap]

    assert leaps(scene(first))[leap] > first


def test_moments_that_have_passed_are_not_offered() -> None:
    start = tokyo(TUESDAY, time(10))

    ahead = leaps(scene(start + timedelta(minutes=9, seconds=59), start))

    assert (Leap.JOIN_OPENS in ahead, Leap.BEFORE_GRACE_ENDS in ahead, ahead[Leap.GRACE_ENDS]) == (
        False,
        False,
        tokyo(TUESDAY, time(10, 10)),
    )


@pytest.mark.django_db
def test_story_is_opened_once() -> None:
    wall = datetime(2027, 4, 1, tzinfo=UTC)

    open_story(wall=wall)
    open_story(wall=wall + timedelta(days=30))

    assert DemoClock.objects.get().shift == OPENING - wall


def test_story_is_not_opened_in_a_database_that_has_staff(office: Office) -> None:
    with pytest.raises(NotADemo):
        open_story(wall=OPENING)

    assert (DemoClock.objects.count(), User.objects.count()) == (0, 2)


@pytest.mark.django_db
def test_clock_moves_forwards_and_wakes_every_sweep(django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[str] = []
    monkeypatch.setattr(app, "send_task", lambda task, **_: woken.append(task))
    DemoClock.objects.create(shift=timedelta(days=5))

    with django_capture_on_commit_callbacks(execute=True):
        move_clock(OPENING + timedelta(days=6), wall=OPENING)

    assert DemoClock.objects.get().shift == timedelta(days=6)
    assert woken == [entry["task"] for entry in app.conf.beat_schedule.values()]


@pytest.mark.django_db
@pytest.mark.parametrize("to", [OPENING + timedelta(days=5), OPENING + timedelta(days=4)])
def test_clock_never_moves_backwards_or_stands_still(to: datetime) -> None:
    DemoClock.objects.create(shift=timedelta(days=5))

    with pytest.raises(ClockRunsForwards):
        move_clock(to, wall=OPENING)

    assert DemoClock.objects.get().shift == timedelta(days=5)


@pytest.mark.django_db
def test_portal_time_is_real_time_plus_the_shift() -> None:
    with time_machine.travel(OPENING, tick=False):
        before = clock.now()
        DemoClock.objects.create(shift=timedelta(days=5, seconds=1))

        assert (before, clock.now()) == (OPENING, OPENING + timedelta(days=5, seconds=1))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"moment": "2001-01-01T00:00"}, "先へ進めることしかできません"),
        ({"moment": "9999-12-30T10:00"}, "1年先まで進められます"),
        ({"moment": "あした"}, "正しく入力してください"),
        ({}, "正しく入力してください"),
    ],
)
def test_bar_says_kindly_why_it_cannot_go_there(client: Client, settings: LazySettings, data: dict[str, str], told: str) -> None:
    settings.CLOCK_SOURCE = DEMO_CLOCK
    DemoClock.objects.create(shift=timedelta())

    page = client.post("/demo/clock/", {"back": "/privacy/", **data}, follow=True)

    assert page.redirect_chain == [("/privacy/", 302)]
    assert told in page.content.decode()
    assert DemoClock.objects.get().shift == timedelta()


def test_leap_that_has_passed_meanwhile_is_refused(client: Client, settings: LazySettings, confirmed: Booking) -> None:
    settings.CLOCK_SOURCE = DEMO_CLOCK
    DemoClock.objects.create(shift=timedelta())

    with time_machine.travel(confirmed.starts_at - timedelta(minutes=5), tick=False):
        page = client.post("/demo/clock/", {"back": "/privacy/", "leap": "join_opens"}, follow=True)

    assert "その時刻はもう過ぎています。" in page.content.decode()
    assert DemoClock.objects.get().shift == timedelta()


@pytest.mark.django_db
def test_bar_moves_the_clock_and_comes_back_to_the_page(client: Client, settings: LazySettings) -> None:
    settings.CLOCK_SOURCE = DEMO_CLOCK
    open_story(wall=clock.wall())
    before = clock.now()

    page = client.post("/demo/clock/", {"back": "https://elsewhere.example/", "leap": "ten_minutes"})

    assert page["Location"] == "/demo/"
    assert clock.now() - before >= timedelta(minutes=10)


@pytest.mark.django_db
def test_no_bar_and_no_query_for_it_where_real_time_rules(client: Client) -> None:
    assert client.get("/privacy/").context["demo_bar"] is None
