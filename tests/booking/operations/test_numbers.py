"""受付番号: of nothing else that has one."""

import pytest

from booking.models import Booking
from booking.operations import numbers
from booking.operations.numbers import NUMBERED, free_number

pytestmark = pytest.mark.django_db


def test_number_that_is_taken_is_not_given_again(requested: Booking, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = int(requested.number.replace("-", ""))
    drawn = iter([taken, 12])
    monkeypatch.setattr(numbers.secrets, "randbelow", lambda _end: next(drawn))
    assert free_number() == "0000-0012"


def test_every_kind_of_number_is_looked_for() -> None:
    assert [model._meta.db_table in numbers._IS_TAKEN for model in NUMBERED] == [True] * 4
