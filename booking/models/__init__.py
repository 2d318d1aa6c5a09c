from booking.models.bookings import (
    ApplicationDraft,
    Booking,
    BookingEvent,
    CodeDelivery,
    ContactRecord,
    DayClosing,
    EmployerRequest,
    Participant,
    StopRecord,
)
from booking.models.calendar import Absence, Closure, Counsellor, DutyHours, Hold, ZoomHost
from booking.models.meetings import Heartbeat, Meeting
from booking.models.policy import NoticeText, PolicyValue

__all__ = [
    "Absence",
    "ApplicationDraft",
    "Booking",
    "BookingEvent",
    "Closure",
    "CodeDelivery",
    "ContactRecord",
    "Counsellor",
    "DayClosing",
    "DutyHours",
    "EmployerRequest",
    "Heartbeat",
    "Hold",
    "Meeting",
    "NoticeText",
    "Participant",
    "PolicyValue",
    "StopRecord",
    "ZoomHost",
]
