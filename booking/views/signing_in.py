"""Signing in by a six-digit code, outside of an application: for immediate sessions, one's own page, and employers.

The door says what for, and so in which role. No answer ever tells whether an address is known.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from booking.forms import CodeForm, EmailForm, LastDigitsForm, storable
from booking.views.mailbox import INTERRUPTED, email_form, forget_typed, keep_typed, owns, proves, sends_code, typed
from booking.views.steps import signed_in
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person, Role
from toyooka_hw.accounts.operations import person_of_mailbox, survivor_of
from toyooka_hw.accounts.session import sign_in


@dataclass(frozen=True, slots=True)
class Door:
    """What somebody signs in for: in which role, the page it leads to, and what is said of it. ``number``: of the seminar it is about.

    ``before``: the page that led here, where it is another.
    """

    key: str
    role: Role
    page: str
    lead: Promise
    before: str = ""
    number: str = ""

    @property
    def mail_page(self) -> str:
        return reverse("sign_in", args=[self.key])

    @property
    def address(self) -> str:
        """Where it leads."""
        return reverse(self.page, args=[self.number] if self.number else [])

    @property
    def back(self) -> str:
        """Where whoever turns round comes from."""
        return reverse(self.before or self.page, args=[self.number] if self.number else [])


_SEEKER, _EMPLOYER = _("求職者の方のお手続きです。"), _("求人者（事業所の人事担当者）の方のお手続きです。")
DOORS = {
    door.key: door
    for door in (
        Door("immediate", Role.JOB_SEEKER, "immediate", _SEEKER),
        Door("immediate-employer", Role.EMPLOYER_CONTACT, "immediate", _EMPLOYER),
        Door("mine", Role.JOB_SEEKER, "mine", _SEEKER),
        Door("employer", Role.EMPLOYER_CONTACT, "employer", _EMPLOYER),
    )
}

_SEMINARS = Door("seminar", Role.JOB_SEEKER, "seminar_register", _SEEKER, before="seminar")

DoorView = Callable[[HttpRequest, Door], HttpResponse]


def at_door(view: DoorView) -> Callable[[HttpRequest, str], HttpResponse]:
    """A step at one of the doors; whoever is signed in there already goes on to its page. Never cached."""

    @never_cache
    @wraps(view)
    def wrapper(request: HttpRequest, door: str) -> HttpResponse:
        here, person = _door(door), signed_in(request)
        return redirect(here.address) if person and person.role == here.role else view(request, here)

    return wrapper


def seminar_door(number: str) -> str:
    """The name of the door that leads to registering for this seminar."""
    return f"{_SEMINARS.key}-{number}"


def _door(key: str) -> Door:
    kind, _dash, number = key.partition("-")
    found = DOORS.get(key) or (replace(_SEMINARS, key=key, number=number) if kind == _SEMINARS.key and number else None)
    if found is None:
        raise Http404
    return found


@at_door
def email(request: HttpRequest, door: Door) -> HttpResponse:
    """Ask for the mailbox and send the code there."""
    if request.method != "POST":
        return _email_page(request, door, email_form({"email": typed(request).get("email", "")}))
    form = email_form(None, request.POST)
    keep_typed(request, email=storable(request.POST.get("email", "")))
    if not (form.is_valid() and sends_code(request, form, now=clock.now(), wall=clock.wall())):
        return _email_page(request, door, form)
    keep_typed(request, sent_to=form.cleaned_data["email"])
    return redirect("sign_in_code", door.key)


@at_door
def code(request: HttpRequest, door: Door) -> HttpResponse:
    """Take the code: the person of this role and mailbox is signed in."""
    address = typed(request).get("sent_to")
    if not address:
        return redirect("sign_in", door.key)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and proves(form, address, wall=clock.wall()):
        return _signed_in(request, door, address)
    return _page(request, "booking/code.html", door, form, address=address)


@at_door
def owner(request: HttpRequest, door: Door) -> HttpResponse:
    """Whoever proved a mailbox that staff typed gives the last digits of the phone on record, once."""
    address = typed(request).get(_proven_for(door))
    if not address:
        return redirect("sign_in", door.key)
    form = LastDigitsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        now = clock.now()
        person = person_of_mailbox(address, now=now, role=door.role)
        if owns(form, person, now=now):
            return _welcome(request, door, survivor_of(person))
    return _page(request, "booking/owner.html", door, form)


def _signed_in(request: HttpRequest, door: Door, address: str) -> HttpResponse:
    """Sign in whose mailbox this is; where staff typed it, its owner has to be told from a stranger first."""
    person = person_of_mailbox(address, now=clock.now(), role=door.role)
    if not person.awaits_owner:
        return _welcome(request, door, person)
    keep_typed(request, **{_proven_for(door): address})
    return redirect("sign_in_owner", door.key)


def _proven_for(door: Door) -> str:
    """The name under which the session keeps the mailbox that was proven: for this role only."""
    return f"owner_of_{door.role}"


def _welcome(request: HttpRequest, door: Door, person: Person) -> HttpResponse:
    forget_typed(request, but=INTERRUPTED)
    sign_in(request, person, wall=clock.wall())
    return redirect(door.address)


def _email_page(request: HttpRequest, door: Door, form: EmailForm) -> HttpResponse:
    return _page(request, "booking/email.html", door, form, back=door.back, known_mail="")


def _page(request: HttpRequest, template: str, door: Door, form: forms.Form, **words: str) -> HttpResponse:
    """One of the screens that the application's third step has too; they stand in no row of steps here."""
    context = {"form": form, "form_errors": form.errors, "step": 0, "lead": door.lead, "back": door.mail_page, **words}
    return render(request, template, context)
