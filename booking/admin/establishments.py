"""Establishments with job offers: their contacts and what these ask for; number and name corrected by an operation (C2-1d)."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from booking.admin.refusals import REFUSALS, told
from booking.models import EmployerRequest, Seminar
from booking.queries import requests_of, seminars_with
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.fields import EstablishmentNumberField
from toyooka_hw.accounts.models import Establishment, Person
from toyooka_hw.accounts.operations import correct_establishment
from toyooka_hw.site import ReadOnlyAdmin, action_page, needs

MOST = 30  # requests, and seminars, on the page


class CorrectForm(forms.Form):
    """Number and name as they stand in the ministry's system."""

    number = EstablishmentNumberField(label=_("事業所番号"))
    name = forms.CharField(label=_("事業所名"), max_length=100, error_messages={"required": _("事業所名を入力してください。")})


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on an establishment's page. The number of queries does not depend on how much there is."""

    contacts: list[Person]
    departments: list[str]
    requests: list[EmployerRequest]
    seminars: list[Seminar]


@admin.register(Establishment)
class EstablishmentAdmin(ReadOnlyAdmin):
    list_display = ("number", "name", "contact_count")
    search_fields = ("number", "name")
    search_help_text = _("事業所番号・事業所名で検索できます。")
    ordering = ("name", "number")
    fields = ("name",)
    change_form_template = "admin/accounts/establishment_page.html"

    @admin.display(description=_("人事担当者"))
    def contact_count(self, establishment: Any) -> int:
        return int(establishment.contact_count)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Establishment]:
        counted = Count("contacts", filter=Q(contacts__merged_into=None))
        return super().get_queryset(request).annotate(contact_count=counted)

    def get_urls(self) -> list[URLPattern]:
        ours = path("<int:establishment_id>/correct/", self.admin_site.admin_view(correct), name="accounts_establishment_correct")
        return [ours, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        establishment = context["original"]
        context |= {"establishment": establishment, "page": _page(establishment), "title": str(establishment), "subtitle": None}
        return super().render_change_form(request, context, *args, **kwargs)


@needs("accounts.change_establishment")
def correct(request: HttpRequest, establishment_id: int) -> HttpResponse:
    """Correct number or name for all contacts at once."""
    establishment = get_object_or_404(Establishment, pk=establishment_id)
    back = reverse("admin:accounts_establishment_change", args=[establishment.pk])
    initial = {"number": establishment.number, "name": establishment.name}
    form = CorrectForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            correct_establishment(establishment.pk, by=staff_of(request), now=clock.now(), **form.cleaned_data)
        except REFUSALS as refusal:
            form.add_error("number", told(refusal))
        else:
            messages.success(request, _("事業所の番号・名称を記録しました。"))
            return redirect(back)
    title = _("番号・名称を直す")
    return action_page(request, admin.site, title=title, submit=title, form=form, back=back, crumb=(establishment, back))


def _page(establishment: Establishment) -> Page:
    contacts = list(establishment.contacts.filter(merged_into=None).select_related("verified_by").order_by("department", "full_name", "pk"))
    departments = list(dict.fromkeys(contact.department for contact in contacts if contact.department))
    return Page(contacts, departments, list(requests_of(establishment)[:MOST]), list(seminars_with(establishment)[:MOST]))
