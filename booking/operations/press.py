"""A press of a button by a member of staff, as operations and the pages of the office hand it on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from toyooka_hw.accounts.models import User


@dataclass(frozen=True, slots=True)
class Press:
    """Who pressed, and when: by the portal's clock and in real time. ``seen``: the last line of the history that was on the screen."""

    by: User
    now: datetime
    wall: datetime
    seen: int | None = None

    @property
    def clocks(self) -> dict[str, Any]:
        return {"now": self.now, "wall": self.wall}
