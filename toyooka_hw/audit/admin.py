"""The audit, to be read: by time, by member of staff, by subject."""

from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.site import ReadOnlyAdmin
from toyooka_hw.wording import ja_datetime


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Found by subject (a booking's number, 利用者 12) or by what was done."""

    list_display = ("when", "by", "what", "subject", "reason")
    list_filter = ("kind", "by", "subject_type")
    search_fields = ("subject", "what", "reason")
    search_help_text = _("対象（受付番号、利用者の番号など）・内容・理由で検索できます。")
    date_hierarchy = "at"
    list_select_related = ("by",)
    fields = ("when", "by", "kind", "what", "about", "changed", "reason", "door")
    readonly_fields = ("when", "about", "changed")

    @admin.display(description=_("日時"), ordering="at")
    def when(self, entry: AuditEntry) -> str:
        return ja_datetime(entry.at)

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
