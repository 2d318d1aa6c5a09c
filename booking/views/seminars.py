"""Seminars and company tours in public: the list, each one's page, and its calendar file (S0-1, S2-1, S4-4b, S4-5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from booking.calendar_entry import calendar_file
from booking.models import Seminar
from booking.queries import public_seminar, upcoming_seminars
from booking.rules import seminars as rule
from booking.rules.interval import Interval
from booking.rules.seminars import OCCUPYING, Closed, Room
from booking.views.seminar_forms import FilterForm
from consent.queries import SEMINAR, version_in_force
from toyooka_hw import clock


@dataclass(frozen=True, slots=True)
class Card:
    """A seminar as everybody sees it. ``closed``: why nobody can register now; ``is_over``: it is no more, however that came."""

    seminar: Seminar
    room: Room
    closed: Closed | None
    is_over: bool

    @property
    def length(self) -> timedelta:
        return self.seminar.ends_at - self.seminar.starts_at

    @property
    def establishments(self) -> list[str]:
        """Who gives it with the office, by the name of the establishment; of whoever speaks for it nothing."""
        names = [str(partner.contact.establishment or "") for partner in self.seminar.partners.all()]
        return list(dict.fromkeys(filter(None, names)))


def seminars(request: HttpRequest) -> HttpResponse:
    """What lies ahead, by kind, and by whether a seat can still be had."""
    now, form = clock.now(), FilterForm(request.GET)
    chosen = form.chosen()
    context = {
        "form": form,
        "cards": [card_of(seminar, now=now) for seminar in upcoming_seminars(now=now, **chosen)],
        "is_chosen": any(chosen.values()),
        "not_accepting": version_in_force(SEMINAR, now=now) is None,
    }
    return render(request, "seminars/seminars.html", context)


def seminar(request: HttpRequest, number: str) -> HttpResponse:
    """One of them, also once it is over or does not take place; what was never published is not found."""
    now, row = clock.now(), found(number)
    version = version_in_force(SEMINAR, now=now)
    context = {"seminar": row, "card": card_of(row, now=now), "not_accepting": version is None, "version": version}
    return render(request, "seminars/seminar.html", context)


def calendar(request: HttpRequest, number: str) -> HttpResponse:
    """The calendar file for whoever is interested; nothing in it is anybody's own."""
    row = found(number)
    if row.rule_state not in OCCUPYING:
        raise Http404
    address = settings.PORTAL_URL + reverse("seminar", args=[number])
    uid, span = f"seminar-{number}", Interval(row.starts_at, row.ends_at)
    file = calendar_file(uid, row.events.count(), span, summary=row.title, address=address, method="PUBLISH", now=clock.now())
    return as_file(file, number)


def found(number: str) -> Seminar:
    """The seminar of this number, or Http404."""
    row = public_seminar(number)
    if row is None:
        raise Http404
    return row


def card_of(seminar: Seminar, *, now: datetime) -> Card:
    """How a seminar of the public query stands now."""
    taken, waiting = seminar.taken, seminar.waiting  # type: ignore[attr-defined]  # annotated by the query
    is_over = seminar.rule_state not in OCCUPYING or now >= seminar.ends_at
    closed = rule.closed(seminar.rule_state, seminar.times, now=now)
    if closed is None and rule.seat_for(seminar.capacity, taken, waiting, seminar.waiting_places) is None:
        closed = Closed.FULL
    return Card(seminar, rule.room(seminar.capacity, taken, waiting), closed, is_over)


def as_file(entry: str, number: str) -> HttpResponse:
    """A calendar entry to be downloaded."""
    headers = {"Content-Disposition": f'attachment; filename="seminar-{number}.ics"'}
    return HttpResponse(entry, content_type="text/calendar; charset=utf-8", headers=headers)
