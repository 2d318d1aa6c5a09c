"""The second level of a session's end: what fits beneath a state, whose cause it was, what counts (C6-1-4c)."""

from itertools import product

import pytest

from booking.rules.lifecycle import FINAL, OPEN_STATES, State
from booking.rules.outcomes import CAUSES, OUTCOMES, Cause, Outcome, OutcomeUnfit, settled

SESSIONS_END = {State.COMPLETED, State.CANCELLED_BY_USER, State.CANCELLED_NO_CONTACT, State.CANCELLED_BY_OFFICE, State.STOPPED}


def test_every_end_of_a_session_has_outcomes_and_nothing_else_has() -> None:
    assert set(OUTCOMES) == SESSIONS_END
    assert SESSIONS_END < FINAL


def test_every_outcome_has_a_cause_and_a_place() -> None:
    assert set(CAUSES) == set(Outcome) == {outcome for fit in OUTCOMES.values() for outcome in fit}


@pytest.mark.parametrize(("state", "outcome"), list(product(State, Outcome)))
def test_outcome_is_settled_only_beneath_a_state_it_fits(state: State, outcome: Outcome) -> None:
    if outcome in OUTCOMES.get(state, ()):
        assert settled(state, outcome) is outcome
    else:
        with pytest.raises(OutcomeUnfit):
            settled(state, outcome)


def test_usual_outcome_stands_where_nobody_chose() -> None:
    assert [settled(state, None) for state in OUTCOMES] == [fit[0] for fit in OUTCOMES.values()]
    assert {settled(state, None) for state in OPEN_STATES} == {None}


def test_what_the_office_caused_never_counts() -> None:
    """C6-1-4c: only the person's own."""
    assert {CAUSES[outcome] for outcome in OUTCOMES[State.CANCELLED_BY_OFFICE]} & {Cause.PERSON} == set()
