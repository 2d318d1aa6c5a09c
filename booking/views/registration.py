"""The personal page of one registration for a seminar, behind a signed link: how it stands, and what can be done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.forms import AnswerToTermsForm
from booking.links import registration_of
from booking.models import Registration
from booking.operations.seminars import joining, seats
from booking.operations.seminars.seats import SeatChanged
from booking.queries import people_before
from booking.rules.calendar import ONE_DAY, tokyo, tokyo_date
from booking.rules.seminars import OCCUPYING, OPEN_SEATS, OVERRUN, Seat, State
from booking.seminar_mails import calendar_of
from booking.views.personal_link import behind_link, only_pressed
from booking.views.seminar_door import doorway, go_in
from booking.views.seminars import as_file
from booking.views.steps import person_of
from booking.views.terms import read_again, recorded
from consent.forms import agreement_label, signed
from consent.operations import Shown, TermsNotInForce
from consent.queries import SEMINAR, must_agree_before_use, version_before, version_in_force


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at a registration through its personal link."""

    registration: Registration
    token: str
    now: datetime
    wall: datetime

    @property
    def may_withdraw(self) -> bool:
        row = self.registration
        return row.rule_seat in OPEN_SEATS and row.seminar.rule_state in OCCUPYING and self.now < row.seminar.ends_at

    @property
    def may_answer(self) -> bool:
        row = self.registration
        return row.answer_by is not None and self.now < row.answer_by and row.seminar.rule_state is State.PUBLISHED


VisitView = Callable[[HttpRequest, Visit], HttpResponse]


def link_ends_at(row: Registration) -> datetime:
    """The end of the seminar's day in Tokyo, with the time for which nobody is sent out."""
    return tokyo(tokyo_date(row.seminar.ends_at + OVERRUN) + ONE_DAY, time())


visit = behind_link(registration_of, link_ends_at, "seminars/link_over.html", Visit)
pressed: Callable[[VisitView], VisitView] = only_pressed("registration")


@visit
def registration(request: HttpRequest, here: Visit) -> HttpResponse:
    """State and time in words; of the person only the 受付番号 by which they appear in the meeting, of others only how many wait before them."""
    row, person = here.registration, person_of(request)
    context: dict[str, Any] = {
        "registration": row,
        "seminar": row.seminar,
        "here": here,
        "is_known": person is not None and person.pk == row.person.survivor_id,
        "before": people_before(row) if row.rule_seat is Seat.WAITING else 0,
        "must_agree": row.rule_seat in OPEN_SEATS and must_agree_before_use(row.person_id, SEMINAR, now=here.now),
        **doorway(row.seminar, row.rule_seat, now=here.now),
    }
    return render(request, "seminars/registration.html", context)


@visit
def withdraw(request: HttpRequest, here: Visit) -> HttpResponse:
    """Ask once more, then give the place back."""
    if not here.may_withdraw:
        return _moved_on(request, here)
    if request.method != "POST":
        return render(request, "seminars/withdraw.html", {"registration": here.registration, "here": here})
    try:
        seats.withdraw(here.registration.pk, now=here.now, wall=here.wall)
    except SeatChanged:
        return _moved_on(request, here)
    messages.success(request, _("参加のお申込みを取り消しました。"))
    return redirect("registration", here.token)


@visit
@pressed
def answer(request: HttpRequest, here: Visit) -> HttpResponse:
    """Take the offered seat, or leave it to the next in line."""
    choice = request.POST.get("choice")
    if choice not in ("accept", "decline"):
        return redirect("registration", here.token)
    try:
        seats.answer(here.registration.pk, accept=choice == "accept", now=here.now, wall=here.wall)
    except SeatChanged:
        return _moved_on(request, here)
    messages.success(request, _("参加が確定しました。") if choice == "accept" else _("参加されないことを承りました。"))
    return redirect("registration", here.token)


@visit
def calendar(request: HttpRequest, here: Visit) -> HttpResponse:
    """The calendar file that came with the mail, for whoever has a seat."""
    row = here.registration
    if row.rule_seat is not Seat.SEATED or row.seminar.rule_state not in OCCUPYING:
        raise Http404
    return as_file(calendar_of(row, "PUBLISH", now=here.now), row.number)


@visit
@pressed
def join(request: HttpRequest, here: Visit) -> HttpResponse:
    """Into the meeting; the press is the use that implies consent (S1-1)."""
    return go_in(
        request,
        lambda: joining.join(here.registration.pk, now=here.now),
        page=reverse("registration", args=[here.token]),
        terms=reverse("registration_terms", args=[here.token]),
    )


@visit
def terms(request: HttpRequest, here: Visit) -> HttpResponse:
    """The version in force and the answer to it, where nobody is let in before they have agreed (S9, C13-x)."""
    person, version = here.registration.person, version_in_force(SEMINAR, now=here.now)
    if version is None or not must_agree_before_use(person.pk, SEMINAR, now=here.now):
        return redirect("registration", here.token)
    form = AnswerToTermsForm(request.POST if request.method == "POST" else None, version=version)
    if not form.is_valid():
        context = {
            "token": here.token,
            "version": version,
            "before": version_before(version),
            "form": form,
            "form_errors": form.errors,
            "shown": signed(Shown(version.pk, agreement_label(version), here.now)),
        }
        return render(request, "seminars/renewal.html", context)
    try:
        messages.success(request, recorded(person, form, document=SEMINAR, now=here.now))
    except TermsNotInForce:
        return read_again(request, "registration_terms", here.token)
    return redirect("registration", here.token)


def _moved_on(request: HttpRequest, here: Visit) -> HttpResponse:
    """The registration stands elsewhere than this step expects: show where."""
    messages.warning(request, _("お申込みの状態が変わっています。最新の内容をご確認ください。"))
    return redirect("registration", here.token)
