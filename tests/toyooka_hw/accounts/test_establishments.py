"""Employers' contacts: what they state, and the establishment that staff find (C2-1d, A9)."""

from datetime import timedelta

import pytest

from tests.cast import MORNING, Office, make_person
from tests.employers import NUMBER, PHONE, WORKS, make_contact, verify
from toyooka_hw.accounts.models import Establishment, Person, Role
from toyooka_hw.accounts.operations import (
    AlreadyVerified,
    EstablishmentFixed,
    NotTheName,
    NumberTaken,
    PhoneOnRecord,
    Statement,
    correct_establishment,
    merge_people,
    person_of_mailbox,
    state_contact,
    verify_contact,
)
from toyooka_hw.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(days=1)


def audited() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("what", "subject"))


def test_first_statement_is_kept(office: Office) -> None:
    contact = make_contact(office, verified=False)
    assert (contact.role, contact.full_name, contact.department) == (Role.EMPLOYER_CONTACT, "城崎 次郎", "人事課")
    assert (contact.stated_establishment, contact.stated_establishment_number) == (WORKS, NUMBER)
    assert (contact.stated_phone, contact.registered_phone, contact.establishment) == (PHONE, "", None)
    assert (contact.is_verified, Establishment.objects.count(), AuditEntry.objects.count()) == (False, 0, 0)


def test_unverified_contact_corrects_all_but_the_phone(office: Office) -> None:
    contact = state_contact(make_contact(office, verified=False), Statement("城崎 花子", "2809-1-7", "豊岡かばん"))
    stated = (
        contact.full_name,
        contact.stated_establishment_number,
        contact.stated_establishment,
        contact.department,
        contact.stated_phone,
    )
    assert stated == ("城崎 花子", "2809-1-7", "豊岡かばん", "", PHONE)


def test_other_phone_is_refused_and_changes_nothing(office: Office) -> None:
    """C6-2-3c, A9."""
    contact = make_contact(office, verified=False)
    with pytest.raises(PhoneOnRecord):
        state_contact(contact, Statement("別人", NUMBER, WORKS, phone="+819099999999"))
    contact.refresh_from_db()
    assert (contact.full_name, contact.stated_phone) == ("城崎 次郎", PHONE)


def test_verified_contact_is_changed_by_nobody_but_staff(office: Office) -> None:
    """A9."""
    contact = make_contact(office)
    with pytest.raises(AlreadyVerified):
        state_contact(contact, Statement("城崎 花子", NUMBER, WORKS))
    contact.refresh_from_db()
    assert contact.full_name == "城崎 次郎"


def test_verification_makes_the_establishment_once(office: Office) -> None:
    first, second = make_contact(office), make_contact(office, "城崎 三郎", "saburo@example.jp")
    shop = Establishment.objects.get()
    assert (shop.number, shop.name, shop.created_at) == (NUMBER, WORKS, MORNING)
    assert [each.establishment for each in (first, second)] == [shop, shop]
    assert (first.registered_phone, first.verified_at, first.verified_by) == (PHONE, MORNING, office.staff)
    verified = ("人事担当者を確認済みにする", f"利用者 {first.pk}"), ("人事担当者を確認済みにする", f"利用者 {second.pk}")
    assert audited() == [("事業所を登録する", f"事業所 {NUMBER}"), *verified]


def test_audit_of_a_verification_masks_the_phone(office: Office) -> None:
    contact = make_contact(office)
    entry = AuditEntry.objects.get(person_pk=contact.pk)
    assert entry.changes == {"確認済みの電話番号": ["", "0796-**-0202"], "事業所": ["", NUMBER]}


def test_phone_replaced_at_a_second_verification_is_remembered(office: Office) -> None:
    """C6-2-3c: on that day nobody is called back there."""
    contact = make_contact(office)
    assert contact.phone_changed_at is None
    again = verify_contact(contact, number=NUMBER, name=WORKS, registered_phone="+81796223333", by=office.staff, now=LATER)
    assert (again.registered_phone, again.phone_changed_at) == ("+81796223333", LATER)


@pytest.mark.parametrize("typed", ["城崎　製作所", "城﨑製作所"])
def test_name_of_the_same_sound_and_shape_is_the_same(office: Office, typed: str) -> None:
    make_contact(office)
    other = make_contact(office, "城崎 三郎", "saburo@example.jp", works=typed)
    assert other.establishment == Establishment.objects.get(name=WORKS)


def test_number_of_another_name_verifies_nobody(office: Office) -> None:
    """Nobody lands in another employer's rows by a slip."""
    make_contact(office)
    stranger = make_contact(office, "但馬 四郎", "shiro@example.jp", verified=False)
    with pytest.raises(NotTheName) as refused:
        verify(stranger, office, works="但馬牛舎")
    stranger.refresh_from_db()
    assert (refused.value.establishment.name, stranger.is_verified, stranger.establishment) == (WORKS, False, None)


def test_verified_contact_does_not_change_the_establishment(office: Office) -> None:
    contact = make_contact(office)
    with pytest.raises(EstablishmentFixed) as refused:
        verify(contact, office, number="2809-9-9", works="別の会社")
    contact.refresh_from_db()
    assert (refused.value.establishment, contact.establishment.number, Establishment.objects.count()) == (contact.establishment, NUMBER, 1)


def test_correction_of_an_establishment_is_recorded_once(office: Office) -> None:
    contact = make_contact(office)
    for _press in range(2):
        shop = correct_establishment(contact.establishment_id, number="2809-7-7", name="コウノトリ株式会社", by=office.staff, now=LATER)
    entry = AuditEntry.objects.get(what="事業所の番号・名称を直す")
    assert (shop.number, shop.name) == ("2809-7-7", "コウノトリ株式会社")
    assert entry.changes == {"事業所番号": [NUMBER, "2809-7-7"], "事業所名": [WORKS, "コウノトリ株式会社"]}


def test_number_of_another_establishment_is_not_taken(office: Office) -> None:
    make_contact(office)
    other = make_contact(office, "但馬 四郎", "shiro@example.jp", number="2809-9-9", works="但馬牛舎")
    with pytest.raises(NumberTaken):
        correct_establishment(other.establishment_id, number=NUMBER, name="但馬牛舎", by=office.staff, now=LATER)
    assert Establishment.objects.get(pk=other.establishment_id).number == "2809-9-9"


def test_merged_contact_is_verified_as_the_survivor(office: Office) -> None:
    kept, gone = make_contact(office, verified=False), make_contact(office, "城崎 次郎", "jiro@example.jp", verified=False)
    merge_people(gone.pk, kept.pk, by=office.staff, now=MORNING, reason="同じ方")
    assert verify(gone, office).pk == kept.pk
    assert Person.objects.get(pk=gone.pk).establishment is None


def test_one_mailbox_serves_a_job_seeker_and_a_contact(office: Office) -> None:
    seeker = make_person(email="both@example.jp")
    contact = person_of_mailbox("both@example.jp", now=MORNING, role=Role.EMPLOYER_CONTACT)
    assert (contact.role, contact.full_name, contact.pk == seeker.pk) == (Role.EMPLOYER_CONTACT, "", False)
