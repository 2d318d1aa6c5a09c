"""Closing a day: outcomes, and what counts from then on; and the record of a session that was stopped for conduct."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from booking.admin.actions import standing
from booking.admin.buttons import Action
from booking.admin.doubts import DOUBT_WORDS
from booking.admin.refusals import told
from booking.admin.seminars.actions import SeminarAction
from booking.admin.seminars.actions import standing as seminar_buttons
from booking.models import Booking, DayClosing, Seminar, StopRecord
from booking.models.bookings import State
from booking.operations import outcomes
from booking.operations.evidence import joined_at
from booking.operations.no_contact import doubts_of
from booking.operations.outcomes import DayClosed, DayNotOver, SessionsOpen
from booking.queries import on_day, seminars_between, seminars_to_close, unclosed_days
from booking.rules.calendar import tokyo_date
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import Addresses, needs
from toyooka_hw.wording import ja_short_date

CLOSING = "admin:booking_closing"
FARTHEST = timedelta(days=366)
SEMINAR_ENDINGS = ("attendance", "close", "resume", "end_early")
ENDINGS = ("cancel_by_user", "cancel_no_contact", "cancel_by_office", "stop", "contact", "next", "correct")


@dataclass(frozen=True, slots=True)
class Row:
    """One session of the day: how it stands, and what may be said of it. ``missing``: it is over, and nobody has said how it ended."""

    booking: Booking
    joined_at: datetime | None
    doubts: Sequence[Any]
    buttons: Sequence[tuple[str, Action]]
    may_complete: bool
    missing: bool


@dataclass(frozen=True, slots=True)
class SeminarRow:
    """One seminar of the day. ``missing``: it is over, and nobody has closed it with who came."""

    seminar: Any
    buttons: Sequence[tuple[str, SeminarAction]]
    missing: bool


@needs("booking.view_booking")
def closing(request: HttpRequest) -> HttpResponse:
    """The day's sessions with what is still missing, and the button that closes the day; without ``day`` it is today."""
    now = clock.now()
    day = _day(request, tokyo_date(now))
    if request.method == "POST":
        return _close(request, day, now=now)
    rows = _rows(list(on_day(day)), now=now)
    page = {
        "title": _("日締め　%(day)s") % {"day": ja_short_date(day)},
        "day": day,
        "rows": rows,
        "missing": [row for row in rows if row.missing],
        "open": [row for row in rows if row.booking.state == State.CONFIRMED],
        "closed": DayClosing.objects.filter(day=day).select_related("closed_by").first(),
        "closable_from": outcomes.closable_from(day, now=now),
        "now": now,
        "earlier": [(each, missing) for each, missing in unclosed_days(tokyo_date(now)) if each != day],
        "here": f"{reverse(CLOSING)}?day={day.isoformat()}",
        **(_seminars(day, now=now) if request.user.has_perm("booking.view_seminar") else {}),
    }
    return TemplateResponse(request, "admin/booking/closing.html", {**admin.site.each_context(request), **page})


@needs("booking.view_stoprecord")
@never_cache
@require_POST
def stop_record(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Category and note of a stop for conduct; each look is a row (C12-1)."""
    record = get_object_or_404(StopRecord.objects.select_related("booking__applicant", "by"), booking=booking_id)
    outcomes.open_stop_record(record, by=staff_of(request), now=clock.now())
    back = reverse("admin:booking_booking_change", args=[booking_id])
    context = {**admin.site.each_context(request), "title": _("中止の経緯"), "record": record, "back": back}
    return TemplateResponse(request, "admin/booking/stop_record.html", context)


def _close(request: HttpRequest, day: date, *, now: datetime) -> HttpResponse:
    if not request.user.has_perm("booking.change_booking"):
        raise PermissionDenied
    try:
        outcomes.close_day(day, by=staff_of(request), now=now)
    except (DayNotOver, SessionsOpen, DayClosed) as refusal:
        messages.error(request, told(refusal))
    else:
        messages.success(request, _("%(day)sを締めました。") % {"day": ja_short_date(day)})
    return redirect(f"{reverse(CLOSING)}?day={day.isoformat()}")


def _day(request: HttpRequest, today: date) -> date:
    asked = request.POST.get("day") or request.GET.get("day") or today.isoformat()
    try:
        day = date.fromisoformat(asked)
    except ValueError as error:
        raise Http404 from error
    if abs(day - today) > FARTHEST:
        raise Http404
    return day


def _rows(bookings: Sequence[Booking], *, now: datetime) -> list[Row]:
    missing = [booking for booking in bookings if booking.state == State.CONFIRMED and now >= booking.ends_at]
    doubts = doubts_of(missing, now=now)
    return [
        _row(booking, [DOUBT_WORDS[doubt] for doubt in doubts.get(booking.pk, ())], booking in missing, now=now) for booking in bookings
    ]


def _seminars(day: date, *, now: datetime) -> dict[str, Any]:
    """The day's seminars, and those of other days that nobody has closed. Two queries."""
    left = list(seminars_to_close(now=now))
    missing = {seminar.pk for seminar in left}
    rows = [SeminarRow(each, _seminar_buttons(each, now=now), each.pk in missing) for each in seminars_between(day, day)]
    return {"seminars": rows, "seminars_left": [each for each in left if tokyo_date(each.starts_at) != day]}


def _seminar_buttons(seminar: Seminar, *, now: datetime) -> list[tuple[str, SeminarAction]]:
    may = seminar_buttons(seminar, now=now)
    return [(name, may[name]) for name in SEMINAR_ENDINGS if name in may]


def _row(booking: Booking, doubts: Sequence[Any], missing: bool, *, now: datetime) -> Row:
    may = standing(booking, now=now)
    buttons = [(name, may[name]) for name in ENDINGS if name in may]
    return Row(booking, joined_at(booking), doubts, buttons, "complete" in may, missing)


ADDRESSES: Addresses = (
    ("closing/", closing, "booking_closing"),
    ("<int:booking_id>/stop-record/", stop_record, "booking_stop_record"),
)
