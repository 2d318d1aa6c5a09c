"""One calendar entry as a file for mails: the same UID for a thing's whole life, the sequence rising with its history."""

from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from icalendar import Calendar, Event, vText

from booking.rules.interval import Interval


def calendar_file(uid: str, sequence: int, span: Interval, *, summary: str, address: str, method: str, now: datetime, way: str = "") -> str:
    """The file with ``method`` PUBLISH or CANCEL; ``address`` is the page that tells more, ``way`` how it is held where not by Zoom."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    entry = Event()
    entry.add("uid", f"{uid}@{sender.partition('@')[2]}")
    entry.add("sequence", sequence)
    entry.add("dtstamp", now)
    entry.add("dtstart", span.start)
    entry.add("dtend", span.end)
    entry.add("summary", f"{summary}（{settings.OFFICE_SHORT_NAME}{way}）")
    entry.add("description", address)
    entry["organizer"] = vText(f"mailto:{sender}")
    entry.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//Toyooka Hello Work//Online counselling//JA")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(entry)
    return str(calendar.to_ical().decode())
