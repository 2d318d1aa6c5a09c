"""Immediate sessions (article 6-2): who stands by, which requests wait, who takes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from booking.admin.refusals import REFUSALS, told
from booking.admin.rows import Clock, minutes_and_seconds, zoom_state
from booking.models import Booking, Counsellor, Participant
from booking.models.bookings import Kind
from booking.operations import immediate
from booking.operations.delivery import is_told
from booking.queries import Asked, Waiting, asked_in_short, immediate_under_way, waiting_immediate, waiting_in_short, warnings, watch_now
from booking.queries.inbox import Known, known_of, person_of
from booking.rules.immediate import Closed, Standing, Watch
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.models import Person, UsageRestriction
from toyooka_hw.site import Addresses, needs

DESK = "admin:booking_desk"
POLLED = "X-Poll"
CLOSED_WORDS = {
    Closed.CLOSED_DAY: gettext_lazy("閉庁日のため、受け付けていません。"),
    Closed.OUTSIDE_HOURS: gettext_lazy("開庁時間の外のため、受け付けていません。"),
    Closed.NOBODY: gettext_lazy("受付中の担当者がいないため、受け付けていません。"),
    Closed.QUEUE: gettext_lazy("受付中で手の空いている担当者と同じ数の方がお待ちのため、新しい申込みは受け付けていません。"),
    Closed.BUSY: gettext_lazy("受付中の担当者かZoomホストがふさがっているため、受け付けていません。"),
}


@dataclass(frozen=True, slots=True)
class Seat:
    """A counsellor at the desk. ``may_switch``: whether whoever looks may switch them."""

    counsellor: Counsellor
    watch: Watch
    is_mine: bool
    may_switch: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A request that waits, with what staff must know to decide."""

    booking: Booking
    part: Participant
    person: Person
    clock: Clock
    held: int
    no_contact: int
    restriction: UsageRestriction | None


@dataclass(frozen=True, slots=True)
class Session:
    """An accepted session whose end nobody has recorded. ``is_told``: whether the code has reached the person."""

    booking: Booking
    zoom: tuple[str, Any]
    is_told: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything on the page, as one member of staff sees it. The number of queries does not depend on the number of rows."""

    now: datetime
    standing: Standing
    closed: Any
    seats: Sequence[Seat]
    waiting: Sequence[Row]
    sessions: Sequence[Session]

    @property
    def mine(self) -> Seat | None:
        """The seat of whoever looks; None for those who do not counsel."""
        return next((seat for seat in self.seats if seat.is_mine), None)

    @property
    def takers(self) -> list[Seat]:
        """Colleagues who could take a request now."""
        return [seat for seat in self.seats if seat.watch.kept_by is None and not seat.is_mine]


@needs("booking.view_booking")
@never_cache
def desk(request: HttpRequest) -> HttpResponse:
    """The page; a poll gets only the parts that change."""
    shown = gather(request, now=clock.now())
    context = {**admin.site.each_context(request), "title": _("いますぐの相談"), "desk": shown, "here": request.get_full_path()}
    context["warnings"] = warnings(now=shown.now)
    if POLLED not in request.headers:
        return TemplateResponse(request, "admin/booking/desk.html", context)
    return TemplateResponse(request, "admin/booking/desk_parts.html", context, headers={POLLED: "1"})


def gather(request: HttpRequest, *, now: datetime) -> Desk:
    """The desk as it stands at this moment for whoever asks."""
    standing, watches = watch_now(now=now)
    found = list(waiting_immediate(now=now))
    known = known_of(found, now=now)
    return Desk(
        now=now,
        standing=standing,
        closed=CLOSED_WORDS[standing.closed] if standing.closed else "",
        seats=[_seat(request, *each) for each in watches],
        waiting=[_row(booking, known, now=now) for booking in found],
        sessions=[_session(booking, now=now) for booking in immediate_under_way()],
    )


@dataclass(frozen=True, slots=True)
class Pointer:
    """What the other pages of the day say of the desk: how many wait, and how long the first of them still does; and of employers' requests."""

    waiting: Waiting
    clock: Clock | None
    asked: Asked
    asked_is_late: bool


def pointer(*, now: datetime) -> Pointer:
    """The pointer at this moment. Two queries."""
    waiting, asked = waiting_in_short(now=now), asked_in_short()
    is_late = asked.until is not None and asked.until <= now
    return Pointer(waiting, _clock(waiting.until, now) if waiting.until else None, asked, is_late)


@needs("booking.change_booking")
@require_POST
def switch(request: HttpRequest, counsellor_id: int) -> HttpResponse:
    """受付中 or 休止, for oneself; for others only by a manager."""
    counsellor = get_object_or_404(Counsellor, pk=counsellor_id, is_active=True)
    on = request.POST.get("on") == "yes"
    try:
        immediate.switch(counsellor.pk, on=on, by=staff_of(request), now=clock.now())
    except REFUSALS as refusal:
        messages.error(request, told(refusal))
    else:
        done = _("%(name)sさんを、受付中にしました。") if on else _("%(name)sさんを、休止にしました。")
        messages.success(request, done % {"name": counsellor})
    return redirect(DESK)


@needs("booking.change_booking")
@require_POST
def accept(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Take a request for a counsellor's next half hour; whoever takes it goes on to tell the code."""
    booking = get_object_or_404(Booking.objects.select_related("applicant"), pk=booking_id, kind=Kind.AD_HOC)
    asked = request.POST.get("counsellor", "")
    takers = Counsellor.objects.filter(is_active=True, pk=asked if asked.isascii() and asked.isdecimal() and len(asked) < 18 else 0)
    counsellor = get_object_or_404(takers)
    by = staff_of(request)
    try:
        immediate.accept(booking.pk, counsellor=counsellor.pk, by=by, now=clock.now(), wall=clock.wall())
    except REFUSALS as refusal:
        messages.error(request, f"{booking.number} {booking.applicant}：{told(refusal)}")
        return redirect(DESK)
    if counsellor.user_id != by.pk:
        messages.success(request, _("%(name)sさんが担当します。番号は、担当者がお伝えします。") % {"name": counsellor})
        return redirect(DESK)
    messages.success(request, _("申込みを受け付けました。番号をお伝えしてください。"))
    return redirect(reverse("admin:booking_delivery", args=[booking.pk]))


def _seat(request: HttpRequest, counsellor: Counsellor, watch: Watch) -> Seat:
    is_mine = counsellor.user_id == request.user.pk
    may_switch = request.user.has_perm("booking.change_booking") and (is_mine or request.user.has_perm("booking.change_counsellor"))
    return Seat(counsellor, watch, is_mine, may_switch)


def _row(booking: Booking, known: Known, *, now: datetime) -> Row:
    person = person_of(booking)
    return Row(
        booking=booking,
        part=booking.participants.all()[0],
        person=person,
        clock=_clock(booking.answer_by, now),
        held=known.held.get(person.pk, 0),
        no_contact=known.no_contact.get(person.pk, 0),
        restriction=known.restrictions.get(person.pk),
    )


def _clock(until: datetime, now: datetime) -> Clock:
    return Clock(until, minutes_and_seconds(until - now))


def _session(booking: Booking, *, now: datetime) -> Session:
    return Session(booking, zoom_state(booking), all(is_told(each) for each in booking.participants.all()), now >= booking.ends_at)


ADDRESSES: Addresses = (
    ("desk/", desk, "booking_desk"),
    ("desk/switch/<int:counsellor_id>/", switch, "booking_standby"),
    ("desk/<int:booking_id>/accept/", accept, "booking_accept"),
)
