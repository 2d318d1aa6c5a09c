"""One token for all threads: asking Zoom for many at once has locked others out."""

from concurrent.futures import ThreadPoolExecutor

from booking.video.alone import Alone
from booking.video.token import AccessTokens
from tests.simulator import SimulatorHandle


def test_many_threads_ask_for_one_token(simulator: SimulatorHandle) -> None:
    tokens = AccessTokens(simulator.config())

    with ThreadPoolExecutor(8) as pool:
        values = set(pool.map(lambda _: tokens.current(Alone()).value, range(32)))

    assert (len(values), len(simulator.control.calls("token"))) == (1, 1)


def test_many_threads_refused_with_the_same_token_renew_it_once(simulator: SimulatorHandle) -> None:
    tokens = AccessTokens(simulator.config())
    old = tokens.current(Alone()).value

    with ThreadPoolExecutor(8) as pool:
        values = set(pool.map(lambda _: tokens.current(Alone(), refused=old).value, range(32)))

    assert (len(values), old in values, len(simulator.control.calls("token"))) == (1, False, 2)
