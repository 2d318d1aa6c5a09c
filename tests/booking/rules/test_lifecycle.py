"""The booking's life: the table, who may do what, what holds a place."""

from itertools import product

import pytest

from booking.rules.lifecycle import (
    CORRECTIONS,
    FINAL,
    HOLDING,
    NEEDS_REASON,
    OPEN_STATES,
    TABLE,
    Actor,
    Event,
    Kind,
    NotAllowed,
    State,
    diagram,
    holds_place,
    legal_events,
    next_state,
)

PERSON, STAFF, SYSTEM = Actor.PERSON, Actor.STAFF, Actor.SYSTEM
OTHER_KINDS = (Kind.AD_HOC, Kind.INTERVIEW)

# Written out by hand, as the office would tell it; the table must say exactly this.
EVERY_KIND = [
    (None, Event.REQUEST, State.REQUESTED, {PERSON, STAFF}),
    (State.REQUESTED, Event.CONFIRM, State.CONFIRMED, {STAFF}),
    (State.REQUESTED, Event.DECLINE, State.DECLINED, {STAFF}),
    (State.REQUESTED, Event.WITHDRAW, State.WITHDRAWN, {PERSON, STAFF}),
    (State.REQUESTED, Event.EXPIRE, State.EXPIRED, {SYSTEM}),
    (State.CONFIRMED, Event.REASSIGN, State.CONFIRMED, {STAFF}),
    (State.CONFIRMED, Event.BY_PHONE, State.CONFIRMED, {STAFF}),
    (State.CONFIRMED, Event.BY_ZOOM, State.CONFIRMED, {STAFF}),
    (State.CONFIRMED, Event.COMPLETE, State.COMPLETED, {STAFF}),
    (State.CONFIRMED, Event.STOP, State.STOPPED, {STAFF}),
    (State.CONFIRMED, Event.CANCEL_BY_USER, State.CANCELLED_BY_USER, {STAFF, SYSTEM}),
    (State.CONFIRMED, Event.CANCEL_BY_OFFICE, State.CANCELLED_BY_OFFICE, {STAFF}),
    (State.COMPLETED, Event.CORRECT_OUTCOME, State.COMPLETED, {STAFF}),
    (State.CANCELLED_BY_USER, Event.CORRECT_OUTCOME, State.CANCELLED_BY_USER, {STAFF}),
    (State.CANCELLED_BY_OFFICE, Event.CORRECT_OUTCOME, State.CANCELLED_BY_OFFICE, {STAFF}),
    (State.STOPPED, Event.CORRECT_OUTCOME, State.STOPPED, {STAFF}),
    (State.STOPPED, Event.CORRECT_TO_COMPLETED, State.COMPLETED, {STAFF}),
    (State.COMPLETED, Event.CORRECT_TO_CONFIRMED, State.CONFIRMED, {STAFF}),
    (State.COMPLETED, Event.CORRECT_TO_CANCELLED_BY_USER, State.CANCELLED_BY_USER, {STAFF}),
    (State.COMPLETED, Event.CORRECT_TO_CANCELLED_BY_OFFICE, State.CANCELLED_BY_OFFICE, {STAFF}),
    (State.CANCELLED_BY_USER, Event.CORRECT_TO_CONFIRMED, State.CONFIRMED, {STAFF}),
    (State.CANCELLED_BY_USER, Event.CORRECT_TO_COMPLETED, State.COMPLETED, {STAFF}),
    (State.CANCELLED_BY_USER, Event.CORRECT_TO_CANCELLED_BY_OFFICE, State.CANCELLED_BY_OFFICE, {STAFF}),
    (State.CANCELLED_BY_OFFICE, Event.CORRECT_TO_CONFIRMED, State.CONFIRMED, {STAFF}),
    (State.CANCELLED_BY_OFFICE, Event.CORRECT_TO_COMPLETED, State.COMPLETED, {STAFF}),
    (State.CANCELLED_BY_OFFICE, Event.CORRECT_TO_CANCELLED_BY_USER, State.CANCELLED_BY_USER, {STAFF}),
]
# An immediate session has no other time than now.
WITH_A_DATE = [(State.CONFIRMED, Event.MOVE, State.CONFIRMED, {STAFF})]
INTERVIEW_ONLY = [(State.CONFIRMED, Event.REPLACE, State.CONFIRMED, {STAFF})]
RESERVED_ONLY = [
    (State.REQUESTED, Event.PROPOSE, State.PROPOSED, {STAFF}),
    (State.PROPOSED, Event.ACCEPT, State.CONFIRMED, {PERSON, STAFF}),
    (State.PROPOSED, Event.REFUSE, State.REQUESTED, {PERSON, STAFF}),
    (State.PROPOSED, Event.DECLINE, State.DECLINED, {STAFF}),
    (State.PROPOSED, Event.WITHDRAW, State.WITHDRAWN, {PERSON, STAFF}),
    (State.PROPOSED, Event.EXPIRE, State.EXPIRED, {SYSTEM}),
    (State.EXPIRED, Event.REINSTATE, State.CONFIRMED, {STAFF}),
    (State.REQUESTED, Event.REASSIGN, State.REQUESTED, {STAFF}),
    (State.PROPOSED, Event.REASSIGN, State.PROPOSED, {STAFF}),
    (State.REQUESTED, Event.RELEASE, State.REQUESTED, {STAFF}),
    (State.PROPOSED, Event.RELEASE, State.REQUESTED, {STAFF}),
    (State.CONFIRMED, Event.CANCEL_NO_CONTACT, State.CANCELLED_NO_CONTACT, {STAFF, SYSTEM}),
    (State.CANCELLED_NO_CONTACT, Event.CORRECT_TO_CONFIRMED, State.CONFIRMED, {STAFF}),
    (State.CANCELLED_NO_CONTACT, Event.CORRECT_TO_COMPLETED, State.COMPLETED, {STAFF}),
    (State.CANCELLED_NO_CONTACT, Event.CORRECT_TO_CANCELLED_BY_USER, State.CANCELLED_BY_USER, {STAFF}),
    (State.CANCELLED_NO_CONTACT, Event.CORRECT_TO_CANCELLED_BY_OFFICE, State.CANCELLED_BY_OFFICE, {STAFF}),
    (State.CANCELLED_NO_CONTACT, Event.CORRECT_OUTCOME, State.CANCELLED_NO_CONTACT, {STAFF}),
]


def outcome(kind: Kind, state: State | None, event: Event, actor: Actor) -> State | None:
    try:
        return next_state(kind, state, event, actor)
    except NotAllowed:
        return None


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (Kind.RESERVED, EVERY_KIND + WITH_A_DATE + RESERVED_ONLY),
        (Kind.AD_HOC, EVERY_KIND),
        (Kind.INTERVIEW, EVERY_KIND + WITH_A_DATE + INTERVIEW_ONLY),
    ],
)
def test_every_step_is_allowed_to_these_actors_and_nothing_else_is(
    kind: Kind, rows: list[tuple[State | None, Event, State, set[Actor]]]
) -> None:
    steps = product((None, *State), Event, Actor)
    found = {step: after for step in steps if (after := outcome(kind, *step))}
    assert found == {(state, event, actor): after for state, event, after, actors in rows for actor in actors}


@pytest.mark.parametrize(("kind", "state", "actor"), list(product(Kind, (None, *State), Actor)))
def test_legal_events_are_those_that_lead_somewhere(kind: Kind, state: State | None, actor: Actor) -> None:
    allowed = [event for event in Event if outcome(kind, state, event, actor)]
    assert legal_events(kind, state, actor) == tuple(allowed)


def test_legal_events_of_staff_for_a_request() -> None:
    expected = (Event.CONFIRM, Event.PROPOSE, Event.DECLINE, Event.WITHDRAW, Event.REASSIGN, Event.RELEASE)
    assert legal_events(Kind.RESERVED, State.REQUESTED, STAFF) == expected


def test_every_state_is_either_open_or_final() -> None:
    assert sorted([*OPEN_STATES, *FINAL]) == sorted(State)


def test_only_corrections_leave_a_final_state() -> None:
    leaving = {event for (_, state, event) in TABLE if state in FINAL}
    assert leaving == CORRECTIONS


def test_every_open_state_has_a_way_on_for_staff() -> None:
    reached = {(kind, after) for (kind, _, _), (after, _) in TABLE.items() if after in OPEN_STATES}
    assert {(kind, state) for kind, state in reached if legal_events(kind, state, STAFF)} == reached


def test_every_event_is_in_the_table() -> None:
    assert {event for (_, _, event) in TABLE} == set(Event)


@pytest.mark.parametrize("state", State)
def test_every_state_is_classified_as_holding_a_place_or_not(state: State) -> None:
    holding = {State.REQUESTED, State.PROPOSED, State.CONFIRMED}
    assert holds_place(Kind.RESERVED, state) is (state in holding)
    assert [holds_place(kind, state) for kind in OTHER_KINDS] == [state in holding - {State.REQUESTED}] * 2
    assert (state in HOLDING) is (state in holding)


def test_reasons_are_needed_where_somebody_is_turned_away_or_a_record_is_changed() -> None:
    corrections = {
        Event.CORRECT_TO_CONFIRMED,
        Event.CORRECT_TO_COMPLETED,
        Event.CORRECT_TO_CANCELLED_BY_USER,
        Event.CORRECT_TO_CANCELLED_BY_OFFICE,
        Event.CORRECT_OUTCOME,
    }
    of_the_office = {Event.MOVE, Event.REPLACE, Event.REASSIGN, Event.RELEASE, Event.DECLINE, Event.CANCEL_BY_OFFICE, Event.REINSTATE}
    expected = of_the_office | corrections
    assert expected == NEEDS_REASON


def test_not_allowed_says_what_was_tried() -> None:
    with pytest.raises(NotAllowed, match="reserved: confirm by person is not allowed in state requested") as caught:
        next_state(Kind.RESERVED, State.REQUESTED, Event.CONFIRM, PERSON)
    refusal = caught.value
    tried = (refusal.kind, refusal.state, refusal.event, refusal.actor)
    assert tried == (Kind.RESERVED, State.REQUESTED, Event.CONFIRM, PERSON)


WHILE_CONFIRMED = "    confirmed --> confirmed: move (staff)\n    confirmed --> confirmed: replace (staff)\n"


@pytest.mark.parametrize(("kind", "more"), [(Kind.AD_HOC, ""), (Kind.INTERVIEW, WHILE_CONFIRMED)])
def test_diagram_of_the_short_life(kind: Kind, more: str) -> None:
    assert (
        diagram(kind)
        == f"""\
stateDiagram-v2
    [*] --> requested: request (person, staff)
    requested --> confirmed: confirm (staff)
    requested --> declined: decline (staff)
    requested --> withdrawn: withdraw (person, staff)
    requested --> expired: expire (system)
    confirmed --> confirmed: reassign (staff)
    confirmed --> confirmed: by_phone (staff)
    confirmed --> confirmed: by_zoom (staff)
    confirmed --> completed: complete (staff)
    confirmed --> cancelled_by_user: cancel_by_user (staff, system)
    confirmed --> cancelled_by_office: cancel_by_office (staff)
    confirmed --> stopped: stop (staff)
    completed --> confirmed: correct_to_confirmed (staff)
    completed --> cancelled_by_user: correct_to_cancelled_by_user (staff)
    completed --> cancelled_by_office: correct_to_cancelled_by_office (staff)
    cancelled_by_user --> confirmed: correct_to_confirmed (staff)
    cancelled_by_user --> completed: correct_to_completed (staff)
    cancelled_by_user --> cancelled_by_office: correct_to_cancelled_by_office (staff)
    cancelled_by_office --> confirmed: correct_to_confirmed (staff)
    cancelled_by_office --> completed: correct_to_completed (staff)
    cancelled_by_office --> cancelled_by_user: correct_to_cancelled_by_user (staff)
    stopped --> completed: correct_to_completed (staff)
    completed --> completed: correct_outcome (staff)
    cancelled_by_user --> cancelled_by_user: correct_outcome (staff)
    cancelled_by_office --> cancelled_by_office: correct_outcome (staff)
    stopped --> stopped: correct_outcome (staff)
{more}    completed --> [*]
    declined --> [*]
    expired --> [*]
    withdrawn --> [*]
    cancelled_by_user --> [*]
    cancelled_by_office --> [*]
    stopped --> [*]
"""
    )


def test_diagram_draws_every_transition_of_a_reservation() -> None:
    steps = [line for line in diagram(Kind.RESERVED).splitlines() if ":" in line]
    assert len(steps) == len(EVERY_KIND + WITH_A_DATE + RESERVED_ONLY)
