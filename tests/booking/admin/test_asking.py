"""Staff write down what an employer asks for by phone or at the counter (C0-3, C2-1d, A9, A10)."""

from typing import Any

import pytest
from django.http import HttpResponse

from booking.models import EmployerRequest
from consent.models import Consent
from tests.booking.admin.conftest import Desk
from tests.cast import THURSDAY, Office, at
from tests.employers import CONTACT, NUMBER, PHONE, WORKS, make_contact
from tests.visitor import field_value, text_of
from toyooka_hw.accounts.models import Person
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
FIND = "/admin/booking/booking/employers/enter/"
NEW = f"{FIND}contact/"
TOLD = {
    "purpose": "managed_selection",
    "job_offer_number": "28090-12345678",
    "people": "2",
    "day_1": THURSDAY.isoformat(),
    "time_1": "13:15",
    "arrangement": "応募者への連絡",
    "source": "counter",
    "guided": "on",
}
FACTS = {
    "establishment_number": "2809-123456-7",
    "establishment_name": WORKS,
    "department": "人事課",
    "full_name": "城崎 次郎",
    "phone": "0796-23-0202",
    "email": "",
}


def send(desk: Desk, person: Person, **told: Any) -> HttpResponse:
    page = desk.get(f"{FIND}{person.pk}/")
    signed = {name: field_value(page, name) for name in ("shown", "key")}
    return desk.post(f"{FIND}{person.pk}/", **signed | TOLD | told)


def test_known_contact_is_found_and_their_request_written_down(desk: Desk, office: Office) -> None:
    contact = make_contact(office)
    assert f"{FIND}{contact.pk}/" in desk.get(FIND, q="城崎").content.decode()
    words = text_of(send(desk, contact))
    asked = EmployerRequest.objects.get()
    assert f"依頼を入力しました（{asked.number}）。" in words
    kept = (asked.contact, asked.purpose, asked.people, asked.candidates, asked.arrangement)
    assert kept == (contact, "managed_selection", 2, [at(THURSDAY, 13, 15)], "応募者への連絡")
    sessions = set(asked.sessions.values_list("state", "source", "environment_declared_at"))
    assert (sessions, asked.sessions.count()) == ({("requested", "counter", None)}, 2)
    assert OutgoingMail.objects.filter(to=CONTACT, subject__contains="ご依頼を受け付けました").count() == 1


def test_consent_that_was_told_is_recorded_with_who_heard_it(desk: Desk, office: Office) -> None:
    """C0-3."""
    contact = make_contact(office)
    send(desk, contact, source="phone")
    consent = Consent.objects.filter(person=contact).latest("pk")
    assert (consent.method, consent.recorded_by, consent.label) == ("staff_phone", office.staff, "規約の案内をして同意を得た（電話・窓口）")
    lines = AuditEntry.objects.filter(by=office.staff, person_pk=contact.pk, subject_type="booking.booking")
    assert lines.count() == 2


def test_form_sent_twice_is_one_request(desk: Desk, office: Office) -> None:
    contact = make_contact(office)
    page = desk.get(f"{FIND}{contact.pk}/")
    signed = {name: field_value(page, name) for name in ("shown", "key")}
    for _press in range(2):
        desk.post(f"{FIND}{contact.pk}/", **signed | TOLD)
    assert EmployerRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"guided": ""}, "規約をご案内し、同意を得てから、チェックを入れてください。"),
        ({"job_offer_number": ""}, "求人番号を入力してください。"),
        ({"day_1": ""}, "「第1希望の日」を選んでください。"),
    ],
)
def test_incomplete_request_keeps_what_was_typed(desk: Desk, office: Office, wrong: dict[str, str], words: str) -> None:
    page = send(desk, make_contact(office), **wrong)
    assert words in text_of(page)
    assert (page.context["form"]["arrangement"].value(), EmployerRequest.objects.count()) == ("応募者への連絡", 0)


def test_new_contact_without_a_mailbox_is_verified_in_one_go(desk: Desk, office: Office) -> None:
    """C2-1d: who is written down has been compared."""
    for _press in range(2):
        words = text_of(desk.post(NEW, **FACTS))
    contact = Person.objects.get(role="employer_contact")
    assert "城崎次郎さんを、確認済みの人事担当者として登録しました。" in words
    kept = (contact.establishment.number, contact.registered_phone, contact.email, contact.department, contact.verified_by)
    assert kept == (NUMBER, PHONE, "", "人事課", office.staff)
    assert "依頼を入力しました" in text_of(send(desk, contact))
    assert OutgoingMail.objects.count() == 0


def test_mailbox_of_somebody_else_is_told(desk: Desk, office: Office) -> None:
    make_contact(office)
    page = desk.post(NEW, **FACTS | {"full_name": "城崎 三郎", "email": CONTACT})
    assert "このメールアドレスの方は、すでに登録されています。検索して選んでください。" in text_of(page)
    assert (page.context["form"]["full_name"].value(), Person.objects.count()) == ("城崎 三郎", 1)


def test_number_of_another_establishment_writes_nobody_down(desk: Desk, office: Office) -> None:
    make_contact(office)
    page = desk.post(NEW, **FACTS | {"establishment_name": "但馬牛舎", "full_name": "但馬 四郎"})
    assert "この事業所番号は「城崎製作所」として登録されています。" in text_of(page)
    assert Person.objects.count() == 1


def test_sixth_request_that_waits_is_told(desk: Desk, office: Office) -> None:
    contact = make_contact(office)
    for _each in range(5):
        send(desk, contact, people="1")
    assert "この方の依頼が5件、お返事を待っています。" in text_of(send(desk, contact))
