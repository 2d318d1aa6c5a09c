"""The office's calendar: twelve months on one page, each day opened to be closed, opened or left to the law."""

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
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

from booking.admin.calendar.preview import Step, give_way, lies_free
from booking.models import Closure
from booking.models.calendar import Weekday
from booking.operations import calendar, giving_way
from booking.operations.giving_way import Gap, Order
from booking.queries import closures_of, is_anybody_on_duty
from booking.rules.calendar import statutory, tokyo_date
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import Choice, action_page, needs
from toyooka_hw.wording import ja_date

OPEN, CLOSED, LAW = "open", "closed", "law"
YEARS_BACK, YEARS_AHEAD = 2, 3


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the year: whether it is open, why not, and whether the office itself said so."""

    day: date
    is_open: bool
    why: str
    is_own: bool
    is_today: bool


class DayForm(forms.Form):
    """What the day shall be."""

    what = forms.ChoiceField(
        label=gettext_lazy("この日"),
        widget=Choice,
        choices=[
            (CLOSED, gettext_lazy("閉庁する")),
            (OPEN, gettext_lazy("開庁する（休日の例外など）")),
            (LAW, gettext_lazy("法令どおりに戻す")),
        ],
        error_messages={"required": gettext_lazy("どれかを選んでください。")},
    )
    label = forms.CharField(
        label=gettext_lazy("名称"),
        max_length=50,
        required=False,
        help_text=gettext_lazy("例：臨時閉庁（停電）。空き状況のページに表示されます。"),
    )

    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        if filled.get("what") in (OPEN, CLOSED) and not filled.get("label"):
            self.add_error("label", _("名称を入力してください。"))
        return filled


@needs("booking.view_closure")
def year(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """The twelve months of a year, as they are and as the law has them."""
    today = tokyo_date(clock.now())
    number = number or today.year
    if not today.year - YEARS_BACK <= number <= today.year + YEARS_AHEAD:
        raise Http404
    own = closures_of(number)
    page = {
        "title": _("開庁日・閉庁日（%(year)d年）") % {"year": number},
        "months": [(month, _weeks(number, month, own, today)) for month in range(1, 13)],
        "weekdays": "月火水木金土日",
        "exceptions": [row for row in own.values() if row.is_open or row.source == Closure.Source.OFFICE],
        "years": range(today.year - 1, today.year + YEARS_AHEAD),
        "shown": number,
    }
    return TemplateResponse(request, "admin/booking/calendar/year.html", {**admin.site.each_context(request), **page})


@needs("booking.change_closure")
def day(request: HttpRequest, iso: str) -> HttpResponse:
    """One day: closed, opened or left to the law. Closing it over bookings shows them first."""
    date_asked = _date(iso)
    back = reverse("admin:booking_year", args=[date_asked.year])
    row = Closure.objects.filter(date=date_asked).first()
    form = DayForm(
        request.POST or None, initial={"what": CLOSED, "label": row.label if row and row.source == Closure.Source.OFFICE else ""}
    )
    if form.is_valid() and _may(form, date_asked):
        return _save(request, form, date_asked, row, back)
    known = statutory(date_asked)
    facts = [
        (_("日付"), ja_date(date_asked)),
        (_("法令では"), _("開庁日") if known.is_open else _("休日（%(why)s）") % {"why": known.why}),
        (_("いまの登録"), _now_words(row)),
    ]
    return action_page(request, admin.site, title=ja_date(date_asked), form=form, submit=_("次へ"), back=back, facts=facts)


def _save(request: HttpRequest, form: DayForm, day: date, row: Closure | None, back: str) -> HttpResponse:
    what, label = form.cleaned_data["what"], form.cleaned_data["label"]
    press: dict[str, Any] = {"by": staff_of(request), "now": clock.now()}
    words = ja_date(day)
    if what == OPEN:
        calendar.open_day(day, label=label, **press)
        messages.success(request, _("%(day)sを開庁日にしました。") % {"day": words})
        _warn_of_nobody(request, day)
        return redirect(back)
    law = statutory(day)
    if what == LAW and law.is_open:
        if row:
            calendar.forget_day(row, **press)
        messages.success(request, _("%(day)sを法令どおり（開庁日）に戻しました。") % {"day": words})
        return redirect(back)
    step = Step(
        title=_("%(day)sを閉庁日にする") % {"day": words},
        lead=_("この日には予約があります。それぞれの取扱いを選んでください。「実行」を押すまで、何も変わりません。"),
        gap=Gap(calendar.whole_day(day)),
        told=_("%(label)sのため") % {"label": label if what == CLOSED else law.why},
        run=lambda order, now: _close(day, label if what == CLOSED else None, order, now=now),
        done=(_("%(day)sを閉庁日にしました。") if what == CLOSED else _("%(day)sを法令どおり（閉庁日）に戻しました。")) % {"day": words},
        back=back,
    )
    return give_way(request, form, step)


def _may(form: DayForm, day: date) -> bool:
    """Whether the office may be open or closed then: over a seminar no day is closed."""
    what = form.cleaned_data["what"]
    closes = what == CLOSED or (what == LAW and not statutory(day).is_open)
    return not closes or lies_free(form, "what", Gap(calendar.whole_day(day)), now=clock.now())


def _warn_of_nobody(request: HttpRequest, day: date) -> None:
    """An open day on which nobody has hours takes no bookings: say so, and how to go on."""
    if not is_anybody_on_duty(day):
        words = _(
            "この日に担当時間のある担当者がいないため、まだ予約は入りません。「担当表」の「変更」で、適用開始日と適用終了日を%(day)sにして、%(weekday)sの担当時間を入力してください。"
        )
        messages.warning(request, words % {"day": ja_date(day), "weekday": Weekday(day.weekday()).label})


def _close(day: date, label: str | None, order: Order, *, now: datetime) -> Closure:
    """By the office's own decision where it has a label, else by law."""
    if label is None:
        return giving_way.leave_to_law(day, order, now=now, wall=clock.wall())
    return giving_way.close_day(day, label, order, now=now, wall=clock.wall())


def _weeks(number: int, month: int, own: Mapping[date, Closure], today: date) -> list[list[Cell | None]]:
    weeks = months.Calendar().monthdatescalendar(number, month)
    return [[_cell(each, own.get(each), today) if each.month == month else None for each in week] for week in weeks]


def _cell(day: date, row: Closure | None, today: date) -> Cell:
    known = statutory(day)
    is_open, why = (row.is_open, row.label) if row else (known.is_open, known.why)
    return Cell(day, is_open, why, bool(row) and row.source == Closure.Source.OFFICE, day == today)  # type: ignore[union-attr]  # short-circuit


def _date(iso: str) -> date:
    try:
        found = date.fromisoformat(iso)
    except ValueError as error:
        raise Http404 from error
    if abs(found - tokyo_date(clock.now())) > timedelta(days=366 * (YEARS_AHEAD + 1)):
        raise Http404
    return found


def _now_words(row: Closure | None) -> str:
    if row is None:
        return _("なし（法令どおり）")
    return (_("開庁（%(label)s）") if row.is_open else _("閉庁（%(label)s）")) % {"label": row.label}
