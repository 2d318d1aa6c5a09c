"""Zoom's limits per second: how many calls of each kind an account may make."""

from collections import defaultdict, deque
from collections.abc import Mapping
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
