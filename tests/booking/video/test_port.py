"""What a meeting may be asked to be: Zoom answers the rest strangely or not at all."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from booking.video.port import MeetingSpec


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_at": datetime(2031, 1, 14, 10, 0)},  # noqa: DTZ001 - naive is the point
        {"host": ""},
        {"topic": ""},
        {"topic": "あ" * 201},
        {"minutes": 0},
        {"passcode": ""},
        {"passcode": "a" * 11},
        {"passcode": "ab cd"},
        {"reference": ""},
        {"reference": "a b"},
        {"reference": "a" * 41},
    ],
)
def test_a_spec_that_zoom_would_not_understand_is_an_error(spec: MeetingSpec, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"a meeting|a passcode|a reference|starts_at"):
        replace(spec, **wrong)


def test_the_longest_spec_is_taken(spec: MeetingSpec) -> None:
    longest = replace(spec, topic="あ" * 200, passcode="a" * 10, reference="a" * 40, minutes=1)

    assert len(longest.topic) == 200
