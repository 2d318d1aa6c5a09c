from booking.models.bookings import ApplicationDraft, Booking, BookingEvent
from booking.models.calendar import Absence, Closure, Counsellor, DutyHours, Hold, HostDay, ZoomHost
from booking.models.employers import EmployerRequest
from booking.models.incidents import Incident
from booking.models.meetings import Heartbeat, Meeting, SessionAlarm, ZoomCheck, ZoomNotice
from booking.models.participants import CodeDelivery, Participant
from booking.models.policy import NoticeText, PolicyValue
from booking.models.records import ContactRecord, DayClosing, StopRecord
from booking.models.seminar_calls import SeminarCall
from booking.models.seminars import Registration, RegistrationEvent, Seminar, SeminarEvent, SeminarPartner, SeminarSpeaker

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
    "Registration",
    "RegistrationEvent",
    "Seminar",
    "SeminarCall",
    "SeminarEvent",
    "SeminarPartner",
    "SeminarSpeaker",
    "SessionAlarm",
    "StopRecord",
    "ZoomCheck",
    "ZoomHost",
    "ZoomNotice",
]
