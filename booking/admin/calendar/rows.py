"""The rows behind the roster and the calendar: counsellors and hosts are edited here, the rest on pages of its own."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from booking.models import Absence, Closure, Counsellor, DutyHours, PolicyValue, ZoomHost
from booking.operations import calendar
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
    list_display = ("name", "email", "is_active")

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
