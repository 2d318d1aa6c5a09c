"""After the database came back from a dump: nothing that may have been sent is sent again, and nothing at Zoom is believed unseen.

What happened between the dump and the end of the old server is not known any more. The portal does again, silently, what it did by itself meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from booking.models import Meeting, ZoomNotice
from booking.operations import bookings, reminders
from booking.operations.seminars import seats
from consent.operations import send_due_notices
from toyooka_hw.accounts.models import EmailCode
from toyooka_hw.mail.operations import hold_back
from toyooka_hw.outbox import OutboxState


@dataclass(frozen=True)
class Restored:
    """What staff have to look at: mails that wait for their decision, meetings that are compared with Zoom."""

    mails: int
    meetings: int


def come_back(*, stopped_at: datetime, wall: datetime) -> Restored:
    """Make a database that was just restored fit to be worked with, before worker and beat are started.

    ``stopped_at``: until when the old server ran; what fell due after it is sent as usual. Reminders, expiries, offers of seats and notices of
    terms that fell due before are written and held back with all other mails that are not finished: staff decide over each, from 今日.
    Everybody has to sign in again: who left meanwhile is not known. Codes are void.
    """
    with transaction.atomic():
        _do_again(stopped_at, wall)
        held = hold_back(wall=wall)
        doubted = _doubt_meetings(stopped_at, wall)
        ZoomNotice.objects.filter(outbox_state=OutboxState.CLAIMED).update(leased_until=wall)
        Session.objects.all().delete()
        EmailCode.objects.all().delete()
    return Restored(held, doubted)


def _do_again(stopped_at: datetime, wall: datetime) -> None:
    bookings.expire_unconfirmed(now=stopped_at, wall=wall)
    reminders.remind(now=stopped_at, wall=wall)
    reminders.remind_of_seminars(now=stopped_at, wall=wall)
    seats.sweep_seats(now=stopped_at, wall=wall)
    send_due_notices(now=stopped_at, wall=wall)


def _doubt_meetings(stopped_at: datetime, wall: datetime) -> int:
    """Whatever is unfinished, or whose session is still to come: Zoom is asked for it by our reference before anything is made."""
    to_come = Q(booking__ends_at__gt=stopped_at) | Q(seminar__ends_at__gt=stopped_at)
    unsure = Meeting.objects.filter(manual_at=None).filter(to_come | ~Q(outbox_state=OutboxState.DONE))
    ids = list(unsure.values_list("pk", flat=True))
    return Meeting.objects.filter(pk__in=ids).update(
        in_doubt=True, outbox_state=OutboxState.WANTED, next_try_at=wall, attempts=0, claim=None, leased_until=None
    )
