"""Zoom's limits: the kinds of calls, and how many of each an account's plan allows a second and a day."""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

KINDS = {
    "create": "Medium",
    "list": "Medium",
    "get": "Light",
    "update": "Light",
    "delete": "Light",
    "end": "Light",
    "user": "Light",
}
HOST_DAY = 100  # calls a day that make or change meetings of one host


@dataclass(frozen=True)
class Plan:
    """What an account pays for: calls a second and a day by kind (a kind left out is not counted), and a licensed host's meetings at once."""

    per_second: Mapping[str, int] = field(default_factory=dict)
    per_day: Mapping[str, int] = field(default_factory=dict)
    running: int = 1
    host_day: int | None = HOST_DAY


PLANS = {
    "": Plan(host_day=None),
    "free": Plan({"Light": 4, "Medium": 2, "Heavy": 1}, {"Light": 6000, "Medium": 2000, "Heavy": 1000}),
    "pro": Plan({"Light": 30, "Medium": 20, "Heavy": 10}),
    "business": Plan({"Light": 80, "Medium": 60, "Heavy": 40}, running=2),
}


class Limits:
    """Counts the calls of the last second, by kind."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: dict[str, deque[float]] = defaultdict(deque)

    def admits(self, operation: str, per_second: Mapping[str, int], at: float) -> bool:
        """Whether one more call of this operation at this second is within the limit; if it is, it counts."""
        kind = KINDS.get(operation, "")
        if kind not in per_second:
            return True
        with self._lock:
            calls = self._calls[kind]
            while calls and calls[0] <= at - 1:
                calls.popleft()
            if len(calls) >= per_second[kind]:
                return False
            calls.append(at)
            return True

    def left(self, operation: str, per_second: Mapping[str, int]) -> int:
        """How many more calls of its kind are within the limit now, as far as known from the last call."""
        kind = KINDS[operation]
        with self._lock:
            return max(per_second[kind] - len(self._calls[kind]), 0)
