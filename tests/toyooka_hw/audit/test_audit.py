"""What staff did stands in rows that nobody changes, named by key, with the page it was done on (C7-1, issue of the counsellor's day)."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from booking.models import Booking, Seminar, ZoomHost
from tests.cast import MORNING, Office
from tests.visitor import at_time, text_of
from toyooka_hw.accounts.models import User
from toyooka_hw.audit.changes import differences
from toyooka_hw.audit.door import door, through
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.audit.operations import record
from toyooka_hw.wording import mask_phone

pytestmark = pytest.mark.django_db

PAGE = "/admin/audit/auditentry/"


def test_entry_names_who_what_when_where_and_why(office: Office, requested: Booking) -> None:
    with through("/admin/somewhere/"):
        entry = record(
            "試験", requested, by=office.staff, now=MORNING, reason=" 頼まれたため ", changes={"担当者": ("佐藤", "田中")}, person_pk=7
        )
    entry.refresh_from_db()
    assert (entry.by, entry.at, entry.what, entry.reason, entry.door) == (
        office.staff,
        MORNING,
        "試験",
        "頼まれたため",
        "/admin/somewhere/",
    )
    assert (entry.subject_type, entry.subject_pk, entry.subject, entry.person_pk) == (
        "booking.booking",
        str(requested.pk),
        requested.number,
        7,
    )
    assert entry.changes == {"担当者": ["佐藤", "田中"]}
    assert door() == ""


def test_person_is_named_by_key_never_by_name(office: Office, requested: Booking) -> None:
    entry = record("試験", requested.applicant, by=office.staff, now=MORNING)
    assert entry.subject == f"利用者 {requested.applicant_id}"


@pytest.mark.parametrize("statement", ["UPDATE audit_auditentry SET reason = 'x'", "DELETE FROM audit_auditentry"])
def test_database_refuses_to_rewrite_the_audit(office: Office, requested: Booking, statement: str) -> None:
    entry = record("試験", requested, by=office.staff, now=MORNING)
    with pytest.raises(DatabaseError, match="audit_auditentry is append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.filter(pk=entry.pk, reason="").exists()


def test_pages_show_the_entry_with_its_changes_and_the_way_to_its_subject(
    office: Office, requested: Booking, staff_client: Callable[[User], Client]
) -> None:
    entry = record("担当者の変更", requested, by=office.staff, now=MORNING, changes={"担当者": ("佐藤", "")})
    with at_time(MORNING):
        client = staff_client(office.staff)
        listed, page = client.get(PAGE, {"q": requested.number}), client.get(f"{PAGE}{entry.pk}/change/")
    assert "担当者の変更" in text_of(listed)
    assert f'<a href="/admin/booking/booking/{requested.pk}/change/">{requested.number}</a>' in page.content.decode()
    assert '<tr><th scope="row">担当者</th><td>佐藤</td><td>（空欄）</td></tr>' in page.content.decode()


def test_list_asks_the_same_queries_however_many_entries(
    office: Office, requested: Booking, staff_client: Callable[[User], Client], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with at_time(MORNING):
        client = staff_client(office.staff)
        for entries in (1, 40):
            for _each in range(entries):
                record("試験", requested, by=office.staff, now=MORNING)
            client.get(PAGE)
            with django_assert_num_queries(9):
                client.get(PAGE)


def test_nobody_adds_changes_or_deletes_in_the_pages(office: Office, requested: Booking, staff_client: Callable[[User], Client]) -> None:
    entry = record("試験", requested, by=office.staff, now=MORNING)
    with at_time(MORNING):
        client = staff_client(office.staff)
        answers = [client.post(PAGE + step).status_code for step in ("add/", f"{entry.pk}/change/", f"{entry.pk}/delete/")]
    assert answers == [403, 403, 403]


def test_page_that_was_pressed_is_the_door(office: Office, requested: Booking, staff_client: Callable[[User], Client]) -> None:
    path = f"/admin/booking/booking/{requested.pk}/act/withdraw/"
    with at_time(MORNING):
        staff_client(office.staff).post(path)
    assert list(AuditEntry.objects.values_list("door", "what", "person_pk")) == [(path, "申込みの取下げ", requested.applicant_id)]


def test_list_is_filtered_by_the_kind_of_subject_in_words(
    office: Office, requested: Booking, staff_client: Callable[[User], Client]
) -> None:
    record("予約のこと", requested, by=office.staff, now=MORNING)
    record("人のこと", requested.applicant, by=office.staff, now=MORNING)
    with at_time(MORNING):
        client = staff_client(office.staff)
        listed, filtered = text_of(client.get(PAGE)), text_of(client.get(PAGE, {"subject_type": "accounts.person"}))
    assert ("予約利用者" in listed, "人のこと" in filtered, "予約のこと" in filtered) == (True, True, False)


# --- what differs --------------------------------------------------------------------------------------------------------


def test_differences_are_told_by_label_and_in_words(office: Office) -> None:
    sato = office.sato
    sato.name, sato.default_host, sato.is_active = "佐藤 太郎", office.tanaka.default_host, False
    assert differences(sato) == {
        "担当者名": ("佐藤", "佐藤 太郎"),
        "標準のZoomホスト": ("ライセンス 佐藤", "ライセンス 田中"),
        "担当中": ("はい", "いいえ"),
    }


def test_row_as_it_is_stored_differs_in_nothing(office: Office) -> None:
    assert differences(office.sato) == {}


def test_new_row_is_new_in_everything_that_is_filled(office: Office) -> None:
    assert differences(ZoomHost(email="new@zoom.example.jp", name="")) == {
        "Zoomユーザー": ("", "new@zoom.example.jp"),
        "使用する": ("", "はい"),
        "Zoomでの確認": ("", "未確認"),
    }


def test_personal_value_is_told_masked(requested: Booking) -> None:
    person = requested.applicant
    person.registered_phone = "+819099990000"
    assert differences(person, masks={"registered_phone": mask_phone}) == {"確認済みの電話番号": ("", "090-****-0000")}


def test_moments_are_told_as_staff_read_them(office: Office) -> None:
    seminar = Seminar(title="在宅ワーク", starts_at=MORNING)
    assert differences(seminar)["開始"] == ("", "2027年4月6日（火）9:30")
