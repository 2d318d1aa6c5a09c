from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import phonenumbers
import pytest

from toyooka_hw import wording

START = datetime(2026, 9, 24, 1, 0, tzinfo=UTC)  # Thursday 10:00 in Tokyo
END = START + timedelta(minutes=30)
LATE_EVENING_UTC = datetime(2026, 12, 31, 15, 5, tzinfo=UTC)  # already New Year's Day in Tokyo


def test_ja_date_of_a_day() -> None:
    assert wording.ja_date(date(2026, 9, 24)) == "2026年9月24日（木）"


def test_ja_date_of_a_moment_is_its_day_in_tokyo() -> None:
    assert wording.ja_date(LATE_EVENING_UTC) == "2027年1月1日（金）"


def test_short_and_spoken_forms_of_a_date() -> None:
    assert wording.ja_short_date(START) == "9月24日（木）"
    assert wording.ja_spoken_date(START) == "9月24日 木曜日"


def test_ja_datetime_of_a_session_start() -> None:
    assert wording.ja_datetime(START) == "2026年9月24日（木）10:00"
    assert wording.ja_short_datetime(START) == "9月24日（木）10:00"


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (datetime(2026, 9, 23, 15, tzinfo=UTC), "2026年9月23日（水）24:00"),  # 0:00 of the 24th in Tokyo
        (datetime(2026, 12, 31, 15, tzinfo=UTC), "2026年12月31日（木）24:00"),
        (START, "2026年9月24日（木）10:00"),
    ],
)
def test_limit_at_midnight_is_the_end_of_the_day_before(limit: datetime, words: str) -> None:
    assert wording.ja_limit(limit) == words
    assert wording.ja_short_limit(limit) == words.removeprefix("2026年")


def test_ja_time_pads_minutes_but_not_hours() -> None:
    assert wording.ja_time(LATE_EVENING_UTC) == "0:05"


@pytest.mark.parametrize(("moment", "spoken"), [(START, "10時"), (END, "10時30分")])
def test_spoken_time_names_minutes_only_where_there_are_any(moment: datetime, spoken: str) -> None:
    assert wording.ja_spoken_time(moment) == spoken


def test_time_span_within_one_day() -> None:
    assert wording.ja_time_span(START, END) == "2026年9月24日（木）10:00～10:30"


def test_time_span_over_midnight_names_both_days() -> None:
    span = wording.ja_time_span(START, START + timedelta(days=1))
    assert span == "2026年9月24日（木）10:00～2026年9月25日（金）10:00"


@pytest.mark.parametrize("format_moment", [wording.ja_date, wording.ja_time, wording.ja_datetime])
def test_naive_moment_is_refused(format_moment: Callable[[datetime], str]) -> None:
    with pytest.raises(ValueError, match="naive"):
        format_moment(START.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2027, 4, 1), "令和9年（2027年）4月1日"),
        (date(2019, 5, 1), "令和元年（2019年）5月1日"),
        (date(2020, 1, 1), "令和2年（2020年）1月1日"),
        (date(2019, 4, 30), "平成31年（2019年）4月30日"),
        (date(1989, 1, 8), "平成元年（1989年）1月8日"),
        (date(1989, 1, 7), "昭和64年（1989年）1月7日"),
        (date(1926, 12, 24), "1926年12月24日"),
    ],
)
def test_reiwa_gives_both_years(day: date, written: str) -> None:
    assert wording.reiwa(day) == written


@pytest.mark.parametrize(
    ("e164", "shown", "masked"),
    [
        ("+819012341234", "090-1234-1234", "090-****-1234"),
        ("+816012345678", "060-1234-5678", "060-****-5678"),
        ("+81796231234", "0796-23-1234", "0796-**-1234"),
        ("+14155550123", "+1 415-555-0123", "+1 ***-***-0123"),
    ],
)
def test_phone_shown_and_masked(e164: str, shown: str, masked: str) -> None:
    assert wording.show_phone(e164) == shown
    assert wording.mask_phone(e164) == masked


def test_phone_that_is_no_number_is_refused() -> None:
    with pytest.raises(phonenumbers.NumberParseException):
        wording.show_phone("電話なし")


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("28090-12345678", "28***-*****678"),
        ("28090-12345", "28***-***45"),
        ("28090-12", "28***-*2"),
        ("28090-1", "28***-*"),
    ],
)
def test_job_seeker_number_masked_never_shows_more_than_half(number: str, masked: str) -> None:
    assert wording.mask_number(number) == masked
