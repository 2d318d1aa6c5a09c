"""What stands beside a counsellor's name at each start of a day: free, taken, away. Pure, for the staff's boards."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from booking.rules.interval import Interval
from booking.rules.slots import Counsellor, Door, Reason, Situation, offers, span_of


class Vacancy(StrEnum):
    """How a counsellor stands at a start. Only FREE can be booked; the rest says why not."""

    FREE = "free"
    FULL = "full"  # the counsellor is free, but no Zoom host is, or the cap of the start is reached
    TAKEN = "taken"
    ABSENT = "absent"
    OFF_DUTY = "off_duty"
    OVER = "over"
    BEYOND = "beyond"  # later than the horizon
    CLOSED = "closed"


# What the slot rule says of the start as a whole, the weightiest first.
_WHY_NOT = {
    Reason.CLOSED_DAY: Vacancy.CLOSED,
    Reason.PAST: Vacancy.OVER,
    Reason.BEYOND_HORIZON: Vacancy.BEYOND,
    Reason.FULL: Vacancy.FULL,
}


def vacancies(day: date, situation: Situation) -> Mapping[tuple[datetime, int], Vacancy]:
    """Every start of the day beside every active counsellor's id, as the office's own door would judge it with a reason given (A2)."""
    [(_day, row)] = offers([day], situation, door=Door.STAFF, override=True)
    return {
        (offer.start, counsellor.id): _vacancy(counsellor, span_of(offer.start, situation.policy), offer.reasons)
        for offer in row
        for counsellor in situation.counsellors
    }


def _vacancy(counsellor: Counsellor, span: Interval, reasons: tuple[Reason, ...]) -> Vacancy:
    """The counsellor's own day first: an absence is told even where the start is over."""
    busy = [entry for entry in counsellor.busy if entry.span.overlaps(span)]
    if any(entry.session for entry in busy):
        return Vacancy.TAKEN
    if Reason.CLOSED_DAY in reasons:
        return Vacancy.CLOSED
    if busy:
        return Vacancy.ABSENT
    if not any(duty.covers(span) for duty in counsellor.duty):
        return Vacancy.OFF_DUTY
    return next((vacancy for reason, vacancy in _WHY_NOT.items() if reason in reasons), Vacancy.FREE)
