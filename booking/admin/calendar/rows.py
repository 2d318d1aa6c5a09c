"""The roster and the office's calendar. Saving goes through ``operations.calendar``; sessions in the way are named at the form."""

from datetime import time
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Absence, Closure, Counsellor, DutyHours, PolicyValue, ZoomHost
from booking.operations import calendar
from booking.operations.calendar import NotAPolicyValue, SessionsInTheWay
from booking.rules.calendar import ONE_DAY, tokyo
from booking.rules.interval import Interval
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import NeverDeleted
from toyooka_hw.wording import ja_date, ja_datetime, ja_time_span


def in_the_way(hit: SessionsInTheWay) -> str:
    """Which bookings must be dealt with first."""
    if not hit.bookings:
        return _("この担当者は、その時間にほかの予定があります。")
    listed = "、".join(str(booking) for booking in hit.bookings)
    return _(
        "次の予約があるため、保存できません。先に、その予約を中止するか、ご本人と相談してほかの日時で入力し直してください：%(bookings)s"
    ) % {"bookings": listed}


def press(request: HttpRequest) -> dict[str, Any]:
    """Who saves, and when."""
    return {"by": staff_of(request), "now": clock.now()}


class Moment(forms.DateTimeInput):
    """Day and time in one labelled field of the browser's own."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class CalendarAdmin(admin.ModelAdmin):
    """Saves by an operation. What the form could not foresee is told, and nothing is saved."""

    list_per_page = 50
    show_full_result_count = False
    formfield_overrides = {DateTimeField: {"form_class": forms.DateTimeField, "widget": Moment}}

    def store(self, request: HttpRequest, row: Any) -> Model:
        """The one operation that saves this kind of row."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk = self.store(request, obj).pk

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except SessionsInTheWay as hit:
            messages.error(request, in_the_way(hit))
            return redirect(request.get_full_path())

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().delete_view(request, *args, **kwargs)
        except SessionsInTheWay as hit:
            messages.error(request, in_the_way(hit))
            return redirect(request.get_full_path())


@admin.register(ZoomHost)
class ZoomHostAdmin(NeverDeleted, CalendarAdmin):
    list_display = ("name", "email", "is_active")

    def store(self, request: HttpRequest, row: ZoomHost) -> ZoomHost:
        return calendar.save_host(row, **press(request))


@admin.register(Counsellor)
class CounsellorAdmin(NeverDeleted, CalendarAdmin):
    list_display = ("name", "user", "default_host", "is_active")
    list_select_related = ("user", "default_host")

    def store(self, request: HttpRequest, row: Counsellor) -> Counsellor:
        return calendar.save_counsellor(row, **press(request))


@admin.register(DutyHours)
class DutyHoursAdmin(NeverDeleted, CalendarAdmin):
    """Weekly hours end by their last day; they are not deleted, so that the past stays readable."""

    list_display = ("counsellor", "weekday", "starts", "ends", "since", "until")
    list_filter = ("counsellor", "weekday")
    list_select_related = ("counsellor",)
    ordering = ("counsellor", "weekday", "starts", "since")

    def store(self, request: HttpRequest, row: DutyHours) -> DutyHours:
        return calendar.save_duty_hours(row, **press(request))


class AbsenceForm(forms.ModelForm):
    """An absence may not cover a session or another absence."""

    class Meta:
        model = Absence
        fields = ("counsellor", "starts_at", "ends_at", "reason")

    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        if not {"counsellor", "starts_at", "ends_at"} <= filled.keys():
            return filled
        if filled["ends_at"] <= filled["starts_at"]:
            raise ValidationError({"ends_at": _("終了は、開始より後にしてください。")})
        try:
            calendar.refuse_over_sessions(Interval(filled["starts_at"], filled["ends_at"]), filled["counsellor"])
        except SessionsInTheWay as hit:
            raise ValidationError(in_the_way(hit)) from hit
        return filled


@admin.register(Absence)
class AbsenceAdmin(CalendarAdmin):
    """Entered or taken back; a changed absence is a new one."""

    form = AbsenceForm
    list_display = ("counsellor", "span", "reason")
    list_filter = ("counsellor", "starts_at")
    list_select_related = ("counsellor",)
    ordering = ("-starts_at",)

    @admin.display(description=gettext_lazy("時間"), ordering="starts_at")
    def span(self, absence: Absence) -> str:
        return ja_time_span(absence.starts_at, absence.ends_at)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def store(self, request: HttpRequest, row: Absence) -> Absence:
        return calendar.add_absence(row.counsellor, Interval(row.starts_at, row.ends_at), reason=row.reason, **press(request))

    def delete_model(self, request: HttpRequest, obj: Absence) -> None:
        calendar.remove_absence(obj, **press(request))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The hold goes with its absence: nobody needs a permission of its own for it."""
        shown, counts, _permissions, protected = super().get_deleted_objects(objs, request)
        return shown, counts, set(), protected


class ClosureForm(forms.ModelForm):
    """A day with sessions cannot be closed."""

    class Meta:
        model = Closure
        fields = ("date", "is_open", "label")

    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        day = filled.get("date") or self.instance.date
        if day is None or filled.get("is_open"):
            return filled
        try:
            calendar.refuse_over_sessions(Interval(tokyo(day, time()), tokyo(day + ONE_DAY, time())), None)
        except SessionsInTheWay as hit:
            raise ValidationError(in_the_way(hit)) from hit
        return filled


@admin.register(Closure)
class ClosureAdmin(CalendarAdmin):
    """The office's own entries, and the law's. Taking an entry back leaves the day to the law."""

    form = ClosureForm
    list_display = ("day", "is_open", "label", "source")
    list_filter = ("source", "is_open")
    date_hierarchy = "date"
    ordering = ("date",)

    @admin.display(description=gettext_lazy("日付"), ordering="date")
    def day(self, closure: Closure) -> str:
        return ja_date(closure.date)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("date",) if obj else ()

    def store(self, request: HttpRequest, row: Closure) -> Closure:
        return calendar.set_day(row.date, is_open=row.is_open, label=row.label, **press(request))

    def delete_model(self, request: HttpRequest, obj: Closure) -> None:
        calendar.forget_day(obj, **press(request))


class PolicyValueForm(forms.ModelForm):
    """A new value of one policy key."""

    class Meta:
        model = PolicyValue
        fields = ("key", "value", "holds_from", "reason")

    holds_from = forms.DateTimeField(
        label=gettext_lazy("適用開始"),
        required=False,
        widget=Moment,
        help_text=gettext_lazy("空欄のときや過去の日時のときは、いますぐから適用します。"),
    )

    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        try:
            filled["value"] = calendar.checked_value(filled.get("key", ""), filled.get("value", "").strip())
        except NotAPolicyValue:
            self.add_error("value", _("この項目の値として使えません。時刻は 15:00、件数や日数は半角の数字で入力してください。"))
        return filled


@admin.register(PolicyValue)
class PolicyValueAdmin(NeverDeleted, CalendarAdmin):
    """The history of the office's numbers: values are only ever added."""

    form = PolicyValueForm
    list_display = ("key", "value", "from_when", "set_by", "when", "reason")
    list_filter = ("key",)
    list_select_related = ("set_by",)
    ordering = ("key", "-holds_from", "-pk")

    @admin.display(description=gettext_lazy("適用開始"), ordering="holds_from")
    def from_when(self, row: PolicyValue) -> str:
        return ja_datetime(row.holds_from)

    @admin.display(description=gettext_lazy("設定日時"), ordering="set_at")
    def when(self, row: PolicyValue) -> str:
        return ja_datetime(row.set_at)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def store(self, request: HttpRequest, row: PolicyValue) -> PolicyValue:
        now = clock.now()
        from_when = max(row.holds_from, now) if row.holds_from else now
        return calendar.set_policy(row.key, row.value, by=staff_of(request), reason=row.reason, now=now, holds_from=from_when)
