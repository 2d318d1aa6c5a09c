"""Today and the week: counsellors beside starts, the next session, the ten-minute clocks, the sheet on paper."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from booking.admin.board import board, left_over
from booking.admin.desk import pointer
from booking.admin.refusals import told
from booking.admin.rows import gatherings, rows
from booking.models import Booking, ContactRecord, Counsellor
from booking.operations.presence import note_arrival, note_call
from booking.operations.press import Press
from booking.operations.sessions import JoinOver, TooEarly
from booking.operations.transitions import StateChanged
from booking.queries import policy_at, troubles_known, warnings
from booking.queries.day import week_of, week_sheet
from booking.queries.lists import confirmed_between
from booking.rules.calendar import tokyo_date
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.staff_session import sign_in_before
from toyooka_hw.site import WORK_LIST, Addresses, needs, return_address

FARTHEST = timedelta(days=730)
POLLED = "X-Poll"


class DayForm(forms.Form):
    """Which day, and whose next session. What makes no sense is today and one's own."""

    day = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), label=gettext_lazy("日付"))
    counsellor = forms.ModelChoiceField(Counsellor.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["counsellor"].queryset = Counsellor.objects.filter(is_active=True)  # type: ignore[attr-defined]  # the stubs know only the plain Field


@needs("booking.view_booking")
@never_cache
def today(request: HttpRequest) -> HttpResponse:
    """The day. A poll gets only the parts that change."""
    now = clock.now()
    asked = _asked(request)
    shown = board(_day(asked, now), now=now)
    context = {
        **admin.site.each_context(request),
        "title": _("今日") if shown.is_today else _("1日の予定"),
        "board": shown,
        "here": request.get_full_path(),
        "self": reverse(WORK_LIST),
        "before": sign_in_before(request),
    }
    if shown.is_today:
        whose = asked.get("counsellor") or Counsellor.objects.filter(user=request.user.pk, is_active=True).first()
        context |= {
            "next": shown.next_up(whose),
            "whose": whose,
            "left": left_over(shown, now=now),
            "pointer": pointer(now=now),
            "warnings": warnings(now=now),
            "troubles": troubles_known(wall=clock.wall()),
        }
    if POLLED not in request.headers:
        return TemplateResponse(request, "admin/booking/today.html", context)
    return TemplateResponse(request, "admin/booking/today_parts.html", context, headers={POLLED: "1"})


@needs("booking.view_booking")
def week(request: HttpRequest) -> HttpResponse:
    """Counsellors beside the days of a week, and the confirmed sessions of these days."""
    now = clock.now()
    day = _day(_asked(request), now)
    monday, sunday = week_of(day)
    policy, sheet = policy_at(now), week_sheet(day, now=now)
    sessions = rows(confirmed_between(monday, sunday), policy, now=now)
    context = {
        **admin.site.each_context(request),
        "title": _("週"),
        "week": sheet,
        "sessions": sessions,
        "seminars": gatherings(sheet.seminars, policy, now=now),
        "today": tokyo_date(now),
        "day": day,
        "previous_week": monday - timedelta(days=7),
        "next_week": monday + timedelta(days=7),
        "here": request.get_full_path(),
    }
    return TemplateResponse(request, "admin/booking/week.html", context)


@needs("booking.view_booking")
def day_print(request: HttpRequest) -> HttpResponse:
    """The day on one sheet of A4, without phone numbers: for the desk, should the line be down."""
    now = clock.now()
    shown = board(_day(_asked(request), now), now=now)
    title = _("予約の一覧")
    context = {**admin.site.each_context(request), "title": title, "board": shown, "is_popup": True}
    return TemplateResponse(request, "admin/booking/day_print.html", context)


PRESSES: Mapping[str, tuple[Any, Callable[[int, Press], None]]] = {
    "arrived": (
        gettext_lazy("利用者が来たことを記録しました。"),
        lambda booking_id, press: note_arrival(booking_id, by=press.by, now=press.now),
    ),
    "late": (
        gettext_lazy("遅れるとの連絡を記録しました。"),
        lambda booking_id, press: note_call(booking_id, ContactRecord.Meaning.LATE, by=press.by, **press.clocks),
    ),
    "unclear": (
        gettext_lazy("電話があったことを記録しました。"),
        lambda booking_id, press: note_call(booking_id, ContactRecord.Meaning.UNCLEAR, by=press.by, **press.clocks),
    ),
}


@needs("booking.change_booking")
@require_POST
def press(request: HttpRequest, booking_id: int, name: str) -> HttpResponse:
    """One press beside the clock, without a page of its own: nothing that ends a session or writes to the person."""
    booking = Booking.objects.select_related("applicant").filter(pk=booking_id).first()
    if name not in PRESSES or booking is None:
        raise Http404
    done, act = PRESSES[name]
    try:
        act(booking.pk, Press(staff_of(request), clock.now(), clock.wall()))
    except (StateChanged, TooEarly, JoinOver) as refusal:
        messages.error(request, f"{booking.number}：{told(refusal)}")
    else:
        messages.success(request, f"{booking.number} {booking.applicant}：{done}")
    return redirect(return_address(request, reverse(WORK_LIST)))


def _asked(request: HttpRequest) -> dict[str, Any]:
    form = DayForm(request.GET)
    form.is_valid()
    return form.cleaned_data


def _day(asked: Mapping[str, Any], now: datetime) -> date:
    """The day asked for; today where none is, or one so far away that nobody works with it."""
    present = tokyo_date(now)
    day: date = asked.get("day") or present
    return day if abs(day - present) <= FARTHEST else present


ADDRESSES: Addresses = (
    ("today/", today, "booking_today"),
    ("today/print/", day_print, "booking_day_print"),
    ("week/", week, "booking_week"),
    ("<int:booking_id>/press/<slug:name>/", press, "booking_press"),
)
