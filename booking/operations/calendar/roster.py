"""Who counsels, on which host, and in which weekly hours. Bookings that stand are untouched: hours say what can be booked from now on."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from booking.models import Counsellor, DutyHours, ZoomHost
from booking.rules.calendar import ONE_DAY
from toyooka_hw.accounts.models import User
from toyooka_hw.audit import operations as audit
from toyooka_hw.audit.changes import differences

Week = Mapping[int, Sequence[tuple[time, time]]]
Row = TypeVar("Row", Counsellor, ZoomHost)


def save_counsellor(counsellor: Counsellor, *, by: User, now: datetime) -> Counsellor:
    """Store who counsels and with which host."""
    return _store(counsellor, by=by, now=now)


def save_host(host: ZoomHost, *, by: User, now: datetime) -> ZoomHost:
    """Store a Zoom host."""
    return _store(host, by=by, now=now)


def set_hours(counsellor: Counsellor, week: Week, *, since: date, until: date | None = None, by: User, now: datetime) -> list[DutyHours]:
    """The counsellor's weekly hours by weekday from ``since`` to ``until`` (both included; for good where None).

    Hours that held before, and those that hold again afterwards, stay as they are; the past is never rewritten by what begins later.
    Raises ValueError where ``until`` lies before ``since``.
    """
    if until is not None and until < since:
        raise ValueError("hours end after they begin")
    with transaction.atomic():
        Counsellor.objects.select_for_update().get(pk=counsellor.pk)
        before = hours_in_words(counsellor, since)
        _make_room(counsellor, since, until)
        rows = [
            DutyHours(counsellor=counsellor, weekday=weekday, starts=starts, ends=ends, since=since, until=until)
            for weekday, spans in sorted(week.items())
            for starts, ends in spans
        ]
        DutyHours.objects.bulk_create(rows)
        changes = {str(since): (before, hours_in_words(counsellor, since))}
        audit.record(_("担当時間の変更"), counsellor, by=by, now=now, changes=changes)
    return rows


def hours_in_words(counsellor: Counsellor, day: date) -> str:
    """The weekly hours that hold on this day, for the record."""
    rows = counsellor.duty_hours.filter(Q(until=None) | Q(until__gte=day), since__lte=day).order_by("weekday", "starts")
    return "、".join(f"{row.get_weekday_display()}{row.starts:%H:%M}～{row.ends:%H:%M}" for row in rows)


def _make_room(counsellor: Counsellor, since: date, until: date | None) -> None:
    """Cut the span out of all hours: what lies before it ends the day before, what lies after it begins the day after."""
    overlapping = counsellor.duty_hours.filter(Q(until=None) | Q(until__gte=since))
    if until is not None:
        overlapping = overlapping.filter(since__lte=until)
    for row in overlapping:
        if until is not None and (row.until is None or row.until > until):
            DutyHours.objects.create(
                counsellor=counsellor, weekday=row.weekday, starts=row.starts, ends=row.ends, since=until + ONE_DAY, until=row.until
            )
        if row.since < since:
            DutyHours.objects.filter(pk=row.pk).update(until=since - ONE_DAY)
        else:
            row.delete()


def _store(row: Row, *, by: User, now: datetime) -> Row:
    row.full_clean()
    with transaction.atomic():
        what = _("登録内容の変更") if type(row).objects.filter(pk=row.pk).exists() else _("新しい登録")
        changes = differences(row)
        row.save()
        audit.record(what, row, by=by, now=now, changes=changes)
    return row
