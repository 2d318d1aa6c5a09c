"""Which troubles there are: each threshold to the second, causes before what follows from them, standstills seen afterwards."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from booking.rules.incidents import (
    Host,
    Kind,
    Measured,
    Queue,
    Trouble,
    standstill,
    troubles,
)
from booking.rules.quota import CALLS_A_DAY

WALL = datetime(2027, 4, 6, 1, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def beats(*minutes_ago: float) -> tuple[datetime, ...]:
    return tuple(WALL - minutes * MINUTE for minutes in minutes_ago)


WELL = Measured(wall=WALL, beats=beats(2, 1, 0), web=WALL - MINUTE)


def kinds(**seen: object) -> list[Kind]:
    return [trouble.kind for trouble in troubles(replace(WELL, **seen))]


def test_all_is_well() -> None:
    assert troubles(WELL) == ()


def test_portal_that_has_just_been_installed_is_in_no_trouble() -> None:
    assert troubles(Measured(wall=WALL)) == ()


@pytest.mark.parametrize(
    ("queue", "limit", "kind"),
    [
        ("mails", 15 * MINUTE, Kind.MAIL_WAITS),
        ("meetings", 10 * MINUTE, Kind.MEETING_WAITS),
        ("notices", 10 * MINUTE, Kind.NOTICE_WAITS),
    ],
)
def test_outbox_is_late_from_its_limit_on(queue: str, limit: timedelta, kind: Kind) -> None:
    ages = (limit - SECOND, limit)
    found = [kinds(**{queue: Queue(waiting=3, oldest=WALL - age, late_since=WALL - age)}) for age in ages]
    assert found == [[], [kind]]


def test_what_is_told_apart_makes_no_outbox_late() -> None:
    """Meetings of a host whose day is spent, alarms of our own: they wait and are shown, and are no trouble of the outbox."""
    old = Queue(waiting=9, oldest=WALL - timedelta(days=1), given_up=4)
    assert kinds(mails=old, meetings=old) == []


@pytest.mark.parametrize(
    ("queue", "kind"), [("mails", Kind.MAIL_GIVEN_UP), ("meetings", Kind.MEETING_GIVEN_UP), ("notices", Kind.NOTICE_WAITS)]
)
def test_fifty_rows_given_up_are_one_trouble_with_a_count(queue: str, kind: Kind) -> None:
    assert troubles(replace(WELL, **{queue: Queue(given_up=50, lost=50)})) == (Trouble(kind, count=50),)


def test_zoom_tells_what_it_minds() -> None:
    seen = replace(WELL, unsafe=2, not_authorised=3, refused=True, strangers=4)
    others = (Trouble(Kind.UNSAFE, count=2), Trouble(Kind.STRANGERS, count=4))
    assert troubles(seen) == (Trouble(Kind.NOT_AUTHORISED, count=3), *others)
    assert troubles(replace(seen, missing_scopes=("meeting:read:admin",))) == (Trouble(Kind.SCOPES, count=1), *others)


def test_refusal_of_the_nightly_look_is_enough() -> None:
    assert kinds(refused=True) == [Kind.NOT_AUTHORISED]


def test_each_host_is_a_trouble_of_its_own() -> None:
    hosts = (
        Host("b@zoom.example.jp", is_fit=False),
        Host("a@zoom.example.jp", is_fit=False),
        Host("c@zoom.example.jp", calls=CALLS_A_DAY - 1),
        Host("d@zoom.example.jp", calls=CALLS_A_DAY),
        Host("e@zoom.example.jp", calls=7, is_spent=True),  # Zoom itself said so: others call for this host too
    )
    assert [(trouble.kind, trouble.subject[0], trouble.count) for trouble in troubles(replace(WELL, hosts=hosts))] == [
        (Kind.HOST, "a", 0),
        (Kind.HOST, "b", 0),
        (Kind.QUOTA, "d", 100),
        (Kind.QUOTA, "e", 7),
    ]


@pytest.mark.parametrize(
    ("heard", "gap"),
    [
        pytest.param(beats(9, 5, 0), (5, 0), id="five minutes"),
        pytest.param((*beats(9), WALL - 5 * MINUTE + SECOND, *beats(0)), None, id="a second less"),
        pytest.param(beats(9, 5), (5, 0), id="it goes on"),
        pytest.param(beats(90, 29, 20, 0), (20, 0), id="the latest one"),
        pytest.param(beats(90, *range(29, -1, -1)), (90, 29), id="over and still news"),
        pytest.param(beats(90, *range(30, -1, -1)), None, id="no news any more"),
        pytest.param((), None, id="never began"),
    ],
)
def test_standstill_is_told_while_it_goes_on_and_for_half_an_hour(heard: tuple[datetime, ...], gap: tuple[float, float] | None) -> None:
    assert standstill(heard, wall=WALL) == (gap and (WALL - gap[0] * MINUTE, WALL - gap[1] * MINUTE))


def test_standstill_says_how_long_it_was() -> None:
    assert troubles(replace(WELL, beats=beats(61, 1, 0))) == (Trouble(Kind.BEAT, count=60, since=WALL - 61 * MINUTE),)


@pytest.mark.parametrize(
    ("web", "found"),
    [
        pytest.param(WALL - 5 * MINUTE + SECOND, [], id="just in time"),
        pytest.param(WALL - 5 * MINUTE, [Kind.WEB], id="silent"),
        pytest.param(None, [Kind.WEB], id="never answered"),
    ],
)
def test_web_is_silent_while_the_regular_work_asks_it(web: datetime | None, found: list[Kind]) -> None:
    assert kinds(web=web, beats=beats(*range(8, -1, -1))) == found


def test_web_that_nobody_asked_is_not_called_silent() -> None:
    """Neither while the regular work stands still, nor in the first minutes after."""
    long_ago = WALL - timedelta(hours=9)
    assert [kinds(web=long_ago, beats=(long_ago,)), kinds(web=long_ago, beats=(long_ago, WALL - MINUTE))] == [[Kind.BEAT], [Kind.BEAT]]
