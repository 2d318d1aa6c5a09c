"""What every public page knows of the sign-in: until when it holds, so that its end surprises nobody (japan.md §4.3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from toyooka_hw import clock
from toyooka_hw.accounts.session import signed_in_until

WARNED_BEFORE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that holds. ``ends_at``: by the portal's clock, which a demo may have shifted. ``warned_in``: seconds until it is time for a warning."""

    ends_at: datetime
    warned_in: int

    @property
    def is_near_its_end(self) -> bool:
        return self.warned_in <= 0


def sign_in(request: HttpRequest) -> dict[str, Any]:
    """``sign_in``: how long the person of this browser stays signed in, or something false."""
    return {"sign_in": SimpleLazyObject(lambda: _standing(request))}


def _standing(request: HttpRequest) -> SignIn | None:
    wall = clock.wall()
    until = signed_in_until(request, wall=wall)
    return SignIn(clock.now() + (until - wall), int((until - wall - WARNED_BEFORE).total_seconds())) if until else None
