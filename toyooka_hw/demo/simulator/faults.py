"""Trouble on demand. Before a call: it is turned away. During: it is done differently. After: it is done, but the answer suffers."""

from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

BEFORE = frozenset({"outage", "throttle", "reject_token", "reject_client", "refuse"})
DURING = frozenset({"override_settings"})
AFTER = frozenset({"lose_answer", "delay", "non_json", "late_error"})
KINDS = BEFORE | DURING | AFTER


@dataclass
class Fault:
    """One trouble: what (``kind``), where (``on``: an operation's name or "any"), how often (``count``; None: until cleared)."""

    kind: str
    on: str = "any"
    count: int | None = None
    seconds: float = 0
    limit: str = "second"  # throttle: "second", "account_day" or "host_day"
    status: int = 400  # refuse: any answer of Zoom's error table
    code: int = 300
    message: str = "Validation Failed."
    settings: dict[str, Any] = field(default_factory=lambda: {"waiting_room": False, "join_before_host": True})

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}")

    def hits(self, operation: str) -> bool:
        """Whether it applies to this operation. Only the token endpoint knows clients, and only the others know tokens."""
        at_token = operation == "token"
        if (self.kind == "reject_token" and at_token) or (self.kind == "reject_client" and not at_token):
            return False
        return self.on in ("any", operation)


class Faults:
    """The troubles declared at present."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._declared: list[Fault] = []
        self._cleared = Event()

    def declare(self, fault: Fault) -> None:
        """Have this trouble happen from now on."""
        with self._lock:
            self._declared.append(fault)

    def clear(self) -> None:
        """End all trouble; delayed answers go out at once."""
        with self._lock:
            self._declared.clear()
            self._cleared.set()
            self._cleared = Event()

    def take(self, kinds: frozenset[str], operation: str) -> Fault | None:
        """Return the first trouble of these kinds that hits this operation, and count it."""
        with self._lock:
            for fault in self._declared:
                if fault.kind in kinds and fault.hits(operation):
                    self._count(fault)
                    return fault
        return None

    def _count(self, fault: Fault) -> None:
        if fault.count is not None:
            fault.count -= 1
            if fault.count <= 0:
                self._declared.remove(fault)

    def delay(self, seconds: float) -> None:
        """Hold the answer back, until the trouble is cleared at the latest."""
        self._cleared.wait(seconds)
