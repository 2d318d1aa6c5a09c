"""The roster and the office's calendar: duty hours, absences, closed days, policy. The admin saves through these too."""

from booking.operations.calendar.days import (
    SessionsInTheWay,
    add_absence,
    forget_day,
    refuse_over_sessions,
    remove_absence,
    seed_closures,
    set_day,
)
from booking.operations.calendar.policy import BOUNDS, NotAPolicyValue, checked_value, set_policy
from booking.operations.calendar.roster import save_counsellor, save_duty_hours, save_host, set_hours

__all__ = [
    "BOUNDS",
    "NotAPolicyValue",
    "SessionsInTheWay",
    "add_absence",
    "checked_value",
    "forget_day",
    "refuse_over_sessions",
    "remove_absence",
    "save_counsellor",
    "save_duty_hours",
    "save_host",
    "seed_closures",
    "set_day",
    "set_hours",
    "set_policy",
]
