"""When a meeting should exist, and when to try again."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.rules.lifecycle import State
from booking.rules.meetings import gives_up, retry_at, should_exist

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
END = START + timedelta(minutes=30)


@pytest.mark.parametrize("state", State)
def test_meeting_should_exist_only_while_confirmed(state: State) -> None:
    assert should_exist(state, START, END, by_phone=False, now=START) is (state is State.CONFIRMED)


@pytest.mark.parametrize("state", State)
def test_session_held_by_telephone_wants_no_meeting(state: State) -> None:
    assert should_exist(state, START, END, by_phone=True, now=START) is False


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        pytest.param(START - timedelta(days=28), True, id="weeks before"),
        pytest.param(END - timedelta(seconds=1), True, id="last second"),
        pytest.param(END, False, id="over"),
    ],
)
def test_meeting_should_exist_until_its_end(now: datetime, wanted: bool) -> None:
    assert should_exist(State.CONFIRMED, START, END, by_phone=False, now=now) is wanted


def test_meeting_that_does_not_end_after_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        should_exist(State.CONFIRMED, END, START, by_phone=False, now=START)


def test_retry_pauses_grow_and_then_stay() -> None:
    pauses = [(retry_at(attempts, START) - START).total_seconds() for attempts in range(1, 11)]
    assert pauses == [5, 15, 30, 60, 120, 300, 600, 900, 900, 900]


@pytest.mark.parametrize(
    ("after", "pause"),
    [
        pytest.param(timedelta(seconds=4), timedelta(seconds=5), id="ours is longer"),
        pytest.param(timedelta(0), timedelta(seconds=5), id="none asked for"),
        pytest.param(timedelta(hours=1), timedelta(hours=1), id="the service's is longer"),
    ],
)
def test_retry_waits_for_the_longer_of_both_pauses(after: timedelta, pause: timedelta) -> None:
    assert retry_at(1, START, after=after) == START + pause


@pytest.mark.parametrize(("attempts", "enough"), [(1, False), (39, False), (40, True), (41, True)])
def test_trying_is_given_up_after_forty_attempts(attempts: int, enough: bool) -> None:
    assert gives_up(attempts) is enough
