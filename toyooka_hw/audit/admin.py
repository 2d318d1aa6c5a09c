"""The audit, to be read: by time, person of staff, subject."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.site import ReadOnlyAdmin
from toyooka_hw.wording import ja_datetime


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("when", "by", "what", "subject", "reason")
    list_filter = ("kind", "by", "subject_type")
    list_select_related = ("by",)
    search_fields = ("subject", "what")
    date_hierarchy = "at"

    @admin.display(description=_("日時"), ordering="at")
    def when(self, entry: AuditEntry) -> str:
        return ja_datetime(entry.at)
