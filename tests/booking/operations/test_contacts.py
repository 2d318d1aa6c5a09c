"""What staff decide about employers' contacts: confirmed, not to be confirmed, gone (C2-1d)."""

from datetime import timedelta

import pytest

from booking.operations import contacts, employers
from booking.operations.employers import ContactUnknown
from booking.operations.transitions import ReasonMissing
from booking.queries import requests_of, unverified_contacts
from tests.cast import MORNING, Office
from tests.employers import CONTACT, NUMBER, PHONE, WORKS, asked, employer_ask, make_contact
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import AlreadyVerified, ContactOver, Statement, state_contact
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(hours=1)


def end(contact: Person, office: Office, reason: str = "事業所に在籍を確認できないため") -> Person:
    return contacts.end(contact.pk, reason=reason, by=office.staff, now=LATER, wall=LATER)


def subjects() -> list[str]:
    return [mail.subject.partition("】")[2] for mail in OutgoingMail.objects.filter(to=CONTACT).order_by("pk")]


def test_verified_contact_is_told_once(office: Office, contact: Person) -> None:
    for _press in range(2):
        stated = {"number": NUMBER, "name": WORKS, "registered_phone": PHONE}
        contact = contacts.verify(contact, **stated, by=office.staff, now=LATER, wall=LATER)
    mail = OutgoingMail.objects.get(to=CONTACT)
    assert (contact.is_known, mail.subject) == (True, "【ハローワーク豊岡】ご登録の内容を確認しました")
    assert ("事業所：城崎製作所" in mail.body, "/employer/" in mail.body) == (True, True)


def test_contact_who_cannot_be_confirmed_leaves_the_inbox_with_their_requests(office: Office, contact: Person) -> None:
    request = asked(contact, people=2)
    found = end(contact, office)
    line = AuditEntry.objects.get(what="人事担当者を確認できないと記録する")
    assert (list(unverified_contacts()), found.establishment_number, found.phone) == ([], "", "")
    assert [session.state for session in request.sessions.all()] == ["declined", "declined"]
    assert (line.by, line.reason, line.person_pk) == (office.staff, "事業所に在籍を確認できないため", contact.pk)
    assert subjects() == ["ご依頼を受け付けました（日時は未確定です）", "ご依頼について", "ご登録について"]
    body = OutgoingMail.objects.latest("pk").body
    assert ("理由：事業所に在籍を確認できないため" in body, "あらためてお知らせいただけます。" in body) == (True, True)


def test_contact_who_was_not_confirmed_states_it_anew(office: Office, contact: Person) -> None:
    """A mistyped phone is the contact's to say again, because no call ever rested on it."""
    end(contact, office)
    stated = state_contact(contact, Statement("城崎 次郎", NUMBER, WORKS, "人事課", "+81796230303"))
    assert (stated.stated_phone, list(unverified_contacts())) == ("+81796230303", [stated])


def test_contact_who_left_asks_for_nothing_and_the_establishment_keeps_its_requests(office: Office) -> None:
    contact = make_contact(office)
    request = asked(contact)
    found = end(contact, office, "退職されたため")
    assert (found.has_left, found.is_known, found.verified_by) == (True, False, None)
    assert (list(unverified_contacts()), list(requests_of(contact.establishment))) == ([], [request])
    with pytest.raises(ContactUnknown):
        employers.ask(found, employer_ask(office.version), now=LATER, wall=LATER)
    with pytest.raises(AlreadyVerified):
        state_contact(found, Statement("城崎 次郎", "2809-000009-9", "但馬牛舎"))
    assert AuditEntry.objects.get(what="人事担当者が担当を外れたことを記録する").reason == "退職されたため"
    assert "人事担当者としての登録を終了しました。" in OutgoingMail.objects.latest("pk").body


def test_contact_who_comes_back_is_verified_for_the_same_establishment(office: Office) -> None:
    contact = end(make_contact(office), office)
    again = contacts.verify(contact, number=NUMBER, name=WORKS, registered_phone=PHONE, by=office.staff, now=LATER, wall=LATER)
    assert (again.has_left, again.is_known) == (False, True)


def test_nothing_is_ended_twice_or_without_a_reason(office: Office, contact: Person) -> None:
    with pytest.raises(ReasonMissing):
        end(contact, office, " ")
    end(contact, office)
    with pytest.raises(ContactOver):
        end(contact, office)
    assert subjects() == ["ご登録について"]
