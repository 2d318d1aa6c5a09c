"""An employer's side of the cast: a contact whom staff have verified, and what they ask for."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from booking.models import Booking, EmployerRequest
from booking.operations import employers, interviews
from booking.operations.employers import Ask
from booking.operations.interviews import Arrangement
from booking.operations.invitations import Seeker
from consent.models import TermsVersion
from consent.operations import Shown, agree
from consent.queries import COUNSELLING, version_in_force
from tests.cast import MORNING, THURSDAY, TUESDAY, Office, at, make_regular
from toyooka_hw.accounts.models import Person, Role
from toyooka_hw.accounts.operations import Statement, person_of_mailbox, state_contact, verify_contact

WISHED = at(THURSDAY, 13)
CONTACT = "jinji@example.jp"
PHONE = "+81796230202"
NUMBER, WORKS = "2809-123456-7", "城崎製作所"


def make_contact(
    office: Office,
    name: str = "城崎 次郎",
    email: str = CONTACT,
    *,
    verified: bool = True,
    number: str = NUMBER,
    works: str = WORKS,
    now: datetime = MORNING,
) -> Person:
    """A contact of 城崎製作所 who agreed to the terms in force."""
    contact = person_of_mailbox(email, now=now, role=Role.EMPLOYER_CONTACT)
    contact = state_contact(contact, Statement(name, number, works, "人事課", PHONE))
    agree(contact, Shown(office.version.pk, "同意します。", now), document=COUNSELLING, now=now)
    return verify(contact, office, number=number, works=works, now=now) if verified else contact


def verify(contact: Person, office: Office, *, number: str = NUMBER, works: str = WORKS, now: datetime = MORNING) -> Person:
    """Staff have compared the contact with the ministry's system."""
    return verify_contact(contact, number=number, name=works, registered_phone=PHONE, by=office.staff, now=now)


@pytest.fixture
def contact(office: Office) -> Person:
    """A contact who agreed to the terms in force; staff have not verified them yet."""
    return make_contact(office, verified=False)


def employer_ask(version: TermsVersion, **wanted: Any) -> Ask:
    """A managed selection of two people on Thursday, or as said, as the form hands it over."""
    usual = {
        "purpose": EmployerRequest.Purpose.MANAGED_SELECTION,
        "job_offer_number": "28090-12345678",
        "people": 2,
        "candidates": (at(THURSDAY, 9), at(THURSDAY, 13, 15)),
        "shown": Shown(version.pk, "お申込みをもって、利用規約に同意したものとみなします。", MORNING),
        "environment_declared_at": MORNING,
        "key": uuid4(),
    }
    return Ask(**usual | wanted)


def asked(
    contact: Person, purpose: str = EmployerRequest.Purpose.INTERVIEW, *, people: int = 1, start: datetime = WISHED, **wanted: Any
) -> EmployerRequest:
    """What the contact asks for, with its sessions, none of which has a place yet."""
    version = version_in_force(COUNSELLING, now=MORNING)
    secret = {"arrangement": "面接室で実施希望の秘密の相談"}
    wish = employer_ask(version, purpose=purpose, people=people, candidates=(start,), **secret | wanted)
    return employers.ask(contact, wish, now=MORNING, wall=MORNING)


@pytest.fixture
def interview(office: Office) -> Booking:
    """An interview of 城崎製作所 with a job seeker, arranged for Tuesday 10:10 with 佐藤."""
    seeker = make_regular(office, "但馬 太郎", "taro@example.jp", "+819011112222")
    booking = asked(make_contact(office), start=at(TUESDAY, 10, 10)).sessions.get()
    wanted = Arrangement(booking.starts_at, Seeker(seeker.pk), counsellor=office.sato.pk)
    return interviews.arrange(booking.pk, wanted, by=office.staff, now=MORNING, wall=MORNING)
