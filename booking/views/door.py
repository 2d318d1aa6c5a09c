"""What stands behind every address of a booking's personal page: the link, its end, and what the page shows at this moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from booking.forms import CONTACT_WORDS, AnswerForm, LastDigitsForm
from booking.links import booking_of
from booking.models import Booking, ContactRecord
from booking.models.bookings import State
from booking.operations import sessions
from booking.operations.sessions import PHONE_TRIES, DigitsExhausted, WrongDigits
from booking.queries import policy_at, proposed_holds
from booking.rules.calendar import ONE_DAY, tokyo, tokyo_date
from booking.views.personal_link import behind_link, only_pressed
from booking.views.steps import signed_in
from consent.models import TermsVersion
from consent.queries import (
    COUNSELLING,
    consent_on_record,
    consent_to,
    consents_of,
    must_agree_before_use,
    version_in_force,
    withdrawals_of,
)

WAITING = (State.REQUESTED, State.PROPOSED)


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at a booking through its personal link."""

    booking: Booking
    token: str
    now: datetime
    wall: datetime


@dataclass(frozen=True, slots=True)
class TermsAsked:
    """A version that binds by now and that the booking's person has not agreed to, or not since the consent was withdrawn (A11).

    ``blocks``: no joining before they agree.
    """

    version: TermsVersion
    blocks: bool
    refused: bool
    withdrawn: bool


VisitView = Callable[[HttpRequest, Visit], HttpResponse]


def link_ends_at(booking: Booking) -> datetime:
    """The end of the session's day in Tokyo; while other times are proposed, of the last one's day."""
    last_day = max(tokyo_date(booking.starts_at), tokyo_date(booking.confirm_limit))
    return tokyo(last_day + ONE_DAY, time())


visit = behind_link(booking_of, link_ends_at, "booking/link_over.html", Visit)
pressed: Callable[[VisitView], VisitView] = only_pressed("booking")


def is_known(request: HttpRequest, booking: Booking) -> bool:
    """Whether the booking's person is signed in here, so that no digits need to be asked."""
    person = signed_in(request)
    return person is not None and person.pk == booking.applicant.survivor_id


def digits_match(form: forms.Form, booking: Booking) -> bool:
    """Whether the last digits of this valid form are the person's; if not, the form says what to do next."""
    try:
        sessions.check_digits(booking.pk, form.cleaned_data["digits"])
    except WrongDigits:
        form.add_error("digits", _("番号が一致しません。ハローワークに登録している電話番号の下4けたをご確認ください。"))
    except DigitsExhausted:
        form.add_error(None, _("入力できる回数を超えました。メールで番号を受け取るか、お電話ください。"))
    booking.refresh_from_db(fields=["phone_tries"])
    return not form.errors


def terms_asked(booking: Booking, *, now: datetime) -> TermsAsked | None:
    """What the person of a booking that still lies ahead is asked to agree to, or None."""
    if booking.state not in (*WAITING, State.CONFIRMED) or now >= booking.ends_at:
        return None
    version, person_id = version_in_force(COUNSELLING, now=now), booking.applicant_id
    if version is None or consent_to(version, person_id):
        return None
    refused = consents_of(person_id).filter(version=version, agreed=False).exists()
    withdrawn = consent_on_record(COUNSELLING, person_id) is None and withdrawals_of(person_id).filter(document=version.document).exists()
    return TermsAsked(version, must_agree_before_use(person_id, COUNSELLING, now=now), refused, withdrawn)


def answer_form(here: Visit, data: Any = None) -> AnswerForm:
    """The proposed times that can still be taken; a time whose day has begun can not."""
    spans = [hold.span for hold in proposed_holds(here.booking)]
    return AnswerForm(data, times=[(span.lower, span.upper) for span in spans if tokyo_date(span.lower) > tokyo_date(here.now)])


def page(request: HttpRequest, here: Visit, *, form: Any = None, code_form: Any = None) -> HttpResponse:
    """The booking's page; ``form`` is the one that came back with errors, of proposals or last digits."""
    booking = here.booking
    context: dict[str, Any] = {
        "booking": booking,
        "token": here.token,
        "form": form,
        "code_form": code_form,
        "form_errors": (form and form.errors) or (code_form and code_form.errors),
        "is_waiting": booking.state in WAITING,
        "is_known": is_known(request, booking),
        "terms_asked": terms_asked(booking, now=here.now),
        "answer_is_late": booking.state in WAITING and here.now >= booking.answer_by,
    }
    if booking.state == State.PROPOSED:
        context["form"] = form or answer_form(here)
    if booking.state == State.CONFIRMED:
        context |= _doorway(here, form)
    return render(request, "booking/personal.html", context)


def _doorway(here: Visit, form: Any) -> dict[str, Any]:
    """How the way into a confirmed session stands at this moment."""
    booking, now = here.booking, here.now
    policy = policy_at(now)
    opens_at = booking.starts_at - timedelta(minutes=policy.join_opens_minutes)
    grace_ends = booking.starts_at + timedelta(minutes=policy.no_contact_grace_minutes)
    contact = booking.contacts.filter(channel=ContactRecord.Channel.ONLINE).last()
    waited_for = not booking.is_by_phone and not booking.participants.filter(first_joined_at__isnull=False).exists()
    return {
        "form": form or LastDigitsForm(),
        "phase": "before" if now < opens_at else "open" if now < booking.ends_at else "over",
        "opens_at": opens_at,
        "grace_ends": grace_ends,
        "policy": policy,
        "is_late": waited_for and booking.starts_at <= now < grace_ends,
        "is_very_late": waited_for and grace_ends <= now < booking.ends_at,
        "digits_exhausted": booking.phone_tries >= PHONE_TRIES,
        "contact": contact,
        "contact_words": contact and CONTACT_WORDS[contact.meaning],
    }
