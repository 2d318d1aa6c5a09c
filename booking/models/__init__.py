from booking.models.bookings import ApplicationDraft, Booking, BookingEvent
from booking.models.calendar import Absence, Closure, Counsellor, DutyHours, Hold, HostDay, ZoomHost
from booking.models.employers import EmployerRequest
from booking.models.incidents import Incident
from booking.models.meetings import Heartbeat, Meeting, SessionAlarm, ZoomCheck, ZoomNotice
from booking.models.participants import CodeDelivery, Participant
from booking.models.policy import NoticeText, PolicyValue
from booking.models.records import ContactRecord, DayClosing, StopRecord

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
    "HostDay",
    "Incident",
    "Meeting",
    "NoticeText",
    "Participant",
    "PolicyValue",
    "SessionAlarm",
    "StopRecord",
    "ZoomCheck",
    "ZoomHost",
    "ZoomNotice",
]
