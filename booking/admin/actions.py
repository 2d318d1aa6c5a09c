"""The buttons of a booking: one table, in the order in which they stand.

Whether a button stands follows from the table of the booking's life (``lifecycle.legal_events``).
"""

from collections.abc import Mapping
from datetime import datetime

from booking.admin.buttons import Action
from booking.admin.request_actions import REQUEST_ACTIONS
from booking.admin.session_actions import SESSION_ACTIONS
from booking.models import Booking

ACTIONS: Mapping[str, Action] = {**REQUEST_ACTIONS, **SESSION_ACTIONS}


def standing(booking: Booking, *, now: datetime) -> dict[str, Action]:
    """The buttons of this booking at this moment, by name."""
    return {name: action for name, action in ACTIONS.items() if action.stands(booking, now=now)}
