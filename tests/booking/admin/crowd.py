"""Many bookings at once, and how many queries a page asks for them."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.models import Booking, ContactRecord, Counsellor, Meeting, Participant, ZoomHost
from tests.booking.admin.conftest import Desk
from tests.cast import MORNING, SESSION, make_person
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.operations import post
from toyooka_hw.outbox import OutboxState


def copy(booking: Booking, number: int, person: Person, **changes: object) -> Booking:
    """One more booking of somebody else, straight into the table: holds and capacity are beside the point here."""
    consent = booking.participants.get().consent
    fields = {field.attname: getattr(booking, field.attname) for field in Booking._meta.concrete_fields if not field.primary_key}
    made = Booking.objects.create(**{**fields, "number": f"9999-{number:04}", "applicant_id": person.pk, "draft_key": None, **changes})
    Participant.objects.create(booking=made, person=person, consent=consent)
    ContactRecord.objects.create(booking=made, channel="phone", meaning="late", at=MORNING)
    return made


def fill(booking: Booking, numbers: range) -> None:
    """One row more in every part of the page for each number."""
    for number in numbers:
        people = [make_person(f"利用者{number}-{part}", email=f"{part}{number}@example.jp") for part in range(3)]
        host = ZoomHost.objects.create(email=f"host{number}@zoom.example.jp", name=f"ライセンス{number}")
        counsellor = Counsellor.objects.create(user=User.objects.create(username=f"staff{number}"), name=f"担当{number}", default_host=host)
        copy(booking, number, people[0], state="requested", counsellor_id=counsellor.pk)
        today = copy(booking, 1000 + number, people[1], counsellor_id=counsellor.pk, host_id=host.pk)
        copy(booking, 2000 + number, people[2], starts_at=SESSION - timedelta(days=1), ends_at=SESSION - timedelta(hours=23))
        Meeting.objects.create(booking=today, reference=f"r{number}", next_try_at=MORNING, outbox_state=OutboxState.FAILED)
        mail = post("code", to="a@example.jp", key=f"k{number}", now=MORNING, wall=MORNING, context={"code": "123456"})
        OutgoingMail.objects.filter(pk=mail and mail.pk).update(outbox_state=OutboxState.FAILED)


def queries_of(desk: Desk, path: str) -> int:
    """How many queries the page asks; the first visit of a session, which also notes that somebody is there, is not counted."""
    desk.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(path).status_code == 200
    return len(queries)
