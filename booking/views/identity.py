"""Step 3: proving the mailbox by a six-digit code; signing out. No answer ever tells whether an address is known."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.forms import CodeForm, EmailForm, LastDigitsForm, storable
from booking.operations import drafts
from booking.views.mailbox import email_form, forget_typed, owns, proves, sends_code
from booking.views.opened import forget_kept
from booking.views.slots import uuid_of
from booking.views.steps import Progress, forget_drafts, own_draft, step
from booking.views.terms import terms_changed
from consent.operations import Shown, TermsNotInForce, agree
from consent.queries import COUNSELLING
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import person_of_mailbox, survivor_of
from toyooka_hw.accounts.session import sign_in
from toyooka_hw.accounts.session import sign_out as end_sign_in
from toyooka_hw.wording import mask_mail


@step
def email(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Ask for the mailbox and send the code there; whoever is signed in already only says so."""
    draft = progress.draft
    if not progress.declared:
        return redirect("apply_terms", draft.key)
    if progress.person:
        return _as_signed_in(request, progress)
    if request.method != "POST":
        return _email_page(request, progress, email_form({"email": draft.answers.get("email", "")}))
    form = email_form(None, request.POST)
    drafts.keep(draft, email=storable(request.POST.get("email", "")))
    if form.is_valid() and _sent(request, form, progress):
        return redirect("apply_code", draft.key)
    return _email_page(request, progress, form)


@step
def code(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Take the code: the person is signed in, the draft is theirs, and the terms ticked before become their consent."""
    address = progress.draft.answers.get("code_sent_to")
    if not progress.declared or not address:
        return redirect("apply_email", progress.draft.key)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and proves(form, address, wall=progress.wall):
        return _signed_in(request, progress, address)
    context = {"form": form, "form_errors": form.errors, "address": address, **_place(progress, back="apply_email")}
    return render(request, "booking/code.html", context)


@step
def owner(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Whoever proved a mailbox that staff typed gives the last digits of the phone on record, once; until then nothing of it is shown."""
    address = progress.draft.answers.get("owner_of")
    if not progress.declared or not address:
        return redirect("apply_email", progress.draft.key)
    form = LastDigitsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        person = person_of_mailbox(address, now=progress.now)
        if owns(form, person, now=progress.now):
            return _welcome(request, progress, survivor_of(person))
    context = {"form": form, "form_errors": form.errors, **_place(progress, back="apply_email")}
    return render(request, "booking/owner.html", context)


def sign_out(request: HttpRequest) -> HttpResponse:
    """End the sign-in; the draft named in the form goes on with another mailbox."""
    if request.method != "POST":
        return redirect("top")
    draft = own_draft(request, uuid_of(request.POST.get("draft")))
    end_sign_in(request)
    forget_drafts(request, but=draft)
    forget_typed(request)
    forget_kept(request)
    if draft:
        return redirect("apply_email", draft.key)
    messages.success(request, _("この端末での利用を終了しました。"))
    return redirect("top")


def _sent(request: HttpRequest, form: EmailForm, progress: Progress) -> bool:
    """Send the code and keep in the draft where it went."""
    if not sends_code(request, form, now=progress.now, wall=progress.wall):
        return False
    drafts.keep(progress.draft, code_sent_to=form.cleaned_data["email"])
    return True


def _signed_in(request: HttpRequest, progress: Progress, address: str) -> HttpResponse:
    """Sign in whose mailbox this is; where staff typed it, its owner has to be told from a stranger first."""
    person = person_of_mailbox(address, now=progress.now)
    if person.awaits_owner:
        drafts.keep(progress.draft, owner_of=address)
        return redirect("apply_owner", progress.draft.key)
    return _welcome(request, progress, person)


def _welcome(request: HttpRequest, progress: Progress, person: Person) -> HttpResponse:
    with transaction.atomic():
        drafts.belongs_to(progress.draft, person)
        sign_in(request, person, wall=progress.wall)
        agreed = _agreed(progress, person)
    return redirect("apply_details", progress.draft.key) if agreed else terms_changed(request, progress)


def _agreed(progress: Progress, person: Person) -> bool:
    """Record the consent that was ticked before the person was known; False where other terms bind by now."""
    shown = progress.draft.answers.get("shown")
    if shown is None:
        return True
    version_id, label, at = shown
    note = Shown(version_id, label, datetime.fromisoformat(at))
    stated_at = datetime.fromisoformat(progress.draft.answers["declared_at"])
    try:
        agree(person, note, document=COUNSELLING, now=progress.now, zoom_stated_at=stated_at)
    except TermsNotInForce:
        return False
    return True


def _as_signed_in(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Go on as the person who is signed in, or show who that is and how to use another mailbox."""
    person = progress.person
    if request.method == "POST" and person:
        drafts.belongs_to(progress.draft, person)
        return redirect("apply_details", progress.draft.key)
    return render(request, "booking/signed_in.html", {"draft": progress.draft, "masked_mail": mask_mail(person.email if person else "")})


def _email_page(request: HttpRequest, progress: Progress, form: EmailForm) -> HttpResponse:
    known = progress.draft.person
    context = {"form": form, "form_errors": form.errors, "known_mail": mask_mail(known.email) if known else ""}
    return render(request, "booking/email.html", context | _place(progress, back="apply_terms"))


def _place(progress: Progress, *, back: str) -> dict[str, Any]:
    """Where these screens stand in an application, and where they lead back to."""
    return {"step": 3, "lead": "", "back": reverse(back, args=[progress.draft.key])}
