"""What can strike the town: each trouble begins, and says how it ends."""

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import requests

from tests.demo.outsiders import descendants
from tests.flows.faults.town import Town

End = Callable[[], object]
Strike = Callable[[Town, Random], End]

BROKER_FORGETS, LEASES = timedelta(minutes=6), timedelta(minutes=6)
KEPT_CALLS = ("any", "create", "list", "update", "delete")


@dataclass(frozen=True)
class Trouble:
    """``of``: whom it strikes; two of one victim never strike together. ``excuses``: a mail may come twice over it."""

    of: str
    strike: Strike
    excuses: bool = False


def nothing() -> None:
    """It is over already."""


# --- Zoom ---------------------------------------------------------------------------------------------------------------------


def zoom_down(town: Town, dice: Random) -> End:
    town.houses["zoom"].fall()
    return town.houses["zoom"].stand_up


def zoom_frozen(town: Town, dice: Random) -> End:
    town.houses["zoom"].freeze()
    return town.houses["zoom"].thaw


def zoom_out_of_order(town: Town, dice: Random) -> End:
    town.zoom.fault("outage", on=dice.choice(KEPT_CALLS))
    return town.zoom.clear_faults


def zoom_throttles(town: Town, dice: Random) -> End:
    town.zoom.fault("throttle", limit=dice.choice(["second", "account_day"]))
    return town.zoom.clear_faults


def zoom_slow(town: Town, dice: Random) -> End:
    town.zoom.switch(latency=[0.5, 2])
    return lambda: town.zoom.switch(latency=[0, 0])


def zoom_loses_answers(town: Town, dice: Random) -> End:
    town.zoom.fault("lose_answer", on=dice.choice(["create", "create", "update", "delete"]), count=dice.randint(1, 4))
    return town.zoom.clear_faults


def zoom_talks_xml(town: Town, dice: Random) -> End:
    town.zoom.fault("non_json", on=dice.choice(KEPT_CALLS), count=dice.randint(1, 4))
    return town.zoom.clear_faults


def zoom_fails_afterwards(town: Town, dice: Random) -> End:
    """It does what it was asked for, and answers 500."""
    town.zoom.fault("late_error", on=dice.choice(KEPT_CALLS), count=dice.randint(1, 4))
    return town.zoom.clear_faults


def zoom_has_moods(town: Town, dice: Random) -> End:
    town.zoom.switch(trouble_share=0.4, seed=dice.randrange(1000))
    return lambda: town.zoom.switch(trouble_share=0)


def zoom_list_lags(town: Town, dice: Random) -> End:
    """Shorter than the pause after an unclear answer, which is shortened too."""
    town.zoom.switch(list_lag=0.5)
    town.zoom.fault("lose_answer", on="create", count=2)
    return lambda: town.zoom.switch(list_lag=0)


def token_revoked(town: Town, dice: Random) -> End:
    town.zoom.revoke_tokens()
    return nothing


def app_switched_off(town: Town, dice: Random) -> End:
    town.zoom.switch(app_active=False)
    return lambda: town.zoom.switch(app_active=True)


def meeting_deleted_by_hand(town: Town, dice: Random) -> End:
    """Somebody at Zoom's own pages; gone already is gone."""
    standing = town.zoom.standing()
    if standing:
        with suppress(requests.HTTPError):
            town.zoom.delete_by_hand(dice.choice(standing)["id"])
    return nothing


def zoom_cut_off(town: Town, dice: Random) -> End:
    town.wires["zoom"].cut()
    return town.wires["zoom"].cut


# --- the mail server ----------------------------------------------------------------------------------------------------------


def mail_down(town: Town, dice: Random) -> End:
    town.houses["mail"].fall()
    return town.houses["mail"].stand_up


def mail_slow(town: Town, dice: Random) -> End:
    town.wires["mail"].slow(0.2)
    return town.wires["mail"].mend


def mail_silent(town: Town, dice: Random) -> End:
    town.wires["mail"].silence()
    return town.wires["mail"].mend


def mail_cut_off(town: Town, dice: Random) -> End:
    town.wires["mail"].cut()
    return town.wires["mail"].cut


# --- our own ------------------------------------------------------------------------------------------------------------------


def redis_down(town: Town, dice: Random) -> End:
    """It comes back empty."""
    town.houses["valkey"].fall()
    return town.houses["valkey"].stand_up


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


def worker_frozen(town: Town, dice: Random) -> End:
    town.houses["worker"].freeze()
    return town.houses["worker"].thaw


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


def database_killed(town: Town, dice: Random) -> End:
    town.houses["postgres"].fall()
    return town.houses["postgres"].stand_up


def database_cut_off(town: Town, dice: Random) -> End:
    town.wires["postgres"].cut()
    return nothing


def web_killed(town: Town, dice: Random) -> End:
    town.houses["web"].fall()
    return town.houses["web"].stand_up


TROUBLES: Mapping[str, Trouble] = {
    "Zoom down": Trouble("zoom", zoom_down),
    "Zoom frozen": Trouble("zoom", zoom_frozen),
    "Zoom out of order": Trouble("zoom", zoom_out_of_order),
    "Zoom throttles": Trouble("zoom", zoom_throttles),
    "Zoom slow": Trouble("zoom", zoom_slow),
    "Zoom loses answers": Trouble("zoom", zoom_loses_answers),
    "Zoom talks XML": Trouble("zoom", zoom_talks_xml),
    "Zoom fails afterwards": Trouble("zoom", zoom_fails_afterwards),
    "Zoom has moods": Trouble("zoom", zoom_has_moods),
    "Zoom's list lags": Trouble("zoom", zoom_list_lags),
    "Zoom cut off": Trouble("zoom", zoom_cut_off),
    "token revoked": Trouble("zoom", token_revoked),
    "app switched off": Trouble("zoom", app_switched_off),
    "meeting deleted by hand": Trouble("zoom", meeting_deleted_by_hand),
    "mail server down": Trouble("mail", mail_down, excuses=True),
    "mail server slow": Trouble("mail", mail_slow),
    "mail server silent": Trouble("mail", mail_silent, excuses=True),
    "mail server cut off": Trouble("mail", mail_cut_off, excuses=True),
    "Redis down, and empty afterwards": Trouble("valkey", redis_down),
    "worker killed": Trouble("worker", worker_killed, excuses=True),
    "worker's hand killed": Trouble("worker", workers_hand_killed, excuses=True),
    "worker frozen": Trouble("worker", worker_frozen),
    "beat stopped": Trouble("beat", beat_stopped),
    "two beats": Trouble("beat", two_beats),
    "PostgreSQL restarted": Trouble("postgres", database_restarted, excuses=True),
    "PostgreSQL killed": Trouble("postgres", database_killed, excuses=True),
    "PostgreSQL cut off": Trouble("postgres", database_cut_off, excuses=True),
    "web killed": Trouble("web", web_killed),
}
