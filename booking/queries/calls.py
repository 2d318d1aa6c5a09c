"""The people to be told by phone: read from history, mails and contacts; there is no table of its own."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from booking.models import Booking, BookingEvent, ContactRecord, Hold, Participant
from booking.models.bookings import Kind, Source, State
from booking.models.employers import about_expiry
from booking.queries.people import readers_of
from booking.queries.situation import LOOK_BACK, calendar_between
from booking.rules.calendar import ONE_DAY, tokyo, tokyo_date
from booking.rules.calls import NO_NEWS, Delivery, News, Why, of_use_until, why_call
from booking.rules.interval import Interval
from booking.rules.lifecycle import Event
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.queries import FATE
from toyooka_hw.outbox import OutboxState

_unspoken = [event.value for event in NO_NEWS]
_earlier = BookingEvent.objects.filter(booking=OuterRef("booking"), pk__lt=OuterRef("pk")).exclude(event__in=_unspoken).order_by("-pk")
DELIVERY_OF = {OutboxState.DONE.value: Delivery.DELIVERED, OutboxState.FAILED.value: Delivery.FAILED}


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to be phoned: about which event, why no mail is enough, and the attempts so far. ``seen``: the booking's last event.

    ``people``: whom, of an interview's the ones whom no mail reached and who have not heard. ``offered``: the times that are proposed, earliest first.
    """

    booking: Booking
    event: BookingEvent
    people: Sequence[Person]
    why: Why
    attempts: Sequence[ContactRecord]
    seen: int
    offered: Sequence[datetime]

    @property
    def starts_at(self) -> datetime:
        """The session, or the first of the times that are offered."""
        return self.offered[0] if self.offered else self.booking.starts_at

    @property
    def is_leaving(self) -> bool:
        """Whether it is to be told to who was to come until then."""
        return self.event.left in self.people


def calls(*, now: datetime, day: date | None = None) -> list[Call]:
    """Whom to phone, sessions still to come first; only those of a Tokyo day where one is given. Nine queries at most, however many there are."""
    told = [(event, readers_of(event.booking)) for event in _latest_news(now, day)] + list(_leavings(now, day))
    mails = deliveries([event for event, _people in told])
    calendar = calendar_between(tokyo_date(now - LOOK_BACK), tokyo_date(now))
    due = []
    for event, people in told:
        news = [(person, _news(event, person, mails.get((event.pk, person.pk), Delivery.NONE), now=now)) for person in people]
        if whys := [(person, why) for person, each in news if (why := why_call(each, calendar, now=now))]:
            due.append((event, [person for person, _why in whys], whys[0][1]))
    ids = [event.booking_id for event, _people, _why in due]
    bookings = Booking.objects.select_related("applicant", "counsellor").prefetch_related("events").in_bulk(ids)
    found = [_call(bookings[event.booking_id], event, people, why, now=now) for event, people, why in due]
    return sorted(found, key=lambda call: (call.starts_at < now, call.starts_at, call.booking.pk, call.event.pk))


def deliveries(events: Sequence[BookingEvent]) -> dict[tuple[int, int], Delivery]:
    """How far the mail about each event has come, by event id and reader; who was written no mail is left out. What came
    back has failed. One query."""
    about: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for event in events:
        readers = [person.pk for person in readers_of(event.booking)]
        for reader in (*readers, event.left_id):
            if reader:
                about[event.booking.key_for(reader, event.mail_key)].append((event.pk, reader))
    for event, key in _of_whole_requests(events):
        about[key].append((event.pk, event.booking.applicant_id))
    states = OutgoingMail.objects.filter(key__in=about).annotate(fate=FATE).values_list("key", "fate")
    return {told: DELIVERY_OF.get(state, Delivery.WAITING) for key, state in states for told in about[key]}


def _of_whole_requests(events: Sequence[BookingEvent]) -> Iterable[tuple[BookingEvent, str]]:
    """The events of which an employer reads in one mail about their whole request, each with the name of that mail."""
    last: dict[tuple[int | None, datetime], int] = {}
    for event in events:
        step = event.booking.employer_request_id, event.at
        last[step] = max(event.pk, last.get(step, 0))
    for event in events:
        if request := event.booking.employer_request:
            if event.event == Event.DECLINE.value:
                yield event, request.mail_key(str(last[request.pk, event.at]))
            elif event.event == Event.EXPIRE.value:
                yield event, request.mail_key(about_expiry(event.booking.confirm_limit))


def has_heard(event: BookingEvent, person: Person, delivery: Delivery) -> bool:
    """Whether the person was there when it was recorded, or staff have spoken with them since. Reads the booking's contacts.

    Of a move they agreed to, people expect the new time in writing: where that mail failed, they have not heard enough. With whom staff
    settled an interview's time, the history does not tell.
    """
    return _has_talked(event, person) or (event.booking.kind == Kind.RESERVED and _was_there(event, delivery))


def _has_talked(event: BookingEvent, person: Person) -> bool:
    return any(row.is_talk and row.at >= event.at and row.is_with(person.pk) for row in event.booking.contacts.all())


def _was_there(event: BookingEvent, delivery: Delivery) -> bool:
    booking = event.booking
    entered = booking.source != Source.WEB and event.event == Event.CONFIRM.value and event.at == booking.requested_at
    accepted = event.by_id is not None and event.event == Event.ACCEPT.value
    moved = event.by_id is not None and event.event == Event.MOVE.value and delivery is not Delivery.FAILED
    return entered or accepted or moved


def _latest_news(now: datetime, day: date | None) -> Iterable[BookingEvent]:
    """The last news of each booking, where it still is how the booking stands, and is to be told by now."""
    events = BookingEvent.objects.filter(_concerns(now, day)).exclude(event__in=_unspoken)
    last = _around(events.order_by("booking_id", "-pk").distinct("booking_id"))
    return (event for event in last if event.to_state == event.booking.state and event.booking.notice_due_at is None and is_told(event))


def _leavings(now: datetime, day: date | None) -> Iterable[tuple[BookingEvent, Sequence[Person]]]:
    """Who was to come to an interview until somebody took their place, whatever became of the interview since."""
    events = BookingEvent.objects.filter(_concerns(now, day)).exclude(left=None)
    last = _around(events.order_by("booking_id", "left_id", "-pk").distinct("booking_id", "left_id"))
    return ((event, [event.left]) for event in last if event.left and event.left not in readers_of(event.booking))


def _around(events: QuerySet[BookingEvent]) -> QuerySet[BookingEvent]:
    people = Prefetch("booking__participants", Participant.objects.select_related("person"))
    talks = Prefetch("booking__contacts", ContactRecord.objects.select_related("person"))
    told = events.annotate(before=Subquery(_earlier.values("at")[:1])).select_related(
        "booking__applicant", "booking__employer_request", "left"
    )
    return told.prefetch_related(talks, "booking__holds", people)


def _concerns(now: datetime, day: date | None) -> Q:
    """Bookings that were or are for this day, by their own time or by one that is offered; without a day all of late."""
    if day is None:
        return Q(booking__starts_at__gte=now - LOOK_BACK) | Q(booking__state=State.PROPOSED)
    begin, end = tokyo(day, time()), tokyo(day + ONE_DAY, time())
    # what begins then also ends after its beginning, and the index is by the end
    begins_then = Q(span__startswith__gte=begin, span__startswith__lt=end, span__endswith__gt=begin)
    offered = Hold.objects.filter(begins_then, kind=Hold.Kind.PROPOSAL)
    return Q(booking__starts_at__gte=begin, booking__starts_at__lt=end) | Q(booking__in=offered.values("booking"))


def is_told(event: BookingEvent) -> bool:
    """A time that was held for a request is given up: the person never knew of it; of proposals they do."""
    return event.event != Event.RELEASE.value or event.from_state == State.PROPOSED


def _offered(booking: Booking, *, now: datetime) -> list[datetime]:
    """The times that are proposed and have not passed; all of them where all have. Reads the booking's holds."""
    starts = sorted(hold.span.lower for hold in booking.holds.all() if hold.kind == Hold.Kind.PROPOSAL)
    return [start for start in starts if start > now] or starts


def _news(event: BookingEvent, person: Person, delivery: Delivery, *, now: datetime) -> News:
    booking = event.booking
    offered = _offered(booking, now=now)
    session = Interval(booking.starts_at, booking.ends_at)
    return News(
        event=Event(event.event),
        at=event.at,
        starts_at=offered[0] if offered else booking.starts_at,
        until=of_use_until(Event(event.event), session, booking.confirm_limit, offered),
        delivery=delivery,
        has_address=bool(person.email),
        heard=has_heard(event, person, delivery),
        override=event.override,
        told_before=_was_told_before(event, person),
        at_the_page=booking.kind == Kind.AD_HOC,
        with_others=booking.kind == Kind.INTERVIEW,
    )


def _was_told_before(event: BookingEvent, person: Person) -> bool:
    """Whether staff told the person by phone how the booking stood until this event."""
    since: datetime | None = event.before  # type: ignore[attr-defined]  # annotated: when it came to stand so
    talks = (row for row in event.booking.contacts.all() if row.is_with(person.pk))
    told = (row.at for row in talks if row.meaning == ContactRecord.Meaning.TOLD)
    return since is not None and any(since <= at < event.at for at in told)


def _call(booking: Booking, event: BookingEvent, people: Sequence[Person], why: Why, *, now: datetime) -> Call:
    since = [row for row in event.booking.contacts.all() if row.at >= event.at and any(row.is_with(person.pk) for person in people)]
    attempts = [row for row in since if row.meaning == ContactRecord.Meaning.NOT_REACHED]
    return Call(booking, event, people, why, attempts, max(line.pk for line in booking.events.all()), _offered(event.booking, now=now))
