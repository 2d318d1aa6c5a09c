"""Sessions at any moment of the office's opening hours: immediate ones (article 6-2) and interviews. The ten starts are not theirs."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from booking.rules.calendar import tokyo, tokyo_date
from booking.rules.interval import Interval
from booking.rules.policy import Policy
from booking.rules.slots import Reason, Situation, SlotRefused, span_of


def hours_of(day: date, policy: Policy) -> Interval:
    """The opening hours of a Tokyo day, open or not."""
    return Interval(tokyo(day, policy.office_opens_at), tokyo(day, policy.office_closes_at))


def hours_suffice(policy: Policy) -> bool:
    """Whether a session has room between opening and closing."""
    opens, closes = policy.office_opens_at, policy.office_closes_at
    return (closes.hour - opens.hour) * 60 + closes.minute - opens.minute >= policy.slot_minutes


def refusals(start: datetime, situation: Situation) -> tuple[Reason, ...]:
    """Why a session cannot begin at this moment, people and hosts aside: the day is closed, the hours do not cover it, it has passed."""
    day = tokyo_date(start)
    if not situation.calendar.day(day).is_open:
        return (Reason.CLOSED_DAY,)
    holds = {
        Reason.PAST: start < situation.now,
        Reason.OUTSIDE_HOURS: not hours_of(day, situation.policy).covers(span_of(start, situation.policy)),
    }
    return tuple(reason for reason, true in holds.items() if true)


def check(start: datetime, situation: Situation) -> None:
    """Raise SlotRefused if there is any refusal."""
    reasons = refusals(start, situation)
    if reasons:
        raise SlotRefused(reasons, start)


def as_asked(start: datetime, situation: Situation, *, presence: int | None = None) -> Situation:
    """The situation as such a session sees it: every counsellor on duty in the day's hours, and no cap, which is for reservations.

    ``presence``: minutes for which the counsellor is there; the host is needed for the whole session all the same.
    """
    policy = situation.policy
    duty = (hours_of(tokyo_date(start), policy),)
    there = min(presence or policy.slot_minutes, policy.slot_minutes)
    return replace(
        situation,
        policy=replace(
            policy,
            capacity_per_start=None,
            slot_minutes=there,
            host_buffer_minutes=policy.host_buffer_minutes + policy.slot_minutes - there,
        ),
        counsellors=tuple(replace(each, duty=duty) for each in situation.counsellors),
    )


def presence_of(span: Interval, minutes: int | None) -> Interval:
    """How long a session occupies its counsellor: for its first minutes, or wholly where None."""
    return span if minutes is None else Interval(span.start, min(span.end, span.start + timedelta(minutes=minutes)))
