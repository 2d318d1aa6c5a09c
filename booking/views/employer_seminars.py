"""What an employer's contact gives with the office: how many come, never who, and their own way in (S4-4a)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.forms import AgreementForm
from booking.operations.seminars import joining
from booking.queries import given_by
from booking.views.employer import by_contact
from booking.views.seminar_door import doorway, go_in
from booking.views.terms import read_again
from consent.forms import agreement_label, signed
from consent.operations import Shown, TermsNotInForce
from consent.queries import SEMINAR, must_agree_before_use, version_in_force
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person


@by_contact
def one(request: HttpRequest, contact: Person, number: str) -> HttpResponse:
    """One event with its rules and the way in; before the first use the contact agrees to the terms here. Others' are not found."""
    now, partner = clock.now(), get_object_or_404(given_by(contact.pk), seminar__number=number)
    version = version_in_force(SEMINAR, now=now)
    context = {"partner": partner, "seminar": partner.seminar, "version": version, **doorway(partner.seminar, None, now=now)}
    if version and must_agree_before_use(contact.pk, SEMINAR, now=now):
        form = AgreementForm(request.POST if request.method == "POST" else None, version=version)
        if form.is_valid():
            return _agreed(request, partner.pk, number, form)
        shown = signed(Shown(version.pk, agreement_label(version), now))
        context |= {"form": form, "form_errors": form.errors, "shown": shown}
    return render(request, "seminars/partner.html", context)


@by_contact
def join(request: HttpRequest, contact: Person, number: str) -> HttpResponse:
    """Into the meeting."""
    partner = get_object_or_404(given_by(contact.pk), seminar__number=number)
    page = reverse("employer_seminar", args=[number])
    if request.method != "POST":
        return redirect(page)
    return go_in(request, lambda: joining.join_as_partner(partner.pk, now=clock.now()), page=page, terms=page)


def _agreed(request: HttpRequest, partner_id: int, number: str, form: AgreementForm) -> HttpResponse:
    now = clock.now()
    try:
        joining.agree_as_partner(partner_id, form.cleaned_data["shown"], now=now, zoom_stated_at=now)
    except TermsNotInForce:
        return read_again(request, "employer_seminar", number)
    messages.success(request, _("利用規約への同意を記録しました。"))
    return redirect("employer_seminar", number)
