"""What comes with a registration from its page: the name, the phone, the environment, whose form it is; and a partner's consent."""

from uuid import uuid4

import pytest

from booking.models import Registration, Seminar
from booking.operations.registrations import PhoneDiffers
from booking.operations.seminars import people, seats
from booking.operations.seminars.joining import agree_as_partner
from booking.operations.seminars.seats import AlreadyRegistered, RemovedBefore
from consent.models import Consent
from consent.operations import Shown, TermsNotInForce
from consent.queries import SEMINAR
from tests.cast import MORNING, Office, make_person, make_regular, publish_terms
from tests.employers import make_contact
from tests.seminars import LABEL, drawn_up, guest, published, register, sheet, terms
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import person_of_mailbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def seminar(office: Office) -> Seminar:
    return published(office)


def test_first_registration_gives_the_person_a_name_and_a_phone(seminar: Seminar) -> None:
    person = person_of_mailbox("new@example.jp", now=MORNING)
    row = register(seminar, person, full_name="新田 一", phone="+819011112222", environment_declared_at=MORNING)
    person.refresh_from_db()
    assert (person.full_name, person.stated_phone, row.environment_declared_at) == ("新田 一", "+819011112222", MORNING)
    assert row.person == person


def test_what_is_on_record_stays(office: Office, seminar: Seminar) -> None:
    """A verified name and any phone: no form but the counter's changes them (C6-2-3c, A9)."""
    person = make_regular(office)
    with pytest.raises(PhoneDiffers):
        register(seminar, person, full_name="別の名前", phone="+819011112222")
    assert (Registration.objects.count(), Consent.objects.filter(version__document__code=SEMINAR).count()) == (0, 0)
    register(seminar, person, full_name="別の名前", phone=person.phone)
    person.refresh_from_db()
    assert (person.full_name, person.phone) == ("豊岡 花子", "+819012345678")


def test_sheet_without_a_name_leaves_the_person_as_they_are(seminar: Seminar) -> None:
    person = guest()
    register(seminar, person)
    person.refresh_from_db()
    assert (person.full_name, person.stated_phone) == ("参加 1", "+819012345678")


def test_same_key_is_the_same_registration_of_the_same_person_only(seminar: Seminar) -> None:
    key, hanako = uuid4(), guest(1)
    first = register(seminar, hanako, key=key)
    assert register(seminar, hanako, key=key) == first
    with pytest.raises(AlreadyRegistered):
        register(seminar, hanako)
    assert Registration.objects.count() == 1


def test_registrations_of_a_merged_row_are_the_persons_own(office: Office, seminar: Seminar) -> None:
    before, key = guest(1), uuid4()
    row = register(seminar, before, key=key)
    survivor = make_person(email="new@example.jp")
    Person.objects.filter(pk=before.pk).update(merged_into=survivor)
    before.refresh_from_db()
    assert seats.register(survivor, seminar.pk, sheet(key=key), now=MORNING, wall=MORNING) == row
    with pytest.raises(AlreadyRegistered):
        register(seminar, survivor)
    people.remove(row.pk, clause=1, reason="理由", by=office.staff, now=MORNING, wall=MORNING)
    with pytest.raises(RemovedBefore):
        register(seminar, survivor)


def test_partner_agrees_to_what_they_read(office: Office) -> None:
    contact, version = make_contact(office), terms()
    partner = people.add_partner(drawn_up(office).pk, contact, by=office.staff, now=MORNING, wall=MORNING)
    agreed = agree_as_partner(partner.pk, Shown(version.pk, LABEL, MORNING), now=MORNING, zoom_stated_at=MORNING)
    assert agreed.consent is not None
    assert (agreed.consent.person, agreed.consent.version, agreed.consent.label) == (contact, version, LABEL)


def test_partner_who_read_another_version_has_agreed_to_nothing(office: Office) -> None:
    version = terms()
    partner = people.add_partner(drawn_up(office).pk, make_contact(office), by=office.staff, now=MORNING, wall=MORNING)
    publish_terms(SEMINAR, 2, effective_at=MORNING)
    with pytest.raises(TermsNotInForce):
        agree_as_partner(partner.pk, Shown(version.pk, LABEL, MORNING), now=MORNING)
    partner.refresh_from_db()
    assert (partner.consent, Consent.objects.filter(version__document__code=SEMINAR).count()) == (None, 0)
