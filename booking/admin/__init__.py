"""The office's screens in the stock admin: the work list, one button per operation, the roster and the calendar."""

from booking.admin import bookings, calendar, establishments, people, records, seminars

__all__ = ["bookings", "calendar", "establishments", "people", "records", "seminars"]
