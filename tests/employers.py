"""An employer's side of the cast: a contact whom staff have verified, and what they ask for."""

from datetime import datetime, timedelta
from uuid import uuid4

from booking.models import Booking, EmployerRequest, Participant
from booking.models.bookings import Kind, Source, State
from booking.operations.numbers import free_number
from booking.operations.transitions import PERSON, note
from booking.rules.lifecycle import Event
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.cast import MORNING, THURSDAY, Office, at
from toyooka_hw.accounts.models import Establishment, Person, Role
from toyooka_hw.accounts.operations import verify_person

WISHED = at(THURSDAY, 13)
CONTACT = "jinji@example.jp"


def make_contact(office: Office, name: str = "城崎 次郎", email: str = CONTACT, *, verified: bool = True) -> Person:
    """A contact of 城崎製作所 who agreed to the terms in force."""
    contact = Person.objects.create(
        role=Role.EMPLOYER_CONTACT, full_name=name, email=email, email_proven_at=MORNING, stated_phone="+81796230202", created_at=MORNING
    )
    agree(contact, Shown(office.version.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING)
    if verified:
        works, _made = Establishment.objects.get_or_create(number="2809-123456-7", defaults={"name": "城崎製作所", "created_at": MORNING})
        Person.objects.filter(pk=contact.pk).update(establishment=works)
        verify_person(contact, registered_phone="+81796230202", by=office.staff, now=MORNING)
    return contact


def asked(
    contact: Person, purpose: str = EmployerRequest.Purpose.INTERVIEW, *, people: int = 1, start: datetime = WISHED
) -> EmployerRequest:
    """What the contact asks for, with its sessions, none of which has a place yet."""
    request = EmployerRequest.objects.create(
        number=free_number(),
        contact=contact,
        purpose=purpose,
        job_offer_number="28090-12345678",
        people=people,
        candidates=[start],
        arrangement="面接室で実施希望の秘密の相談",
        requested_at=MORNING,
        key=uuid4(),
    )
    for _each in range(people):
        booking = Booking.objects.create(
            number=free_number(),
            kind=Kind.INTERVIEW,
            state=State.REQUESTED,
            source=Source.WEB,
            applicant=contact,
            employer_request=request,
            starts_at=start,
            ends_at=start + timedelta(minutes=30),
            requested_at=MORNING,
            answer_by=start,
            confirm_limit=start,
        )
        consent = contact.consents.get()
        Participant.objects.create(booking=booking, person=contact, role=Participant.PartRole.EMPLOYER, consent=consent)
        note(booking, Event.REQUEST, PERSON, before="", now=MORNING)
    return request
