"""What staff say of sessions when they are over: breaking one off and who may read why (C12-1), closing a day, one reminder (A7)."""

from collections.abc import Sequence
from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from booking import mails
from booking.models import Booking, DayClosing, StopRecord
from booking.models.bookings import Outcome
from booking.operations.sessions import end
from booking.operations.transitions import locked
from booking.queries import calendar_between, policy_at, sessions_without_end, to_remind_of
from booking.rules.calendar import tokyo, tokyo_date
from booking.rules.lifecycle import Event
from toyooka_hw.accounts.models import User
from toyooka_hw.audit import operations as audit
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.sweep import each

REMIND_FROM = time(8, 30)


class ConductUnexplained(Exception):
    """A session stopped for conduct needs its category and what happened (C12-1)."""


class DayNotOver(Exception):
    """The day's last session is not over before ``at``."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"not before {at:%Y-%m-%d %H:%M}")
        self.at = at


class SessionsOpen(Exception):
    """Of these sessions of the day nobody has said how they ended."""

    def __init__(self, bookings: Sequence[Booking]) -> None:
        super().__init__(f"{len(bookings)} sessions without an end")
        self.bookings = bookings


class DayClosed(Exception):
    """Somebody has closed the day already."""

    def __init__(self, closing: DayClosing) -> None:
        super().__init__(f"{closing.day} is closed")
        self.closing = closing


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


def closable_from(day: date, *, now: datetime) -> datetime:
    """When a day may be closed: after its last session could have ended."""
    return tokyo(day, policy_at(now).blocks[-1][1])


def close_day(day: date, *, by: User, now: datetime) -> DayClosing:
    """Staff have looked through the day: from now on its cancellations without contact count (A7). Records are still corrected one by one.

    Raises DayNotOver, SessionsOpen (naming them), DayClosed (naming who did it).
    """
    over = closable_from(day, now=now)
    if now < over:
        raise DayNotOver(over)
    with transaction.atomic():
        closing, created = DayClosing.objects.get_or_create(day=day, defaults={"closed_at": now, "closed_by": by})
        if not created:
            raise DayClosed(closing)
        if missing := list(sessions_without_end(day)):
            raise SessionsOpen(missing)
        audit.record(_("日締め"), closing, by=by, now=now)
    return closing


def remind_of_outcomes(*, now: datetime, wall: datetime) -> int:
    """On the morning of an open day, ask each counsellor once for the ends of earlier sessions that nobody has recorded."""
    today = tokyo_date(now)
    if now < tokyo(today, REMIND_FROM) or not calendar_between(today, today).day(today).is_open:
        return 0
    asked = to_remind_of(now=now).exclude(counsellor__user__email="").order_by("counsellor").values_list("counsellor", flat=True).distinct()
    return each(asked, lambda counsellor_id: _remind(counsellor_id, now=now, wall=wall), name="remind_of_outcomes")


def _remind(counsellor_id: int, *, now: datetime, wall: datetime) -> bool:
    """One mail about all of them; whatever came too late for today's mail is asked for on the next open day."""
    with transaction.atomic():
        missing = to_remind_of(now=now).filter(counsellor=counsellor_id).select_related("counsellor__user")
        bookings = list(missing.select_for_update(of=("self",)))
        if not bookings or not mails.outcome_missing(bookings, now=now, wall=wall):
            return False
        Booking.objects.filter(pk__in=[booking.pk for booking in bookings]).update(outcome_asked_at=now)
    return True
