"""What a closed day or an absence does to the bookings that lie there: shown, decided, done; and the page that says whom to phone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.refusals import REFUSALS, told
from booking.models import Booking, Counsellor
from booking.models.bookings import State
from booking.operations.giving_way import Concerned, Gap, Order, SeminarsInTheWay, Unforeseen, Way, check_no_seminar, concerned
from booking.queries import calendar_between, given_way_at
from booking.rules.calendar import tokyo_date
from booking.rules.calls import is_near
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.site import needs
from toyooka_hw.wording import ja_short_datetime

WAY_WORDS: dict[Way, Any] = {
    Way.KEEP: gettext_lazy("このまま相談を続ける"),
    Way.REASSIGN: gettext_lazy("同じ時間で、ほかの担当者に変更"),
    Way.RELEASE: gettext_lazy("ほかの日時を調整（確保をやめ、あとで提案）"),
    Way.CANCEL: gettext_lazy("中止（ハローワークの都合）"),
    Way.DECLINE: gettext_lazy("お断り"),
}
TOLD = {"cancel_by_office", "decline"}
STEPS = ("booking.closure", "booking.absence")  # what an audit entry is about that other bookings gave way to


class WaysForm(forms.Form):
    """One choice for each booking, and the reason that people read."""

    told = forms.CharField(
        label=gettext_lazy("利用者に伝える理由"),
        max_length=400,
        help_text=gettext_lazy("中止・お断りのメールに、このまま書かれます。履歴にも残ります。"),
        widget=forms.TextInput(attrs={"size": 60}),
        error_messages={"required": gettext_lazy("理由を入力してください。")},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rows: list[Concerned], names: dict[int, str], told: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.fields["told"].initial = told
        self.fields["seen"].initial = ",".join(row.key for row in rows)
        for row in rows:
            choices = [(way.value, _words(way, names.get(row.taker or 0, ""))) for way in row.ways]
            label = _("%(number)s %(person)s の取扱い") % {"number": row.booking.number, "person": row.booking.applicant}
            self.fields[_field(row)] = forms.ChoiceField(choices=choices, label=label, widget=forms.Select(attrs={"aria-label": label}))

    def order(self, by: Any) -> Order:
        """What was decided, about what was seen."""
        filled = self.cleaned_data
        ways = {row.booking.pk: Way(filled[_field(row)]) for row in self.rows}
        return Order(by, ways, frozenset(filter(None, filled["seen"].split(","))), filled["told"])


@dataclass(frozen=True, slots=True)
class Line:
    """One booking of the preview."""

    row: Concerned
    field: forms.BoundField
    by_phone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is about to be done: in words, over which gap, by which operation; ``back`` is the page it came from."""

    title: str
    lead: str
    gap: Gap
    told: str
    run: Callable[[Order, datetime], object]
    done: str
    back: str


def give_way(request: HttpRequest, form: forms.Form, step: Step) -> HttpResponse:
    """Do it at once where nothing lies in the way; else show what does, and do it when that was decided about.

    A seminar that came into the way this very moment leads back: see ``lies_free``.
    """
    try:
        return _give_way(request, form, step)
    except SeminarsInTheWay as refusal:
        messages.error(request, told(refusal))
        return redirect(step.back)


def lies_free(form: forms.Form, field: str, gap: Gap, *, now: datetime) -> bool:
    """Whether no seminar lies in the gap; else the form says so beside the field, and keeps what was typed."""
    try:
        check_no_seminar(gap, now=now)
    except SeminarsInTheWay as refusal:
        form.add_error(field, told(refusal))
        return False
    return True


def _give_way(request: HttpRequest, form: forms.Form, step: Step) -> HttpResponse:
    now = clock.now()
    rows = concerned(step.gap, now=now)
    if not rows:
        try:
            return _run(request, step, Order(staff_of(request), {}, frozenset(), ""), now)
        except Unforeseen:  # somebody's booking came in this very moment
            rows = concerned(step.gap, now=now)
    names = dict(Counsellor.objects.values_list("pk", "name"))
    asked = request.POST if "seen" in request.POST else None
    ways = WaysForm(asked, rows=rows, names=names, told=step.told)
    if asked is not None and _is_old(ways, rows):
        messages.warning(request, _("画面を開いたあとで、予約に変更がありました。内容を確かめて、もう一度押してください。"))
        ways = WaysForm(rows=rows, names=names, told=step.told, initial=asked.dict())
    elif ways.is_valid():
        try:
            return _run(request, step, ways.order(staff_of(request)), now)
        except Unforeseen:
            messages.warning(request, _("ほかの予定が入り、選ばれたとおりにはできませんでした。もう一度選んでください。"))
        except REFUSALS as refusal:
            ways.add_error(None, told(refusal))
    return _page(request, form, ways, step, now)


def _run(request: HttpRequest, step: Step, order: Order, now: datetime) -> HttpResponse:
    step.run(order, now)
    messages.success(request, step.done)
    if not order.ways:
        return redirect(step.back)
    entry = AuditEntry.objects.filter(at=now, by=order.by, subject_type__in=STEPS).earliest("pk")
    return redirect("admin:booking_given_way", entry.pk)


def _is_old(ways: WaysForm, rows: list[Concerned]) -> bool:
    return set(filter(None, ways.data.get("seen", "").split(","))) != {row.key for row in rows}


def _page(request: HttpRequest, form: forms.Form, ways: WaysForm, step: Step, now: datetime) -> HttpResponse:
    near = _near(now)
    lines = [Line(row, ways[_field(row)], by_phone(row.booking, near)) for row in ways.rows]
    counts = {label: sum(row.booking.state == state for row in ways.rows) for state, label in State.choices}
    page = {
        "title": step.title,
        "lead": step.lead,
        "form": form,
        "ways": ways,
        "lines": lines,
        "counts": [(label, count) for label, count in counts.items() if count],
        "calls": sum(line.by_phone for line in lines),
        "back": step.back,
    }
    return TemplateResponse(request, "admin/booking/calendar/preview.html", {**admin.site.each_context(request), **page})


@needs("booking.view_booking")
def given_way(request: HttpRequest, entry_id: int) -> HttpResponse:
    """What was done in one step, and who is still to be phoned; reachable for as long as the audit is kept."""
    entry = get_object_or_404(AuditEntry.objects.select_related("by"), pk=entry_id, subject_type__in=STEPS)
    bookings = given_way_at(entry.at, entry.by_id)
    near = _near(entry.at)
    rows = [(booking, booking.way in TOLD and by_phone(booking, near)) for booking in bookings]  # type: ignore[attr-defined]  # set by the query
    page = {
        "title": _("予約の取扱いの結果"),
        "entry": entry,
        "calls": [booking for booking, phone in rows if phone],
        "others": [booking for booking, phone in rows if not phone],
    }
    return TemplateResponse(request, "admin/booking/calendar/given_way.html", {**admin.site.each_context(request), **page})


def by_phone(booking: Booking, near: Callable[[datetime], bool]) -> bool:
    """Whether a mail is not enough: there is no address, or the session is so near that it may not be read in time."""
    return not booking.applicant.email or near(booking.starts_at)


def _near(now: datetime) -> Callable[[datetime], bool]:
    """Whether a session is so near that a mail may be read too late."""
    today = tokyo_date(now)
    return partial(is_near, calendar=calendar_between(today, today), now=now)


def _words(way: Way, taker: str) -> str:
    return f"{WAY_WORDS[way]}：{taker}" if way is Way.REASSIGN else str(WAY_WORDS[way])


def _field(row: Concerned) -> str:
    return f"way_{row.booking.pk}"


def moments(first: datetime, last: datetime) -> str:
    """A span in short words."""
    return f"{ja_short_datetime(first)}～{ja_short_datetime(last)}"
