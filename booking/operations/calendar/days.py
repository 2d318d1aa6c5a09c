"""Closed days and absences as such. Over live bookings they are entered by ``operations.giving_way``, which says what becomes of each."""

from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import Absence, Closure, Counsellor, Hold
from booking.operations.places import as_range
from booking.rules.calendar import ONE_DAY, statutory, tokyo, tokyo_date
from booking.rules.interval import Interval
from toyooka_hw.accounts.models import User
from toyooka_hw.audit import operations as audit


def write_absence(counsellor: Counsellor, span: Interval, *, by: User, now: datetime, reason: str) -> Absence:
    """The absence and its Hold, in the caller's transaction; the exclusion constraint speaks where something else lies there."""
    absence = Absence.objects.create(counsellor=counsellor, starts_at=span.start, ends_at=span.end, reason=reason)
    Hold.objects.create(counsellor=counsellor, kind=Hold.Kind.ABSENCE, span=as_range(span), absence=absence)
    audit.record(_("不在の入力"), absence, by=by, now=now, reason=reason)
    return absence


def remove_absence(absence: Absence, *, by: User, now: datetime) -> None:
    """The counsellor is there after all; the Hold goes with the absence."""
    with transaction.atomic():
        audit.record(_("不在の取消し"), absence, by=by, now=now)
        absence.delete()


def open_day(day: date, *, label: str, by: User, now: datetime) -> Closure:
    """Open a day as an exception (A5)."""
    with transaction.atomic():
        return write_day(day, is_open=True, label=label, by=by, now=now)


def write_day(day: date, *, is_open: bool, label: str, by: User, now: datetime) -> Closure:
    """The office's own entry for a day, in the caller's transaction."""
    values = {"is_open": is_open, "label": label, "source": Closure.Source.OFFICE}
    row, _created = Closure.objects.update_or_create(date=day, defaults=values)
    audit.record(_("開庁日にする") if is_open else _("閉庁日にする"), row, by=by, now=now, reason=label)
    return row


def write_law(day: date, *, by: User, now: datetime) -> Closure:
    """A day that is closed by law stands so again, in the caller's transaction: nothing of the office's own decision is left."""
    values = {"is_open": False, "label": statutory(day).why, "source": Closure.Source.LAW}
    row, _created = Closure.objects.update_or_create(date=day, defaults=values)
    audit.record(_("法令どおりの日に戻す"), row, by=by, now=now, reason=row.label)
    return row


def forget_day(closure: Closure, *, by: User, now: datetime) -> None:
    """Take the office's own entry back on a day that is open by law."""
    with transaction.atomic():
        audit.record(_("法令どおりの日に戻す"), closure, by=by, now=now, reason=closure.label)
        closure.delete()


def seed_closures(*, now: datetime, years: int = 2) -> int:
    """Enter the law's closed weekdays (holidays, 12/29–1/3) of this and the coming years; a day that already has a row keeps it."""
    first = tokyo_date(now)
    day, rows = first, []
    while day.year < first.year + years:
        found = statutory(day)
        if not found.is_open and day.weekday() < 5:
            rows.append(Closure(date=day, label=found.why, source=Closure.Source.LAW))
        day += ONE_DAY
    return len(Closure.objects.bulk_create(rows, ignore_conflicts=True))


def whole_day(first: date, last: date | None = None) -> Interval:
    """The days from first to last, both included, as a span."""
    return Interval(tokyo(first, time()), tokyo((last or first) + ONE_DAY, time()))
