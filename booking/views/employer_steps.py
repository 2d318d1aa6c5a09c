"""What stands behind the forms of an employer's contact: who asks, and what has to come first."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from booking.rules.calendar import tokyo_date
from booking.views.opened import OpenedForm, keep, key_for, sign_in_again
from booking.views.steps import contact_of, not_accepting, not_online
from consent.forms import application_label, signed
from consent.models import TermsVersion
from consent.operations import Shown
from consent.queries import COUNSELLING, consent_to, version_in_force
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.queries import restriction_of

FormView = Callable[[HttpRequest, Person, datetime], HttpResponse]


def by_agreed_contact(view: FormView) -> Callable[[HttpRequest], HttpResponse]:
    """A form of a contact who has said where they work and agreed to the terms in force.

    What was posted is kept first: whoever's sign-in has ended meanwhile finds it after signing in again. Never cached.
    """

    @never_cache
    @wraps(view)
    def wrapper(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            keep(request)
        now, contact = clock.now(), contact_of(request)
        if contact is None:
            return sign_in_again(request, "employer")
        return _missing(request, contact, now=now) or view(request, contact, now)

    return wrapper


def form_context(request: HttpRequest, contact: Person, form: OpenedForm, *, now: datetime) -> dict[str, Any]:
    """What every such form shows: itself, the terms agreed to, and what the press implies (C0-3)."""
    version, label = cast("TermsVersion", version_in_force(COUNSELLING, now=now)), application_label()
    return {
        "contact": contact,
        "form": form,
        "form_errors": form.errors,
        "label": label,
        "shown": signed(Shown(version.pk, label, now)),
        "key": key_for(request, contact),
        "consent": consent_to(version, contact.pk),
        "version": version,
    }


def _missing(request: HttpRequest, contact: Person, *, now: datetime) -> HttpResponse | None:
    """The page that has to come first, if any."""
    version = version_in_force(COUNSELLING, now=now)
    if version is None:
        return not_accepting(request)
    if contact.has_left:
        return redirect("employer")
    if not contact.establishment_number:
        return redirect("employer_contact")
    if restriction_of([contact.pk], on=tokyo_date(now)):
        return not_online(request)
    return None if consent_to(version, contact.pk) else redirect("employer_terms")
