"""Requests that wait for an answer, the most urgent first; what people wrote about confirmed sessions; what is still to be recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Window
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from booking.admin import declining
from booking.admin.actions import standing
from booking.admin.buttons import Action
from booking.admin.desk import pointer
from booking.admin.rows import time_left
from booking.models import Booking
from booking.models.bookings import Eligibility, State
from booking.queries import to_be_switched, unverified_contacts
from booking.queries.inbox import Known, expired, known_of, noticed, person_of, to_be_recorded, waiting
from booking.rules.requests import Request, is_plain
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person, UsageRestriction
from toyooka_hw.accounts.queries import Duplicate
from toyooka_hw.site import Addresses, needs
from toyooka_hw.wording import mask_number, mask_phone

PER_PAGE = 50
MOST = 50  # of each of the lists below the requests
POLLED = "X-Poll"
AT_HAND = ("confirm", "accept", "refuse", "propose", "decline")  # the buttons of a row that are seen at once; the others fold away
FOLDED = ("check", "adopt", "contact", "release", "withdraw")
NOTICED = ("cancel_by_user", "move", "contact", "cancel_by_office")
Buttons = Sequence[tuple[str, Action]]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that a request states differently from the registration, both masked."""

    label: Any
    registered: str
    stated: str

    @property
    def is_hidden(self) -> bool:
        """Whether the mask covers the very part that differs."""
        return self.registered == self.stated


@dataclass(frozen=True, slots=True)
class Row:
    """One request with what staff must know to decide. ``plain``: nothing speaks against confirming it as it is."""

    booking: Booking
    person: Person
    answer: str
    limit: str
    is_late: bool
    held: int
    no_contact: int
    duplicates: Sequence[Duplicate]
    restriction: UsageRestriction | None
    differences: Sequence[Difference]
    plain: bool
    buttons: Buttons
    more: Buttons

    @property
    def is_returning(self) -> bool:
        """Whether this person has had a session, or missed one."""
        return bool(self.held or self.no_contact)


class First(list[Any]):
    """The first rows of a list; ``total``: how many there are in all."""

    total = 0


@dataclass(frozen=True, slots=True)
class Inbox:
    """Everything on the page. The number of queries does not depend on the number of rows."""

    now: datetime
    waiting: Page[Booking]
    rows: Sequence[Row]
    noticed: First  # of pairs: a booking and its buttons
    expired: First
    to_verify: First  # of employers' contacts
    to_switch: First  # of people
    to_record: First


@needs("booking.view_booking")
@never_cache
def inbox(request: HttpRequest) -> HttpResponse:
    """The page; a poll gets only the parts that change."""
    here, now = request.get_full_path(), clock.now()
    shown = gather(request.GET.get("page", ""), now=now)
    context = {**admin.site.each_context(request), "title": _("受付"), "inbox": shown, "here": here, "pointer": pointer(now=now)}
    if POLLED not in request.headers:
        return TemplateResponse(request, "admin/booking/inbox.html", context)
    return TemplateResponse(request, "admin/booking/inbox_parts.html", context, headers={POLLED: "1"})


def gather(page: str, *, now: datetime) -> Inbox:
    """The inbox as it stands at this moment; a page that is not there is the nearest one."""
    shown = Paginator(waiting(), PER_PAGE).get_page(page)
    known = known_of(shown.object_list, now=now)
    return Inbox(
        now=now,
        waiting=shown,
        rows=[_row(booking, known, now=now) for booking in shown.object_list],
        noticed=_with_buttons(_first(noticed(now=now)), NOTICED, now=now),
        expired=_with_buttons(_first(expired(now=now)), ("reinstate",), now=now),
        to_verify=_first(unverified_contacts()),
        to_switch=_first(to_be_switched()),
        to_record=_first(to_be_recorded(now=now)),
    )


def _row(booking: Booking, known: Known, *, now: datetime) -> Row:
    person = person_of(booking)
    differences = _differences(booking, person)
    restriction, duplicates = known.restrictions.get(person.pk), known.duplicates.get(person.pk, [])
    answer = _("お返事の%(left)s") if booking.state == State.PROPOSED else _("回答%(left)s")
    buttons = standing(booking, now=now)
    return Row(
        booking=booking,
        person=person,
        answer=answer % {"left": time_left(booking.answer_by, now=now)},
        limit=_("確定%(left)s") % {"left": time_left(booking.confirm_limit, now=now)},
        is_late=now >= booking.answer_by,
        held=known.held.get(person.pk, 0),
        no_contact=known.no_contact.get(person.pk, 0),
        duplicates=duplicates,
        restriction=restriction,
        differences=differences,
        plain=not (differences or restriction or duplicates) and _is_plain(booking, person, now=now),
        buttons=_chosen(buttons, AT_HAND),
        more=_chosen(buttons, FOLDED),
    )


def _is_plain(booking: Booking, person: Person, *, now: datetime) -> bool:
    request = Request(
        state=booking.rule_state,
        starts_at=booking.starts_at,
        verified=person.is_verified,
        numbered=bool(person.job_seeker_number),
        eligible=booking.eligibility in (Eligibility.UNCHECKED, Eligibility.REGISTERED),
        held=bool(booking.holds.all()),
        contacted=bool(booking.contacts.all()),
    )
    return is_plain(request, now=now)


def _differences(booking: Booking, person: Person) -> list[Difference]:
    """Only a verified person has a registration that something can differ from. The phone of the first request is never the one on record."""
    found = []
    if booking.stated_name:
        found.append(Difference(_("氏名"), person.full_name, booking.stated_name))
    if booking.stated_number:
        stored = mask_number(person.job_seeker_number) if person.job_seeker_number else _("なし")
        found.append(Difference(_("求職番号"), stored, mask_number(booking.stated_number)))
    if person.registered_phone and person.stated_phone not in ("", person.registered_phone):
        found.append(Difference(_("電話番号"), mask_phone(person.registered_phone), mask_phone(person.stated_phone)))
    return found


def _first(rows: QuerySet[Any]) -> First:
    """The first rows with the number of all, in one query."""
    found = First(rows.annotate(of=Window(Count("*")))[:MOST])
    found.total = found[0].of if found else 0
    return found


def _with_buttons(bookings: First, names: Sequence[str], *, now: datetime) -> First:
    pairs = First((booking, _chosen(standing(booking, now=now), names)) for booking in bookings)
    pairs.total = bookings.total
    return pairs


def _chosen(buttons: dict[str, Action], names: Sequence[str]) -> Buttons:
    return [(name, buttons[name]) for name in names if name in buttons]


ADDRESSES: Addresses = (("inbox/", inbox, "booking_inbox"), *declining.ADDRESSES)
