"""Steps 4 to 6: the person's items, the confirm screen, and the receipt (C6-1-2, C6-1-3)."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from booking.forms import ConfirmForm, DetailsForm
from booking.links import address_of
from booking.models import Booking
from booking.operations import applications, drafts
from booking.operations.applications import Application, Details, OnlineUseRestricted, OpenBookingExists, PhoneDiffers
from booking.queries import policy_at
from booking.rules.slots import SlotRefused, span_of
from booking.views.door import is_known
from booking.views.slots import start_refused
from booking.views.steps import Progress, draft_gone, not_online, own_draft, step
from booking.views.terms import terms_changed
from consent.forms import application_label, signed
from consent.operations import ConsentMissing, Shown, TermsNotInForce
from toyooka_hw.accounts.models import Person
from toyooka_hw.wording import ja_time_span, mask_mail, show_phone


@step
def details(request: HttpRequest, progress: Progress) -> HttpResponse:
    """The person's items; whatever was typed is kept, right or wrong, also where the sign-in has ended meanwhile."""
    draft = progress.draft
    if request.method == "POST":
        drafts.keep(draft, details=DetailsForm.typed(request.POST))
    if missing := progress.missing_step():
        return redirect(missing, draft.key)
    person = cast("Person", progress.person)
    form = DetailsForm(request.POST if request.method == "POST" else None, initial=_known(progress), person=person)
    if form.is_valid():
        return redirect("apply_confirm", draft.key)
    context = {"draft": draft, "form": form, "form_errors": form.errors, "person": person, "masked_mail": mask_mail(person.email)}
    return render(request, "booking/details.html", context)


@step
def confirm(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Show everything once more; the POST is the application."""
    draft = progress.draft
    if missing := progress.missing_step():
        return redirect(missing, draft.key)
    filled = DetailsForm(draft.answers.get("details", {}), person=cast("Person", progress.person))
    if not filled.is_valid():
        return redirect("apply_details", draft.key)
    if request.method == "POST":
        return _send(request, progress, filled.details())
    label = application_label()
    context = {
        "draft": draft,
        "rows": _rows(progress, filled.details()),
        "label": label,
        "version": progress.version,
        "consent": progress.consent,
        "shown": signed(Shown(progress.version.pk, label, progress.now)),
    }
    return render(request, "booking/confirm.html", context)


@never_cache
def done(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The receipt of the request that this draft became; number and link only for its person, because browsers are shared."""
    if own_draft(request, key) is None:
        return draft_gone(request)
    booking = Booking.objects.filter(draft_key=key).first()
    if booking is None:
        return redirect("apply_confirm", key)
    identified = is_known(request, booking)
    context = {"booking": booking, "identified": identified, "personal_url": address_of(booking) if identified else ""}
    return render(request, "booking/done.html", context)


def _send(request: HttpRequest, progress: Progress, filled: Details) -> HttpResponse:
    draft, person = progress.draft, cast("Person", progress.person)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _send_again(request, progress)
    wanted = replace(filled, phone=form.cleaned_data["phone"] or filled.phone)
    try:
        applications.request(person, _application(progress, wanted, form.cleaned_data["shown"]), now=progress.now, wall=progress.wall)
    except SlotRefused as refusal:
        return start_refused(request, draft, refusal.start, refusal.reasons, now=progress.now)
    except (OpenBookingExists, OnlineUseRestricted, PhoneDiffers, TermsNotInForce, ConsentMissing) as refusal:
        return _refused(request, progress, refusal)
    return redirect("apply_done", draft.key)


def _refused(request: HttpRequest, progress: Progress, refusal: Exception) -> HttpResponse:
    """The page that tells why, and what to do next."""
    match refusal:
        case OpenBookingExists():
            return _open_booking(request, refusal.booking)
        case OnlineUseRestricted():
            return not_online(request)
        case PhoneDiffers():
            return _other_phone(request, progress)
        case _:
            return terms_changed(request, progress)


def _application(progress: Progress, wanted: Details, shown: Shown) -> Application:
    draft = progress.draft
    declared_at = datetime.fromisoformat(draft.answers["declared_at"])
    return Application(
        starts_at=draft.starts_at,
        details=wanted,
        shown=shown,
        environment_declared_at=declared_at,
        zoom_stated_at=declared_at,
        draft_key=draft.key,
    )


def _send_again(request: HttpRequest, progress: Progress) -> HttpResponse:
    messages.error(request, _("お申込みを受け付けられませんでした。内容をご確認のうえ、もう一度お申し込みください。"))
    return redirect("apply_confirm", progress.draft.key)


def _open_booking(request: HttpRequest, booking: Booking | None) -> HttpResponse:
    """One open booking per person (A16): theirs is shown, because they are signed in."""
    return render(request, "booking/open_booking.html", {"booking": booking, "personal_url": booking and address_of(booking)})


def _other_phone(request: HttpRequest, progress: Progress) -> HttpResponse:
    """The number that came along is dropped only after the refusal was told (C6-2-3c)."""
    drafts.keep(progress.draft, details={**progress.draft.answers["details"], "phone": ""})
    messages.error(
        request,
        _("登録の電話番号と異なる番号では、お申込みいただけません。電話番号の変更は、窓口でお手続きください。"),
    )
    return redirect("apply_details", progress.draft.key)


def _known(progress: Progress) -> Mapping[str, str]:
    """What was typed before; for people who return, what is on record and may be shown."""
    person = cast("Person", progress.person)
    return progress.draft.answers.get("details") or {"full_name": person.full_name, "name_kana": person.name_kana}


def _rows(progress: Progress, filled: Details) -> list[dict[str, str]]:
    """The items of the confirm screen; numbers on record stay masked, what was typed just now is shown in full."""
    draft, person = progress.draft, cast("Person", progress.person)
    change, again = reverse("apply_details", args=[draft.key]), f"{reverse('slots')}?draft={draft.key}"
    span = span_of(draft.starts_at, policy_at(progress.now))
    number = filled.job_seeker_number or (_("まだ持っていません") if filled.no_number_yet else person.masked_number)
    phone = person.masked_phone if person.phone else show_phone(filled.phone)
    rows = [
        (_("希望日時"), ja_time_span(span.start, span.end), again),
        (_("氏名"), filled.full_name, change),
        (_("ふりがな"), filled.name_kana, change),
        (_("求職番号"), number, change),
        (_("電話番号"), phone, "" if person.phone else change),
        (_("連絡先メールアドレス"), mask_mail(person.email), ""),
        (_("相談したいこと"), filled.topic, change),
        (_("通訳・介助者などの同席"), filled.companion, change),
    ]
    return [{"term": term, "text": text, "change": address} for term, text, address in rows]
