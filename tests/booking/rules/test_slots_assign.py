"""Who gets a session: free, least loaded that day, then lowest id; own host first (A17)."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import pytest

from booking.rules.calendar import Calendar, tokyo
from booking.rules.interval import Interval
from booking.rules.policy import Policy
from booking.rules.slots import Assignment, Busy, Counsellor, Host, Reason, Situation, SlotRefused, assign

DAY = date(2026, 11, 24)
TEN = tokyo(DAY, time(10))
DUTY = (Interval(tokyo(DAY, time(9)), tokyo(DAY, time(17))),)
FREE_HOSTS = (Host(1, ()), Host(2, ()), Host(3, ()))


def session(hour: int, day: date = DAY) -> Busy:
    start = tokyo(day, time(hour))
    return Busy(Interval(start, start + timedelta(minutes=30)), session=True)


def situation(counsellors: Sequence[Counsellor], hosts: Sequence[Host] = FREE_HOSTS, cap: int | None = None) -> Situation:
    return Situation(
        policy=Policy(capacity_per_start=cap),
        calendar=Calendar(),
        counsellors=tuple(counsellors),
        hosts=tuple(hosts),
        now=tokyo(date(2026, 11, 20), time(9)),
    )


def refused(start: datetime, seen: Situation, **wanted: int) -> tuple[Reason, ...]:
    with pytest.raises(SlotRefused) as caught:
        assign(start, seen, **wanted)
    return caught.value.reasons


def test_assign_takes_the_least_loaded_of_the_day() -> None:
    yesterday = [session(hour, date(2026, 11, 20)) for hour in (10, 11, 13)]
    people = [Counsellor(1, DUTY, (session(14),)), Counsellor(2, DUTY, tuple(yesterday))]
    assert assign(TEN, situation(people)).counsellor == 2


def test_assign_takes_the_lowest_id_of_equals() -> None:
    assert assign(TEN, situation([Counsellor(2, DUTY, ()), Counsellor(1, DUTY, ())])).counsellor == 1


def test_assign_does_not_count_absences_as_load() -> None:
    away = Busy(Interval(tokyo(DAY, time(15)), tokyo(DAY, time(17))), session=False)
    people = [Counsellor(1, DUTY, (away,)), Counsellor(2, DUTY, (session(14),))]
    assert assign(TEN, situation(people)).counsellor == 1


@pytest.mark.parametrize(
    ("default", "hosts", "expected"),
    [
        pytest.param(3, FREE_HOSTS, 3, id="own host"),
        pytest.param(3, [Host(3, (session(10).span,)), Host(2, ()), Host(1, ())], 1, id="own host taken"),
        pytest.param(None, FREE_HOSTS, 1, id="no own host, lowest id that is nobody's"),
        pytest.param(None, [Host(2, ()), Host(5, ())], 5, id="leaves the others their own"),
        pytest.param(None, [Host(2, ())], 2, id="takes another's own if there is no other"),
        pytest.param(9, FREE_HOSTS, 1, id="own host no longer in use"),
    ],
)
def test_assign_chooses_the_host(default: int | None, hosts: Sequence[Host], expected: int) -> None:
    people = [Counsellor(1, DUTY, (), default), Counsellor(2, DUTY, (session(14),), default_host=2)]
    assert assign(TEN, situation(people, hosts)) == Assignment(1, expected)


def test_assign_respects_wanted_ids() -> None:
    people = [Counsellor(1, DUTY, (), 1), Counsellor(2, DUTY, (session(14),), 2)]
    assert assign(TEN, situation(people), counsellor=2, host=3) == Assignment(2, 3)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        pytest.param({"counsellor": 2}, Reason.COUNSELLOR_TAKEN, id="counsellor in a session"),
        pytest.param({"counsellor": 3}, Reason.COUNSELLOR_TAKEN, id="counsellor not on duty"),
        pytest.param({"counsellor": 9}, Reason.COUNSELLOR_TAKEN, id="counsellor unknown"),
        pytest.param({"host": 2}, Reason.HOST_TAKEN, id="host taken"),
    ],
)
def test_assign_names_the_wanted_one_that_is_not_free(wanted: dict[str, int], reason: Reason) -> None:
    people = [Counsellor(1, DUTY, ()), Counsellor(2, DUTY, (session(10),)), Counsellor(3, (), ())]
    hosts = [Host(1, ()), Host(2, (session(10).span,))]
    assert refused(TEN, situation(people, hosts), **wanted) == (reason,)


def test_assign_without_anybody_on_duty_is_refused() -> None:
    assert refused(TEN, situation([Counsellor(1, (), ())])) == (Reason.NOBODY_ON_DUTY,)


def test_assign_beyond_the_cap_is_refused() -> None:
    people = [Counsellor(1, DUTY, (session(10),)), Counsellor(2, DUTY, ())]
    assert refused(TEN, situation(people, cap=1)) == (Reason.FULL,)


def test_assign_takes_any_moment_on_duty() -> None:
    start = tokyo(DAY, time(16, 10))
    assert assign(start, situation([Counsellor(1, DUTY, ())])) == Assignment(1, 1)
