"""The roster, absences, the office's calendar and its policy."""

from booking.admin.calendar import rows

__all__ = ["rows"]
