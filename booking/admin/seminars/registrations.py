"""Those who registered for a seminar, in the order in which they came: their seat or place in the waiting list, and what may be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from booking.admin.readiness import MAIL_CHIPS, Chip
from booking.admin.seminars.facts import crumb_of, facts_of
from booking.admin.seminars.seat_actions import SeatAction, standing
from booking.models import Registration, Seminar
from booking.queries import latest_mails, registrations_for
from booking.rules.calls import Delivery
from booking.rules.seminars import OPEN_SEATS, TAKING, Seat, State
from toyooka_hw import clock
from toyooka_hw.site import Addresses, needs

NO_MAIL: Chip = ("yellow", gettext_lazy("メールなし（電話）"))


@dataclass(frozen=True, slots=True)
class Row:
    """One registration. ``place``: where it stands in the waiting list, from 1."""

    registration: Registration
    place: int | None
    mail: Chip
    buttons: Sequence[tuple[str, SeatAction]]


@needs("booking.view_seminar")
@never_cache
def registrations(request: HttpRequest, seminar_id: int) -> HttpResponse:
    """The list; those who are no longer expected stand below. The number of queries does not depend on how many there are."""
    seminar = get_object_or_404(Seminar.objects.select_related("counsellor"), pk=seminar_id)
    rows = rows_of(seminar, now=clock.now())
    expected = [row for row in rows if row.registration.rule_seat in OPEN_SEATS]
    page = {
        "title": _("参加申込み　%(title)s") % {"title": seminar.title},
        "seminar": seminar,
        "crumb": crumb_of(seminar),
        "facts": facts_of(seminar),
        "expected": expected,
        "others": [row for row in rows if row not in expected],
        "taken": sum(row.registration.rule_seat in TAKING for row in expected),
        "waiting": sum(row.place is not None for row in expected),
        "may_accept": seminar.rule_state is State.PUBLISHED,
        "here": request.get_full_path(),
    }
    return TemplateResponse(request, "admin/booking/seminar_people.html", {**admin.site.each_context(request), **page})


def rows_of(seminar: Seminar, *, now: datetime) -> list[Row]:
    """The registrations as the page shows them. Two queries."""
    found = registrations_for(seminar)
    mails = latest_mails(seminar)
    waiting = (row.pk for row in found if row.rule_seat is Seat.WAITING)
    places = {pk: place for place, pk in enumerate(waiting, start=1)}
    return [
        Row(
            registration=row,
            place=places.get(row.pk),
            mail=MAIL_CHIPS[mails.get(str(row.pk), Delivery.NONE)] if row.reader.email else NO_MAIL,
            buttons=list(standing(row, now=now).items()),
        )
        for row in found
    ]


ADDRESSES: Addresses = (("<int:seminar_id>/people/", registrations, "booking_seminar_people"),)
