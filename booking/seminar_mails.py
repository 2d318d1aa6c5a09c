"""Which message at which step of a seminar. Everybody reads of themselves alone: one mail to one address, nobody else's name in it (S4-4a)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from booking.calendar_entry import calendar_file
from booking.links import address_of, token_of
from booking.mails import usual_words
from booking.models import Registration, Seminar, SeminarEvent, SeminarPartner
from booking.queries import seat_reminder_key
from booking.rules.interval import Interval
from booking.rules.reminders import Reminder
from booking.rules.seminars import OPEN_SEATS, Event, Seat
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.operations import post

TEMPLATES = {
    Event.SUSPEND.value: "seminar_suspended",
    Event.RESUME.value: "seminar_resumed",
    Event.CANCEL.value: "seminar_cancelled",
    Event.END_EARLY.value: "seminar_ended",
}
REMINDERS = {Reminder.TOMORROW: "seminar_remind_tomorrow", Reminder.SOON: "seminar_remind_soon"}


def registered(row: Registration, *, now: datetime, wall: datetime) -> None:
    """A seat, or a place in the waiting list."""
    seated = row.rule_seat is Seat.SEATED
    _tell("seminar_registered" if seated else "seminar_waiting", row, now=now, wall=wall, method="PUBLISH" if seated else "")


def offered(row: Registration, *, now: datetime, wall: datetime) -> None:
    """A seat has come free: until when it is kept."""
    _tell("seminar_offered", row, now=now, wall=wall)


def answered(row: Registration, *, now: datetime, wall: datetime) -> None:
    """The seat was taken; or it was declined, or not answered in time."""
    seated = row.rule_seat is Seat.SEATED
    _tell("seminar_registered" if seated else "seminar_lapsed", row, now=now, wall=wall, method="PUBLISH" if seated else "")


def withdrawn(row: Registration, *, now: datetime, wall: datetime) -> None:
    _tell("seminar_withdrawn", row, now=now, wall=wall, method="CANCEL")


def moved_down(row: Registration, *, now: datetime, wall: datetime) -> None:
    """There are fewer seats than there were: the last who came wait again."""
    _tell("seminar_moved_down", row, now=now, wall=wall, method="CANCEL")


def published(seminar: Seminar, *, now: datetime, wall: datetime) -> None:
    """Whoever gives it with the office reads where they find it."""
    for partner in seminar.partners.select_related("contact__merged_into").order_by("pk"):
        _tell_partner("seminar_partner", seminar, partner.reader, "published", now=now, wall=wall)


def joined(partner: SeminarPartner, *, now: datetime, wall: datetime) -> None:
    """Somebody gives it with the office who did not when it was published."""
    _tell_partner("seminar_partner", partner.seminar, partner.reader, f"joined:{partner.pk}", now=now, wall=wall)


def changed(seminar: Seminar, line: SeminarEvent, *, now: datetime, wall: datetime) -> None:
    """Time, title or what else concerns them has changed; whoever has a seat gets the calendar entry anew."""
    for row in _readers(seminar):
        method = "PUBLISH" if row.rule_seat is Seat.SEATED else ""
        _tell("seminar_changed", row, about=line.about, now=now, wall=wall, method=method)
    for partner in seminar.partners.select_related("contact__merged_into").order_by("pk"):
        _tell_partner("seminar_partner", seminar, partner.reader, line.about, now=now, wall=wall)


def told(seminar: Seminar, line: SeminarEvent, readers: Iterable[Registration], *, now: datetime, wall: datetime) -> None:
    """The office suspends, resumes, ends or cancels it: everybody is told, although the terms would not ask for it (S8-1)."""
    template = TEMPLATES[line.event]
    method = "CANCEL" if line.event == Event.CANCEL.value else ""
    for row in readers:
        _tell(template, row, about=line.about, now=now, wall=wall, method=method, reason=line.reason)
    for partner in seminar.partners.select_related("contact__merged_into").order_by("pk"):
        _tell_partner(template, seminar, partner.reader, line.about, now=now, wall=wall, reason=line.reason)


def link(row: Registration, *, now: datetime, wall: datetime) -> None:
    """Another link to the person's page."""
    _tell("seminar_link", row, about=f"link:{row.link_generation}", now=now, wall=wall)


def remind(row: Registration, reminder: Reminder, *, now: datetime, wall: datetime) -> None:
    """The day before, or shortly before the start: once for each time of the seminar."""
    _tell(REMINDERS[reminder], row, key=seat_reminder_key(row, reminder), now=now, wall=wall)


def calendar_of(row: Registration, method: str, *, now: datetime) -> str:
    """The calendar entry of a registration; the sequence rises with the history of the registration and of the seminar."""
    seminar = row.seminar
    sequence = row.events.count() + seminar.events.count()
    span = Interval(seminar.starts_at, seminar.ends_at)
    return calendar_file(f"seminar-{row.number}", sequence, span, summary=seminar.title, address=address_of(row), method=method, now=now)


def _readers(seminar: Seminar) -> Iterable[Registration]:
    rows = seminar.registrations.filter(seat__in=[seat.value for seat in OPEN_SEATS])
    return rows.select_related("person__merged_into", "seminar").order_by("pk")


def _tell(
    template: str, row: Registration, *, now: datetime, wall: datetime, about: str = "", key: str = "", method: str = "", **context: Any
) -> None:
    """Write one mail to one registration; ``about`` names what it tells of, else the registration's latest step. ``key``: its whole name."""
    if not row.reader.email:
        return  # whom no mail reaches stands in the list of people to phone
    about = about or row.events.latest("pk").about
    address, seminar = address_of(row), row.seminar
    words = {"registration": row, "seminar": seminar, "person": row.reader, "number": row.number, "url": address, **usual_words(now)}
    post(
        template,
        to=row.reader.email,
        key=key or seminar.mails_to(row.pk) + about,
        now=now,
        wall=wall,
        context={**words, **context},
        secrets=[token_of(row)],
        calendar=calendar_of(row, method, now=now) if method else "",
        calendar_method=method,
    )


def _tell_partner(template: str, seminar: Seminar, contact: Person, about: str, *, now: datetime, wall: datetime, **context: Any) -> None:
    """Write to an employer's contact who gives it with the office; their way in is the employers' page."""
    if contact.email:
        words = {"seminar": seminar, "person": contact, "number": seminar.number, "url": settings.PORTAL_URL + reverse("employer")}
        key = seminar.mails_to(f"partner:{contact.pk}") + about
        post(template, to=contact.email, key=key, now=now, wall=wall, context={**words, **usual_words(now), **context})
