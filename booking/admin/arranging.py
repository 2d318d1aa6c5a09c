"""Settling interviews: the job seeker is found, then time, counsellor and consent are settled; later another one may take the place."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.admin.actions import ACTIONS
from booking.admin.arrange_form import GUIDED, ArrangeForm, ReplaceForm, SeekerForm
from booking.admin.finding import found_people
from booking.admin.interviews import facts_of
from booking.admin.refusals import REFUSALS, told
from booking.models import Booking, Counsellor, EmployerRequest
from booking.models.bookings import Kind
from booking.operations import interviews
from booking.operations.interviews import Arrangement
from booking.operations.invitations import SeekerWanted
from booking.operations.press import Press
from booking.operations.transitions import StateChanged, changed, last_line
from booking.queries import is_invited
from consent.forms import signed
from consent.models import TermsVersion
from consent.operations import Shown
from consent.queries import COUNSELLING, consent_to, version_in_force
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.models import Person, Role
from toyooka_hw.site import Addresses, action_page, needs
from toyooka_hw.wording import ja_short_datetime

REQUEST_PAGE = "admin:booking_employer_request"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is settled (the button's name in ``ACTIONS``): a session of a request, or one more of it where ``booking`` is None.

    ``seeker``: the job seeker that the address names; None before one is chosen, and for a consultation.
    """

    name: str
    asked: EmployerRequest
    booking: Booking | None
    seeker: Person | None
    now: datetime

    @property
    def title(self) -> Any:
        return ACTIONS[self.name].label if self.booking else _("面接を追加")

    @property
    def back(self) -> str:
        return reverse(REQUEST_PAGE, args=[self.asked.pk])

    @property
    def needs_seeker(self) -> bool:
        return self.asked.purpose != EmployerRequest.Purpose.CONSULTATION

    @property
    def version(self) -> TermsVersion | None:
        return version_in_force(COUNSELLING, now=self.now)


@needs("booking.change_booking")
def settle(request: HttpRequest, booking_id: int, name: str) -> HttpResponse:
    """日時を決める, or 求職者を替える: of a session that the employer asked for."""
    rows = Booking.objects.select_related("employer_request__contact__establishment")
    booking, now = get_object_or_404(rows, pk=booking_id, kind=Kind.INTERVIEW), clock.now()
    asked = booking.employer_request
    assert asked is not None  # the constraint interview_was_asked_for
    occasion = Occasion(name, asked, booking, _seeker(request), now)
    if not ACTIONS[name].stands(booking, now=now):
        return _refused(request, occasion, changed(booking))
    if name == "seeker" and not occasion.needs_seeker:
        return _refused(request, occasion, SeekerWanted())
    return _settled(request, occasion)


@needs("booking.change_booking")
def add(request: HttpRequest, request_id: int) -> HttpResponse:
    """面接を追加: one more session of the same request."""
    asked = get_object_or_404(EmployerRequest.objects.select_related("contact__establishment"), pk=request_id)
    return _settled(request, Occasion("arrange", asked, None, _seeker(request), clock.now()))


def _settled(request: HttpRequest, occasion: Occasion) -> HttpResponse:
    """Find the job seeker, show the form, or do what it says."""
    if occasion.needs_seeker and occasion.seeker is None:
        return _find(request, occasion)
    form = _form(request, occasion)
    if made := _made_before(form):
        return _told(request, occasion, made)
    if form.is_valid():
        try:
            booking = _do(occasion, form, Press(staff_of(request), occasion.now, clock.wall()))
        except StateChanged as refusal:
            return _refused(request, occasion, refusal)
        except REFUSALS as refusal:
            form.add_error(None, told(refusal))
        else:
            return _told(request, occasion, booking)
    return _page(request, form, occasion)


def _find(request: HttpRequest, occasion: Occasion) -> HttpResponse:
    """Choose the job seeker, as in the entry of a booking."""
    asked, people = found_people(request, Person.objects.filter(role=Role.JOB_SEEKER, merged_into=None))
    page = {
        "title": occasion.title,
        "lead": _("面接に参加する求職者を選んでください。"),
        "choose": _("この方を選ぶ"),
        "asked": asked,
        "found": [(person, f"?{urlencode({'seeker': person.pk})}") for person in people],
        "facts": facts_of(occasion.asked),
        "back": occasion.back,
        "crumb": (occasion.asked.number, occasion.back),
    }
    return TemplateResponse(request, "admin/booking/find_page.html", {**admin.site.each_context(request), **page})


def _form(request: HttpRequest, occasion: Occasion) -> SeekerForm:
    seeker, version = occasion.seeker, occasion.version
    fresh = {
        "shown": _note(occasion),
        "key": uuid4(),
        "seen": last_line(occasion.booking.pk) if occasion.booking else None,
        "counsellor": Counsellor.objects.filter(user=staff_of(request), is_active=True).first(),
    }
    asked_for: dict[str, Any] = {
        "seeker": seeker,
        "consented": seeker is not None and version is not None and consent_to(version, seeker.pk) is not None,
        "twice": seeker is not None and is_invited(seeker.pk, occasion.asked.pk),
    }
    data = request.POST if request.method == "POST" else None
    if occasion.name == "seeker":
        return ReplaceForm(data, initial=fresh, **asked_for)
    return ArrangeForm(data, initial=fresh, asked=occasion.asked, now=occasion.now, **asked_for)


def _made_before(form: SeekerForm) -> Booking | None:
    """The session that an earlier press of this very form added; its time, taken by now, is no fault of the second press."""
    if not form.is_bound:
        return None
    form.full_clean()
    key = form.cleaned_data.get("key")
    return Booking.objects.filter(draft_key=key, kind=Kind.INTERVIEW).first() if key else None


def _note(occasion: Occasion) -> str:
    """The version that staff tell, as the form carries it; empty where none is in force, which the operation refuses."""
    version = occasion.version
    return signed(Shown(version.pk, str(GUIDED), occasion.now)) if version else ""


def _do(occasion: Occasion, form: SeekerForm, press: Press) -> Booking:
    filled, seeker = form.cleaned_data, form.seeker
    if occasion.booking and occasion.name == "seeker":
        assert seeker is not None  # without one the page asks for them
        said = {"reason": filled["reason"], "seen": filled["seen"]}
        return interviews.replace_seeker(occasion.booking.pk, seeker, **said, by=press.by, **press.clocks)
    wanted = Arrangement(
        start=filled["start"],
        seeker=seeker,
        counsellor=filled["counsellor"] and filled["counsellor"].pk,
        host=filled["host"] and filled["host"].pk,
        reason=filled["reason"],
        seen=filled["seen"],
    )
    if occasion.booking:
        return interviews.arrange(occasion.booking.pk, wanted, by=press.by, **press.clocks)
    return interviews.add_session(occasion.asked.pk, wanted, key=filled["key"], by=press.by, **press.clocks)


def _page(request: HttpRequest, form: SeekerForm, occasion: Occasion) -> HttpResponse:
    read, version = (form.cleaned_data.get("shown") if form.is_bound else None), occasion.version
    if form.is_bound and "shown" in form.fields and (read is None or version is None or read.version_id != version.pk):
        form.ask_again(_note(occasion))
    seeker = occasion.seeker
    page = {
        "title": occasion.title,
        "submit": occasion.title,
        "facts": [*facts_of(occasion.asked), (_("求職者"), str(seeker) if seeker else "")],
        "person": seeker,
        "crumb": (occasion.asked.number, occasion.back),
    }
    return action_page(request, admin.site, form=form, back=occasion.back, **page)


def _told(request: HttpRequest, occasion: Occasion, booking: Booking) -> HttpResponse:
    """Back to the request, with what was done, and who still has to be told by phone."""
    done = f"{booking.number} {ja_short_datetime(booking.starts_at)}：{ACTIONS[occasion.name].done}"
    silent = [str(part.person) for part in booking.participants.select_related("person") if not part.person.email]
    names = {"names": _("、").join(silent)}
    how = _("メールアドレスがない方には、電話でお知らせください：%(names)s") % names if silent else _("メールでお知らせします。")
    messages.success(request, f"{done}{how}")
    return redirect(occasion.back)


def _refused(request: HttpRequest, occasion: Occasion, refusal: Exception) -> HttpResponse:
    messages.error(request, told(refusal))
    return redirect(occasion.back)


def _seeker(request: HttpRequest) -> Person | None:
    """The job seeker whom the address names; nonsense names nobody."""
    named = request.GET.get("seeker", "")
    known = named.isascii() and named.isdecimal() and len(named) < 18
    return get_object_or_404(Person, pk=named, role=Role.JOB_SEEKER, merged_into=None) if known else None


ADDRESSES: Addresses = (
    ("<int:booking_id>/arrange/", partial(settle, name="arrange"), "booking_interview_arrange"),
    ("<int:booking_id>/seeker/", partial(settle, name="seeker"), "booking_interview_seeker"),
    ("employers/<int:request_id>/add/", add, "booking_interview_add"),
)
