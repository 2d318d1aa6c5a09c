"""Mails that failed, and whether sending them still helps anybody."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from booking.models import Booking, BookingEvent, EmployerRequest, SeminarCall
from booking.models.bookings import MAIL_PREFIX
from booking.models.employers import MAIL_PREFIX as REQUEST_PREFIX
from booking.models.seminars import MAIL_PREFIX as SEMINAR_MAILS
from booking.models.seminars import seminar_id_in
from booking.queries.calls import is_told
from booking.rules.calls import NO_NEWS
from booking.rules.lifecycle import Event
from booking.rules.reminders import PREFIX, SEMINAR_PREFIX
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

FAILURES_SHOWN_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Standing:
    """What has become of the news of a mail: something else since, or the reader has heard it from staff."""

    is_outdated: bool
    is_heard: bool


def failed_mails(*, now: datetime, most: int) -> list[OutgoingMail]:
    """The mails of the last two weeks that failed and of whose news the person has not heard by a later mail or by phone, latest first.

    Eleven queries at most, however many there are.
    """
    failed = OutgoingMail.objects.filter(outbox_state=OutboxState.FAILED, written_at__gte=now - FAILURES_SHOWN_FOR).order_by("-pk")
    failed = failed.exclude(
        Q(key__startswith=f"{PREFIX}:") | Q(key__startswith=f"{SEMINAR_PREFIX}:")
    )  # a reminder is no news; whom it did not reach stands in the phone list
    found = _standings(list(failed.values_list("key", flat=True)))
    needless = [key for key, standing in found.items() if standing.is_outdated or standing.is_heard]
    return list(failed.exclude(key__in=needless)[:most])


def is_outdated_mail(key: str) -> bool:
    """Whether something else has become of the booking since the mail of this name was written: it would tell what is no longer so."""
    return any(standing.is_outdated for standing in _standings([key]).values())


def _standings(keys: Collection[str]) -> Mapping[str, Standing]:
    """How the news of each mail stands, where it tells of a booking or of an employer's whole request."""
    return {**_of_steps(_named(keys, MAIL_PREFIX)), **_of_requests(_named(keys, REQUEST_PREFIX)), **_of_seminars(keys)}


def _named(keys: Collection[str], prefix: str) -> dict[str, tuple[int, str]]:
    """The number that the name of each of these mails has after the prefix, and what follows it."""
    parts = {key: key.removeprefix(prefix).partition(":") for key in keys if key.startswith(prefix)}
    return {key: (int(number), rest) for key, (number, _colon, rest) in parts.items()}


def _of_steps(named: Mapping[str, tuple[int, str]]) -> Mapping[str, Standing]:
    if not named:
        return {}
    rows = BookingEvent.objects.select_related("booking").prefetch_related("booking__events", "booking__contacts")
    events = rows.in_bulk({pk for pk, _reader in named.values()})
    told = {key: (events[pk], int(reader or events[pk].booking.applicant_id)) for key, (pk, reader) in named.items() if pk in events}
    return {key: _of_step(event, reader) for key, (event, reader) in told.items()}


def _of_step(event: BookingEvent, reader: int) -> Standing:
    """Who was to come to an interview, and no longer is, is told nothing else of it."""
    since = (later for later in event.booking.events.all() if later.pk > event.pk)
    changed = any(later.event not in NO_NEWS and is_told(later) for later in since)
    return Standing(changed and reader != event.left_id, _has_talked(event.booking, reader, event.at))


def _of_requests(named: Mapping[str, tuple[int, str]]) -> Mapping[str, Standing]:
    if not named:
        return {}
    rows = EmployerRequest.objects.prefetch_related("sessions__events", "sessions__contacts")
    requests = rows.in_bulk({pk for pk, _about in named.values()})
    return {key: _of_request(requests[pk], about) for key, (pk, about) in named.items() if pk in requests}


def _of_request(request: EmployerRequest, about: str) -> Standing:
    """That it was received is old news once anything follows; that it came to its end never is. A word about any of its sessions is enough."""
    sessions = list(request.sessions.all())
    later = [event for session in sessions for event in session.events.all() if event.event != Event.REQUEST.value]
    received = about == "received"
    since = request.requested_at if received else max((event.at for event in later if _ends(event, about)), default=request.requested_at)
    return Standing(received and bool(later), any(_has_talked(session, request.contact_id, since) for session in sessions))


def _of_seminars(keys: Collection[str]) -> Mapping[str, Standing]:
    """Of a seminar's mail: heard once its reader was told by phone, of this news or of a later one."""
    mails = OutgoingMail.objects.filter(key__in=[key for key in keys if key.startswith(SEMINAR_MAILS)]).values_list(
        "key", "to", "written_at"
    )
    if not mails:
        return {}
    told = SeminarCall.objects.filter(reached=True, seminar__in={seminar_id_in(key) for key, _to, _at in mails})
    heard = [(call.seminar_id, call.person.email, call.at) for call in told.select_related("person")]
    return {
        key: Standing(is_outdated=False, is_heard=any((seminar_id_in(key), to) == call[:2] and call[2] >= at for call in heard))
        for key, to, at in mails
    }


def _ends(event: BookingEvent, about: str) -> bool:
    """Whether a mail of this name tells of this step."""
    return str(event.pk) == about or (about.startswith("expired:") and event.event == Event.EXPIRE.value)


def _has_talked(booking: Booking, person_id: int, since: datetime) -> bool:
    return any(row.is_talk and row.at >= since and row.is_with(person_id) for row in booking.contacts.all())
