"""Whom to phone about seminars: read from their history, the mails and the calls that were made; there is no list of its own."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Q

from booking.models import Registration, RegistrationEvent, Seminar, SeminarCall, SeminarEvent, SeminarPartner
from booking.queries.calls import DELIVERY_OF
from booking.queries.situation import LOOK_BACK, calendar_between
from booking.queries.unreachable import LOST_FOR
from booking.rules.calendar import ONE_DAY, tokyo, tokyo_date
from booking.rules.calls import Delivery, Why
from booking.rules.seminar_calls import News, why_call
from booking.rules.seminars import OCCUPYING, OPEN_SEATS, Seat, State
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.queries import FATE, lost_addresses

Line = SeminarEvent | RegistrationEvent
TOLD_OF = OCCUPYING | {State.CANCELLED, State.ENDED_EARLY}
_OVER = frozenset({SeminarEvent.Event.CANCEL.value, SeminarEvent.Event.END_EARLY.value})


@dataclass(frozen=True, slots=True)
class _Told:
    """Somebody who is told of a seminar, and their last news. ``ids``: the rows of this person; ``keys``: what the mail may be called."""

    seminar: Seminar
    number: str
    person: Person
    ids: frozenset[int]
    line: Line
    keys: Sequence[str]
    registration: Registration | None = None


@dataclass(frozen=True, slots=True)
class ToPhone:
    """Somebody to be phoned about a seminar: of which line of its history or of their place, why, and the calls in vain so far."""

    seminar: Seminar
    number: str
    person: Person
    line: Line
    registration: Registration | None
    why: Why
    attempts: Sequence[SeminarCall]


def people_to_phone(*, now: datetime, day: date | None = None, only: int | None = None) -> list[ToPhone]:
    """Whom no mail brings the last news of their seminar, the next one first; of one Tokyo day, or of one seminar, where given.
    Eight queries, however many there are.
    """
    seminars = _concerned(now, day, only)
    lines = _news_lines(seminars) if seminars else {}
    told = [*_registered(seminars, lines), *_giving(seminars, lines)] if lines else []
    if not told:
        return []
    mails = _fates([key for each in told for key in each.keys])
    lost = set(lost_addresses(since=now - LOST_FOR).values_list("to", flat=True))
    calls = calls_about(seminars)
    calendar = calendar_between(tokyo_date(now - LOOK_BACK), tokyo_date(now))
    due = []
    for each in told:
        theirs = [call for call in calls[each.seminar.pk] if call.person_id in each.ids and call.at >= each.line.at]
        if why := why_call(_news(each, mails, lost, theirs), calendar, now=now):
            due.append(ToPhone(each.seminar, each.number, each.person, each.line, each.registration, why, theirs))
    return sorted(due, key=lambda call: (call.seminar.starts_at < now, call.seminar.starts_at, call.seminar.pk, call.number))


def calls_about(seminars: Collection[int]) -> Mapping[int, list[SeminarCall]]:
    """The calls that were made, by seminar, in their order. One query."""
    found: dict[int, list[SeminarCall]] = defaultdict(list)
    for call in SeminarCall.objects.filter(seminar__in=seminars).select_related("by").order_by("pk"):
        found[call.seminar_id].append(call)
    return found


def _concerned(now: datetime, day: date | None, only: int | None) -> dict[int, Seminar]:
    rows = Seminar.objects.filter(state__in=[state.value for state in TOLD_OF], starts_at__gte=now - LOOK_BACK)
    if only is not None:
        rows = rows.filter(pk=only)
    if day is not None:
        rows = rows.filter(starts_at__gte=tokyo(day, time()), starts_at__lt=tokyo(day + ONE_DAY, time()))
    return rows.in_bulk()


def _news_lines(seminars: Collection[int]) -> Mapping[int, list[SeminarEvent]]:
    """What was told of each seminar, in its order, that it was published included."""
    found: dict[int, list[SeminarEvent]] = defaultdict(list)
    told = Q(event=SeminarEvent.Event.PUBLISH) | Q(tells=True)
    for line in SeminarEvent.objects.filter(told, seminar__in=seminars).order_by("pk"):
        found[line.seminar_id].append(line)
    return found


def _registered(seminars: Mapping[int, Seminar], lines: Mapping[int, list[SeminarEvent]]) -> Iterable[_Told]:
    open_still = Registration.objects.filter(seminar__in=seminars, seat__in=[seat.value for seat in OPEN_SEATS])
    for row in open_still.select_related("person__merged_into").prefetch_related("events").order_by("pk"):
        row.seminar = seminars[row.seminar_id]
        of_place = max(row.events.all(), key=lambda line: line.pk)
        of_seminar = next((line for line in reversed(lines[row.seminar_id]) if line.tells and line.at >= row.registered_at), None)
        line = of_seminar if of_seminar and not _is_later(of_place, of_seminar) else of_place
        ids = frozenset({row.person_id, row.reader.pk})
        yield _Told(row.seminar, row.number, row.reader, ids, line, [row.seminar.mails_to(row.pk) + line.about], row)


def _is_later(of_place: RegistrationEvent, of_seminar: SeminarEvent) -> bool:
    """Whether the news of the place is the last; both may be of one press, which then moved the place. Registering itself came first."""
    return of_place.at > of_seminar.at or (of_place.at == of_seminar.at and bool(of_place.from_seat))


def _giving(seminars: Mapping[int, Seminar], lines: Mapping[int, list[SeminarEvent]]) -> Iterable[_Told]:
    """The employers' contacts; of places they hear nothing."""
    rows = SeminarPartner.objects.filter(seminar__in=seminars).select_related("contact__merged_into").order_by("pk")
    for partner in rows:
        seminar, ids = seminars[partner.seminar_id], frozenset({partner.contact_id, partner.reader.pk})
        if lines[seminar.pk]:
            line = lines[seminar.pk][-1]
            keys = [seminar.mails_to(f"partner:{pk}") + line.about for pk in ids]
            yield _Told(seminar, seminar.number, partner.reader, ids, line, keys)


def _fates(keys: Collection[str]) -> Mapping[str, Delivery]:
    rows = OutgoingMail.objects.filter(key__in=keys).annotate(fate=FATE).values_list("key", "fate")
    return {key: DELIVERY_OF.get(fate, Delivery.WAITING) for key, fate in rows}


def _news(told: _Told, mails: Mapping[str, Delivery], lost: Collection[str], calls: Iterable[SeminarCall]) -> News:
    delivery = next((mails[key] for key in told.keys if key in mails), Delivery.NONE)
    if told.person.email in lost:
        delivery = Delivery.FAILED
    return News(
        at=told.line.at,
        starts_at=told.seminar.starts_at,
        until=_of_use_until(told),
        delivery=delivery,
        has_address=bool(told.person.email),
        heard=any(call.reached for call in calls) or _knows(told, delivery),
    )


def _knows(told: _Told, delivery: Delivery) -> bool:
    """Whether they made it so themselves: by phone, or on a page, where only the mail with the way in is missed. A contact who was
    written nothing was not yet one of those who give it.
    """
    if told.registration is None:
        return bool(told.person.email) and delivery is Delivery.NONE
    if not isinstance(told.line, RegistrationEvent):
        return False
    said_by_phone = told.line.by_id is not None and (told.line.from_seat, told.line.to_seat) != (Seat.SEATED, Seat.WAITING)
    return said_by_phone or (told.line.by_person and delivery is not Delivery.FAILED)


def _of_use_until(told: _Told) -> datetime | None:
    """An offer until its answer is due, how it came to its end always, everything else to the end of the seminar."""
    if isinstance(told.line, SeminarEvent) and told.line.event in _OVER:
        return None
    row = told.registration
    return row.answer_by if row and row.answer_by and told.line.about.startswith("seat:") else told.seminar.ends_at
