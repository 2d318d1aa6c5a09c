"""The words and colours of seminars and registrations: every state has them."""

import pytest

from booking.models import Registration, Seminar
from booking.rules.seminars import Room, Seat, State
from booking.templatetags import seminar_words as words

TONES = {"blue", "green", "yellow", "red", "gray"}


def test_every_state_seat_and_room_has_a_colour_and_words() -> None:
    assert set(words.ROOM) == set(Room)
    assert set(words.STATES) == {state.value for state in State} - {"draft"}  # a draft is on no public page
    assert set(words.SEATS) == {seat.value for seat in Seat}
    assert {tone for tone, _said in (*words.ROOM.values(), *words.STATES.values(), *words.SEATS.values())} <= TONES


@pytest.mark.parametrize(
    ("state", "seat", "tone", "label"),
    [
        ("published", "seated", "green", "参加確定"),
        ("suspended", "seated", "yellow", "一時中止"),
        ("cancelled", "waiting", "red", "中止"),
        ("cancelled", "withdrawn", "gray", "取消し"),
        ("suspended", "removed", "red", "参加の停止"),
    ],
)
def test_seat_in_what_does_not_take_place_is_no_news(state: str, seat: str, tone: str, label: str) -> None:
    row = Registration(seminar=Seminar(state=state), seat=seat)
    assert (words.standing_tone(row), str(words.standing_label(row))) == (tone, label)
    assert str(words.standing_words(row)) != ""
