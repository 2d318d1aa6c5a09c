"""Mails that failed, and whether sending them still helps anybody."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from booking.models import BookingEvent
from booking.models.bookings import MAIL_PREFIX
from booking.queries.calls import is_told
from booking.rules.calls import NO_NEWS
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

FAILURES_SHOWN_FOR = timedelta(days=14)


def failed_mails(*, now: datetime, most: int) -> list[OutgoingMail]:
    """The mails of the last two weeks that failed and of whose news the person has not heard by a later mail or by phone, latest first.

    Five queries, however many there are.
    """
    failed = OutgoingMail.objects.filter(outbox_state=OutboxState.FAILED, written_at__gte=now - FAILURES_SHOWN_FOR).order_by("-pk")
    about = _about(failed.values_list("key", flat=True))
    needless = [key for key, event in about.items() if _is_outdated(event) or _has_talked(event)]
    return list(failed.exclude(key__in=needless)[:most])


def is_outdated_mail(key: str) -> bool:
    """Whether something else has become of the booking since the mail of this name was written: it would tell what is no longer so."""
    return any(_is_outdated(event) for event in _about([key]).values())


def _about(keys: Iterable[str]) -> Mapping[str, BookingEvent]:
    """The event of which each mail tells, where it tells of one."""
    ids = {key: int(key.removeprefix(MAIL_PREFIX).partition(":")[0]) for key in keys if key.startswith(MAIL_PREFIX)}
    rows = BookingEvent.objects.select_related("booking").prefetch_related("booking__events", "booking__contacts")
    events = rows.in_bulk(set(ids.values()))
    return {key: events[pk] for key, pk in ids.items() if pk in events}


def _is_outdated(event: BookingEvent) -> bool:
    since = (later for later in event.booking.events.all() if later.pk > event.pk)
    return any(later.event not in NO_NEWS and is_told(later) for later in since)


def _has_talked(event: BookingEvent) -> bool:
    return any(row.is_talk and row.at >= event.at for row in event.booking.contacts.all())
