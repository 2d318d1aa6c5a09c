from booking.models.bookings import ApplicationDraft, Booking, BookingEvent, CodeDelivery, ContactRecord, Participant
from booking.models.calendar import Absence, Closure, Counsellor, DutyHours, Hold, ZoomHost
from booking.models.meetings import Heartbeat, Meeting
from booking.models.policy import PolicyValue

__all__ = [
    "Absence",
    "ApplicationDraft",
    "Booking",
    "BookingEvent",
    "Closure",
    "CodeDelivery",
    "ContactRecord",
    "Counsellor",
    "DutyHours",
    "Heartbeat",
    "Hold",
    "Meeting",
    "Participant",
    "PolicyValue",
    "ZoomHost",
]
