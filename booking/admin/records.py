"""Rows that the portal keeps for itself, to be looked at: what occupies whom, and the meetings at Zoom."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from booking.models import Hold, Meeting
from booking.models.bookings import Kind
from toyooka_hw.site import ReadOnlyAdmin
from toyooka_hw.wording import ja_time_span


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = ("time", "counsellor", "host", "kind", "occasion")
    list_filter = ("kind", "counsellor")
    list_select_related = ("counsellor", "host", "booking", "seminar")
    ordering = ("-span",)
    fields = ("time", "counsellor", "host", "kind", "occasion")
    readonly_fields = ("time", "occasion")

    @admin.display(description=_("時間"), ordering="span")
    def time(self, hold: Hold) -> str:
        return ja_time_span(hold.span.lower, hold.span.upper)

    @admin.display(description=_("予約・催し"))
    def occasion(self, hold: Hold) -> str:
        return str(hold.booking or hold.seminar or "")


@admin.register(Meeting)
class MeetingAdmin(ReadOnlyAdmin):
    """Neither the address nor the passcode is shown: whoever takes part goes in by a button. The id only of reservations (C6-2-3a)."""

    list_display = ("occasion", "outbox_state", "attempts", "ready_at", "removed_at", "manual_at", "last_error")
    list_filter = ("outbox_state",)
    list_select_related = ("booking", "seminar")
    ordering = ("-pk",)
    fields = (
        "occasion",
        "meeting_id",
        "host_email",
        "outbox_state",
        "attempts",
        "next_try_at",
        "ready_at",
        "removed_at",
        "manual_at",
        "manual_by",
        "to_delete_by_hand",
        "last_error",
    )
    readonly_fields = ("occasion",)
    change_form_template = "admin/booking/meeting_page.html"

    @admin.display(description=_("予約・催し"))
    def occasion(self, meeting: Meeting) -> str:
        return str(meeting.occasion)

    def get_fields(self, request: HttpRequest, obj: Meeting | None = None) -> Any:
        reserved = obj is not None and (obj.booking is None or obj.booking.kind == Kind.RESERVED)
        return [name for name in self.fields if reserved or name != "meeting_id"]
