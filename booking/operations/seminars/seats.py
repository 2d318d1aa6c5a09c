"""Seats: registering, waiting, being offered a seat and answering, withdrawing. Every step holds the seminar's lock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from booking import seminar_mails as mails
from booking.models import Registration, RegistrationEvent, Seminar
from booking.operations.applications import Details, remember
from booking.operations.numbers import free_number
from booking.operations.registrations import refuse_other_phone
from booking.operations.seminars.steps import locked
from booking.rules import seminars as rule
from booking.rules.calendar import tokyo_date
from booking.rules.seminars import OPEN_SEATS, TAKING, Closed, Queued, Seat, State
from consent.models import Method
from consent.operations import Shown, agree
from consent.queries import SEMINAR
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import locked_survivor
from toyooka_hw.accounts.queries import restriction_of
from toyooka_hw.audit import operations as audit
from toyooka_hw.sweep import each


class RegistrationClosed(Exception):
    """Nobody can register now; ``why`` says which of the moments it is."""

    def __init__(self, why: Closed) -> None:
        super().__init__(str(why))
        self.why = why


class AlreadyRegistered(Exception):
    """The person has a registration that stands."""

    def __init__(self, registration: Registration) -> None:
        super().__init__("one registration per person")
        self.registration = registration


class RemovedBefore(Exception):
    """The office stopped the person's participation in this very event (S8-2)."""


class RegistrationRestricted(Exception):
    """A recorded decision keeps the person from the online channel; the office's other ways stay open."""


class SeatChanged(Exception):
    """The registration is no longer in the state this step starts from."""

    def __init__(self, registration: Registration) -> None:
        super().__init__(f"registration {registration.pk} is {registration.seat}")
        self.registration = registration


@dataclass(frozen=True, slots=True)
class Sheet:
    """What comes with the press. ``shown``: the terms as they stood on the page; ``key``: belongs to the opened form.

    ``full_name`` and ``phone`` (E.164): what the person states; what is on record stays, as in an application.
    """

    shown: Shown
    key: UUID
    companion: str = ""
    zoom_stated_at: datetime | None = None
    full_name: str = ""
    phone: str = ""
    environment_declared_at: datetime | None = None


def register(
    person: Person,
    seminar_id: int,
    sheet: Sheet,
    *,
    now: datetime,
    wall: datetime,
    by: User | None = None,
    method: Method = Method.CHECKBOX,
) -> Registration:
    """Take a seat, or the next place in the waiting list; the same ``sheet.key`` again is the same registration (S1-1, S3-7).

    ``by``: staff who write down what somebody said by phone or at the counter, with the ``method`` of the consent. Raises RegistrationClosed,
    AlreadyRegistered, RemovedBefore, RegistrationRestricted, PhoneDiffers, TermsNotInForce. Nothing is half-saved.
    """
    with transaction.atomic():
        seminar = locked(seminar_id)
        person = locked_survivor(person.pk)
        if same := Registration.objects.filter(_of(person), draft_key=sheet.key).first():
            return same
        _refuse(person, seminar, now=now)
        refuse_other_phone(person, sheet.phone)
        consent = agree(person, sheet.shown, document=SEMINAR, now=now, method=method, by=by, zoom_stated_at=sheet.zoom_stated_at)
        queue = queue_of(seminar)
        seat = rule.seat_for(seminar.capacity, _count(queue, TAKING), _count(queue, {Seat.WAITING}), seminar.waiting_places)
        if seat is None:
            raise RegistrationClosed(Closed.FULL)
        row = Registration(
            seminar=seminar,
            person=person,
            number=free_number(),
            consent=consent,
            seat=seat.value,
            registered_at=now,
            changed_at=now,
            by_staff=by,
            companion=sheet.companion.strip(),
            environment_declared_at=sheet.environment_declared_at,
            draft_key=sheet.key,
        )
        row.save()
        if sheet.full_name:
            remember(person, Details(sheet.full_name, sheet.phone))
        note(row, before="", now=now, by=by, by_person=by is None)
        mails.registered(row, now=now, wall=wall)
    return row


def withdraw(registration_id: int, *, now: datetime, wall: datetime, by: User | None = None) -> Registration:
    """Give the place back: it goes to the next in line at once. Possible until the end of the seminar. Raises SeatChanged."""
    with transaction.atomic():
        row = locked_registration(registration_id)
        if row.rule_seat not in OPEN_SEATS or now >= row.seminar.ends_at:
            raise SeatChanged(row)
        settle(row, Seat.WITHDRAWN, now=now, by=by, by_person=by is None)
        mails.withdrawn(row, now=now, wall=wall)
        promote(row.seminar, now=now, wall=wall)
    return row


def answer(registration_id: int, *, accept: bool, now: datetime, wall: datetime, by: User | None = None) -> Registration:
    """Answer to an offered seat, until its time is over. Answered again the same way, it is the same answer. Raises SeatChanged."""
    with transaction.atomic():
        row = locked_registration(registration_id)
        wanted = Seat.SEATED if accept else Seat.LAPSED
        if row.rule_seat is wanted:
            return row
        if (
            row.rule_seat is not Seat.OFFERED
            or row.answer_by is None
            or now >= row.answer_by
            or row.seminar.rule_state is not State.PUBLISHED
        ):
            raise SeatChanged(row)
        settle(row, wanted, now=now, by=by, by_person=by is None)
        mails.answered(row, now=now, wall=wall)
        promote(row.seminar, now=now, wall=wall)
    return row


def sweep_seats(*, now: datetime, wall: datetime) -> None:
    """Take back the offers that nobody answered and make the next ones; what a lost moment left over is found here."""
    open_for_offers = Seminar.objects.filter(state=State.PUBLISHED.value, registrations__seat__in=[Seat.OFFERED.value, Seat.WAITING.value])
    ids = list(open_for_offers.order_by("pk").values_list("pk", flat=True).distinct())
    each(ids, lambda pk: _sweep_one(pk, now=now, wall=wall), name="seminar_seats")


def promote(seminar: Seminar, *, now: datetime, wall: datetime) -> list[Registration]:
    """Offer free seats to those who wait, first come first, inside the transaction that holds the seminar's lock; never from its start on."""
    if seminar.rule_state is not State.PUBLISHED:
        return []
    chosen = rule.next_in_line(seminar.capacity, queue_of(seminar), seminar.starts_at, now=now)
    rows = list(seminar.registrations.filter(pk__in=chosen).select_related("person__merged_into", "seminar").order_by("pk"))
    for row in rows:
        row.answer_by = rule.answer_by(seminar.starts_at, now=now)
        settle(row, Seat.OFFERED, now=now, keeps_limit=True)
        mails.offered(row, now=now, wall=wall)
    return rows


def settle(
    row: Registration, seat: Seat, *, now: datetime, by: User | None = None, by_person: bool = False, keeps_limit: bool = False
) -> None:
    """Bring a registration to another state, with its line of history."""
    before, row.seat, row.changed_at = row.seat, seat.value, now
    if not keeps_limit:
        row.answer_by = None
    row.save()
    note(row, before=before, now=now, by=by, by_person=by_person)


def note(row: Registration, *, before: str, now: datetime, by: User | None = None, by_person: bool = False) -> RegistrationEvent:
    """Add one line to the registration's history; what staff did stands in the audit too."""
    if by:
        audit.record(
            _("参加申込み：%(seat)s") % {"seat": row.get_seat_display()},
            row,
            by=by,
            now=now,
            reason=row.removed_why,
            person_pk=row.person_id,
        )
    return RegistrationEvent.objects.create(registration=row, from_seat=before, to_seat=row.seat, at=now, by=by, by_person=by_person)


def queue_of(seminar: Seminar) -> list[Queued]:
    """The registrations as the waiting list sees them. One query."""
    rows = seminar.registrations.order_by("pk").values_list("pk", "seat", "answer_by")
    return [Queued(pk, Seat(seat), limit) for pk, seat, limit in rows]


def locked_registration(registration_id: int) -> Registration:
    """A registration whose seminar is locked first: seats are counted by one at a time."""
    seminar = locked(Registration.objects.values_list("seminar_id", flat=True).get(pk=registration_id))
    row = Registration.objects.select_for_update(of=("self",)).select_related("person__merged_into").get(pk=registration_id)
    row.seminar = seminar
    return row


def _refuse(person: Person, seminar: Seminar, *, now: datetime) -> None:
    if restriction_of([person.pk], on=tokyo_date(now)):
        raise RegistrationRestricted
    theirs = list(seminar.registrations.filter(_of(person)).order_by("pk"))
    if open_one := next((row for row in theirs if row.rule_seat in OPEN_SEATS), None):
        raise AlreadyRegistered(open_one)
    if any(row.rule_seat is Seat.REMOVED for row in theirs):
        raise RemovedBefore
    if why := rule.closed(seminar.rule_state, seminar.times, now=now):
        raise RegistrationClosed(why)


def _of(person: Person) -> Q:
    """Registrations of this person, and of the rows that were merged into this one."""
    return Q(person=person) | Q(person__merged_into=person)


def _sweep_one(seminar_id: int, *, now: datetime, wall: datetime) -> bool:
    with transaction.atomic():
        seminar = locked(seminar_id)
        late = rule.lapsed(queue_of(seminar), now=now)
        for row in seminar.registrations.filter(pk__in=late).select_related("person__merged_into", "seminar").order_by("pk"):
            settle(row, Seat.LAPSED, now=now)
            mails.answered(row, now=now, wall=wall)
        return bool(promote(seminar, now=now, wall=wall)) or bool(late)


def _count(queue: Iterable[Queued], seats: Iterable[Seat]) -> int:
    wanted = frozenset(seats)
    return sum(row.seat in wanted for row in queue)
