"""People whom no mail reaches any more while something of theirs is still open."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.models import Booking, Participant
from booking.models.bookings import State
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.queries import lost_addresses

LOST_FOR = timedelta(days=14)
STILL_OPEN = (State.REQUESTED, State.PROPOSED, State.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Somebody in an open booking, and the last mail that did not reach them. ``seen``: the booking's last event."""

    booking: Booking
    person: Person
    mail: OutgoingMail
    seen: int


def unreachable(*, now: datetime, but: Collection[int] = ()) -> list[Unreachable]:
    """Whose address refused a mail or sent it back, where none was accepted there since; the next session first. Nobody with whom staff
    have spoken since, or since the booking stands as it does. Four queries, however many there are.

    ``but``: bookings that staff phone about anyway.
    """
    lost = {mail.to: mail for mail in lost_addresses(since=now - LOST_FOR)}
    open_still = Participant.objects.filter(booking__state__in=STILL_OPEN, booking__ends_at__gt=now).exclude(booking__in=but)
    parts = open_still.filter(person__email__in=lost).select_related("booking__counsellor", "booking__applicant", "person")
    rows = parts.prefetch_related("booking__contacts", "booking__events").order_by("booking__starts_at", "pk") if lost else ()
    return [found for part in rows if (found := _row(part, lost[part.person.email]))]


def _row(part: Participant, mail: OutgoingMail) -> Unreachable | None:
    last = max(part.booking.events.all(), key=lambda line: line.pk)
    since = min(mail.bounced_at or last.at, last.at)
    talked = any(row.is_talk and row.at >= since for row in part.booking.contacts.all())
    return None if talked else Unreachable(part.booking, part.person, mail, last.pk)
