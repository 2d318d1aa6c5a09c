"""What processes share of the one Zoom account, on a real Redis: the token, the pace, the hosts' counted days."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from pytest_django import Settings

from booking.models import HostDay
from booking.operations import meetings
from booking.operations.meetings.commons import OfficeCommons
from booking.rules.quota import CALLS_A_DAY
from booking.video.port import Load, MeetingSpec, QuotaSpent, Throttled
from booking.video.token import AccessTokens
from tests.cast import MORNING, SESSION, at, date
from tests.simulator import SimulatorHandle
from toyooka_hw.demo.processes import LOOPBACK, free_port

HOST = "sato@zoom.example.jp"
SPEC = MeetingSpec(HOST, "オンライン職業相談", SESSION, 30, "8f14e45fceea", "Kq7mZ2xw9A")
NOWHERE = "redis://127.0.0.1:1/0"


def commons(zoom: SimulatorHandle) -> OfficeCommons:
    return OfficeCommons(zoom.config(), wall=MORNING)


def tokens_asked(zoom: SimulatorHandle) -> int:
    return len(zoom.control.calls("token"))


# --- the token ---------------------------------------------------------------------------------------------------------------------


def test_two_processes_use_one_token(zoom: SimulatorHandle) -> None:
    """Each AccessTokens stands for a process: it keeps at hand what only Redis can have told it."""
    first, second = (AccessTokens(zoom.config()).current(commons(zoom)) for _process in range(2))
    assert (first.value == second.value, first.scopes == second.scopes, tokens_asked(zoom)) == (True, True, 1)


def test_token_that_another_process_renewed_is_taken_from_there(zoom: SimulatorHandle) -> None:
    here, there = AccessTokens(zoom.config()), AccessTokens(zoom.config())
    old = here.current(commons(zoom)).value
    renewed = there.current(commons(zoom), refused=old).value
    assert (here.current(commons(zoom), refused=old).value, tokens_asked(zoom)) == (renewed, 2)


def test_many_processes_refused_at_once_renew_it_once(zoom: SimulatorHandle) -> None:
    processes = [AccessTokens(zoom.config()) for _process in range(6)]
    old = processes[0].current(commons(zoom)).value
    with ThreadPoolExecutor(6) as pool:
        values = set(pool.map(lambda tokens: tokens.current(commons(zoom), refused=old).value, processes))
    assert (len(values), old in values, tokens_asked(zoom)) == (1, False, 2)


def test_many_processes_without_the_shared_place_ask_each_for_themselves(zoom: SimulatorHandle, settings: Settings) -> None:
    """The negative control of the two tests above; and Redis down stops nobody."""
    settings.REDIS_URL = NOWHERE
    values = {AccessTokens(zoom.config()).current(commons(zoom)).value for _process in range(3)}
    assert (len(values), tokens_asked(zoom)) == (3, 3)


def test_token_past_its_use_is_not_shared(zoom: SimulatorHandle) -> None:
    zoom.control.switch(token_seconds=300)  # all of it is the margin before its end
    AccessTokens(zoom.config()).current(commons(zoom))
    assert commons(zoom).kept_token() is None


# --- the pace ----------------------------------------------------------------------------------------------------------------------


def refused_calls(zoom: SimulatorHandle) -> int:
    return sum(call["status"] == 429 for call in zoom.control.calls())


def calls_at_once(zoom: SimulatorHandle, count: int) -> None:
    """Eight threads list the host's meetings as fast as they may."""

    def ask(_turn: int) -> None:
        try:
            meetings.zoom(wall=MORNING).find(HOST, SPEC.reference, SESSION.date())
        except Throttled:  # by Zoom, where the pace is too quick: what the control is about
            return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(count)))


def test_calls_keep_to_the_accounts_pace(zoom: SimulatorHandle, settings: Settings) -> None:
    """Sixteen a second; Zoom counts to thirty here, so that calls which a busy machine lets out together are no fault of the pace."""
    settings.ZOOM_PLAN = "pro"
    zoom.control.switch(per_second={"Light": 30, "Medium": 30})
    calls_at_once(zoom, 40)
    assert (refused_calls(zoom), len(zoom.control.calls("list"))) == (0, 40)


def test_calls_at_another_pace_are_refused(zoom: SimulatorHandle, settings: Settings) -> None:
    """The negative control: the same calls at the pace of a larger plan."""
    settings.ZOOM_PLAN = "business"
    zoom.control.switch(per_second={"Light": 30, "Medium": 1})
    calls_at_once(zoom, 40)
    assert refused_calls(zoom) > 0


def test_queue_that_is_too_long_is_not_joined(zoom: SimulatorHandle, settings: Settings) -> None:
    settings.ZOOM_PLAN = "free"
    shared = commons(zoom)
    shared._redis.set(f"{shared._name}:turn:medium", str(10**14))  # somebody has a turn in the far future
    with pytest.raises(Throttled) as caught:
        shared.await_turn(Load.MEDIUM)
    assert caught.value.after is not None
    shared.await_turn(Load.LIGHT)  # another queue


def test_pace_without_redis_goes_on(zoom: SimulatorHandle, settings: Settings) -> None:
    settings.REDIS_URL = f"redis://{LOOPBACK}:{free_port()}/0"
    assert meetings.zoom(wall=MORNING).find(HOST, SPEC.reference, SESSION.date()) == []


# --- the day -----------------------------------------------------------------------------------------------------------------------


def counted(host: str = HOST) -> dict[date, int]:
    return dict(HostDay.objects.filter(host_email=host).values_list("day", "calls"))


@pytest.mark.django_db
def test_creating_and_changing_count_and_the_rest_does_not(zoom: SimulatorHandle) -> None:
    port = meetings.zoom(wall=MORNING)
    made = port.create(SPEC)
    port.update(made.meeting_id, SPEC)  # nothing to change
    port.update(made.meeting_id, MeetingSpec(HOST, "面接", SESSION, 30, SPEC.reference, SPEC.passcode))
    port.find(HOST, SPEC.reference, SESSION.date())
    port.delete(made.meeting_id)
    assert counted() == {date(2027, 4, 6): 2}


@pytest.mark.django_db
def test_spent_day_is_not_tried_and_ends_at_nine(zoom: SimulatorHandle) -> None:
    HostDay.objects.create(host_email=HOST, day=date(2027, 4, 5), calls=CALLS_A_DAY)
    early = at(date(2027, 4, 6), 8, 30)
    with pytest.raises(QuotaSpent) as caught:
        meetings.zoom(wall=early).create(SPEC)
    assert (caught.value.after, zoom.control.calls("create")) == (timedelta(minutes=30), [])
    assert meetings.zoom(wall=at(date(2027, 4, 6), 9)).create(SPEC).host == HOST


@pytest.mark.django_db
def test_day_that_zoom_calls_spent_is_spent(zoom: SimulatorHandle) -> None:
    """Others may have used the host too: Zoom counts right, whatever was counted here."""
    zoom.control.fault("throttle", on="create", limit="host_day")
    for _try in range(2):
        with pytest.raises(QuotaSpent):
            meetings.zoom(wall=MORNING).create(SPEC)
    assert (counted(), len(zoom.control.calls("create"))) == ({date(2027, 4, 6): CALLS_A_DAY}, 1)


@pytest.mark.django_db
def test_call_that_was_turned_away_is_given_back(zoom: SimulatorHandle) -> None:
    zoom.control.fault("throttle", on="create", limit="second", count=1)
    with pytest.raises(Throttled):
        meetings.zoom(wall=MORNING).create(SPEC)
    assert counted() == {date(2027, 4, 6): 0}


@pytest.mark.django_db(transaction=True)
def test_last_call_of_the_day_goes_to_one() -> None:
    HostDay.objects.create(host_email=HOST, day=date(2027, 4, 6), calls=CALLS_A_DAY - 1)

    def spend(_turn: int) -> bool:
        from django.db import connection

        config = SimulatorHandle("http://127.0.0.1:1", None).config()  # type: ignore[arg-type]  # nobody is called
        try:
            OfficeCommons(config, wall=MORNING).spend(HOST)
        except QuotaSpent:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(spend, range(6))) == 1
