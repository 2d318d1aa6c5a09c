"""The gate of article 6-2(2): before a session the terms in force are looked at, and agreed to or refused."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from booking.forms import GateForm
from booking.queries import Bar, bar_of
from booking.views.steps import not_accepting, not_online, signed_in
from booking.views.terms import read_again, recorded
from consent.forms import agreement_label, signed
from consent.models import TermsVersion
from consent.operations import Shown, TermsNotInForce
from consent.queries import COUNSELLING, consent_on_record, consent_to, version_in_force
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person


@never_cache
def terms(request: HttpRequest, page: str) -> HttpResponse:
    """The version in force, what changed since the person agreed, and their answer, which leads back to ``page``.

    Nothing is asked of who has agreed to this very text.
    """
    now, person = clock.now(), signed_in(request)
    version = version_in_force(COUNSELLING, now=now)
    if person is None or (version and consent_to(version, person.pk, ad_hoc=True)):
        return redirect(page)
    if version is None:
        return not_accepting(request)
    if bar_of(person, now=now) == Bar.RESTRICTED:
        return not_online(request)
    form = GateForm(request.POST if request.method == "POST" else None, version=version)
    if not form.is_valid():
        return _page(request, person, version, form, back=page)
    try:
        messages.success(request, recorded(person, form, now=now))
    except TermsNotInForce:
        return read_again(request, f"{page}_terms")
    return redirect(page)


def _page(request: HttpRequest, person: Person, version: TermsVersion, form: GateForm, *, back: str) -> HttpResponse:
    before = consent_on_record(COUNSELLING, person.pk)
    notice = getattr(version, "notice", None)
    context = {
        "back": reverse(back),
        "page": back,
        "version": version,
        "before": before and before.version,
        "bureau_url": (notice and notice.bureau_url) or settings.BUREAU_URL,
        "form": form,
        "form_errors": form.errors,
        "shown": signed(Shown(version.pk, agreement_label(version), clock.now())),
    }
    return render(request, "booking/gate.html", context)
