"""What an employer may ask for: the times they may wish for, by when the office answers, and how a request of several sessions stands."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from booking.rules import office_hours
from booking.rules.calendar import tokyo, tokyo_date
from booking.rules.lifecycle import State
from booking.rules.slots import Reason, Situation, SlotRefused

CANDIDATES = 3
OPEN_REQUESTS = 5  # of one contact, none of them answered yet


class Stage(StrEnum):
    """How far a request has come, told by its sessions."""

    WAITING = "waiting"
    PARTLY = "partly"
    ARRANGED = "arranged"
    OVER = "over"


def refusals(start: datetime, situation: Situation) -> tuple[Reason, ...]:
    """Why a session cannot be wished for at this moment: too far ahead, or no moment of the office's hours. People and hosts are found later."""
    if tokyo_date(start) > tokyo_date(situation.now) + timedelta(days=situation.policy.horizon_days):
        return (Reason.BEYOND_HORIZON,)
    return office_hours.refusals(start, situation)


def check(start: datetime, situation: Situation) -> None:
    """Raise SlotRefused if there is any refusal."""
    if reasons := refusals(start, situation):
        raise SlotRefused(reasons, start)


def answer_by(limit: datetime, situation: Situation) -> datetime:
    """Until when the office answers: on the next open day, and before the last of the wishes has come."""
    promised = situation.calendar.next_open_day(tokyo_date(situation.now))
    return min(tokyo(promised, situation.policy.answer_by_at), limit)


def stage_of(states: Collection[State]) -> Stage:
    """How far a request with these sessions has come."""
    if State.REQUESTED in states:
        return Stage.PARTLY if State.CONFIRMED in states else Stage.WAITING
    return Stage.ARRANGED if State.CONFIRMED in states else Stage.OVER
