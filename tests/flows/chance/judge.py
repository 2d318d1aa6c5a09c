"""What must hold after a race, read from the tables, Zoom and the mail server. Nothing here knows which operation did what."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from booking.models import Booking, BookingEvent, Closure, Hold, Meeting, Participant, Seminar
from booking.models.bookings import Kind, State
from booking.models.employers import about_expiry
from booking.queries import readers_of
from booking.queries.situation import RESERVED
from booking.rules.lifecycle import TABLE, Actor, Event
from booking.rules.lifecycle import Kind as RuleKind
from booking.rules.lifecycle import State as RuleState
from booking.video.meeting import reference_in
from tests.flows.chance.hands import Hand
from tests.flows.chance.scene import Scene, caps_of
from tests.stories import Story
from toyooka_hw.mail.models import OutgoingMail

HOLDS = {Kind.RESERVED: Hold.Kind.RESERVATION, Kind.AD_HOC: Hold.Kind.AD_HOC, Kind.INTERVIEW: Hold.Kind.INTERVIEW}
TO_NOBODY = {Event.REASSIGN, Event.REFUSE, Event.RELEASE}  # nothing is new for the person, or they did it themselves, or see ``letters``
OF_THE_REQUEST = {Event.REQUEST, Event.DECLINE, Event.WITHDRAW, Event.EXPIRE}  # of an employer's, whose letters are about the whole


def findings(scene: Scene, hands: Sequence[Hand], told: Sequence[str]) -> list[str]:
    """Whatever should not be after this round."""
    rows = Booking.objects.filter(pk__gt=scene.began(Booking)).select_related("applicant", "employer_request")
    bookings = list(rows.prefetch_related("holds", "events", "participants__person").order_by("pk"))
    holds = list(Hold.objects.filter(span__startswith__date=scene.day).order_by("span", "pk"))
    looks = (
        unexplained(hands, told),
        twice_at_once(holds),
        over_the_cap(scene, bookings, holds),
        under_a_closure(scene, holds),
        held_wrongly(bookings),
        in_two_places(scene),
        off_the_table(bookings),
        letters(scene, bookings),
        meetings(bookings),
    )
    return [each for look in looks for each in look]


def unexplained(hands: Sequence[Hand], told: Sequence[str]) -> Iterator[str]:
    """Everybody was told "taken", or by a refusal that their page explains."""
    for hand, name in zip(hands, told, strict=True):
        if name not in hand.explained:
            yield f"{hand.verb}: told {name}"


def twice_at_once(holds: Iterable[Hold]) -> Iterator[str]:
    """No counsellor and no host has two things at once."""
    for whose, span in (("counsellor_id", "span"), ("host_id", "host_span")):
        mine = sorted((getattr(hold, whose), getattr(hold, span).lower, getattr(hold, span).upper) for hold in holds if getattr(hold, span))
        for (one, _begins, ends), (other, begins, _ends) in pairwise(mine):
            if one == other and begins < ends:
                yield f"{whose} {one} is taken twice at {begins:%H:%M}"


def over_the_cap(scene: Scene, bookings: Iterable[Booking], holds: Iterable[Hold]) -> Iterator[str]:
    """Never more reservations at a start than the largest cap of the round; what was cancelled by mistake comes back to its own place (0023)."""
    caps = [cap for cap in caps_of(scene) if cap is not None]
    if len(caps) < len(caps_of(scene)):
        return
    back = {booking.pk for booking in bookings if any(line.event == Event.CORRECT_TO_CONFIRMED.value for line in booking.events.all())}
    at = Counter(hold.span.lower for hold in holds if hold.kind in RESERVED and hold.booking_id not in back)
    yield from (f"{count} at {start}, cap {max(caps)}" for start, count in at.items() if count > max(caps))


def under_a_closure(scene: Scene, holds: Iterable[Hold]) -> Iterator[str]:
    """On a closed day nobody's session stands."""
    if Closure.objects.filter(date=scene.day, is_open=False).exists():
        yield from (f"booking {hold.booking_id} stands on a closed day" for hold in holds if hold.booking_id)


def held_wrongly(bookings: Iterable[Booking]) -> Iterator[str]:
    """Each booking holds what its state calls for, where it says it is, and nothing else."""
    for booking in bookings:
        held = sorted((str(hold.kind), *_place(hold.span.lower, hold)) for hold in booking.holds.all())
        place = (str(HOLDS[Kind(booking.kind)]), *_place(booking.starts_at, booking))
        if booking.state == State.PROPOSED:
            right = len(held) in range(1, 4) and {kind for kind, *_where in held} == {Hold.Kind.PROPOSAL}
        elif booking.state == State.CONFIRMED or (_reserved_request(booking) and not _gave_up(booking)):
            right = held == [place]
        else:
            right = not held
        if not right:
            yield f"booking {booking.pk} ({booking.kind}, {booking.state}) at {place} holds {held}"


def in_two_places(scene: Scene) -> Iterator[str]:
    """Nobody sits in two sessions at once (A18), and nobody has two reservations that are still to come (A16)."""
    parts = Participant.objects.filter(booking__pk__gt=scene.began(Booking), booking__holds__isnull=False).exclude(
        booking__state=State.PROPOSED
    )
    rows = (
        parts.order_by("person", "booking__starts_at").values_list("person", "booking__starts_at", "booking__ends_at", "booking").distinct()
    )
    for (one, _begins, ends, first), (other, begins, _ends, second) in pairwise(rows):
        if one == other and begins < ends:
            yield f"person {one} is in bookings {first} and {second} at once"
    open_ = Booking.objects.filter(kind=Kind.RESERVED, state__in=["requested", "proposed", "confirmed"], pk__gt=scene.began(Booking))
    yield from (
        f"person {pk} has {count} reservations" for pk, count in Counter(open_.values_list("applicant", flat=True)).items() if count > 1
    )


def off_the_table(bookings: Iterable[Booking]) -> Iterator[str]:
    """Each history is a path through the table of the booking's life, and leads to where the booking stands."""
    for booking in bookings:
        state = ""
        for line in _history(booking):
            step = (RuleKind(booking.kind), RuleState(state) if state else None, Event(line.event))
            after, actors = TABLE.get(step, (None, frozenset[Actor]()))
            if line.from_state != state or after != line.to_state or Actor(line.actor) not in actors:
                yield f"booking {booking.pk}: {line.event} by {line.actor} from {line.from_state} to {line.to_state} after {state}"
            state = line.to_state
        if state != booking.state:
            yield f"booking {booking.pk} is {booking.state}, its history says {state}"


def letters(scene: Scene, bookings: Iterable[Booking]) -> Iterator[str]:
    """One letter about each step to each of its people, and none about anything else.

    What staff enter and confirm in one step is told once. Where some of the proposed times are given up, the letter that proposes the others is
    the one; where none is left, there is one of its own.
    """
    wanted: Counter[str] = Counter()
    perhaps: set[str] = set()
    for booking in bookings:
        history = _history(booking)
        for line, following in zip(history, [*history[1:], None], strict=True):
            if not _in_one_step(line, following):
                wanted.update(_about(booking, line))
            if line.event == Event.RELEASE.value and line.from_state == State.PROPOSED:
                again = following is not None and following.event == Event.PROPOSE.value
                perhaps.add(line.mail_key) if again else wanted.update([line.mail_key])
    written = Counter(OutgoingMail.objects.filter(pk__gt=scene.began(OutgoingMail)).values_list("key", flat=True))
    for key in sorted((wanted | written).keys() - perhaps):
        if wanted[key] != written[key]:
            yield f"{written[key]} letters {key}, {wanted[key]} wanted"


def meetings(bookings: Iterable[Booking]) -> Iterator[str]:
    """A meeting was wanted for whatever was ever confirmed, and for nothing else."""
    rows = set(Meeting.objects.filter(booking__in=bookings).values_list("booking", flat=True))
    for booking in bookings:
        if (booking.pk in rows) is not any(line.to_state == State.CONFIRMED for line in booking.events.all()):
            yield f"booking {booking.pk} ({booking.state}): meeting wanted: {booking.pk in rows}"


def unsettled(story: Story) -> list[str]:
    """Once everything is at rest: whatever Zoom and the mail server have too many or too few of."""
    live: dict[str, list[dict[str, Any]]] = {}
    for each in story.zoom.control.standing():
        live.setdefault(reference_in(each) or "", []).append(each)
    sessions = Booking.objects.filter(state=State.CONFIRMED, phone_at=None).values_list("meeting__reference", "host__email", "starts_at")
    seminars = Seminar.objects.filter(state="published").values_list("meeting__reference", "host__email", "starts_at")
    wanted = {reference: [(host, start)] for reference, host, start in [*sessions, *seminars]}
    found = {name: [(each["host"], datetime.fromisoformat(each["fields"]["start_time"])) for each in rows] for name, rows in live.items()}
    wrong = [
        f"meeting {name}: {found.get(name)}, wanted {wanted.get(name)}" for name in found | wanted if found.get(name) != wanted.get(name)
    ]
    arrived = Counter(mail.message_id for mail in story.mailbox.mails())
    written = Counter(OutgoingMail.objects.values_list("message_id", flat=True))
    return wrong + [f"mail {name} came {arrived[name]} times" for name in arrived | written if arrived[name] != written[name]]


def _history(booking: Booking) -> list[BookingEvent]:
    return sorted(booking.events.all(), key=lambda line: line.pk)


def _about(booking: Booking, line: BookingEvent) -> list[str]:
    """The names of the letters about one step."""
    event, request = Event(line.event), booking.employer_request
    if request and event in OF_THE_REQUEST:
        about = {Event.REQUEST: "received", Event.EXPIRE: about_expiry(booking.confirm_limit)}
        return [request.mail_key(about.get(event, str(line.pk)))]
    return [] if event in TO_NOBODY else [booking.key_for(person.pk, line.mail_key) for person in readers_of(booking)]


def _in_one_step(line: BookingEvent, following: BookingEvent | None) -> bool:
    """Whether staff entered a booking and confirmed it by the same press."""
    return line.event == Event.REQUEST.value and line.by_id is not None and following is not None and following.at == line.at


def _place(start: datetime, row: Booking | Hold) -> tuple[datetime, int | None, int | None]:
    return start, row.counsellor_id, row.host_id


def _reserved_request(booking: Booking) -> bool:
    return booking.kind == Kind.RESERVED and booking.state == State.REQUESTED


def _gave_up(booking: Booking) -> bool:
    """Whether the request stands without a place: its time was given up, or none of the proposed ones did."""
    return any(line.event in (Event.REFUSE.value, Event.RELEASE.value) for line in booking.events.all())
