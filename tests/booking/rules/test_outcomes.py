"""The second level of a session's end: what fits beneath a state, whose cause it was, what counts (C6-1-4c)."""

from itertools import product

import pytest

from booking.rules.lifecycle import FINAL, OPEN_STATES, Kind, State
from booking.rules.outcomes import CAUSES, OUTCOMES, Cause, Outcome, OutcomeUnfit, outcomes_of, settled

SESSIONS_END = {State.COMPLETED, State.CANCELLED_BY_USER, State.CANCELLED_NO_CONTACT, State.CANCELLED_BY_OFFICE, State.STOPPED}


def test_every_end_of_a_session_has_outcomes_and_nothing_else_has() -> None:
    assert set(OUTCOMES) == SESSIONS_END
    assert SESSIONS_END < FINAL


def test_every_outcome_has_a_cause_and_a_place() -> None:
    assert set(CAUSES) == set(Outcome) == {outcome for fit in OUTCOMES.values() for outcome in fit}


@pytest.mark.parametrize(("kind", "state", "outcome"), list(product(Kind, State, Outcome)))
def test_outcome_is_settled_only_beneath_a_state_it_fits(kind: Kind, state: State, outcome: Outcome) -> None:
    if outcome in outcomes_of(kind, state):
        assert settled(kind, state, outcome) is outcome
    else:
        with pytest.raises(OutcomeUnfit):
            settled(kind, state, outcome)


@pytest.mark.parametrize("kind", list(Kind))
def test_usual_outcome_stands_where_nobody_chose(kind: Kind) -> None:
    assert [settled(kind, state, None) for state in OUTCOMES] == [fit[0] for fit in OUTCOMES.values()]
    assert {settled(kind, state, None) for state in OPEN_STATES} == {None}


def test_code_that_could_not_be_told_ends_no_reservation() -> None:
    """C6-2-3b, A18: of a reservation the code is on the person's page, and nobody else was to come."""
    office = OUTCOMES[State.CANCELLED_BY_OFFICE]
    assert [len(outcomes_of(kind, State.CANCELLED_BY_OFFICE)) for kind in Kind] == [6, 8, 8]
    assert set(office) - set(outcomes_of(Kind.RESERVED, State.CANCELLED_BY_OFFICE)) == {Outcome.CODE_NOT_TOLD, Outcome.NOBODY_CAME}


def test_what_the_office_caused_never_counts() -> None:
    """C6-1-4c: only the person's own."""
    assert {CAUSES[outcome] for outcome in OUTCOMES[State.CANCELLED_BY_OFFICE]} & {Cause.PERSON} == set()
