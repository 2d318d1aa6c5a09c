"""What a signed-in job seeker has with the office: sessions and seminars to come, and those that were."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from booking.links import address_of
from booking.models import Booking, Registration
from booking.models.bookings import Kind
from booking.queries import registrations_of, sessions_of
from booking.rules.lifecycle import OPEN_STATES
from booking.rules.seminars import OCCUPYING, OPEN_SEATS
from booking.views import registration
from booking.views.door import link_ends_at
from booking.views.steps import person_of
from consent.queries import COUNSELLING, must_agree_before_use
from toyooka_hw import clock

PAST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A session as its person sees it. ``url``: where it goes on, if anywhere."""

    booking: Booking
    is_ahead: bool
    url: str


@dataclass(frozen=True, slots=True)
class Place:
    """A registration for a seminar as its person sees it. ``url``: its page, as long as that opens."""

    registration: Registration
    is_ahead: bool
    url: str


@never_cache
def mine(request: HttpRequest) -> HttpResponse:
    """Sessions of all kinds, the next one first, then the latest that were; nothing of anybody else."""
    now, person = clock.now(), person_of(request)
    rows = [_row(booking, now=now) for booking in sessions_of(person.pk)] if person else []
    ahead = [row for row in rows if row.is_ahead]
    places = [_place(row, now=now) for row in registrations_of(person.pk)] if person else []
    interviews = any(row.booking.kind == Kind.INTERVIEW for row in ahead)
    context = {
        "person": person,
        "ahead": ahead[::-1],
        "past": [row for row in rows if not row.is_ahead][:PAST_SHOWN],
        "places_ahead": [place for place in places if place.is_ahead][::-1],
        "places_past": [place for place in places if not place.is_ahead][:PAST_SHOWN],
        "must_agree": person is not None and interviews and must_agree_before_use(person.pk, COUNSELLING, now=now),
    }
    return render(request, "booking/mine.html", context)


def _row(booking: Booking, *, now: datetime) -> Row:
    ahead = booking.rule_state in OPEN_STATES and now < booking.ends_at
    return Row(booking, ahead, _url(booking, ahead=ahead, now=now))


def _place(row: Registration, *, now: datetime) -> Place:
    seminar = row.seminar
    ahead = row.rule_seat in OPEN_SEATS and seminar.rule_state in OCCUPYING and now < seminar.ends_at
    return Place(row, ahead, address_of(row) if now < registration.link_ends_at(row) else "")


def _url(booking: Booking, *, ahead: bool, now: datetime) -> str:
    """The personal link of a reserved session as long as it opens, the page of an immediate one; interviews have none."""
    if booking.kind == Kind.RESERVED:
        return address_of(booking) if now < link_ends_at(booking) else ""
    return reverse("immediate") if ahead and booking.kind == Kind.AD_HOC else ""
