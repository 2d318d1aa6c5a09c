"""``manage.py slots``: the rule's own answer to "why is it ×?", for any moment, in words and as data."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from booking.models import Booking
from tests.cast import Office

pytestmark = pytest.mark.django_db


def asked(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("slots", *arguments, "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def test_open_day_tells_marks_places_and_moments(office: Office) -> None:
    answer = asked("2027-01-04", "--now", "2026-12-28T14:59")
    (day,) = answer["days"]
    assert answer["now"] == "2026-12-28T14:59:00+09:00"
    assert (day["date"], day["open"], day["why"]) == ("2027-01-04", True, "")
    assert (day["request_closes"], day["answer_by"], day["confirm_limit"]) == (
        "2026-12-28T15:00:00+09:00",
        "2026-12-28T17:15:00+09:00",
        "2027-01-04T00:00:00+09:00",
    )
    assert [start["start"][11:16] for start in day["starts"]] == [
        "10:00", "10:30", "11:00", "11:30", "13:00", "13:30", "14:00", "14:30", "15:00", "15:30",
    ]  # fmt: skip
    assert {(start["mark"], start["places"], tuple(start["reasons"])) for start in day["starts"]} == {("○", 2, ())}


def test_deadline_minute_turns_every_start(office: Office) -> None:
    (day,) = asked("2027-01-04", "--now", "2026-12-28T15:00")["days"]
    assert {(start["mark"], tuple(start["reasons"])) for start in day["starts"]} == {("×", ("request_closed",))}


@pytest.mark.parametrize(("date", "why"), [("2026-09-22", "休日"), ("2027-03-22", "休日"), ("2026-12-29", "年末年始")])
def test_closed_day_is_named(office: Office, date: str, why: str) -> None:
    (day,) = asked(date, "--now", "2026-09-01T09:00")["days"]
    assert (day["open"], day["why"], {next(iter(start["reasons"])) for start in day["starts"]}) == (False, why, {"closed_day"})


def test_taken_place_is_counted(requested: Booking) -> None:
    (day,) = asked("2027-04-08", "--now", "2027-04-06T09:30")["days"]
    assert [(start["mark"], start["places"]) for start in day["starts"][:2]] == [("△", 1), ("○", 2)]


def test_several_days_in_words(office: Office) -> None:
    out = StringIO()
    call_command("slots", "2027-04-09", "--days", "2", "--now", "2027-04-06T09:30+09:00", stdout=out)
    text = out.getvalue()
    assert "2027年4月9日（金） 開庁日" in text
    assert "2027年4月10日（土） 閉庁日（土曜日）" in text


@pytest.mark.parametrize("arguments", [("2027-13-01",), ("2027-04-08", "--now", "soon"), ("2027-04-08", "--days", "0")])
def test_nonsense_is_refused_in_words(office: Office, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        asked(*arguments)
