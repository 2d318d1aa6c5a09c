"""The roster and the office's calendar: duty hours, absences, closed days, policy. The admin saves through these too."""

from booking.operations.calendar.days import (
    forget_day,
    open_day,
    remove_absence,
    seed_closures,
    whole_day,
)
from booking.operations.calendar.policy import (
    BOUNDS,
    MAY_BE_EMPTY,
    ClosesAfterAnswer,
    HoursTooShort,
    NotAPolicyValue,
    checked_value,
    set_policy,
    set_text,
    stored_form,
)
from booking.operations.calendar.roster import save_counsellor, save_host, set_hours

__all__ = [
    "BOUNDS",
    "MAY_BE_EMPTY",
    "ClosesAfterAnswer",
    "HoursTooShort",
    "NotAPolicyValue",
    "checked_value",
    "forget_day",
    "open_day",
    "remove_absence",
    "save_counsellor",
    "save_host",
    "seed_closures",
    "set_hours",
    "set_policy",
    "set_text",
    "stored_form",
    "whole_day",
]
