"""What an employer may wish for, and how a request stands (C0-1, C2-1d)."""

from datetime import date, datetime, timedelta

import pytest

from booking.rules import employers as rules
from booking.rules.calendar import Calendar, Day
from booking.rules.employers import Stage, answer_by, stage_of
from booking.rules.lifecycle import State
from booking.rules.slots import Policy, Reason, Situation, SlotRefused
from tests.cast import MORNING, THURSDAY, TUESDAY, at

SATURDAY = date(2027, 4, 10)
LAST_OPEN_DAY = date(2027, 4, 30)  # before the holidays in which the horizon ends
EMPTY = Situation(policy=Policy(), calendar=Calendar({}), counsellors=(), hosts=(), now=MORNING)


@pytest.mark.parametrize(
    ("start", "reasons"),
    [
        (at(THURSDAY, 8, 30), ()),
        (at(THURSDAY, 8, 29), (Reason.OUTSIDE_HOURS,)),
        (at(THURSDAY, 16, 45), ()),
        (at(THURSDAY, 16, 46), (Reason.OUTSIDE_HOURS,)),
        (at(SATURDAY, 10), (Reason.CLOSED_DAY,)),
        (MORNING, ()),
        (MORNING - timedelta(minutes=1), (Reason.PAST,)),
        (at(LAST_OPEN_DAY, 10), ()),
        (at(TUESDAY + timedelta(days=28), 10), (Reason.CLOSED_DAY,)),
        (at(TUESDAY + timedelta(days=29), 10), (Reason.BEYOND_HORIZON,)),
        (at(date(2400, 1, 1), 10), (Reason.BEYOND_HORIZON,)),
    ],
)
def test_wish_is_judged_by_the_office_hours(start: datetime, reasons: tuple[Reason, ...]) -> None:
    assert rules.refusals(start, EMPTY) == reasons


def test_check_names_the_wish_that_cannot_be() -> None:
    with pytest.raises(SlotRefused) as refused:
        rules.check(at(SATURDAY, 10), EMPTY)
    assert (refused.value.start, refused.value.reasons) == (at(SATURDAY, 10), (Reason.CLOSED_DAY,))
    rules.check(at(THURSDAY, 10), EMPTY)


def test_answer_is_promised_for_the_next_open_day() -> None:
    assert answer_by(at(SATURDAY, 10), EMPTY) == at(date(2027, 4, 7), 17, 15)


def test_answer_is_promised_before_the_last_wish() -> None:
    assert answer_by(at(TUESDAY, 15), EMPTY) == at(TUESDAY, 15)


def test_answer_waits_for_the_office_to_open() -> None:
    closed = Calendar({date(2027, 4, 7): Day(date(2027, 4, 7), is_open=False, why="停電")})
    office = Situation(policy=Policy(), calendar=closed, counsellors=(), hosts=(), now=MORNING)
    assert answer_by(at(date(2027, 4, 12), 10), office) == at(THURSDAY, 17, 15)


@pytest.mark.parametrize(
    ("states", "stage"),
    [
        ([State.REQUESTED, State.REQUESTED], Stage.WAITING),
        ([State.REQUESTED, State.DECLINED], Stage.WAITING),
        ([State.REQUESTED, State.CONFIRMED], Stage.PARTLY),
        ([State.CONFIRMED, State.COMPLETED], Stage.ARRANGED),
        ([State.COMPLETED, State.DECLINED], Stage.OVER),
        ([State.WITHDRAWN], Stage.OVER),
    ],
)
def test_stage_is_told_by_the_sessions(states: list[State], stage: Stage) -> None:
    assert stage_of(states) == stage
