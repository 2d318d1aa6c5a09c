"""The life of a booking: one table of transitions, and the ten-minute rule that judges one of them.

Legal buttons, the diagrams in the docs and the test that every state is classified derive from `TABLE`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from booking.rules.policy import Policy


class Kind(StrEnum):
    """By which door a booking came: article 6, article 6-2, or an interview arranged for an employer."""

    RESERVED = "reserved"
    AD_HOC = "ad_hoc"
    INTERVIEW = "interview"


class State(StrEnum):
    """Where a booking stands; joined, called, code delivered and the like are facts, never states."""

    REQUESTED = "requested"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    CANCELLED_BY_USER = "cancelled_by_user"
    CANCELLED_NO_CONTACT = "cancelled_no_contact"
    CANCELLED_BY_OFFICE = "cancelled_by_office"
    STOPPED = "stopped"


class Event(StrEnum):
    """What happens to a booking, in the order in which buttons stand."""

    REQUEST = "request"
    CONFIRM = "confirm"
    PROPOSE = "propose"
    ACCEPT = "accept"
    REFUSE = "refuse"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    REINSTATE = "reinstate"
    MOVE = "move"
    REPLACE = "replace"
    REASSIGN = "reassign"
    RELEASE = "release"
    BY_PHONE = "by_phone"
    BY_ZOOM = "by_zoom"
    COMPLETE = "complete"
    CANCEL_BY_USER = "cancel_by_user"
    CANCEL_NO_CONTACT = "cancel_no_contact"
    CANCEL_BY_OFFICE = "cancel_by_office"
    STOP = "stop"
    CORRECT_TO_CONFIRMED = "correct_to_confirmed"
    CORRECT_TO_COMPLETED = "correct_to_completed"
    CORRECT_TO_CANCELLED_BY_USER = "correct_to_cancelled_by_user"
    CORRECT_TO_CANCELLED_BY_OFFICE = "correct_to_cancelled_by_office"
    CORRECT_OUTCOME = "correct_outcome"


class Actor(StrEnum):
    """Who makes an event happen; staff also act for a person who phones."""

    PERSON = "person"
    STAFF = "staff"
    SYSTEM = "system"


_Step = tuple[State | None, Event]
_Outcome = tuple[State, frozenset[Actor]]

_STAFF = frozenset({Actor.STAFF})
_SYSTEM = frozenset({Actor.SYSTEM})
_PERSON_OR_STAFF = frozenset({Actor.PERSON, Actor.STAFF})
_STAFF_OR_SYSTEM = frozenset({Actor.STAFF, Actor.SYSTEM})

_EVERY_KIND: Mapping[_Step, _Outcome] = {
    (None, Event.REQUEST): (State.REQUESTED, _PERSON_OR_STAFF),
    (State.REQUESTED, Event.CONFIRM): (State.CONFIRMED, _STAFF),
    (State.REQUESTED, Event.DECLINE): (State.DECLINED, _STAFF),
    (State.REQUESTED, Event.WITHDRAW): (State.WITHDRAWN, _PERSON_OR_STAFF),
    (State.REQUESTED, Event.EXPIRE): (State.EXPIRED, _SYSTEM),
    (State.CONFIRMED, Event.REASSIGN): (State.CONFIRMED, _STAFF),
    # Held by telephone instead of Zoom, and the way back: the same session at the same time.
    (State.CONFIRMED, Event.BY_PHONE): (State.CONFIRMED, _STAFF),
    (State.CONFIRMED, Event.BY_ZOOM): (State.CONFIRMED, _STAFF),
    (State.CONFIRMED, Event.COMPLETE): (State.COMPLETED, _STAFF),
    # Cancelling is done by phone (C6-1-4a, A6): staff record the call, or the sweep acts on a recorded contact.
    (State.CONFIRMED, Event.CANCEL_BY_USER): (State.CANCELLED_BY_USER, _STAFF_OR_SYSTEM),
    (State.CONFIRMED, Event.CANCEL_BY_OFFICE): (State.CANCELLED_BY_OFFICE, _STAFF),
    (State.CONFIRMED, Event.STOP): (State.STOPPED, _STAFF),
    # A wrong press has a way back. Nothing is corrected to what counts against the person.
    (State.COMPLETED, Event.CORRECT_TO_CONFIRMED): (State.CONFIRMED, _STAFF),
    (State.COMPLETED, Event.CORRECT_TO_CANCELLED_BY_USER): (State.CANCELLED_BY_USER, _STAFF),
    (State.COMPLETED, Event.CORRECT_TO_CANCELLED_BY_OFFICE): (State.CANCELLED_BY_OFFICE, _STAFF),
    (State.CANCELLED_BY_USER, Event.CORRECT_TO_CONFIRMED): (State.CONFIRMED, _STAFF),
    (State.CANCELLED_BY_USER, Event.CORRECT_TO_COMPLETED): (State.COMPLETED, _STAFF),
    (State.CANCELLED_BY_USER, Event.CORRECT_TO_CANCELLED_BY_OFFICE): (State.CANCELLED_BY_OFFICE, _STAFF),
    (State.CANCELLED_BY_OFFICE, Event.CORRECT_TO_CONFIRMED): (State.CONFIRMED, _STAFF),
    (State.CANCELLED_BY_OFFICE, Event.CORRECT_TO_COMPLETED): (State.COMPLETED, _STAFF),
    (State.CANCELLED_BY_OFFICE, Event.CORRECT_TO_CANCELLED_BY_USER): (State.CANCELLED_BY_USER, _STAFF),
    (State.STOPPED, Event.CORRECT_TO_COMPLETED): (State.COMPLETED, _STAFF),
    # The state stays, the outcome beneath it changes.
    (State.COMPLETED, Event.CORRECT_OUTCOME): (State.COMPLETED, _STAFF),
    (State.CANCELLED_BY_USER, Event.CORRECT_OUTCOME): (State.CANCELLED_BY_USER, _STAFF),
    (State.CANCELLED_BY_OFFICE, Event.CORRECT_OUTCOME): (State.CANCELLED_BY_OFFICE, _STAFF),
    (State.STOPPED, Event.CORRECT_OUTCOME): (State.STOPPED, _STAFF),
}

# An immediate session has no other time than now.
_WITH_A_DATE: Mapping[_Step, _Outcome] = {(State.CONFIRMED, Event.MOVE): (State.CONFIRMED, _STAFF)}

# Another job seeker comes (A18); whoever asks for counselling comes themselves.
_INTERVIEW_ONLY: Mapping[_Step, _Outcome] = {(State.CONFIRMED, Event.REPLACE): (State.CONFIRMED, _STAFF)}

_RESERVED_ONLY: Mapping[_Step, _Outcome] = {
    (State.REQUESTED, Event.PROPOSE): (State.PROPOSED, _STAFF),
    (State.PROPOSED, Event.ACCEPT): (State.CONFIRMED, _PERSON_OR_STAFF),
    (State.PROPOSED, Event.REFUSE): (State.REQUESTED, _PERSON_OR_STAFF),
    (State.PROPOSED, Event.DECLINE): (State.DECLINED, _STAFF),
    (State.PROPOSED, Event.WITHDRAW): (State.WITHDRAWN, _PERSON_OR_STAFF),
    (State.PROPOSED, Event.EXPIRE): (State.EXPIRED, _SYSTEM),
    (State.EXPIRED, Event.REINSTATE): (State.CONFIRMED, _STAFF),
    # A counsellor or the whole office is away: the time goes to a colleague, or is given up and another one looked for.
    (State.REQUESTED, Event.REASSIGN): (State.REQUESTED, _STAFF),
    (State.PROPOSED, Event.REASSIGN): (State.PROPOSED, _STAFF),
    (State.REQUESTED, Event.RELEASE): (State.REQUESTED, _STAFF),
    (State.PROPOSED, Event.RELEASE): (State.REQUESTED, _STAFF),
    (State.CONFIRMED, Event.CANCEL_NO_CONTACT): (State.CANCELLED_NO_CONTACT, _STAFF_OR_SYSTEM),
    (State.CANCELLED_NO_CONTACT, Event.CORRECT_TO_CONFIRMED): (State.CONFIRMED, _STAFF),
    (State.CANCELLED_NO_CONTACT, Event.CORRECT_TO_COMPLETED): (State.COMPLETED, _STAFF),
    (State.CANCELLED_NO_CONTACT, Event.CORRECT_TO_CANCELLED_BY_USER): (State.CANCELLED_BY_USER, _STAFF),
    (State.CANCELLED_NO_CONTACT, Event.CORRECT_TO_CANCELLED_BY_OFFICE): (State.CANCELLED_BY_OFFICE, _STAFF),
    (State.CANCELLED_NO_CONTACT, Event.CORRECT_OUTCOME): (State.CANCELLED_NO_CONTACT, _STAFF),
}

_ROWS = {
    Kind.RESERVED: {**_EVERY_KIND, **_WITH_A_DATE, **_RESERVED_ONLY},
    Kind.AD_HOC: _EVERY_KIND,
    Kind.INTERVIEW: {**_EVERY_KIND, **_WITH_A_DATE, **_INTERVIEW_ONLY},
}

# (kind, state, event) → (next state, who may); the state before a booking exists is None.
TABLE: Mapping[tuple[Kind, State | None, Event], _Outcome] = MappingProxyType(
    {(kind, state, event): outcome for kind, rows in _ROWS.items() for (state, event), outcome in rows.items()}
)

# Open for the limit per person; in these a booking may hold its place (see `holds_place`).
OPEN_STATES = frozenset({State.REQUESTED, State.PROPOSED, State.CONFIRMED})
HOLDING = OPEN_STATES
FINAL = frozenset(
    {
        State.COMPLETED,
        State.DECLINED,
        State.EXPIRED,
        State.WITHDRAWN,
        State.CANCELLED_BY_USER,
        State.CANCELLED_NO_CONTACT,
        State.CANCELLED_BY_OFFICE,
        State.STOPPED,
    }
)

# What may happen to a booking in a final state.
CORRECTIONS = frozenset(
    {
        Event.REINSTATE,
        Event.CORRECT_TO_CONFIRMED,
        Event.CORRECT_TO_COMPLETED,
        Event.CORRECT_TO_CANCELLED_BY_USER,
        Event.CORRECT_TO_CANCELLED_BY_OFFICE,
        Event.CORRECT_OUTCOME,
    }
)
# Why a session was stopped is its outcome; for conduct a record apart says more (C12-1).
NEEDS_REASON = CORRECTIONS | {Event.MOVE, Event.REPLACE, Event.REASSIGN, Event.RELEASE, Event.DECLINE, Event.CANCEL_BY_OFFICE}


class NotAllowed(Exception):
    """The table has no such transition, or not for this actor."""

    def __init__(self, kind: Kind, state: State | None, event: Event, actor: Actor) -> None:
        super().__init__(f"{kind}: {event} by {actor} is not allowed in state {state}")
        self.kind = kind
        self.state = state
        self.event = event
        self.actor = actor


def next_state(kind: Kind, state: State | None, event: Event, actor: Actor) -> State:
    """The state after the event; raises NotAllowed. `None` is the state before there is a booking."""
    after, actors = TABLE.get((kind, state, event), (None, frozenset()))
    if after is None or actor not in actors:
        raise NotAllowed(kind, state, event, actor)
    return after


def legal_events(kind: Kind, state: State | None, actor: Actor) -> tuple[Event, ...]:
    """What the actor may do to the booking now, in the order of `Event`."""
    return tuple(event for event in Event if (kind, state, event) in TABLE and actor in TABLE[kind, state, event][1])


def holds_place(kind: Kind, state: State) -> bool:
    """Whether a booking occupies its time: a reservation from its request on, the other kinds once arranged."""
    waiting = state is State.REQUESTED and kind is not Kind.RESERVED
    return state in HOLDING and not waiting


def diagram(kind: Kind) -> str:
    """The kind's transitions as a Mermaid state diagram."""
    lines = [
        f"    {before or '[*]'} --> {after}: {event} ({', '.join(sorted(actors))})"
        for (each, before, event), (after, actors) in TABLE.items()
        if each is kind
    ]
    reached = {after for (each, _, _), (after, _) in TABLE.items() if each is kind}
    ends = [f"    {state} --> [*]" for state in State if state in FINAL & reached]
    return "\n".join(["stateDiagram-v2", *lines, *ends, ""])


class Contact(StrEnum):
    """What somebody who got in touch said."""

    CANNOT_COME = "cannot_come"
    LATE = "late"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Heartbeat:
    """A sign that a part of the portal was running: the domain's time and real time of the same moment."""

    at: datetime
    wall: datetime


@dataclass(frozen=True)
class SessionFacts:
    """What is known about a session when the ten minutes are over.

    Contacts stand in the order in which they came. The sweep that asks records its own heartbeat ("beat") first.
    ``by_phone``: it is held by telephone, so that it is the office that calls.
    """

    kind: Kind
    state: State
    starts_at: datetime
    meeting_ready_at: datetime | None
    confirmation_delivered_at: datetime | None
    counsellor_seen_at: datetime | None
    first_joined_at: datetime | None
    contacts: tuple[Contact, ...]
    heartbeats: Mapping[str, tuple[Heartbeat, ...]]
    office_delay: bool = False
    by_phone: bool = False


class Verdict(StrEnum):
    """What the ten-minute rule says: nothing yet, close, the person had cancelled, or 要確認 (people decide)."""

    WAIT = "wait"
    CLOSE = "close"
    CANCELLED_BY_USER = "cancelled_by_user"
    ATTENTION = "attention"


class Doubt(StrEnum):
    """Why a session is not closed by itself."""

    MEETING_NOT_READY = "meeting_not_ready"
    CONFIRMATION_NOT_DELIVERED = "confirmation_not_delivered"
    COUNSELLOR_ABSENT = "counsellor_absent"
    CLOCK_GAP = "clock_gap"
    JOINED = "joined"
    CONTACTED = "contacted"
    OFFICE_DELAY = "office_delay"


# What may lie with the office, so that not coming may not lie with the person.
OFFICE_SIDE = frozenset(Doubt) - {Doubt.JOINED, Doubt.CONTACTED}
WATCHED_PARTS = ("beat", "web")


def grace_ends(kind: Kind, state: State, starts_at: datetime, policy: Policy, *, by_phone: bool) -> datetime | None:
    """When the ten-minute rule judges a session; None where it does not apply, as where it is the office that calls."""
    if kind is not Kind.RESERVED or state is not State.CONFIRMED or by_phone:
        return None
    return starts_at + timedelta(minutes=policy.no_contact_grace_minutes)


def judge_no_contact(facts: SessionFacts, policy: Policy, *, now: datetime) -> tuple[Verdict, tuple[Doubt, ...]]:
    """The ten-minute rule (C6-1-4b, A7): closes at start + grace exactly, if the office did its part.

    Doubts come with ATTENTION only. A person whose last word was that they cannot come has cancelled, unless they
    joined after all.
    """
    due = grace_ends(facts.kind, facts.state, facts.starts_at, policy, by_phone=facts.by_phone)
    if due is None or now < due:
        return Verdict.WAIT, ()
    if facts.contacts[-1:] == (Contact.CANNOT_COME,) and facts.first_joined_at is None:
        return Verdict.CANCELLED_BY_USER, ()
    doubts = _doubts(facts, due, timedelta(seconds=policy.heartbeat_gap_seconds), now)
    return (Verdict.ATTENTION, doubts) if doubts else (Verdict.CLOSE, ())


def _doubts(facts: SessionFacts, due: datetime, gap: timedelta, now: datetime) -> tuple[Doubt, ...]:
    ready, told, seen = facts.meeting_ready_at, facts.confirmation_delivered_at, facts.counsellor_seen_at
    holds = {
        Doubt.MEETING_NOT_READY: ready is None or ready > facts.starts_at,
        Doubt.CONFIRMATION_NOT_DELIVERED: told is None or told > facts.starts_at,
        Doubt.COUNSELLOR_ABSENT: seen is None or seen >= due,
        Doubt.CLOCK_GAP: _stood_still(facts, due, gap, now),
        Doubt.JOINED: facts.first_joined_at is not None,
        Doubt.CONTACTED: bool(facts.contacts),
        Doubt.OFFICE_DELAY: facts.office_delay,
    }
    return tuple(doubt for doubt, true in holds.items() if true)


def _stood_still(facts: SessionFacts, due: datetime, gap: timedelta, now: datetime) -> bool:
    """Whether a watched part shows a gap over start … due.

    The judgement itself closes a chain whose next heartbeat is still to come. The real time of `now` is reckoned
    from the newest heartbeat of all: if the domain's clock jumped since, that looks like a gap, which errs on the
    person's side; the sweep's own heartbeat just before makes it exact.
    """
    known = [beat for beats in facts.heartbeats.values() for beat in beats]
    if not known:
        return True
    newest = max(known, key=lambda beat: beat.wall)
    present = Heartbeat(now, newest.wall + (now - newest.at))
    chains = [(*facts.heartbeats.get(part, ()), present) for part in WATCHED_PARTS]
    return any(_has_gap(chain, facts.starts_at, due, gap) for chain in chains)


def _has_gap(chain: tuple[Heartbeat, ...], start: datetime, due: datetime, gap: timedelta) -> bool:
    """Whether too much real time passed unwatched between the last heartbeat before start and the first after due.

    The chain ends with the judgement itself, so there always is one after due.
    """
    ordered = sorted(chain, key=lambda beat: beat.wall)
    before = [beat for beat in ordered if beat.at <= start][-1:]
    during = [beat for beat in ordered if start < beat.at < due]
    after = [beat for beat in ordered if beat.at >= due][:1]
    watched = [*before, *during, *after]
    return not before or any(later.wall - earlier.wall > gap for earlier, later in pairwise(watched))
