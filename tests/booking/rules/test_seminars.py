"""Seminars: states, seats, the waiting list, and their boundary moments (document S)."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.rules.seminars import (
    ANSWER_WITHIN,
    TABLE,
    TAKING,
    Closed,
    Door,
    Event,
    NotAllowed,
    Queued,
    Room,
    Seat,
    State,
    Times,
    answer_by,
    closed,
    host_door,
    lapsed,
    legal_events,
    next_in_line,
    next_state,
    room,
    seat_for,
)
from tests.cast import MORNING, SESSION

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
TIMES = Times(opens_at=MORNING, closes_at=SESSION - timedelta(days=1), starts_at=SESSION, ends_at=SESSION + timedelta(hours=2))


@pytest.mark.parametrize(("state", "event"), [key for key in TABLE if key[1] not in (Event.CANCEL, Event.END_EARLY, Event.CLOSE)])
def test_steps_that_do_not_ask_for_the_time(state: State, event: Event) -> None:
    assert {next_state(state, event, begun=begun) for begun in (False, True)} == {TABLE[state, event]}


@pytest.mark.parametrize("state", [State.PUBLISHED, State.SUSPENDED])
def test_what_has_begun_is_ended_and_not_cancelled(state: State) -> None:
    assert (next_state(state, Event.CANCEL, begun=False), next_state(state, Event.END_EARLY, begun=True)) == (
        State.CANCELLED,
        State.ENDED_EARLY,
    )
    for event, begun in ((Event.CANCEL, True), (Event.END_EARLY, False)):
        with pytest.raises(NotAllowed):
            next_state(state, event, begun=begun)


def test_what_has_not_begun_is_not_closed() -> None:
    with pytest.raises(NotAllowed):
        next_state(State.PUBLISHED, Event.CLOSE, begun=False)
    assert next_state(State.PUBLISHED, Event.CLOSE, begun=True) is State.HELD


@pytest.mark.parametrize("state", [State.CANCELLED, State.ENDED_EARLY, State.HELD])
def test_ends_are_final(state: State) -> None:
    assert [legal_events(state, begun=begun) for begun in (False, True)] == [(), ()]


def test_buttons_of_a_published_seminar() -> None:
    assert legal_events(State.PUBLISHED, begun=False) == (Event.CHANGE, Event.SUSPEND, Event.CANCEL)
    assert legal_events(State.PUBLISHED, begun=True) == (Event.CHANGE, Event.SUSPEND, Event.END_EARLY, Event.CLOSE)


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        (TIMES.opens_at - SECOND, Closed.NOT_YET),
        (TIMES.opens_at, None),
        (TIMES.closes_at - SECOND, None),
        (TIMES.closes_at, Closed.OVER),
    ],
)
def test_registration_is_half_open(moment: object, why: Closed | None) -> None:
    assert closed(State.PUBLISHED, TIMES, now=moment) is why


@pytest.mark.parametrize("state", [state for state in State if state is not State.PUBLISHED])
def test_only_what_is_published_takes_registrations(state: State) -> None:
    assert closed(state, TIMES, now=TIMES.opens_at) is Closed.NOT_OPEN


@pytest.mark.parametrize("change", [{"opens_at": TIMES.closes_at}, {"closes_at": SESSION + SECOND}, {"ends_at": SESSION}])
def test_moments_out_of_order_are_refused(change: dict[str, object]) -> None:
    kept = {name: getattr(TIMES, name) for name in ("opens_at", "closes_at", "starts_at", "ends_at")}
    with pytest.raises(ValueError, match="registration opens before"):
        Times(**{**kept, **change})


@pytest.mark.parametrize(
    ("taken", "waiting", "seat"),
    [(0, 0, Seat.SEATED), (9, 0, Seat.SEATED), (10, 0, Seat.WAITING), (11, 0, Seat.WAITING), (9, 1, Seat.WAITING)],
)
def test_last_of_ten_seats(taken: int, waiting: int, seat: Seat) -> None:
    assert seat_for(10, taken, waiting) is seat


@pytest.mark.parametrize(
    ("taken", "waiting", "seat"), [(9, 0, Seat.SEATED), (10, 0, Seat.WAITING), (10, 1, Seat.WAITING), (10, 2, None), (9, 2, None)]
)
def test_waiting_list_of_two_has_an_end(taken: int, waiting: int, seat: Seat | None) -> None:
    assert (seat_for(10, taken, waiting, 2), seat_for(10, 10, 0, 0)) == (seat, None)


@pytest.mark.parametrize(
    ("capacity", "taken", "waiting", "left"),
    [
        (20, 15, 0, Room.FREE),
        (20, 16, 0, Room.FEW),
        (20, 19, 0, Room.FEW),
        (20, 20, 0, Room.FULL),
        (20, 19, 1, Room.FULL),
        (20, 25, 0, Room.FULL),
        (2, 0, 0, Room.FREE),
        (2, 1, 0, Room.FEW),
        (1, 0, 0, Room.FEW),
    ],
)
def test_room_is_told_without_numbers(capacity: int, taken: int, waiting: int, left: Room) -> None:
    assert room(capacity, taken, waiting) is left


def test_offer_lapses_at_its_time() -> None:
    queue = [Queued(1, Seat.SEATED), Queued(2, Seat.OFFERED, SESSION), Queued(3, Seat.OFFERED, SESSION + SECOND), Queued(4, Seat.WAITING)]
    assert [lapsed(queue, now=moment) for moment in (SESSION - SECOND, SESSION, SESSION + SECOND)] == [[], [2], [2, 3]]


def test_nobody_is_offered_a_seat_from_the_start_on() -> None:
    queue = [Queued(1, Seat.WAITING)]
    assert [next_in_line(5, queue, SESSION, now=moment) for moment in (SESSION - SECOND, SESSION)] == [[1], []]


def test_capacity_below_those_seated_offers_nothing() -> None:
    assert next_in_line(1, [Queued(1, Seat.SEATED), Queued(2, Seat.SEATED), Queued(3, Seat.WAITING)], SESSION, now=MORNING) == []


def test_offer_is_kept_for_a_day_and_not_beyond_the_start() -> None:
    assert answer_by(SESSION, now=MORNING) == MORNING + ANSWER_WITHIN
    assert answer_by(SESSION, now=SESSION - timedelta(hours=1)) == SESSION


@given(
    capacity=st.integers(0, 12),
    seats=st.lists(st.sampled_from(list(Seat)), max_size=40),
)
def test_offers_fill_the_free_seats_in_order_and_never_more(capacity: int, seats: list[Seat]) -> None:
    queue = [Queued(number, seat) for number, seat in enumerate(seats)]
    offered = next_in_line(capacity, queue, SESSION, now=MORNING)
    taken = sum(seat in TAKING for seat in seats)
    waiting = [row.id for row in queue if row.seat is Seat.WAITING]
    assert offered == waiting[: len(offered)]
    assert len(offered) == min(len(waiting), max(capacity - taken, 0))


@pytest.mark.parametrize(
    ("state", "now", "why"),
    [
        (State.PUBLISHED, SESSION - 10 * MINUTE - SECOND, Door.TOO_EARLY),
        (State.PUBLISHED, SESSION - 10 * MINUTE, None),
        (State.SUSPENDED, SESSION, None),
        (State.SUSPENDED, SESSION - HOUR, Door.TOO_EARLY),
        (State.CANCELLED, SESSION, Door.OVER),
        (State.DRAFT, SESSION, Door.OVER),
        (State.PUBLISHED, SESSION + 2 * HOUR, Door.OVER),
    ],
)
def test_office_goes_in_when_everybody_does_and_while_it_is_suspended(state: State, now: datetime, why: Door | None) -> None:
    times = Times(opens_at=MORNING, closes_at=SESSION, starts_at=SESSION, ends_at=SESSION + HOUR)
    assert host_door(state, times, opens_minutes=10, now=now) is why
