"""Somebody is away: one or several counsellors, for whole days or for a span; over bookings, these are shown first."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.calendar.day_field import DayField
from booking.admin.calendar.preview import Step, give_way, lies_free, moments
from booking.models import Absence, Counsellor
from booking.operations import calendar, giving_way
from booking.operations.giving_way import AlreadyAway, Gap, MayNotClose
from booking.rules.calendar import tokyo, tokyo_date
from booking.rules.interval import Interval
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import action_page, needs

LONGEST = timedelta(days=366)
ROSTER = "admin:booking_roster"


class Several(forms.ModelMultipleChoiceField):
    """Some of the counsellors, one tick for each."""

    widget = forms.CheckboxSelectMultiple


class AbsenceForm(forms.Form):
    """Who is away, and when: with no times, for whole days."""

    counsellors = Several(
        Counsellor.objects.none(),
        label=gettext_lazy("だれが"),
        error_messages={"required": gettext_lazy("担当者を選んでください。")},
    )
    first = DayField(label=gettext_lazy("最初の日"))
    starts = forms.TimeField(
        label=gettext_lazy("開始の時刻"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("空欄のときは、その日の初めからです。"),
    )
    last = DayField(
        label=gettext_lazy("最後の日"),
        required=False,
        help_text=gettext_lazy("空欄のときは、最初の日と同じ日です。"),
    )
    ends = forms.TimeField(
        label=gettext_lazy("終了の時刻"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("空欄のときは、その日の終わりまでです。"),
    )
    reason = forms.CharField(
        label=gettext_lazy("理由"), max_length=100, required=False, help_text=gettext_lazy("職員だけに表示されます。例：研修")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["counsellors"].queryset = Counsellor.objects.filter(is_active=True).order_by("pk")  # type: ignore[attr-defined]  # the stubs know only the plain Field

    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        first = filled.get("first")
        if first is None or self.errors:
            return filled
        begin, end = _begin(first, filled.get("starts")), _end(filled.get("last") or first, filled.get("ends"))
        if end <= begin:
            raise ValidationError({"last": _("終わりは、始まりより後にしてください。")})
        if end - begin > LONGEST:
            raise ValidationError({"last": _("一度に入力できるのは1年までです。")})
        filled["span"] = Interval(begin, end)
        return filled


@needs("booking.add_absence")
def add(request: HttpRequest) -> HttpResponse:
    """Enter an absence. ``?all=1``: everybody, from now to the end of the day – the office has to close at once."""
    form = AbsenceForm(request.POST or None, initial=_suggested(request))
    if form.is_valid() and _may(request, form):
        return _save(request, form)
    lead = _("不在の時間には、新しい予約が入らなくなります。すでに予約があるときは、次の画面で取扱いを選びます。")
    back = reverse(ROSTER)
    return action_page(request, admin.site, title=_("不在を入力"), form=form, submit=_("次へ"), back=back, lead=lead)


@needs("booking.delete_absence")
def remove(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Take an absence back."""
    absence = get_object_or_404(Absence.objects.select_related("counsellor"), pk=absence_id)
    if request.method == "POST":
        calendar.remove_absence(absence, by=staff_of(request), now=clock.now())
        messages.success(request, _("不在を取り消しました。"))
        return redirect(ROSTER)
    facts = [(_("担当者"), str(absence.counsellor)), (_("時間"), moments(absence.starts_at, absence.ends_at)), (_("理由"), absence.reason)]
    page = {"title": _("不在を取り消す"), "submit": _("取り消す"), "lead": _("この時間に、また予約が入るようになります。"), "facts": facts}
    return action_page(request, admin.site, form=forms.Form(), back=reverse(ROSTER), **page)


def _save(request: HttpRequest, form: AbsenceForm) -> HttpResponse:
    filled = form.cleaned_data
    who, span = list(filled["counsellors"]), filled["span"]
    names = "、".join(str(each) for each in who)
    step = Step(
        title=_("不在にする：%(names)s") % {"names": names},
        lead=_("%(span)s に予約があります。それぞれの取扱いを選んでください。「実行」を押すまで、何も変わりません。")
        % {"span": moments(span.start, span.end)},
        gap=_gap(form),
        told=_("臨時に閉庁するため") if giving_way.is_everybody(who) else _("担当者の都合のため"),
        run=lambda order, now: giving_way.be_away(who, span, filled["reason"], order, now=now, wall=clock.wall()),
        done=_("不在を登録しました：%(names)s　%(span)s") % {"names": names, "span": moments(span.start, span.end)},
        back=reverse(ROSTER),
    )
    try:
        return give_way(request, form, step)
    except AlreadyAway:
        messages.error(request, _("その時間は、すでに不在として登録されています。"))
        return redirect(ROSTER)


def _may(request: HttpRequest, form: AbsenceForm) -> bool:
    try:
        giving_way.check_may_be_away(list(form.cleaned_data["counsellors"]), staff_of(request))
    except MayNotClose:
        form.add_error(
            "counsellors",
            _("全員を不在にすると、閉庁と同じになります。閉庁は管理者が登録しますので、管理者に依頼するか、担当する方を残してください。"),
        )
        return False
    return lies_free(form, "first", _gap(form), now=clock.now())


def _gap(form: AbsenceForm) -> Gap:
    return Gap(form.cleaned_data["span"], frozenset(each.pk for each in form.cleaned_data["counsellors"]))


def _suggested(request: HttpRequest) -> dict[str, Any]:
    now = clock.now()
    if "all" not in request.GET:
        return {"first": tokyo_date(now), "counsellors": request.GET.getlist("counsellor")}
    everybody = Counsellor.objects.filter(is_active=True).values_list("pk", flat=True)
    here = now.astimezone(tokyo(tokyo_date(now), datetime.min.time()).tzinfo)
    return {"first": here.date(), "starts": here.time().replace(second=0, microsecond=0), "counsellors": list(everybody)}


def _begin(day: date, at: Any) -> datetime:
    return tokyo(day, at) if at else calendar.whole_day(day).start


def _end(day: date, at: Any) -> datetime:
    return tokyo(day, at) if at else calendar.whole_day(day).end
