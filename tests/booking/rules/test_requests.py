"""The plain request: everything must speak for it, and each single thing speaks against it (C2-1a, C6-1-1b)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.rules.lifecycle import State
from booking.rules.requests import Request, is_plain
from tests.cast import MORNING, SESSION, THURSDAY, at

PLAIN = Request(state=State.REQUESTED, starts_at=SESSION, verified=True, numbered=True, eligible=True, held=True, contacted=False)
MIDNIGHT = at(THURSDAY, 0)


def test_request_against_which_nothing_speaks_is_plain() -> None:
    assert is_plain(PLAIN, now=MORNING)


@pytest.mark.parametrize(
    "known",
    [
        {"state": State.PROPOSED},
        {"verified": False},
        {"numbered": False},
        {"eligible": False},
        {"held": False},
        {"contacted": True},
    ],
)
def test_single_doubt_makes_it_one_to_be_opened(known: dict[str, object]) -> None:
    assert not is_plain(replace(PLAIN, **known), now=MORNING)


def test_request_is_plain_until_its_day_begins() -> None:
    assert [is_plain(PLAIN, now=now) for now in (MIDNIGHT - timedelta(seconds=1), MIDNIGHT)] == [True, False]
