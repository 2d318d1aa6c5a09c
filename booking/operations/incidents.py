"""The watch over the machinery: every minute it measures, and what it finds is one incident and two mails, however many rows suffer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from booking import mails
from booking.models import Incident, Meeting
from booking.queries import measure, open_incidents
from booking.queries.incidents import UNFINISHED
from booking.rules.incidents import CALM, Kind, Trouble, troubles
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.queries import staff_who_may

KEPT_FOR = timedelta(days=365)
# What managers may and counsellors not; and what system administrators may besides.
MANAGES = "booking.change_closure"
LOOKS_AFTER_ZOOM = "booking.change_zoomhost"
FOR_MANAGERS = frozenset({Kind.MEETING_WAITS, Kind.MEETING_GIVEN_UP, Kind.MAIL_WAITS, Kind.MAIL_GIVEN_UP, Kind.NOTICE_WAITS})


def watch(*, now: datetime, wall: datetime) -> None:
    """Open what is new, note what goes on, close what has stayed away. Two at once do it once.

    That this runs is a beat too: whether the regular work stood still is judged up to now.
    """
    _mind_the_meetings(wall)
    seen = measure(now=now, wall=wall)
    found = troubles(replace(seen, beats=(*seen.beats, wall)))
    for trouble in found:
        _note(trouble, now=now, wall=wall)
    names = {trouble.name for trouble in found}
    for incident in open_incidents().filter(seen_at__lte=wall - CALM):
        if (incident.kind, incident.subject) not in names:
            _close(incident, now=now, wall=wall)


def recipients(kind: Kind) -> Sequence[User]:
    """Managers for what stops the office's own work; whoever looks after the machinery too for the rest."""
    return list(staff_who_may(MANAGES if kind in FOR_MANAGERS else LOOKS_AFTER_ZOOM))


def forget(*, wall: datetime) -> None:
    """Delete what has been over for a year."""
    Incident.objects.filter(closed_at__lt=wall - KEPT_FOR).delete()


def _mind_the_meetings(wall: datetime) -> None:
    """Write down since when each one waits: whatever makes it wait, its own row forgets it with every attempt."""
    Meeting.objects.filter(outbox_state__in=UNFINISHED, waits_since=None).update(waits_since=wall)
    Meeting.objects.filter(waits_since__isnull=False).exclude(outbox_state__in=UNFINISHED).update(waits_since=None)


def _note(trouble: Trouble, *, now: datetime, wall: datetime) -> None:
    """The unique constraint has the last word: whoever comes second finds the incident of the first, and writes nothing."""
    known = {"count": trouble.count, "since": trouble.since, "seen_at": wall}
    with transaction.atomic():
        incident, is_new = Incident.objects.get_or_create(
            kind=trouble.kind.value, subject=trouble.subject, closed_at=None, defaults={**known, "opened_at": wall}
        )
        if is_new:
            mails.incident(incident, recipients(trouble.kind), now=now, wall=wall)
        else:
            Incident.objects.filter(pk=incident.pk, closed_at=None).update(**known)


def _close(incident: Incident, *, now: datetime, wall: datetime) -> None:
    """Only whoever really ends it writes; not where another look has seen it meanwhile."""
    with transaction.atomic():
        if Incident.objects.filter(pk=incident.pk, closed_at=None, seen_at__lte=wall - CALM).update(closed_at=wall):
            mails.incident_over(incident, recipients(Kind(incident.kind)), now=now, wall=wall)
