"""The evidence of consent: looked at and printed; staff add a withdrawal or the record in the ministry's system."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from consent.admin.forms import DocumentForm
from consent.models import Consent, ConsentWithdrawal, MinistryRecord
from consent.operations import ConsentMissing, record_in_ministry_system, withdraw
from consent.queries import consents_of, ministry_records_of, withdrawals_of
from consent.refusals import told
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.models import Person
from toyooka_hw.site import ReadOnlyAdmin, action_page, needs, return_address
from toyooka_hw.wording import ja_datetime

RECORDS = "admin:consent_records"


@needs("consent.view_consent")
def records(request: HttpRequest, person_id: int) -> HttpResponse:
    """Everything one person answered, to be shown and printed."""
    person = get_object_or_404(Person, pk=person_id)
    context = {
        "title": _t("同意の記録"),
        "person": person,
        "consents": consents_of(person.pk),
        "withdrawals": withdrawals_of(person.pk),
        "ministry": ministry_records_of(person.pk),
    }
    return TemplateResponse(request, "admin/consent/records.html", {**admin.site.each_context(request), **context})


@needs("consent.add_ministryrecord")
def record_in_ministry(request: HttpRequest, person_id: int) -> HttpResponse:
    """Tick that the consent stands in the ministry's system (C6-2-1b, A4)."""
    lead = _t("この方の同意を、ハローワークシステムに記録したことを残します。")
    return _act(request, person_id, record_in_ministry_system, title=_t("ハローワークシステムへ記録済"), lead=lead)


@needs("consent.add_consentwithdrawal")
def take_back(request: HttpRequest, person_id: int) -> HttpResponse:
    """Record that the person takes the consent back."""
    lead = _t("この方から、同意を取り下げる申出があったことを記録します。記録は消せません。次に同意されるまで、お申込みはできません。")
    return _act(request, person_id, withdraw, title=_t("同意の撤回を記録"), lead=lead, grave=True)


def _act(request: HttpRequest, person_id: int, operation: Callable[..., object], *, title: str, **page: Any) -> HttpResponse:
    person = get_object_or_404(Person, pk=person_id)
    form = DocumentForm(request.POST if request.method == "POST" else None)
    records_page = reverse(RECORDS, args=[person.pk])
    back = return_address(request, records_page)
    if form.is_valid():
        try:
            operation(person, document=form.cleaned_data["document"].code, by=staff_of(request), now=clock.now())
        except ConsentMissing as refusal:
            form.add_error(None, told(refusal))
        else:
            messages.success(request, _t("%(name)s：%(title)s") % {"name": person, "title": title})
            return redirect(back)
    return action_page(request, admin.site, title=title, form=form, submit=title, back=back, crumb=(person, records_page), **page)


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """Who agreed to which text, when and how (C0-2, C0-3, C4-2)."""

    list_display = ("person", "version", "method", "agreed", "answered", "recorded_by")
    list_filter = ("method", "agreed", "version")
    list_select_related = ("person", "version__document", "recorded_by")
    search_fields = ("person__full_name",)
    ordering = ("-agreed_at",)
    fields = (
        ("person", "version"),
        ("agreed", "method"),
        "label",
        "language",
        ("shown", "answered"),
        "recorded_by",
        "based_on",
        ("zoom_terms_url", "zoom_stated"),
        "bureau",
        "content_sha256",
    )
    readonly_fields = ("shown", "answered", "zoom_stated", "bureau")
    change_form_template = "admin/consent/consent_page.html"

    @admin.display(description=_("表示日時"))
    def shown(self, consent: Consent) -> str:
        return ja_datetime(consent.shown_at)

    @admin.display(description=_("回答日時"), ordering="agreed_at")
    def answered(self, consent: Consent) -> str:
        return ja_datetime(consent.agreed_at)

    @admin.display(description=_("Zoomの規約への同意日時"))
    def zoom_stated(self, consent: Consent) -> str:
        return ja_datetime(consent.zoom_stated_at) if consent.zoom_stated_at else ""

    @admin.display(description=_("労働局のページの確認日時"))
    def bureau(self, consent: Consent) -> str:
        return ja_datetime(consent.bureau_confirmed_at) if consent.bureau_confirmed_at else ""

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        ours = [
            path("person/<int:person_id>/", guard(records), name="consent_records"),
            path("person/<int:person_id>/ministry/", guard(record_in_ministry), name="consent_ministry"),
            path("person/<int:person_id>/withdraw/", guard(take_back), name="consent_withdraw"),
        ]
        return [*ours, *super().get_urls()]


@admin.register(ConsentWithdrawal)
class ConsentWithdrawalAdmin(ReadOnlyAdmin):
    list_display = ("person", "document", "withdrawn_at", "recorded_by")
    list_select_related = ("person", "document", "recorded_by")


@admin.register(MinistryRecord)
class MinistryRecordAdmin(ReadOnlyAdmin):
    list_display = ("person", "document", "recorded_at", "recorded_by")
    list_select_related = ("person", "document", "recorded_by")
