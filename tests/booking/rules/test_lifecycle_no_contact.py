"""The ten-minute rule, to the second and with every condition (C6-1-4b, A7)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from booking.rules.lifecycle import Contact, Doubt, Heartbeat, Kind, SessionFacts, State, Verdict, grace_ends, judge_no_contact
from booking.rules.policy import Policy

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 10:00 in Tokyo
DUE = START + timedelta(minutes=10)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def beats(minutes: Iterable[float], jump: timedelta = timedelta(0)) -> tuple[Heartbeat, ...]:
    """Heartbeats so many minutes after the start, on a domain clock that is ahead of real time by `jump`."""
    return tuple(Heartbeat(START + MINUTE * n, START + MINUTE * n - jump) for n in minutes)


EACH_MINUTE = beats(range(-2, 11))
FACTS = SessionFacts(
    kind=Kind.RESERVED,
    state=State.CONFIRMED,
    starts_at=START,
    meeting_ready_at=START - timedelta(days=1),
    confirmation_delivered_at=START - timedelta(days=1),
    counsellor_seen_at=START - MINUTE,
    first_joined_at=None,
    contacts=(),
    heartbeats={"beat": EACH_MINUTE, "web": EACH_MINUTE},
)


def judged(now: datetime = DUE, policy: Policy = Policy(), **changes: Any) -> tuple[Verdict, tuple[Doubt, ...]]:  # noqa: B008 - frozen, so shared without harm
    return judge_no_contact(replace(FACTS, **changes), policy, now=now)


CLOSED = (Verdict.CLOSE, ())
WAITING = (Verdict.WAIT, ())


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(START - timedelta(days=1), WAITING, id="the day before"),
        pytest.param(START, WAITING, id="10:00:00"),
        pytest.param(DUE - SECOND, WAITING, id="10:09:59"),
        pytest.param(DUE, CLOSED, id="10:10:00"),
        pytest.param(DUE + MINUTE, CLOSED, id="10:11:00"),
    ],
)
def test_session_without_a_sign_of_life_closes_at_ten_minutes(now: datetime, expected: tuple[Verdict, tuple[Doubt, ...]]) -> None:
    assert judged(now) == expected


def test_grace_is_policy() -> None:
    longer = Policy(no_contact_grace_minutes=15)
    running = beats(range(-2, 16))
    heartbeats = {"beat": running, "web": running}
    assert judged(DUE, longer, heartbeats=heartbeats) == WAITING
    assert judged(START + timedelta(minutes=15), longer, heartbeats=heartbeats) == CLOSED


@pytest.mark.parametrize("kind", [Kind.AD_HOC, Kind.INTERVIEW])
def test_other_kinds_are_never_closed(kind: Kind) -> None:
    assert judged(kind=kind) == WAITING


@pytest.mark.parametrize("changes", [{}, {"contacts": (Contact.CANNOT_COME,)}, {"meeting_ready_at": None}])
def test_session_held_by_telephone_is_left_to_people(changes: dict[str, Any]) -> None:
    """It is the office that calls; a day later, too, nothing closes it by itself."""
    assert [judged(now, by_phone=True, **changes) for now in (DUE, DUE + timedelta(days=1))] == [WAITING, WAITING]
    assert grace_ends(Kind.RESERVED, State.CONFIRMED, START, Policy(), by_phone=True) is None


@pytest.mark.parametrize("state", [state for state in State if state is not State.CONFIRMED])
def test_other_states_are_never_closed(state: State) -> None:
    assert judged(state=state) == WAITING


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        pytest.param({"meeting_ready_at": None}, Doubt.MEETING_NOT_READY, id="no meeting"),
        pytest.param({"meeting_ready_at": START + SECOND}, Doubt.MEETING_NOT_READY, id="meeting a second late"),
        pytest.param({"confirmation_delivered_at": None}, Doubt.CONFIRMATION_NOT_DELIVERED, id="mail waiting"),
        pytest.param({"confirmation_delivered_at": START + SECOND}, Doubt.CONFIRMATION_NOT_DELIVERED, id="mail late"),
        pytest.param({"counsellor_seen_at": None}, Doubt.COUNSELLOR_ABSENT, id="no counsellor"),
        pytest.param({"counsellor_seen_at": DUE}, Doubt.COUNSELLOR_ABSENT, id="counsellor ten minutes late"),
        pytest.param({"heartbeats": {}}, Doubt.CLOCK_GAP, id="nothing ran"),
        pytest.param({"first_joined_at": START + 5 * MINUTE}, Doubt.JOINED, id="pressed join at 10:05"),
        pytest.param({"first_joined_at": START - 5 * MINUTE}, Doubt.JOINED, id="pressed join at 9:55"),
        pytest.param({"contacts": (Contact.LATE,)}, Doubt.CONTACTED, id="said late"),
        pytest.param({"contacts": (Contact.UNCLEAR,)}, Doubt.CONTACTED, id="said something unclear"),
        pytest.param({"office_delay": True}, Doubt.OFFICE_DELAY, id="the office was late"),
    ],
)
def test_any_doubt_leaves_the_session_to_people(changes: dict[str, Any], doubt: Doubt) -> None:
    assert judged(**changes) == (Verdict.ATTENTION, (doubt,))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"meeting_ready_at": START}, id="meeting ready at the start"),
        pytest.param({"confirmation_delivered_at": START}, id="mail accepted at the start"),
        pytest.param({"counsellor_seen_at": DUE - SECOND}, id="counsellor there at 10:09:59"),
    ],
)
def test_office_that_did_its_part_in_the_last_moment_did_it(changes: dict[str, Any]) -> None:
    assert judged(**changes) == CLOSED


def test_all_doubts_are_told_in_a_fixed_order() -> None:
    everything_wrong = judged(
        meeting_ready_at=None,
        confirmation_delivered_at=None,
        counsellor_seen_at=None,
        heartbeats={},
        first_joined_at=START,
        contacts=(Contact.LATE,),
        office_delay=True,
    )
    assert everything_wrong == (Verdict.ATTENTION, tuple(Doubt))


@pytest.mark.parametrize(
    ("contacts", "joined", "expected"),
    [
        pytest.param((Contact.CANNOT_COME,), None, (Verdict.CANCELLED_BY_USER, ()), id="said so at 10:08"),
        pytest.param((Contact.LATE, Contact.CANNOT_COME), None, (Verdict.CANCELLED_BY_USER, ()), id="late, then cannot"),
        pytest.param((Contact.CANNOT_COME, Contact.LATE), None, (Verdict.ATTENTION, (Doubt.CONTACTED,)), id="comes after all"),
        pytest.param((Contact.CANNOT_COME,), START, (Verdict.ATTENTION, (Doubt.JOINED, Doubt.CONTACTED)), id="joined anyway"),
    ],
)
def test_last_word_of_the_person_counts(
    contacts: tuple[Contact, ...], joined: datetime | None, expected: tuple[Verdict, tuple[Doubt, ...]]
) -> None:
    assert judged(contacts=contacts, first_joined_at=joined) == expected


def test_word_that_they_cannot_come_counts_whatever_the_office_failed_to_do() -> None:
    assert judged(contacts=(Contact.CANNOT_COME,), meeting_ready_at=None, heartbeats={}) == (
        Verdict.CANCELLED_BY_USER,
        (),
    )


# --- beat and web ran without a gap ------------------------------------------------------------------------------------

GAP = (Verdict.ATTENTION, (Doubt.CLOCK_GAP,))


@pytest.mark.parametrize("part", ["beat", "web"])
@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        pytest.param([-1, 0.5, 2, 4, 6, 8, 9.5, 11], CLOSED, id="never more than two minutes apart"),
        pytest.param([-1, 1.5, 4, 6.5, 9, 11.5], CLOSED, id="150 seconds apart"),
        pytest.param([-1, 1.5, 4, 6.6, 9, 11], GAP, id="156 seconds apart"),
        pytest.param([-1, 1, 3, 8, 10, 11], GAP, id="stood still in the middle"),
        pytest.param([-4, 0.5, 2, 4, 6, 8, 10], GAP, id="stood still over the start"),
        pytest.param([0, 2, 4, 6, 8, 10], CLOSED, id="from start to due exactly"),
        pytest.param([1, 2, 4, 6, 8, 10], GAP, id="started after the start"),
        pytest.param([-1, 1, 3, 5, 7], GAP, id="stopped before due"),
        pytest.param([-1, 1, 3, 5, 7, 9], CLOSED, id="its next heartbeat is still to come"),
        pytest.param([], GAP, id="never ran"),
        pytest.param([8, 6, 4, 2, 0, 10], CLOSED, id="order does not matter"),
    ],
)
def test_part_that_stood_still_leaves_the_session_to_people(
    part: str, minutes: list[float], expected: tuple[Verdict, tuple[Doubt, ...]]
) -> None:
    assert judged(DUE + MINUTE, heartbeats={**FACTS.heartbeats, part: beats(minutes)}) == expected


def test_part_without_any_record_is_a_gap() -> None:
    assert judged(heartbeats={"beat": EACH_MINUTE}) == GAP


def test_gap_before_or_after_the_ten_minutes_does_not_matter() -> None:
    running = beats([-300, -200, *range(-1, 12), 300])
    assert judged(START + timedelta(hours=6), heartbeats={"beat": running, "web": running}) == CLOSED


def test_first_judgement_after_an_outage_closes_nobody() -> None:
    before_it = beats([-2, -1, 0, 1, 2, 3])
    assert judged(DUE + 10 * MINUTE, heartbeats={"beat": before_it, "web": before_it}) == GAP
    and_back = {"beat": (*before_it, *beats([20])), "web": before_it}
    assert judged(DUE + 10 * MINUTE, heartbeats=and_back) == GAP


def test_gap_is_policy() -> None:
    slow = beats([-1, 3, 7, 11])
    heartbeats = {"beat": slow, "web": slow}
    assert judged(DUE + MINUTE, heartbeats=heartbeats) == GAP
    assert judged(DUE + MINUTE, Policy(heartbeat_gap_seconds=240), heartbeats=heartbeats) == CLOSED


# A demo moves the domain's clock at 9:30 the day before, real time going on as ever.
EVE = -24 * 60 - 30
REAL_MORNING = timedelta(minutes=-EVE)


def test_jump_of_the_domain_clock_is_no_gap() -> None:
    eve = beats([EVE - 1, EVE])
    jumped = beats([10.0], jump=REAL_MORNING + 9 * MINUTE)  # a minute of real time after the last on the eve
    both = {"beat": (*eve, *jumped), "web": (*eve, *jumped)}
    assert judged(heartbeats=both) == CLOSED


def test_sweep_right_after_a_jump_needs_only_its_own_heartbeat() -> None:
    eve = beats([EVE - 1, EVE])
    sweep = beats([10.0], jump=REAL_MORNING + 9 * MINUTE)
    assert judged(heartbeats={"beat": (*eve, *sweep), "web": eve}) == CLOSED


def test_web_that_died_before_the_jump_is_a_gap() -> None:
    eve = beats([EVE - 1, EVE])
    sweep = beats([10.0], jump=REAL_MORNING + 9 * MINUTE)
    assert judged(heartbeats={"beat": (*eve, *sweep), "web": beats([EVE - 5])}) == GAP


def test_jump_without_any_heartbeat_after_it_errs_on_the_persons_side() -> None:
    eve = beats([EVE - 1, EVE])
    assert judged(heartbeats={"beat": eve, "web": eve}) == GAP


@pytest.mark.parametrize(
    ("kind", "state"), [(Kind.AD_HOC, State.CONFIRMED), (Kind.RESERVED, State.REQUESTED), (Kind.RESERVED, State.COMPLETED)]
)
def test_grace_ends_only_for_confirmed_reservations(kind: Kind, state: State) -> None:
    assert grace_ends(kind, state, START, Policy(), by_phone=False) is None
    assert grace_ends(Kind.RESERVED, State.CONFIRMED, START, Policy(), by_phone=False) == DUE
