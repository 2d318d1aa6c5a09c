"""What the sweeps look at: sessions whose grace is over, heartbeats, meetings that are not as they should be."""

from datetime import datetime, timedelta

from django.db.models import F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from booking.models import Booking, Heartbeat, Meeting, PolicyValue
from booking.models.bookings import Kind, State
from booking.rules.policy import Policy
from booking.rules.seminars import OCCUPYING, OVERRUN

JUDGED_FOR = timedelta(hours=24)

_KEY = PolicyValue.Key.SEMINAR_WAITING_ROOM
# The policy as it holds at the seminar's start, read as ``policy_at`` does.
_ROOM_OF_SEMINAR = Coalesce(
    PolicyValue.objects.filter(key=_KEY, holds_from__lte=OuterRef("seminar__starts_at")).order_by("-holds_from", "-pk").values("value")[:1],
    Value(str(Policy().seminar_waiting_room)),
)
_HAS_OTHER_ROOM = Q(seminar__isnull=False) & (Q(waiting_room=True, room="0") | Q(waiting_room=False, room="1"))


def due_for_no_contact(*, now: datetime, grace: timedelta) -> QuerySet[Booking]:
    """Confirmed reserved sessions of the last day whose grace is over, not held by telephone: candidates of the ten-minute rule.

    Older ones that nobody has closed are people's; they must never stand in the way of today's.
    """
    begun = Booking.objects.filter(starts_at__gt=now - JUDGED_FOR, starts_at__lte=now - grace)
    return begun.filter(kind=Kind.RESERVED, state=State.CONFIRMED, phone_at=None).order_by("starts_at", "pk")


def heartbeats_around(starts_at: datetime, until: datetime) -> dict[str, tuple[Heartbeat, ...]]:
    """The heartbeats within the span, with the last one before and the first one after it, per name."""
    found: dict[str, tuple[Heartbeat, ...]] = {}
    for name in ("beat", "web"):
        rows = Heartbeat.objects.filter(name=name)
        before = list(rows.filter(at__lt=starts_at).order_by("-at", "-pk")[:1])
        within = list(rows.filter(at__range=(starts_at, until)).order_by("at", "pk"))
        after = list(rows.filter(at__gt=until).order_by("at", "pk")[:1])
        found[name] = (*before, *within, *after)
    return found


def meetings_that_differ(*, now: datetime) -> QuerySet[Meeting]:
    """Meetings in doubt, or not as booking or seminar ask: there or not, at its time, under its host, with or without a waiting room (the
    sweep's third look).
    """
    should = Q(booking__state=State.CONFIRMED, booking__ends_at__gt=now, booking__phone_at=None) | Q(
        seminar__state__in=[state.value for state in OCCUPYING], seminar__ends_at__gt=now - OVERRUN
    )
    exists = Q(meeting_id__isnull=False, removed_at=None)
    otherwise = _elsewhere("booking") | _elsewhere("seminar") | _HAS_OTHER_ROOM
    meetings = Meeting.objects.annotate(room=_ROOM_OF_SEMINAR)
    return meetings.filter((should & ~exists) | (~should & exists) | (should & exists & otherwise) | Q(in_doubt=True)).order_by("pk")


def _elsewhere(occasion: str) -> Q:
    moved, other_host = ~Q(starts_at=F(f"{occasion}__starts_at")), ~Q(host_email=F(f"{occasion}__host__email"))
    return Q(**{f"{occasion}__isnull": False}) & (moved | other_host)
