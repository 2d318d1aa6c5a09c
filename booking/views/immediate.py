"""Immediate sessions for those whose consent is on record (article 6-2): whether they are taken, the request, the wait."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from booking.forms import CompanionForm, ImmediateForm, storable
from booking.models import Booking, CodeDelivery
from booking.models.bookings import State
from booking.operations import bookings
from booking.operations import immediate as operations
from booking.operations.clashes import TakesPartElsewhere
from booking.operations.delivery import attempts, is_callable
from booking.operations.immediate import AlreadyWaiting, Barred, ImmediateRequest, NotTakenNow
from booking.operations.registrations import PhoneDiffers, refuse_other_phone
from booking.operations.transitions import StateChanged
from booking.queries import Bar, bar_of, free_starts, last_immediate_of, open_immediate_of, policy_at, standing_now
from booking.rules.calendar import tokyo_date
from booking.rules.office_hours import hours_of
from booking.rules.slots import Applicant
from booking.views.mailbox import forget_typed, keep_typed, typed
from booking.views.steps import not_accepting, not_online, signed_in
from booking.views.terms import read_again
from consent.forms import application_label, signed
from consent.models import TermsVersion
from consent.operations import Shown, TermsNotInForce
from consent.queries import COUNSELLING, consent_to, consents_of, version_in_force
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person, Role
from toyooka_hw.accounts.session import last_person_id
from toyooka_hw.wording import ja_short_datetime

ONE_MINUTE = timedelta(minutes=1)


@never_cache
def immediate(request: HttpRequest) -> HttpResponse:
    """Whether sessions are taken now; for whoever is signed in the request, or how theirs stands."""
    now = clock.now()
    version = version_in_force(COUNSELLING, now=now)
    if version is None:
        return not_accepting(request)
    person = signed_in(request)
    if person is None:
        return _door(request, now=now)
    booking = open_immediate_of(person.pk, now=now)
    if request.method == "POST":
        return _send(request, person, version, booking, now=now)
    if booking:
        return _status(request, person, booking, now=now)
    return _request_page(request, person, version, ImmediateForm(initial=_interrupted(request, person)), now=now)


BookingView = Callable[[HttpRequest, Person, Booking], HttpResponse]


def own_request(view: BookingView) -> Callable[[HttpRequest], HttpResponse]:
    """A button beside the request that waits or the session that is near; where there is none, the page says how it stands."""

    @never_cache
    @wraps(view)
    def wrapper(request: HttpRequest) -> HttpResponse:
        person = signed_in(request)
        booking = open_immediate_of(person.pk, now=clock.now()) if person else None
        if person is None or booking is None:
            return _moved_on(request) if request.method == "POST" else redirect("immediate")
        return view(request, person, booking)

    return wrapper


@own_request
def withdraw(request: HttpRequest, person: Person, booking: Booking) -> HttpResponse:
    """Ask once more, then take the request back that nobody has accepted yet."""
    if booking.state != State.REQUESTED:
        return _moved_on(request)
    if request.method != "POST":
        return render(request, "booking/withdraw.html", {"booking": booking, "back": reverse("immediate")})
    try:
        bookings.withdraw(booking.pk, now=clock.now(), wall=clock.wall())
    except StateChanged:
        return _moved_on(request)
    messages.success(request, _("お申込みを取り下げました。"))
    return redirect("immediate")


@own_request
def companion(request: HttpRequest, person: Person, booking: Booking) -> HttpResponse:
    """Who else takes part, said or changed until the session begins (C12-3b)."""
    if request.method != "POST":
        return redirect("immediate")
    form = CompanionForm(request.POST)
    if not form.is_valid():
        return _status(request, person, booking, form=form, now=clock.now())
    try:
        operations.declare_companion(booking.pk, form.cleaned_data["companion"], now=clock.now())
    except StateChanged:
        return _moved_on(request)
    messages.success(request, _("同席についてのご連絡を受け付けました。"))
    return redirect("immediate")


def _door(request: HttpRequest, *, now: datetime) -> HttpResponse:
    """For whoever is not signed in: how it stands, what is needed, and the way in."""
    if request.method == "POST":
        keep_typed(request, companion=storable(request.POST.get("companion", "")), companion_of=last_person_id(request))
        messages.warning(request, _("時間がたったため、もう一度ご本人のメールアドレスを確認します。お手数ですが、お選びください。"))
    return render(request, "booking/immediate.html", {"person": None, "ended": None, **_standing(None, now=now)})


def _interrupted(request: HttpRequest, person: Person) -> dict[str, str]:
    """What this person had typed when their sign-in had ended; nothing of anybody else's."""
    kept = typed(request)
    return {"companion": kept["companion"]} if kept.get("companion_of") == person.pk else {}


def _send(request: HttpRequest, person: Person, version: TermsVersion, booking: Booking | None, *, now: datetime) -> HttpResponse:
    """Where the press leads; a number that comes along is judged first, whatever else is the matter."""
    form = ImmediateForm(request.POST)
    if _brings_other_phone(person, form):
        return _other_phone(request, person, version, booking, form, now=now)
    if booking:
        return redirect("immediate")
    if not form.is_valid():
        return _request_page(request, person, version, form, now=now)
    return _request(request, person, version, form, now=now)


def _brings_other_phone(person: Person, form: ImmediateForm) -> bool:
    """Whether a number comes along that is not the one on record, or is none at all; the log has a line of it (C6-2-3c)."""
    try:
        refuse_other_phone(person, form.data["phone"] if "phone" in form.errors else form.cleaned_data.get("phone", ""))
    except PhoneDiffers:
        return True
    return False


def _other_phone(
    request: HttpRequest, person: Person, version: TermsVersion, booking: Booking | None, form: ImmediateForm, *, now: datetime
) -> HttpResponse:
    words = _("登録の電話番号と異なる番号では、お申込みいただけません。電話番号の変更は、窓口でお手続きください。")
    if booking:
        messages.error(request, words)
        return redirect("immediate")
    form.add_error(None, words)
    return _request_page(request, person, version, form, now=now)


def _request(request: HttpRequest, person: Person, version: TermsVersion, form: ImmediateForm, *, now: datetime) -> HttpResponse:
    answers = form.cleaned_data
    wish = ImmediateRequest(answers["shown"], now, answers["companion"], answers["phone"])
    try:
        operations.request(person, wish, now=now, wall=clock.wall())
    except PhoneDiffers:  # the registration changed this very moment
        return _other_phone(request, person, version, None, form, now=now)
    except TakesPartElsewhere as refusal:
        form.add_error(None, _theirs_is_near(refusal.booking))
        return _request_page(request, person, version, form, now=now)
    except NotTakenNow:
        return _request_page(request, person, version, form, now=now)
    except TermsNotInForce:
        return read_again(request, "immediate_terms")
    except (AlreadyWaiting, Barred):
        pass  # the page tells which
    forget_typed(request)
    return redirect("immediate")


def _theirs_is_near(booking: Booking) -> str:
    return _("%(at)sから、ご予約の相談または面接があります。そちらをご利用ください。") % {"at": ja_short_datetime(booking.starts_at)}


def _request_page(request: HttpRequest, person: Person, version: TermsVersion, form: ImmediateForm, *, now: datetime) -> HttpResponse:
    """What bars the person, in words, or the form; and how their last request ended."""
    bar = bar_of(person, now=now)
    if bar == Bar.RESTRICTED:
        return not_online(request)
    label = application_label()
    context = {
        "person": person,
        "bar": bar,
        "form": form,
        "form_errors": form.errors,
        "label": label,
        "shown": signed(Shown(version.pk, label, now)),
        "is_callable": is_callable(person, now=now),
        "ended": last_immediate_of(person.pk, now=now),
        **_terms(person, version, bar),
        **_standing(person, now=now),
    }
    return render(request, "booking/immediate.html", context)


def _terms(person: Person, version: TermsVersion, bar: Bar | None) -> dict[str, bool]:
    """How the person stands to the terms in force, where that is what bars them."""
    if bar not in (Bar.NOT_RECORDED, Bar.TERMS_CHANGED):
        return {"has_agreed": False, "has_refused": False}
    agreed = consent_to(version, person.pk, ad_hoc=True) is not None
    return {"has_agreed": agreed, "has_refused": not agreed and consents_of(person.pk).filter(version=version, agreed=False).exists()}


def _standing(person: Person | None, *, now: datetime) -> dict[str, Any]:
    """Whether sessions are taken now, and if not, when again, and the next time that can be reserved: by job seekers only (A10)."""
    standing, policy = standing_now(now=now), policy_at(now)
    reserves = person is None or person.role == Role.JOB_SEEKER
    applicant = Applicant(verified=bool(person and person.is_verified))
    return {
        "standing": standing,
        "policy": policy,
        "last_start": hours_of(tokyo_date(now), policy).end - timedelta(minutes=policy.slot_minutes),
        "is_employer": not reserves,
        "next_free": next(iter(free_starts(applicant, now=now)), None) if standing.closed and reserves else None,
    }


def _status(request: HttpRequest, person: Person, booking: Booking, *, now: datetime, form: CompanionForm | None = None) -> HttpResponse:
    """How the person's request stands: the wait with its clock, or the session and how its code comes; never the code (C6-2-3a)."""
    deliveries = [each for participant in booking.participants.all() for each in attempts(participant)]
    context = {
        "booking": booking,
        "person": person,
        "bar": bar_of(person, now=now),
        "is_waiting": booking.state == State.REQUESTED,
        "seconds": max(0, int((booking.answer_by - now).total_seconds())),
        "minutes": -(-(booking.answer_by - now) // ONE_MINUTE),
        "told": [each for each in deliveries if each.result == CodeDelivery.Result.TOLD],
        "failed": [each for each in deliveries if each.result == CodeDelivery.Result.NO_ANSWER],
        "is_callable": is_callable(person, now=now),
        "is_ahead": booking.state == State.REQUESTED or now < booking.starts_at,
        "form": form or CompanionForm(initial={"companion": booking.companion}),
        "form_errors": form and form.errors,
    }
    return render(request, "booking/immediate_status.html", context)


def _moved_on(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("お申込みの状態が変わっています。最新の内容をご確認ください。"))
    return redirect("immediate")
