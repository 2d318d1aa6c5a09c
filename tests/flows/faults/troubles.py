"""What can strike the town: each trouble begins, and says how it ends."""

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import requests

from tests.demo.outsiders import descendants
from tests.flows.faults.town import FAIR_WEATHER, Town

End = Callable[[], object]
Strike = Callable[[Town, Random], End]

KEPT_CALLS = ("any", "create", "list", "update", "delete")


@dataclass(frozen=True)
class Trouble:
    """``of``: whom it strikes; two of one victim never strike together. ``excuses``: a mail may come twice over it."""

    of: str
    strike: Strike
    excuses: bool = False


def nothing() -> None:
    """It is over already."""


# --- what can befall any of them ----------------------------------------------------------------------------------------------


def falls(house: str, town: Town, dice: Random) -> End:
    """Killed, with whatever it started; it stands up with what it had written down (Redis: with nothing)."""
    town.houses[house].fall()
    return town.houses[house].stand_up


def freezes(house: str, town: Town, dice: Random) -> End:
    town.houses[house].freeze()
    return town.houses[house].thaw


def is_cut_off(wire: str, town: Town, dice: Random) -> End:
    """Whoever talks to it loses it in the middle of a word, twice."""
    town.wires[wire].cut()
    return town.wires[wire].cut


# --- Zoom ---------------------------------------------------------------------------------------------------------------------


def zoom_out_of_order(town: Town, dice: Random) -> End:
    town.zoom.fault("outage", on=dice.choice(KEPT_CALLS))
    return town.zoom.clear_faults


def zoom_throttles(town: Town, dice: Random) -> End:
    town.zoom.fault("throttle", limit=dice.choice(["second", "account_day"]))
    return town.zoom.clear_faults


def zoom_spoils(kind: str, calls: Sequence[str], town: Town, dice: Random) -> End:
    """It does what it was asked for, and one to four of its answers suffer."""
    town.zoom.fault(kind, on=dice.choice(calls), count=dice.randint(1, 4))
    return town.zoom.clear_faults


def zoom_turns(switches: Mapping[str, Any], town: Town, dice: Random) -> End:
    town.zoom.switch(**switches)
    return lambda: town.zoom.switch(**{name: FAIR_WEATHER[name] for name in switches})


def zoom_has_moods(town: Town, dice: Random) -> End:
    town.zoom.switch(seed=dice.randrange(1000))
    return zoom_turns({"trouble_share": 0.4}, town, dice)


def zoom_list_lags(town: Town, dice: Random) -> End:
    """Shorter than the pause after an unclear answer, which is shortened too."""
    town.zoom.fault("lose_answer", on="create", count=2)
    return zoom_turns({"list_lag": 0.5}, town, dice)


def token_revoked(town: Town, dice: Random) -> End:
    town.zoom.revoke_tokens()
    return nothing


def meeting_deleted_by_hand(town: Town, dice: Random) -> End:
    """Somebody at Zoom's own pages; gone already is gone."""
    standing = town.zoom.standing()
    if standing:
        with suppress(requests.HTTPError):
            town.zoom.delete_by_hand(dice.choice(standing)["id"])
    return nothing


# --- the mail server ----------------------------------------------------------------------------------------------------------


def mail_slow(town: Town, dice: Random) -> End:
    town.wires["mail"].slow(0.2)
    return town.wires["mail"].mend


def mail_silent(town: Town, dice: Random) -> End:
    town.wires["mail"].silence()
    return town.wires["mail"].mend


# --- our own ------------------------------------------------------------------------------------------------------------------


def worker_killed(town: Town, dice: Random) -> End:
    """The leases of what it had in hand, and the broker's patience, end before another one comes."""
    town.houses["worker"].fall()

    def another() -> None:
        town.leases_end()
        town.give_back()
        town.houses["worker"].stand_up()

    return another


def workers_hand_killed(town: Town, dice: Random) -> End:
    """One of its processes; Celery starts another and gives the message back, while the row's lease still runs."""
    if hands := descendants(town.houses["worker"].pid):
        with suppress(ProcessLookupError):
            os.kill(dice.choice(hands), signal.SIGKILL)
    return nothing


def beat_stopped(town: Town, dice: Random) -> End:
    town.houses["beat"].fall()
    return town.houses["beat"].begin


def two_beats(town: Town, dice: Random) -> End:
    second = town.beat()
    second.begin()
    return second.fall


def database_restarted(town: Town, dice: Random) -> End:
    town.houses["postgres"].lie_down()
    return town.houses["postgres"].stand_up


TROUBLES: Mapping[str, Trouble] = {
    "Zoom down": Trouble("zoom", partial(falls, "zoom")),
    "Zoom frozen": Trouble("zoom", partial(freezes, "zoom")),
    "Zoom out of order": Trouble("zoom", zoom_out_of_order),
    "Zoom throttles": Trouble("zoom", zoom_throttles),
    "Zoom slow": Trouble("zoom", partial(zoom_turns, {"latency": [0.5, 2]})),
    "Zoom loses answers": Trouble("zoom", partial(zoom_spoils, "lose_answer", ["create", "create", "update", "delete"])),
    "Zoom talks XML": Trouble("zoom", partial(zoom_spoils, "non_json", KEPT_CALLS)),
    "Zoom fails afterwards": Trouble("zoom", partial(zoom_spoils, "late_error", KEPT_CALLS)),
    "Zoom has moods": Trouble("zoom", zoom_has_moods),
    "Zoom's list lags": Trouble("zoom", zoom_list_lags),
    "Zoom cut off": Trouble("zoom", partial(is_cut_off, "zoom")),
    "token revoked": Trouble("zoom", token_revoked),
    "app switched off": Trouble("zoom", partial(zoom_turns, {"app_active": False})),
    "meeting deleted by hand": Trouble("zoom", meeting_deleted_by_hand),
    "mail server down": Trouble("mail", partial(falls, "mail"), excuses=True),
    "mail server slow": Trouble("mail", mail_slow),
    "mail server silent": Trouble("mail", mail_silent, excuses=True),
    "mail server cut off": Trouble("mail", partial(is_cut_off, "mail"), excuses=True),
    "Redis down, and empty afterwards": Trouble("valkey", partial(falls, "valkey")),
    "worker killed": Trouble("worker", worker_killed, excuses=True),
    "worker's hand killed": Trouble("worker", workers_hand_killed, excuses=True),
    "worker frozen": Trouble("worker", partial(freezes, "worker")),
    "beat stopped": Trouble("beat", beat_stopped),
    "two beats": Trouble("beat", two_beats),
    "PostgreSQL restarted": Trouble("postgres", database_restarted, excuses=True),
    "PostgreSQL killed": Trouble("postgres", partial(falls, "postgres"), excuses=True),
    "PostgreSQL cut off": Trouble("postgres", partial(is_cut_off, "postgres"), excuses=True),
    "web killed": Trouble("web", partial(falls, "web")),
}
