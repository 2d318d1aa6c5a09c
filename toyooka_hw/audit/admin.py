"""The audit, to be read: by time, by member of staff, by subject."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.site import ReadOnlyAdmin
from toyooka_hw.wording import ja_datetime


class SubjectFilter(admin.SimpleListFilter):
    """By what kind of thing it was done to, named as staff know it."""

    title = _("対象の種類")
    parameter_name = "subject_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = AuditEntry.objects.order_by("subject_type").values_list("subject_type", flat=True).distinct()
        return sorted(((label, _name(label)) for label in found), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(subject_type=self.value()) if self.value() else queryset


def _name(label: str) -> str:
    """The kind of row in words; its label where the portal no longer knows it."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except LookupError:
        return label


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Found by subject (a booking's number, 利用者 12) or by what was done."""

    list_display = ("when", "doer", "what", "subject", "reason")
    list_filter = ("kind", "by", SubjectFilter)
    linked_by = ("subject_pk",)  # the history of a row
    search_fields = ("subject", "what", "reason")
    search_help_text = _("対象（受付番号、利用者の番号など）・内容・理由で検索できます。")
    date_hierarchy = "at"
    list_select_related = ("by",)
    fields = ("when", "doer", "kind", "what", "about", "changed", "reason", "door")
    readonly_fields = ("when", "doer", "about", "changed")

    @admin.display(description=_("日時"), ordering="at")
    def when(self, entry: AuditEntry) -> str:
        return ja_datetime(entry.at)

    @admin.display(description=_("職員"), ordering="by")
    def doer(self, entry: AuditEntry) -> str:
        return str(entry.by or _("システム"))

    @admin.display(description=_("対象"))
    def about(self, entry: AuditEntry) -> SafeString:
        """The subject, with the way to its page where it has one."""
        try:
            address = reverse(f"admin:{entry.subject_type.replace('.', '_')}_change", args=[entry.subject_pk])
        except NoReverseMatch:
            return format_html("{}", entry.subject)
        return format_html('<a href="{}">{}</a>', address, entry.subject)

    @admin.display(description=_("変更点"))
    def changed(self, entry: AuditEntry) -> SafeString:
        """Field, before, after."""
        if not entry.changes:
            return format_html("{}", _("なし"))
        rows = format_html_join(
            "",
            '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>',
            ((field, before or _("（空欄）"), after or _("（空欄）")) for field, (before, after) in entry.changes.items()),
        )
        head = format_html(
            '<thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th></tr></thead>',
            _("項目"),
            _("変更前"),
            _("変更後"),
        )
        return format_html("<table>{}<tbody>{}</tbody></table>", head, rows)
