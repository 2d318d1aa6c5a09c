"""Terms that changed after the application: read and answered from the booking's page (A11, C13-x). Nobody is stopped half-way."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from booking.forms import RenewalForm
from booking.operations.sessions import PHONE_TRIES
from booking.views.door import TermsAsked, Visit, digits_match, is_known, terms_asked, visit
from booking.views.terms import read_again, recorded
from consent.forms import agreement_label, signed
from consent.operations import Shown, TermsNotInForce
from consent.queries import version_before


@visit
def terms(request: HttpRequest, here: Visit) -> HttpResponse:
    """The version in force with the change marked, and the answer to it: agree, refuse, or later."""
    asked = terms_asked(here.booking, now=here.now)
    if asked is None:
        return redirect("booking", here.token)
    known = is_known(request, here.booking)
    form = RenewalForm(request.POST if request.method == "POST" else None, version=asked.version, known=known)
    answered = form.is_valid()
    shown = form.cleaned_data.get("shown") if form.is_bound else None
    if shown and shown.version_id != asked.version.pk:
        return read_again(request, "booking_terms", here.token)
    if not answered or not (known or digits_match(form, here.booking)):
        return _page(request, here, asked, form)
    try:
        messages.success(request, recorded(here.booking.applicant, form, now=here.now))
    except TermsNotInForce:
        return read_again(request, "booking_terms", here.token)
    return redirect("booking", here.token)


def _page(request: HttpRequest, here: Visit, asked: TermsAsked, form: RenewalForm) -> HttpResponse:
    note = Shown(asked.version.pk, agreement_label(asked.version), here.now)
    context = {
        "token": here.token,
        "asked": asked,
        "version": asked.version,
        "before": version_before(asked.version),
        "is_known": is_known(request, here.booking),
        "digits_exhausted": here.booking.phone_tries >= PHONE_TRIES,
        "form": form,
        "form_errors": form.errors,
        "shown": signed(note),
    }
    return render(request, "booking/renewal.html", context)
