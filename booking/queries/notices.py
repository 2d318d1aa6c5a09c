"""What Zoom told of meetings, and the alarms that came of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from booking.models import Booking, Meeting, Seminar, SessionAlarm, ZoomNotice
from booking.models.bookings import State
from booking.rules.notices import EARLY
from toyooka_hw.outbox import OutboxState

SHOWN_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Warnings:
    """What must not be overlooked: alarms nobody has seen to, and sessions closed without contact whose person was there after all."""

    alarms: list[SessionAlarm]
    came_after_all: list[Booking]


def warnings(*, now: datetime) -> Warnings:
    """The warnings at this moment. Two queries."""
    alarms = (
        SessionAlarm.objects.filter(seen_at=None)
        .select_related("booking__applicant", "booking__counsellor", "seminar__counsellor")
        .order_by("at", "pk")
    )
    closed = Booking.objects.filter(state=State.CANCELLED_NO_CONTACT, starts_at__gt=now - SHOWN_FOR)
    wrongly = closed.filter(participants__first_joined_at__isnull=False).select_related("applicant").distinct()
    return Warnings(list(alarms), list(wrongly.order_by("starts_at", "pk")))


def unheard_notices(booking: Booking) -> QuerySet[ZoomNotice]:
    """What was told of this booking's meeting and not yet acted upon."""
    return notices_of(booking).filter(outbox_state__in=[OutboxState.WANTED, OutboxState.CLAIMED])


def guests_told_of(seminar: Seminar) -> int:
    """How many guests Zoom told of from an hour before its start; who they are, nobody can tell. Whoever gives it counts where they are not
    its host, and who comes back may count again. One query.
    """
    joined = notices_of(seminar).filter(event="meeting.participant_joined", is_host=False, happened_at__gte=seminar.starts_at - EARLY)
    joined = joined.exclude(participant="")
    return joined.order_by().values("participant").distinct().count()


def notices_of(occasion: Booking | Seminar) -> QuerySet[ZoomNotice]:
    """What was told of the meeting of this booking or seminar, in the order in which it happened."""
    of = {"booking" if isinstance(occasion, Booking) else "seminar": occasion}
    number = Meeting.objects.filter(meeting_id__isnull=False, **of).values("meeting_id")
    return ZoomNotice.objects.filter(meeting_number__in=number).order_by("happened_at", "pk")
