"""Breaking a session off, and who may read why (C12-1)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import Booking, StopRecord
from booking.models.bookings import Outcome
from booking.operations.sessions import end
from booking.operations.transitions import locked
from booking.rules.lifecycle import Event
from toyooka_hw.accounts.models import User
from toyooka_hw.audit import operations as audit
from toyooka_hw.audit.models import AuditEntry


class ConductUnexplained(Exception):
    """A session stopped for conduct needs its category and what happened (C12-1)."""


def stop(booking_id: int, *, outcome: str, by: User, now: datetime, wall: datetime, note: str = "", category: str = "") -> Booking:
    """End a session early. For conduct (C12-1) category and note become a record that managers read; else the note stands in the history.

    Raises StateChanged, OutcomeUnfit, ConductUnexplained, NotYet before the session's start.
    """
    conduct = outcome == Outcome.CONDUCT
    if conduct and not (category and note.strip()):
        raise ConductUnexplained
    with transaction.atomic():
        booking = locked(booking_id)
        end(booking, Event.STOP, by=by, outcome=outcome, reason="" if conduct else note, now=now, wall=wall)
        if conduct:
            StopRecord.objects.create(booking=booking, category=category, note=note.strip(), at=now, by=by)
    return booking


def open_stop_record(record: StopRecord, *, by: User, now: datetime) -> StopRecord:
    """Somebody opens the record; that they did is a row."""
    audit.record(
        _("途中で中止した経緯を見る"), record.booking, by=by, now=now, person_pk=record.booking.applicant_id, kind=AuditEntry.Kind.LOOK
    )
    return record
