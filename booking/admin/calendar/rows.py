"""The rows behind the roster and the calendar: counsellors and hosts are edited here, the rest on pages of its own."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from booking.admin.status import FINDING_TONES, ago
from booking.models import Absence, Closure, Counsellor, DutyHours, PolicyValue, ZoomHost
from booking.operations import calendar
from booking.queries import with_calls
from booking.rules.quota import CALLS_A_DAY, zoom_day
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import NeverDeleted, ReadOnlyAdmin


class SavedByOperation(NeverDeleted):
    """Saved by one operation, which enters the audit too."""

    list_per_page = 50
    show_full_result_count = False

    def store(self, row: Any, **press: Any) -> Model:
        """The one operation that saves this kind of row."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk = self.store(obj, by=staff_of(request), now=clock.now()).pk


@admin.register(ZoomHost)
class ZoomHostAdmin(SavedByOperation):
    list_display = ("name", "email", "is_active", "found", "checked", "meter")

    @admin.display(description=_("Zoomでの確認"), ordering="finding")
    def found(self, host: ZoomHost) -> SafeString:
        return format_html('<span class="chip chip--{}">{}</span>', FINDING_TONES[host.finding], host.get_finding_display())

    @admin.display(description=_("確認したとき"), ordering="checked_at")
    def checked(self, host: ZoomHost) -> str:
        return ago(host.checked_at, wall=clock.wall(), nothing=_("まだ確認していません"))

    @admin.display(description=_("きょうの作成・変更（9:00に0に戻ります）"))
    def meter(self, host: Any) -> str:
        return f"{host.calls}/{CALLS_A_DAY}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_calls(super().get_queryset(request), zoom_day(clock.wall()))

    def store(self, row: ZoomHost, **press: Any) -> ZoomHost:
        return calendar.save_host(row, **press)


@admin.register(Counsellor)
class CounsellorAdmin(SavedByOperation):
    list_display = ("name", "user", "default_host", "is_active")
    list_select_related = ("user", "default_host")

    def store(self, row: Counsellor, **press: Any) -> Counsellor:
        return calendar.save_counsellor(row, **press)


class OnItsOwnPage(ReadOnlyAdmin):
    """In the index of the admin, but shown and changed on a page of its own."""

    page = ""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect(self.page)


@admin.register(DutyHours)
class DutyHoursAdmin(OnItsOwnPage):
    page = "admin:booking_roster"


@admin.register(Absence)
class AbsenceAdmin(OnItsOwnPage):
    page = "admin:booking_roster"


@admin.register(Closure)
class ClosureAdmin(OnItsOwnPage):
    page = "admin:booking_year_now"


@admin.register(PolicyValue)
class PolicyValueAdmin(OnItsOwnPage):
    page = "admin:booking_policy"
