"""The versions of the terms: read here, changed only by their buttons."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from consent.admin import pages
from consent.admin.actions import BEFORE_ANNOUNCEMENT, standing
from consent.models import TermsDocument, TermsVersion
from consent.queries import staged, version_before
from consent.rules import Ground, Stage, placeholders
from toyooka_hw import clock
from toyooka_hw.site import ReadOnlyAdmin
from toyooka_hw.wording import ja_date, ja_datetime, reiwa

STAGES: dict[Stage, tuple[str, Any]] = {
    Stage.DRAFT: ("blue", _("下書き")),
    Stage.CHECKED: ("blue", _("確認済み")),
    Stage.ANNOUNCED: ("yellow", _("告知済み（施行前）")),
    Stage.IN_FORCE: ("green", _("現在の規約")),
    Stage.SUPERSEDED: ("gray", _("以前の規約")),
    Stage.REPLACED: ("gray", _("効力が生じる前に置き換え")),
}


class StagedList(ChangeList):
    """Puts its stage on each row of the page. One query per document."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        now, codes = clock.now(), {row.document.code for row in self.result_list}
        stages = {row.pk: stage for code in codes for row, stage in staged(code, now=now)}
        for row in self.result_list:
            row.stage = stages[row.pk]


@admin.register(TermsDocument)
class TermsDocumentAdmin(ReadOnlyAdmin):
    list_display = ("title", "code")


@admin.register(TermsVersion)
class TermsVersionAdmin(ReadOnlyAdmin):
    list_display = ("called", "number", "stage_chip", "date_shown", "effect")
    list_filter = ("document",)
    list_select_related = ("document",)
    ordering = ("document", "-number")
    change_list_template = "admin/consent/versions.html"
    change_form_template = "admin/consent/version_page.html"
    fieldsets = (
        (None, {"fields": (("document", "number"), "title", ("date_shown", "issuer"), ("effect", "announced"))}),
        (_("だれが"), {"fields": ("made", "edited", "checked", "decided", "announced_by")}),
        (_("もとのファイル"), {"fields": ("source_name", "source_sha256", "content_sha256", "is_digest")}),
    )
    readonly_fields = ("date_shown", "announced", "effect", "made", "edited", "checked", "decided")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return StagedList

    @admin.display(description=_("題名"))
    def called(self, version: TermsVersion) -> str:
        return version.name

    @admin.display(description=_("段階"))
    def stage_chip(self, version: TermsVersion) -> SafeString:
        tone, words = STAGES[version.stage]  # type: ignore[attr-defined]  # annotated by the query
        return format_html('<span class="chip chip--{}">{}</span>', tone, words)

    @admin.display(description=_("日付"), ordering="dated")
    def date_shown(self, version: TermsVersion) -> str:
        return reiwa(version.dated)

    @admin.display(description=_("告知日時"), ordering="announced_at")
    def announced(self, version: TermsVersion) -> str:
        return ja_datetime(version.announced_at) if version.announced_at else str(_("未告知"))

    @admin.display(description=_("効力発生日"), ordering="effective_at")
    def effect(self, version: TermsVersion) -> str:
        return ja_date(version.effective_at) if version.effective_at else str(_("未定"))

    @admin.display(description=_("作成"))
    def made(self, version: TermsVersion) -> str:
        return f"{version.created_by}　{ja_datetime(version.created_at)}" if version.created_at else ""

    @admin.display(description=_("空欄の記入"))
    def edited(self, version: TermsVersion) -> str:
        return f"{version.edited_by}　{ja_datetime(version.edited_at)}" if version.edited_at else ""

    @admin.display(description=_("確認"))
    def checked(self, version: TermsVersion) -> str:
        return f"{version.checked_by}　{ja_datetime(version.checked_at)}" if version.checked_at else str(_("未確認"))

    @admin.display(description=_("形式的な改正"))
    def decided(self, version: TermsVersion) -> str:
        return f"{version.editorial_by}　{ja_datetime(version.editorial_at)}　{version.editorial_reason}" if version.editorial_at else ""

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        ours = [
            path("upload/", guard(pages.upload), name="consent_upload"),
            path("upload/save/", guard(pages.save), name="consent_import"),
            path("<int:version_id>/act/<slug:name>/", guard(pages.act), name="consent_act"),
            path("<int:version_id>/comparison/<int:old_id>/", guard(pages.comparison), name="consent_comparison"),
            path("<int:version_id>/comparison/<int:old_id>/<str:key>/", guard(pages.correct), name="consent_correct"),
        ]
        return [*ours, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        return super().render_change_form(request, context | around(context["original"]), *args, **kwargs)


def around(version: TermsVersion) -> dict[str, Any]:
    """The buttons of the version, what it is compared with, and where else it can be read."""
    stage, before = pages.stage_of(version), version_before(version)
    tone, words = STAGES[stage]
    notice = getattr(version, "notice", None)
    return {
        "version": version,
        "tone": tone,
        "stage_words": words,
        "buttons": standing(version, stage).items(),
        "blanks": placeholders(version.preamble, version.parts) if stage in BEFORE_ANNOUNCEMENT else (),
        "before": before,
        "comparison_url": reverse(pages.COMPARISON, args=[version.pk, before.pk]) if before else "",
        "notice_url": reverse("admin:consent_changenotice_change", args=[notice.pk]) if notice and notice.ground != Ground.INITIAL else "",
        "is_public": version.announced_at is not None,
    }
