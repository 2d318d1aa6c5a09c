"""The calendar file of every kind of session: one UID for its whole life, a rising SEQUENCE, CANCEL where it ends (peers 33)."""

from datetime import timedelta
from itertools import pairwise

import pytest
from icalendar import Calendar

from booking.models import Booking
from booking.operations import bookings, corrections, immediate, interviews, moving, no_contact, sessions
from booking.operations.interviews import Arrangement
from booking.operations.invitations import Seeker
from booking.operations.moving import Change
from tests.cast import MORNING, SESSION, THURSDAY, Office, at, make_regular, now_please
from tests.employers import CONTACT, asked, make_contact
from tests.servers import MailFolder
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.operations import deliver

pytestmark = pytest.mark.django_db
NOON = MORNING + timedelta(hours=2, minutes=30)
LATER = NOON + timedelta(hours=1)
HANAKO = "hanako@example.jp"
FRIDAY = SESSION + timedelta(days=1)


def entries(to: str = HANAKO) -> list[dict[str, str]]:
    """The calendar files sent to somebody, as fields."""
    found = []
    for mail in OutgoingMail.objects.filter(to=to).exclude(calendar="").order_by("pk"):
        calendar = Calendar.from_ical(mail.calendar)
        (event,) = calendar.walk("VEVENT")
        assert mail.calendar_method == calendar["METHOD"]
        found.append({"method": str(calendar["METHOD"]), **{name.lower(): event[name].to_ical().decode() for name in FIELDS}})
    return found


FIELDS = ("UID", "SEQUENCE", "STATUS", "DTSTART", "SUMMARY", "ORGANIZER")


def story(found: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    """What a calendar makes of them: method, status and time; UID and SEQUENCE are held here."""
    assert len({entry["uid"] for entry in found}) == 1
    assert all(int(before["sequence"]) < int(after["sequence"]) for before, after in pairwise(found))
    return [(entry["method"], entry["status"], entry["dtstart"]) for entry in found]


def test_reserved_session_moves_and_ends_in_the_calendar(office: Office, confirmed: Booking) -> None:
    moving.move(confirmed.pk, FRIDAY, Change(office.staff, "お電話で相談"), now=NOON, wall=NOON)
    sessions.cancel_by_user(confirmed.pk, by=office.staff, now=LATER, wall=LATER)
    assert story(entries()) == [
        ("PUBLISH", "CONFIRMED", "20270408T010000Z"),
        ("PUBLISH", "CONFIRMED", "20270409T010000Z"),
        ("CANCEL", "CANCELLED", "20270409T010000Z"),
    ]


def test_cancellation_by_the_office_takes_the_entry_away(office: Office, confirmed: Booking) -> None:
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=office.staff, now=NOON, wall=NOON)
    assert [method for method, _status, _start in story(entries())] == ["PUBLISH", "CANCEL"]


def test_closing_that_was_corrected_brings_the_entry_back(office: Office, confirmed: Booking) -> None:
    closing = SESSION + timedelta(minutes=10)
    no_contact.cancel_no_contact(confirmed.pk, by=office.staff, now=closing, wall=closing)
    no_contact.send_no_contact_notice(confirmed.pk, now=closing, wall=closing)
    corrected = closing + timedelta(minutes=5)
    corrections.correct(confirmed.pk, "confirmed", reason="入室していた", by=office.staff, now=corrected, wall=corrected)
    assert [method for method, _status, _start in story(entries())] == ["PUBLISH", "CANCEL", "PUBLISH"]


def test_request_that_was_never_confirmed_leaves_the_calendar_alone(office: Office, requested: Booking) -> None:
    bookings.withdraw(requested.pk, now=NOON, wall=NOON)
    assert (entries(), OutgoingMail.objects.count()) == ([], 2)


def test_file_arrives_with_its_method_named_in_the_part(office: Office, confirmed: Booking, mailbox: MailFolder) -> None:
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=office.staff, now=NOON, wall=NOON)
    for mail in OutgoingMail.objects.order_by("pk"):
        deliver(mail.pk, now=NOON, wall=NOON)
    raw = mailbox.mails()[-1].raw
    assert (b'method="CANCEL"' in raw, b"soudan.ics" in raw) == (True, True)


@pytest.fixture
def interview(office: Office) -> Booking:
    booking = asked(make_contact(office)).sessions.get()
    wish = Arrangement(at(THURSDAY, 13), Seeker(make_regular(office).pk))
    return interviews.arrange(booking.pk, wish, by=office.staff, now=MORNING, wall=MORNING)


def test_interview_stands_in_the_calendars_of_both_and_ends_there(office: Office, interview: Booking) -> None:
    sessions.cancel_by_office(interview.pk, reason="停電", by=office.staff, now=NOON, wall=NOON)
    expected = [("PUBLISH", "CONFIRMED", "20270408T040000Z"), ("CANCEL", "CANCELLED", "20270408T040000Z")]
    assert (story(entries(HANAKO)), story(entries(CONTACT))) == (expected, expected)


def test_calendar_of_an_interview_names_nobody(interview: Booking) -> None:
    """A18: a calendar is shared at home and at work."""
    files = "".join(OutgoingMail.objects.exclude(calendar="").values_list("calendar", flat=True))
    named = [name for name in ("花子", "次郎", "城崎", "28090", HANAKO, CONTACT) if name in files.replace("\r\n ", "")]
    assert (named, entries()[0]["summary"]) == ([], "オンライン面接（ハローワーク豊岡）")


def test_seeker_who_leaves_and_comes_back_sees_so_in_the_calendar(office: Office, interview: Booking) -> None:
    taro = make_regular(office, "但馬 太郎", "taro@example.jp", "+819011112222")
    hanako = interview.participants.get(person__email=HANAKO).person
    for person, moment in ((taro, NOON), (hanako, LATER)):
        interviews.replace_seeker(interview.pk, Seeker(person.pk), reason="辞退", by=office.staff, now=moment, wall=moment)
    assert [method for method, _status, _start in story(entries(HANAKO))] == ["PUBLISH", "CANCEL", "PUBLISH"]
    assert [method for method, _status, _start in story(entries("taro@example.jp"))] == ["PUBLISH", "CANCEL"]


def test_immediate_session_has_no_calendar_file(office: Office) -> None:
    """C6-2-3a: it begins within the minute, and no file leads into it."""
    regular = make_regular(office)
    immediate.switch(office.sato.pk, on=True, by=office.staff, now=MORNING)
    made = immediate.request(regular, now_please(office.version), now=MORNING, wall=MORNING)
    immediate.accept(made.pk, counsellor=office.sato.pk, by=office.staff, now=MORNING, wall=MORNING)
    sessions.cancel_by_office(made.pk, reason="停電", by=office.staff, now=NOON, wall=NOON)
    assert (entries(), OutgoingMail.objects.filter(to=HANAKO).count()) == ([], 3)
