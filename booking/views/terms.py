"""Step 2: the terms in force, Zoom's terms, no recording, the environment, the switch of registration (C0-2, C2-1b, C4-2, C5, C12-2)."""

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from booking.forms import AnswerToTermsForm, TermsForm
from booking.operations import drafts
from booking.views.steps import Progress, step
from consent.forms import agreement_label, signed
from consent.models import Consent
from consent.operations import Shown, TermsNotInForce, agree, refuse
from consent.queries import COUNSELLING
from toyooka_hw.accounts.models import Person


@step
def terms(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Show the version in force and take the ticks; a version that changed meanwhile is shown afresh and nothing is recorded."""
    consent = progress.consent
    if request.method != "POST":
        return _page(request, progress, consent, _empty(progress, consent))
    form = TermsForm(request.POST, version=progress.version, agreed_before=consent is not None)
    valid = form.is_valid()
    shown = form.cleaned_data.get("shown")
    if shown is None or shown.version_id != progress.version.pk:
        return terms_changed(request, progress)
    drafts.keep(progress.draft, ticked=form.ticked(), ticked_for=progress.version.pk)
    if not valid:
        return _page(request, progress, consent, form)
    try:
        return _declare(progress, shown, consent)
    except TermsNotInForce:
        return terms_changed(request, progress)


@step
def declined(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Whoever does not agree is shown the other ways (C1-1); nothing is recorded."""
    return render(request, "booking/declined_terms.html", {"draft": progress.draft})


def terms_changed(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Back to the terms of an application: another version binds than the one that was read (C13-0)."""
    return read_again(request, "apply_terms", progress.draft.key)


def read_again(request: HttpRequest, page: str, *key: object) -> HttpResponse:
    """To the page with the version in force; nothing was recorded of the answer to another one (C13-0)."""
    messages.warning(request, _("利用規約が新しくなりました。お手数ですが、新しい利用規約をご確認ください。"))
    return redirect(page, *key)


def recorded(person: Person, form: AnswerToTermsForm, *, document: str = COUNSELLING, now: datetime) -> str:
    """Record the answer of this valid form; what to tell the person then. Raises TermsNotInForce."""
    shown = form.cleaned_data["shown"]
    if form.refuses:
        refuse(person, shown, document=document, now=now)
        return _("同意されないことを承りました。")
    bureau = now if form.cleaned_data.get("bureau") else None
    agree(person, shown, document=document, now=now, zoom_stated_at=now, bureau_confirmed_at=bureau)
    return _("利用規約への同意を記録しました。")


def _declare(progress: Progress, shown: Shown, consent: Consent | None) -> HttpResponse:
    """Keep the declarations; the consent itself is recorded as soon as the person is known."""
    draft, person = progress.draft, progress.person
    with transaction.atomic():
        if person and not consent:
            agree(person, shown, document=COUNSELLING, now=progress.now, zoom_stated_at=progress.now)
        drafts.keep(
            draft,
            declared_to=progress.version.pk,
            declared_at=progress.now.isoformat(),
            shown=None if person else [shown.version_id, shown.label, shown.at.isoformat()],
        )
        if person:
            drafts.belongs_to(draft, person)
    return redirect("apply_details" if person else "apply_email", draft.key)


def _empty(progress: Progress, consent: Consent | None) -> TermsForm:
    """An unticked form, or one with the boxes that were ticked for this very version."""
    answers = progress.draft.answers
    same = answers.get("ticked_for") == progress.version.pk
    initial = dict.fromkeys(answers["ticked"], True) if same else {}
    return TermsForm(initial=initial, version=progress.version, agreed_before=consent is not None)


def _page(request: HttpRequest, progress: Progress, consent: Consent | None, form: TermsForm) -> HttpResponse:
    note = Shown(progress.version.pk, agreement_label(progress.version), progress.now)
    context = {
        "draft": progress.draft,
        "version": progress.version,
        "consent": consent,
        "form": form,
        "form_errors": form.errors,
        "shown": signed(note),
    }
    return render(request, "booking/terms.html", context)
