"""How a session ended, in two levels: its final state says what happened, the outcome beneath it how; whose cause follows from that."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from booking.rules.lifecycle import Kind, State


class Outcome(StrEnum):
    """The second level."""

    HELD = "held"
    HELD_SHORT = "held_short"
    HELD_BY_PHONE = "held_by_phone"
    OWN_PLANS = "own_plans"
    JOB_FOUND = "job_found"
    OWN_DEVICE = "own_device"
    NOT_REACHED = "not_reached"
    WRONG_CONTACT = "wrong_contact"
    COUNSELLOR_AWAY = "counsellor_away"
    CODE_NOT_TOLD = "code_not_told"
    NOBODY_CAME = "nobody_came"
    OFFICE_CLOSED = "office_closed"
    OFFICE_DEVICE = "office_device"
    ZOOM_FAULT = "zoom_fault"
    DUPLICATE = "duplicate"
    ACCESS_NEED = "access_need"
    LEFT_EARLY = "left_early"
    CONDUCT = "conduct"


class Cause(StrEnum):
    """Whose cause it was. Only the person's own can ever speak against them."""

    NOBODY = "nobody"
    PERSON = "person"
    OFFICE = "office"
    TECHNOLOGY = "technology"


CAUSES: Mapping[Outcome, Cause] = MappingProxyType(
    {
        Outcome.HELD: Cause.NOBODY,
        Outcome.HELD_SHORT: Cause.NOBODY,
        Outcome.HELD_BY_PHONE: Cause.TECHNOLOGY,
        Outcome.OWN_PLANS: Cause.PERSON,
        Outcome.JOB_FOUND: Cause.PERSON,
        Outcome.OWN_DEVICE: Cause.TECHNOLOGY,
        Outcome.NOT_REACHED: Cause.PERSON,
        Outcome.WRONG_CONTACT: Cause.TECHNOLOGY,
        Outcome.COUNSELLOR_AWAY: Cause.OFFICE,
        Outcome.CODE_NOT_TOLD: Cause.NOBODY,
        Outcome.NOBODY_CAME: Cause.NOBODY,
        Outcome.OFFICE_CLOSED: Cause.OFFICE,
        Outcome.OFFICE_DEVICE: Cause.OFFICE,
        Outcome.ZOOM_FAULT: Cause.TECHNOLOGY,
        Outcome.DUPLICATE: Cause.NOBODY,
        Outcome.ACCESS_NEED: Cause.OFFICE,
        Outcome.LEFT_EARLY: Cause.PERSON,
        Outcome.CONDUCT: Cause.PERSON,
    }
)

# What may be chosen beneath each final state, the usual case first.
OUTCOMES: Mapping[State, tuple[Outcome, ...]] = MappingProxyType(
    {
        State.COMPLETED: (Outcome.HELD, Outcome.HELD_SHORT, Outcome.HELD_BY_PHONE),
        State.CANCELLED_BY_USER: (Outcome.OWN_PLANS, Outcome.JOB_FOUND, Outcome.OWN_DEVICE),
        State.CANCELLED_NO_CONTACT: (Outcome.NOT_REACHED, Outcome.WRONG_CONTACT),
        State.CANCELLED_BY_OFFICE: (
            Outcome.COUNSELLOR_AWAY,
            Outcome.OFFICE_CLOSED,
            Outcome.OFFICE_DEVICE,
            Outcome.ZOOM_FAULT,
            Outcome.DUPLICATE,
            Outcome.ACCESS_NEED,
            Outcome.CODE_NOT_TOLD,
            Outcome.NOBODY_CAME,
        ),
        State.STOPPED: (
            Outcome.OWN_DEVICE,
            Outcome.OFFICE_DEVICE,
            Outcome.ZOOM_FAULT,
            Outcome.LEFT_EARLY,
            Outcome.ACCESS_NEED,
            Outcome.CONDUCT,
        ),
    }
)


# Where the code is told by phone, and where somebody else was to come (C6-2-3b, A18).
_NEVER_OF_RESERVATIONS = frozenset({Outcome.CODE_NOT_TOLD, Outcome.NOBODY_CAME})


class OutcomeUnfit(Exception):
    """This outcome is none of those beneath the state, or not for this kind of session."""

    def __init__(self, state: State, outcome: Outcome) -> None:
        super().__init__(f"{outcome} is no outcome of {state}")
        self.state = state
        self.outcome = outcome


def outcomes_of(kind: Kind, state: State) -> tuple[Outcome, ...]:
    """What may be chosen beneath this state for this kind of session, the usual case first."""
    never = _NEVER_OF_RESERVATIONS if kind is Kind.RESERVED else frozenset()
    return tuple(outcome for outcome in OUTCOMES.get(state, ()) if outcome not in never)


def settled(kind: Kind, state: State, chosen: Outcome | None) -> Outcome | None:
    """The outcome of a booking that came to this state: the chosen one, else the usual; None where the state has none. Raises OutcomeUnfit."""
    allowed = outcomes_of(kind, state)
    if chosen is not None and chosen not in allowed:
        raise OutcomeUnfit(state, chosen)
    return chosen or next(iter(allowed), None)
