"""What employers ask for: the list of their requests, and one page for each with all of its sessions (C0-1, A10, A18)."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from booking.admin.actions import standing
from booking.admin.buttons import Action
from booking.admin.forms import reason_field
from booking.admin.refusals import REFUSALS, told
from booking.admin.rows import zoom_state
from booking.models import Booking, CodeDelivery, EmployerRequest, Participant
from booking.models.bookings import State
from booking.operations import employers
from booking.operations.delivery import attempts
from booking.queries import employer_requests, request_with_sessions
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import Addresses, action_page, needs
from toyooka_hw.wording import ja_datetime, ja_short_datetime

PER_PAGE = 50
AT_HAND = ("arrange", "seeker", "move", "by_phone", "by_zoom", "complete", "cancel_by_user", "cancel_by_office")
FOLDED = ("reassign", "manual_link", "manual_back", "manual_deleted", "decline", "withdraw", "contact", "stop", "correct")


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody in a session, and how far the access code has come to them: never the code itself (C6-2-3a)."""

    part: Participant
    told: CodeDelivery | None
    failures: int


@dataclass(frozen=True, slots=True)
class Session:
    """One session of a request. ``delivery``: the page on which its code is told."""

    booking: Booking
    zoom: tuple[str, Any] | None
    parts: Sequence[Part]
    delivery: str
    buttons: Sequence[tuple[str, Action]]
    more: Sequence[tuple[str, Action]]


class DeclineForm(forms.Form):
    reason = reason_field(help_text=gettext_lazy("人事担当者へのメールに、このまま書かれます。"))


@dataclass(frozen=True, slots=True)
class Ending:
    """A button that ends whatever of a request is not settled yet."""

    label: Any
    does: Any
    act: Callable[..., EmployerRequest]
    form: type[forms.Form] = forms.Form


ENDINGS = {
    "decline": Ending(
        gettext_lazy("依頼をお断り"),
        gettext_lazy("日時を決めていない面接・相談を、すべてお断りします。決まっている面接は、そのままです。"),
        employers.decline_request,
        DeclineForm,
    ),
    "withdraw": Ending(
        gettext_lazy("依頼の取下げを記録"),
        gettext_lazy("人事担当者からの申出により、日時を決めていない面接・相談を、すべて取り下げます。決まっている面接は、そのままです。"),
        employers.withdraw_request,
    ),
}


@needs("booking.view_employerrequest")
@never_cache
def requests(request: HttpRequest) -> HttpResponse:
    """The list; what waits for an answer stands first. A page that is not there is the nearest one."""
    shown = Paginator(employer_requests(), PER_PAGE).get_page(request.GET.get("page", ""))
    rows = [(each, Counter(session.state for session in each.sessions.all())) for each in shown.object_list]
    page = {
        "title": _("求人者からの依頼"),
        "page": shown,
        "rows": [(each, [(state, State(state).label, count) for state, count in states.items()]) for each, states in rows],
        "now": clock.now(),
    }
    return TemplateResponse(request, "admin/booking/employer_requests.html", {**admin.site.each_context(request), **page})


@needs("booking.view_employerrequest")
@never_cache
def overview(request: HttpRequest, request_id: int) -> HttpResponse:
    """One request: what was asked for, and its sessions in the order of time."""
    asked, now = request_with_sessions(request_id), clock.now()
    if asked is None:
        raise Http404
    contact = asked.contact.merged_into or asked.contact
    page = {
        "title": _("求人者からの依頼　%(number)s") % {"number": asked.number},
        "asked": asked,
        "contact": contact,
        "facts": facts_of(asked),
        "sessions": [_session(booking, now=now) for booking in asked.sessions.all()],
        "waits": any(booking.state == State.REQUESTED for booking in asked.sessions.all()),
        "endings": ENDINGS,
        "here": request.get_full_path(),
    }
    return TemplateResponse(request, "admin/booking/employer_request.html", {**admin.site.each_context(request), **page})


@needs("booking.change_booking")
def end(request: HttpRequest, request_id: int, name: str) -> HttpResponse:
    """お断り, or 取下げを記録: whatever of the request is not settled yet, by one press."""
    asked, ending = get_object_or_404(EmployerRequest.objects.select_related("contact__establishment"), pk=request_id), ENDINGS[name]
    back = reverse("admin:booking_employer_request", args=[asked.pk])
    form = ending.form(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            ending.act(asked.pk, **form.cleaned_data, by=staff_of(request), now=clock.now(), wall=clock.wall())
        except REFUSALS as refusal:
            messages.error(request, told(refusal))
        else:
            messages.success(request, f"{asked.number} {ending.label}")
        return redirect(back)
    page = {"lead": ending.does, "facts": facts_of(asked), "grave": True, "crumb": (asked.number, back)}
    return action_page(request, admin.site, title=ending.label, form=form, submit=ending.label, back=back, **page)


def facts_of(asked: EmployerRequest) -> list[tuple[str, str]]:
    """What was asked for, without the free text."""
    contact = asked.contact.merged_into or asked.contact
    return [
        (_("受付番号"), asked.number),
        (_("ご用件"), str(asked.get_purpose_display())),
        (_("事業所"), str(contact.establishment or _("未確認（申込み：%(name)s）") % {"name": contact.stated_establishment})),
        (_("人事担当者"), str(contact)),
        (_("求人番号"), asked.job_offer_number),
        (_("人数"), _("%(count)s人") % {"count": asked.people}),
        (_("希望日時"), _("、").join(ja_short_datetime(start) for start in asked.candidates)),
        (_("申込日時"), ja_datetime(asked.requested_at)),
    ]


def _session(booking: Booking, *, now: datetime) -> Session:
    buttons = standing(booking, now=now)
    settled = booking.state == State.CONFIRMED
    return Session(
        booking=booking,
        zoom=zoom_state(booking) if settled else None,
        parts=[_part(part) for part in booking.participants.all()] if settled else [],
        delivery=reverse("admin:booking_delivery", args=[booking.pk]) if settled else "",
        buttons=[(name, buttons[name]) for name in AT_HAND if name in buttons],
        more=[(name, buttons[name]) for name in FOLDED if name in buttons],
    )


def _part(part: Participant) -> Part:
    deliveries = attempts(part)
    told = [each for each in deliveries if each.result == CodeDelivery.Result.TOLD]
    return Part(part, told[-1] if told else None, len(deliveries) - len(told))


ADDRESSES: Addresses = (
    ("employers/", requests, "booking_employer_requests"),
    ("employers/<int:request_id>/", overview, "booking_employer_request"),
    ("employers/<int:request_id>/decline/", partial(end, name="decline"), "booking_employer_decline"),
    ("employers/<int:request_id>/withdraw/", partial(end, name="withdraw"), "booking_employer_withdraw"),
)
