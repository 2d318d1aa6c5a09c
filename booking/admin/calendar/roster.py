"""The roster: counsellors and weekdays in one grid, each counsellor's week opened to be changed from a day on, and who is away."""

import re
import unicodedata
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.calendar.day_field import DayField
from booking.models import Counsellor, DutyHours, Hold
from booking.models.calendar import Weekday
from booking.operations import calendar
from booking.queries import holds_giving_way, roster
from booking.rules.calendar import TOKYO, tokyo_date
from booking.rules.interval import Interval
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import action_page, needs
from toyooka_hw.wording import ja_date, ja_time_span

Span = tuple[time, time]
_SPAN = re.compile(r"(\d{1,2}):(\d{2})[~～〜-](\d{1,2}):(\d{2})")
FAR = date(2100, 1, 1)


class HoursField(forms.CharField):
    """Spans of one weekday in one line: ``8:30～12:00、13:00～17:15``; empty where nobody is there. Width and hyphens do not matter."""

    def clean(self, value: Any) -> list[Span]:
        typed = unicodedata.normalize("NFKC", super().clean(value)).replace(" ", "").replace("−", "-").replace("ー", "-")
        spans = sorted(_span(part) for part in re.split("[、,]", typed) if part)
        if any(earlier[1] > later[0] for earlier, later in pairwise(spans)):
            raise ValidationError(_("時間が重なっています。"), code="overlap")
        return spans


def _span(part: str) -> Span:
    found = _SPAN.fullmatch(part)
    try:
        starts, ends = (time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))) if found else (time(), time())
    except ValueError:
        starts = ends = time()
    if ends <= starts:
        raise ValidationError(_("「8:30～17:15」のように入力してください。2つに分けるときは「、」で区切ります。"), code="invalid")
    return starts, ends


class WeekForm(forms.Form):
    """A counsellor's week from a day on. ``agreed``: the bookings outside these hours that were shown."""

    since = DayField(label=gettext_lazy("適用開始日"))
    until = DayField(
        label=gettext_lazy("適用終了日"),
        required=False,
        help_text=gettext_lazy("空欄のときは、次に変更するまでです。期間を決めたときは、その後は元の時間に戻ります。"),
    )
    agreed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        for weekday in Weekday:
            self.fields[f"day{weekday.value}"] = HoursField(label=weekday.label, required=False, max_length=100)
        self.order_fields(["since", "until", *(f"day{weekday.value}" for weekday in Weekday)])

    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        since, until = filled.get("since"), filled.get("until")
        if since and since < self.today:
            self.add_error("since", _("今日からあとの日にしてください。これまでの時間は書き換えません。"))
        if since and until and until < since:
            self.add_error("until", _("適用終了日は、適用開始日より後にしてください。"))
        return filled

    @property
    def week(self) -> dict[int, list[Span]]:
        return {weekday.value: self.cleaned_data[f"day{weekday.value}"] for weekday in Weekday}


@needs("booking.view_dutyhours")
def grid(request: HttpRequest) -> HttpResponse:
    """Everybody's week as it holds today, what changes later, and who is away."""
    today = tokyo_date(clock.now())
    found = roster(today)
    weekdays = [day for day in Weekday if day <= Weekday.FRIDAY or any(_on(hours, day.value, today) for _who, hours, _away in found)]
    rows = [
        {
            "counsellor": counsellor,
            "week": [_words(_on(hours, weekday.value, today)) for weekday in weekdays],
            "later": _later(hours, today),
            "away": away,
        }
        for counsellor, hours, away in found
    ]
    page = {"title": _("担当表"), "rows": rows, "weekdays": [weekday.label for weekday in weekdays], "today": today}
    page["is_anybody_away"] = any(row["away"] for row in rows)
    return TemplateResponse(request, "admin/booking/calendar/roster.html", {**admin.site.each_context(request), **page})


@needs("booking.change_dutyhours")
def week(request: HttpRequest, counsellor_id: int) -> HttpResponse:
    """One counsellor's week. Bookings outside the new hours stay; they are shown before anything is saved."""
    counsellor, now = get_object_or_404(Counsellor, pk=counsellor_id), clock.now()
    today = tokyo_date(now)
    form = WeekForm(request.POST or None, today=today, initial=_initial(counsellor, today))
    facts: list[tuple[str, str]] = [(_("担当者"), str(counsellor)), (_("標準のZoomホスト"), str(counsellor.default_host or _("なし")))]
    submit = _("保存")
    if form.is_valid():
        outside = _outside(counsellor, form, now=now)
        shown = ",".join(str(hold.pk) for hold in outside)
        if shown == form.cleaned_data["agreed"]:
            calendar.set_hours(counsellor, form.week, by=staff_of(request), now=now, **_span_of(form))
            messages.success(request, _("%(name)sさんの担当時間を保存しました。") % {"name": counsellor})
            return redirect("admin:booking_roster")
        form.data = {**request.POST.dict(), "agreed": shown}
        form.add_error(None, _outside_words(outside))
        submit = _("予約はそのままにして保存")
    lead = _("新しい予約を受け付ける時間です。すでにある予約は、変わりません。閉庁日には、担当時間があっても予約は入りません。")
    page = {"title": _("担当時間：%(name)s") % {"name": counsellor}, "facts": facts, "lead": lead, "submit": submit}
    return action_page(request, admin.site, form=form, back=reverse("admin:booking_roster"), **page)


def _span_of(form: WeekForm) -> dict[str, Any]:
    return {"since": form.cleaned_data["since"], "until": form.cleaned_data["until"]}


def _outside(counsellor: Counsellor, form: WeekForm, *, now: datetime) -> list[Hold]:
    """The counsellor's coming bookings that the new hours no longer cover."""
    since, until = form.cleaned_data["since"], form.cleaned_data["until"] or FAR
    span = Interval(calendar.whole_day(since).start, calendar.whole_day(until).end)
    return [hold for hold in holds_giving_way(span, {counsellor.pk}, now=now) if not _covers(form.week, hold)]


def _covers(week: dict[int, list[Span]], hold: Hold) -> bool:
    begin, end = hold.span.lower.astimezone(TOKYO), hold.span.upper.astimezone(TOKYO)
    return any(starts <= begin.time() and end.time() <= ends for starts, ends in week.get(begin.weekday(), []))


def _outside_words(outside: list[Hold]) -> str:
    if not outside:
        return _("予約の状況が変わりました。もう一度、保存を押してください。")
    listed = "、".join(
        f"{ja_time_span(hold.span.lower, hold.span.upper)} {hold.booking and hold.booking.applicant}" for hold in outside[:20]
    )
    return _("この時間の外に、予約が%(count)d件あります。予約は変わりません：%(listed)s") % {"count": len(outside), "listed": listed}


def _on(hours: list[DutyHours], weekday: int, day: date) -> list[DutyHours]:
    return [row for row in hours if row.weekday == weekday and row.since <= day and (row.until is None or day <= row.until)]


def _words(rows: list[DutyHours]) -> str:
    return "、".join(f"{row.starts.hour}:{row.starts:%M}～{row.ends.hour}:{row.ends:%M}" for row in rows)


def _later(hours: list[DutyHours], today: date) -> list[str]:
    """The days on which the week changes."""
    begins = {row.since for row in hours if row.since > today}
    ends = {row.until for row in hours if row.until}
    return [_("%(day)sから変更") % {"day": ja_date(day)} for day in sorted(begins)] + [
        _("%(day)sまで") % {"day": ja_date(day)} for day in sorted(ends)
    ]


def _initial(counsellor: Counsellor, today: date) -> dict[str, Any]:
    hours = list(counsellor.duty_hours.order_by("starts"))
    return {"since": today, **{f"day{weekday.value}": _words(_on(hours, weekday.value, today)) for weekday in Weekday}}
