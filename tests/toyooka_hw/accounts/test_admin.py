"""People found however staff type, and verified by an operation (C2-1a, C6-2-3c, A9)."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.cast import MORNING, Office, make_person
from tests.visitor import at_time, text_of
from toyooka_hw.accounts.admin import people_matching
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.audit.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "typed",
    [
        "豊岡 花子",
        "豊岡花子",
        "豊岡　花子",
        "花子",
        "とよおか",
        "トヨオカ ハナコ",
        "ﾊﾅｺ",
        "28090-1234567",
        "２８０９０１２３４５６７",
        "5678",
        "090-1234-5678",
        "0901234５６７８",
    ],
)
def test_person_is_found_by(office: Office, typed: str) -> None:
    person = make_person()
    Person.objects.filter(pk=person.pk).update(name_kana="トヨオカ ハナコ")
    make_person("城崎 桜", email="sakura@example.jp", phone="+819055550102").delete()
    other = Person.objects.create(full_name="城崎 桜", stated_phone="+819055550102", job_seeker_number="28090-7654321", created_at=MORNING)
    assert list(people_matching(Person.objects.all(), typed)) == [person]
    assert other.pk != person.pk


def test_three_digits_find_nobody(person: Person) -> None:
    assert list(people_matching(Person.objects.all(), "678")) == []


def test_list_masks_number_and_phone(office: Office, person: Person, staff_client: Callable[[User], Client]) -> None:
    with at_time(MORNING):
        page = staff_client(office.staff).get("/admin/accounts/person/", {"q": "豊岡"}).content.decode()
    assert ("28***-****567" in page, "090-****-5678" in page, "1234567" in page, "1234-5678" in page) == (True, True, False, False)


def test_verifying_keeps_who_and_when_and_the_number_as_registered(
    office: Office, person: Person, staff_client: Callable[[User], Client]
) -> None:
    path = f"/admin/accounts/person/{person.pk}/verify/"
    with at_time(MORNING):
        client = staff_client(office.staff)
        refused = client.post(path, {"registered_phone": "110"})
        done = client.post(path, {"registered_phone": "０９０−１２３４−５６７８"}, follow=True)
    person.refresh_from_db()
    assert "電話番号を確認してください。" in text_of(refused)
    assert "豊岡花子さんの本人情報を確認済みにしました。" in text_of(done)
    assert (person.registered_phone, person.verified_by, person.verified_at) == ("+819012345678", office.staff, MORNING)
    entry = AuditEntry.objects.get()
    assert (entry.what, entry.person_pk, entry.door) == ("本人情報を確認済みにする", person.pk, path)
    assert entry.changes == {"確認済みの電話番号": ["", "090-****-5678"]}


def test_looking_at_the_page_verifies_nobody(office: Office, person: Person, staff_client: Callable[[User], Client]) -> None:
    with at_time(MORNING):
        staff_client(office.staff).get(f"/admin/accounts/person/{person.pk}/verify/")
    person.refresh_from_db()
    assert person.is_verified is False
