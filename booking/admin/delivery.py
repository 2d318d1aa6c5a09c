"""Telling the code of an immediate session or an interview: the one page on which meeting id and passcode stand (C6-2-3).

They are in the answer to one press of the counsellor in charge, never in a page that can be asked for by its address.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from booking.admin.actions import standing
from booking.admin.buttons import Action
from booking.admin.refusals import REFUSALS, told
from booking.admin.rows import Call, calls_of, may_enter, zoom_state
from booking.models import Booking, CodeDelivery, Meeting, Participant
from booking.models.bookings import State
from booking.operations import delivery, presence
from booking.operations.transitions import ParticipantGone
from booking.queries import policy_at, session_with_people
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.site import Addresses, needs

POLLED = "X-Poll"
ENDS = (
    "by_phone",
    "by_zoom",
    "manual_link",
    "complete",
    "stop",
    "cancel_by_user",
    "cancel_by_office",
)  # the buttons of the booking that stand on this page
Route, Result = CodeDelivery.Route, CodeDelivery.Result


@dataclass(frozen=True, slots=True)
class Part:
    """One person in the session: how the code may reach them, what was tried, and the text for their My Page once the code is open."""

    part: Participant
    person: Person
    mypage: Any
    may_be_called: bool
    is_told: bool
    should_close: bool
    letter: str
    calls: Sequence[Call]


@dataclass(frozen=True, slots=True)
class Page:
    """The session as the counsellor in charge sees it. ``is_open``: it is not over, so that its code may still be told."""

    now: datetime
    booking: Booking
    zoom: tuple[str, Any]
    meeting: Meeting | None
    parts: Sequence[Part]
    buttons: Sequence[tuple[str, Action]]
    is_open: bool
    may_enter: bool

    @property
    def is_ready(self) -> bool:
        """Whether the meeting stands for the session's present time and host."""
        return self.zoom[0] == "green"


@needs("booking.change_booking")
@never_cache
def page(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Who is in the session and what was told to whom, without the code; a poll gets only the parts that change."""
    return _answer(request, _session_of(booking_id))


@needs("booking.change_booking")
@never_cache
@require_POST
def code(request: HttpRequest, booking_id: int) -> HttpResponse:
    """The same page with the code; each look is a line of the audit."""
    booking = _session_of(booking_id)
    try:
        meeting = delivery.open_code(booking.pk, by=staff_of(request), now=clock.now())
    except REFUSALS as refusal:
        messages.error(request, told(refusal))
        return _back(booking)
    return _answer(request, booking, meeting)


def _tell(route: str, result: str) -> Callable[[Participant, User, datetime], object]:
    return lambda part, by, now: delivery.record_delivery(part.pk, route, result, by=by, now=now)


PRESSES: Mapping[str, tuple[Any, Callable[[Participant, User, datetime], object]]] = {
    "mypage": (
        gettext_lazy("マイページでお伝えしたことを記録しました。"),
        lambda part, by, now: delivery.record_delivery(part.pk, delivery.mypage_of(part), Result.TOLD, by=by, now=now),
    ),
    "reached": (gettext_lazy("電話でお伝えしたことを記録しました。"), _tell(Route.CALLBACK_PHONE, Result.TOLD)),
    "no_answer": (gettext_lazy("不在だったことを記録しました。"), _tell(Route.CALLBACK_PHONE, Result.NO_ANSWER)),
    "wrong_person": (gettext_lazy("別の方が出たことを記録しました。"), _tell(Route.CALLBACK_PHONE, Result.WRONG_PERSON)),
    "identity": (
        gettext_lazy("本人確認を記録しました。"),
        lambda part, by, now: presence.check_identity(part.pk, by=by, now=now),
    ),
    "arrived": (
        gettext_lazy("参加されたことを記録しました。"),
        lambda part, by, now: presence.note_arrival(part.booking_id, participant=part.pk, by=by, now=now),
    ),
}


@needs("booking.change_booking")
@require_POST
def press(request: HttpRequest, booking_id: int, participant_id: int, name: str) -> HttpResponse:
    """One press about one person of the session, who may have been replaced since the page was opened."""
    booking = _session_of(booking_id)
    part = next((each for each in booking.participants.all() if each.pk == participant_id), None)
    if name not in PRESSES:
        raise Http404
    done, act = PRESSES[name]
    try:
        if part is None:
            raise ParticipantGone
        act(part, staff_of(request), clock.now())
    except REFUSALS as refusal:
        messages.error(request, f"{part.person}：{told(refusal)}" if part else told(refusal))
    else:
        messages.success(request, f"{part.person}：{done}")
    return _back(booking)


def _session_of(booking_id: int) -> Booking:
    booking = session_with_people(booking_id)
    if booking is None:
        raise Http404
    return booking


def _back(booking: Booking) -> HttpResponse:
    return redirect(reverse("admin:booking_delivery", args=[booking.pk]))


def _answer(request: HttpRequest, booking: Booking, meeting: Meeting | None = None) -> HttpResponse:
    context: dict[str, Any] = {**admin.site.each_context(request), "title": _("番号の伝達"), "booking": booking}
    if booking.counsellor is None or booking.counsellor.user_id != request.user.pk:
        return TemplateResponse(request, "admin/booking/delivery_closed.html", context, status=403)
    shown = gather(booking, meeting, now=clock.now())
    context |= {"delivery": shown, "here": reverse("admin:booking_delivery", args=[booking.pk])}
    if POLLED not in request.headers:
        return TemplateResponse(request, "admin/booking/delivery.html", context)
    return TemplateResponse(request, "admin/booking/delivery_parts.html", context, headers={POLLED: "1"})


def gather(booking: Booking, meeting: Meeting | None, *, now: datetime) -> Page:
    """The page at this moment. ``meeting``: what ``open_code`` gave; without it there is nothing of the code on the page."""
    buttons = standing(booking, now=now)
    return Page(
        now=now,
        booking=booking,
        zoom=zoom_state(booking),
        meeting=meeting,
        parts=[_part(part, booking, meeting, now=now) for part in booking.participants.all()],
        buttons=[(name, buttons[name]) for name in ENDS if name in buttons],
        is_open=booking.state == State.CONFIRMED and now < booking.ends_at,
        may_enter=may_enter(booking, policy_at(now), now=now),
    )


def _part(part: Participant, booking: Booking, meeting: Meeting | None, *, now: datetime) -> Part:
    return Part(
        part=part,
        person=part.person.merged_into or part.person,
        mypage=Route(delivery.mypage_of(part)).label,
        may_be_called=Route.CALLBACK_PHONE in delivery.routes_of(part, now=now),
        is_told=delivery.is_told(part),
        should_close=delivery.closing_is_proposed(part),
        letter=_letter(part, booking, meeting) if meeting else "",
        calls=[call for call in calls_of(booking, now=now) if call.person == (part.person.merged_into or part.person)],
    )


def _letter(part: Participant, booking: Booking, meeting: Meeting) -> str:
    """The text that is pasted into the person's My Page."""
    words = {"part": part, "booking": booking, "meeting": meeting, "office_name": settings.OFFICE_NAME}
    return render_to_string("admin/booking/delivery_letter.txt", words).strip()


ADDRESSES: Addresses = (
    ("<int:booking_id>/delivery/", page, "booking_delivery"),
    ("<int:booking_id>/delivery/code/", code, "booking_code"),
    ("<int:booking_id>/delivery/<int:participant_id>/<slug:name>/", press, "booking_delivery_press"),
)
