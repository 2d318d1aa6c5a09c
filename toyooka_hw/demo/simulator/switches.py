"""What tests and fault suites may turn. Switches stay turned over a restart; what happens once is a fault (faults.py)."""

from dataclasses import dataclass, field
from typing import Any

from toyooka_hw.demo.simulator.limits import PLANS

LUCK = ("outage", "throttle", "lose_answer", "non_json")


@dataclass
class Switches:
    """The account, its hosts and its app; limits; chance; where messages go.

    ``plan``: "free", "pro" or "business" sets Zoom's limits for it and 100 changes a day per host; "" counts nothing. ``per_second``, ``per_day``
    (by kind of call: {"Light": 4, "Medium": 2}) and ``daily_limit`` (per host) go before the plan.
    ``locked_settings``: what the account's administrator locked, which wins silently over whatever is sent.
    ``basic_hosts`` have no licence, ``inactive_hosts`` were deactivated, ``unknown_hosts`` never were. ``app_active``: False stops every token.
    ``latency``: seconds an answer takes, from and to. ``list_lag``: seconds until a new meeting stands in its host's list.
    ``trouble_share`` (0 to 1) of the calls meets one of ``trouble_kinds``; the same ``seed`` and the same sequence of calls meet the same.
    ``now``: Zoom's moment instead of the real one. ``webhook_events``: the events subscribed to; None: all.
    """

    plan: str = ""
    per_second: dict[str, int] = field(default_factory=dict)
    per_day: dict[str, int] = field(default_factory=dict)
    daily_limit: int | None = None
    locked_settings: dict[str, Any] = field(default_factory=dict)
    basic_hosts: list[str] = field(default_factory=list)
    inactive_hosts: list[str] = field(default_factory=list)
    unknown_hosts: list[str] = field(default_factory=list)
    app_active: bool = True
    token_seconds: int = 3599
    missing_scopes: list[str] = field(default_factory=list)
    latency: list[float] = field(default_factory=lambda: [0, 0])
    list_lag: float = 0
    trouble_share: float = 0
    trouble_kinds: list[str] = field(default_factory=lambda: list(LUCK))
    seed: int = 0
    now: str | None = None
    webhook_url: str = ""
    webhook_secret: str = ""
    webhook_pauses: list[float] = field(default_factory=lambda: [300, 1200, 3600])
    webhook_events: list[str] | None = None

    def __post_init__(self) -> None:
        if self.plan not in PLANS:
            raise ValueError(f"no such plan: {self.plan}")
        if not self.trouble_kinds or not set(self.trouble_kinds) <= set(LUCK):
            raise ValueError(f"trouble_kinds are some of {', '.join(LUCK)}")
        if not 0 <= self.trouble_share <= 1 or len(self.latency) != 2 or not 0 <= self.latency[0] <= self.latency[1]:
            raise ValueError("trouble_share is 0 to 1, latency two numbers of seconds, the smaller one first")

    @property
    def a_second(self) -> dict[str, int]:
        """Calls a second, by kind."""
        return {**PLANS[self.plan].per_second, **self.per_second}

    @property
    def a_day(self) -> dict[str, int]:
        """Calls a day, by kind."""
        return {**PLANS[self.plan].per_day, **self.per_day}

    @property
    def host_day(self) -> int | None:
        """Calls a day that make or change meetings of one host; None: uncounted."""
        return PLANS[self.plan].host_day if self.daily_limit is None else self.daily_limit

    def running_at_once(self, host: str) -> int:
        """How many meetings this host may run at the same time."""
        return 1 if host in self.basic_hosts else PLANS[self.plan].running
