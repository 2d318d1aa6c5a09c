"""Opening what stands masked: one POST, one line in the audit, and the value in full for a few minutes of this session."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from booking.models import Booking, EmployerRequest, Registration
from booking.operations.access import look_at_text
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.looks import open_up
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import LOOKS, look_at
from toyooka_hw.site import Addresses, return_address

TEXTS: dict[str, type[Any]] = {"text": Booking, "ask": EmployerRequest, "companion": Registration}


@require_POST
def look(request: HttpRequest, what: str, pk: int) -> HttpResponse:
    """Record the look, then show: on the page it came from, or, asked by htmx, in the very place."""
    subject = _looked_at(request, what, pk)
    open_up(request, f"{what}:{pk}", wall=clock.wall())
    back = return_address(request, _page_of(subject))
    if "HX-Request" not in request.headers:
        return redirect(back)
    context = {**admin.site.each_context(request), "here": back, "what": what, "is_text": what in TEXTS, "subject": subject}
    return TemplateResponse(request, "admin/looked.html", context)


def _looked_at(request: HttpRequest, what: str, pk: int) -> Model:
    """What is opened, once its line stands in the audit."""
    if what in TEXTS:
        _allow(request, "booking.open_free_text")
        written = get_object_or_404(TEXTS[what], pk=pk)
        look_at_text(written, by=staff_of(request), now=clock.now())
        return written
    if what not in LOOKS:
        raise Http404
    _allow(request, "accounts.open_contact")
    person = get_object_or_404(Person, pk=pk)
    look_at(person, what, by=staff_of(request), now=clock.now())
    return person


def _allow(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _page_of(subject: Model) -> str:
    """The list it stands in; what employers ask for has one of our own."""
    if isinstance(subject, EmployerRequest):
        return reverse("admin:booking_employer_requests")
    return reverse(f"admin:{subject._meta.app_label}_{subject._meta.model_name}_changelist")


ADDRESSES: Addresses = (("look/<slug:what>/<int:pk>/", look, "booking_look"),)
