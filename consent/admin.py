"""The terms and the evidence of consent: looked at only."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from consent.models import ChangeNotice, Consent, ConsentWithdrawal, MinistryRecord, TermsDocument, TermsVersion
from toyooka_hw.site import ReadOnlyAdmin
from toyooka_hw.wording import ja_datetime, reiwa


@admin.register(TermsDocument)
class TermsDocumentAdmin(ReadOnlyAdmin):
    list_display = ("title", "code")


@admin.register(TermsVersion)
class TermsVersionAdmin(ReadOnlyAdmin):
    """The versions; the text itself is read on the public page."""

    list_display = ("document", "number", "date_shown", "effect", "is_digest")
    list_filter = ("document",)
    list_select_related = ("document",)
    ordering = ("document", "-number")
    fields = ("document", "number", "date_shown", "issuer", "text", "announced", "effect", "editorial", "is_digest", "content_sha256")
    readonly_fields = ("date_shown", "text", "announced", "effect")

    @admin.display(description=_("日付"), ordering="dated")
    def date_shown(self, version: TermsVersion) -> str:
        return reiwa(version.dated)

    @admin.display(description=_("告知日時"), ordering="announced_at")
    def announced(self, version: TermsVersion) -> str:
        return ja_datetime(version.announced_at) if version.announced_at else str(_("未告知"))

    @admin.display(description=_("効力発生日時"), ordering="effective_at")
    def effect(self, version: TermsVersion) -> str:
        return ja_datetime(version.effective_at) if version.effective_at else str(_("未定"))

    @admin.display(description=_("本文"))
    def text(self, version: TermsVersion) -> SafeString:
        address = reverse("terms_version", args=[version.document.code, version.number])
        return format_html('<a href="{}">{}</a>', address, _("公開ページで読む"))


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """Who agreed to which text, when and how (C0-2, C0-3, C4-2)."""

    list_display = ("person", "version", "method", "agreed", "answered", "recorded_by")
    list_filter = ("method", "version")
    list_select_related = ("person", "version__document", "recorded_by")
    search_fields = ("person__full_name",)
    ordering = ("-agreed_at",)
    fields = (
        "person",
        "version",
        "method",
        "label",
        "language",
        "shown",
        "agreed",
        "answered",
        "recorded_by",
        "zoom_terms_url",
        "content_sha256",
    )
    readonly_fields = ("shown", "answered")

    @admin.display(description=_("表示日時"))
    def shown(self, consent: Consent) -> str:
        return ja_datetime(consent.shown_at)

    @admin.display(description=_("回答日時"), ordering="agreed_at")
    def answered(self, consent: Consent) -> str:
        return ja_datetime(consent.agreed_at)


@admin.register(ConsentWithdrawal)
class ConsentWithdrawalAdmin(ReadOnlyAdmin):
    list_display = ("person", "document", "withdrawn_at", "recorded_by")
    list_select_related = ("person", "document", "recorded_by")


@admin.register(MinistryRecord)
class MinistryRecordAdmin(ReadOnlyAdmin):
    list_display = ("person", "document", "recorded_at", "recorded_by")
    list_select_related = ("person", "document", "recorded_by")


@admin.register(ChangeNotice)
class ChangeNoticeAdmin(ReadOnlyAdmin):
    list_display = ("version", "ground", "announced_by")
    list_select_related = ("version__document", "announced_by")
