"""What chance does to a call. The same seed, operation and number of the call meet the same, whatever other operations come between."""

from dataclasses import dataclass
from random import Random

from toyooka_hw.demo.simulator.faults import Fault
from toyooka_hw.demo.simulator.switches import Switches


@dataclass(frozen=True)
class Luck:
    """The trouble a call meets, if any, and the seconds its answer takes."""

    fault: Fault | None
    seconds: float

    def of(self, kinds: frozenset[str]) -> Fault | None:
        """Return the trouble if it is one of these kinds."""
        return self.fault if self.fault and self.fault.kind in kinds else None


def draw(switches: Switches, operation: str, number: int) -> Luck:
    """Return the luck of this operation's call with this number."""
    dice = Random(f"{switches.seed} {operation} {number}")  # noqa: S311 - it has to be repeatable, not secret
    seconds = dice.uniform(*switches.latency)
    troubled = dice.random() < switches.trouble_share
    return Luck(Fault(dice.choice(switches.trouble_kinds)) if troubled else None, seconds)
