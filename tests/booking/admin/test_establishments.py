"""Establishments and their contacts at the desk: verified, found, corrected, merged only with their own (C2-1d, C8-1)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.admin.inbox import gather
from booking.operations import employers
from tests.booking.admin.conftest import Desk, DeskOf
from tests.cast import MORNING, Office, make_person
from tests.employers import NUMBER, PHONE, WORKS, asked, make_contact
from tests.visitor import text_of
from toyooka_hw.accounts.models import Establishment, Person
from toyooka_hw.accounts.operations import ROLES, NotMergeable, merge_people
from toyooka_hw.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(hours=1)
STATED = {"number": NUMBER, "name": WORKS, "registered_phone": ""}


def verify_page(contact: Person) -> str:
    return f"/admin/accounts/person/{contact.pk}/verify/"


def page_of(establishment: Establishment, step: str = "change/") -> str:
    return f"/admin/accounts/establishment/{establishment.pk}/{step}"


def queries_of(desk: Desk, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(path).status_code == 200
    return len(queries)


# --- verification ----------------------------------------------------------------------------------------------------------


def test_verification_shows_what_was_stated_with_the_phone_masked(desk: Desk, contact: Person) -> None:
    page = desk.get(verify_page(contact))
    words = text_of(page)
    told = ("城崎次郎", NUMBER, WORKS, "人事課", "0796-**-0202")
    assert [each for each in told if each not in words] == []
    assert "23-0202" not in words
    assert {name: page.context["form"][name].value() for name in ("number", "name")} == {"number": NUMBER, "name": WORKS}


def test_verification_with_the_stated_phone_is_one_press(desk: Desk, office: Office, contact: Person) -> None:
    words = text_of(desk.post(verify_page(contact), **STATED))
    contact.refresh_from_db()
    assert "城崎次郎さんの本人情報を確認済みにしました。" in words
    assert (contact.establishment.number, contact.registered_phone, contact.verified_by) == (NUMBER, PHONE, office.staff)


def test_what_the_ministry_has_counts_and_not_what_was_stated(desk: Desk, contact: Person) -> None:
    desk.post(verify_page(contact), number="２８０９ー１ー７", name="城崎製作所 本社", registered_phone="0796-29-1111")
    contact.refresh_from_db()
    found = (contact.establishment.number, contact.establishment.name, contact.registered_phone, contact.stated_establishment_number)
    assert found == ("2809-000001-7", "城崎製作所 本社", "+81796291111", NUMBER)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"number": "12"}, "事業所番号は、4けた・6けたまで・1けたの数字をハイフンでつないで入力してください。"),
        ({"name": ""}, "ハローワークシステムに登録されている事業所名を入力してください。"),
        ({"registered_phone": "0120-123-456"}, "フリーダイヤルなどの番号は登録できません。"),
    ],
)
def test_incomplete_verification_records_nothing(desk: Desk, contact: Person, wrong: dict[str, str], words: str) -> None:
    assert words in text_of(desk.post(verify_page(contact), **STATED | wrong))
    contact.refresh_from_db()
    assert (contact.is_verified, Establishment.objects.count()) == (False, 0)


def test_number_of_another_establishment_is_told_with_its_name(desk: Desk, office: Office, contact: Person) -> None:
    make_contact(office, "但馬 四郎", "shiro@example.jp", works="但馬牛舎")
    words = text_of(desk.post(verify_page(contact), **STATED))
    assert "この事業所番号は「但馬牛舎」として登録されています。番号と事業所名を確かめてください。" in words


def test_contact_of_one_establishment_is_not_verified_for_another(desk: Desk, office: Office) -> None:
    contact = make_contact(office)
    words = text_of(desk.post(verify_page(contact), number="2809-9-9", name="但馬牛舎", registered_phone=""))
    assert "この方は「城崎製作所」の担当者として確認済みです。" in words


def test_job_seekers_are_verified_as_before(desk: Desk, office: Office) -> None:
    seeker = make_person()
    assert "事業所番号" not in text_of(desk.get(verify_page(seeker)))
    desk.post(verify_page(seeker), registered_phone="")
    seeker.refresh_from_db()
    assert (seeker.registered_phone, seeker.establishment) == ("+819012345678", None)


# --- the person's page and the inbox ---------------------------------------------------------------------------------------


def test_person_page_tells_the_establishment_and_nothing_of_job_seekers(desk: Desk, office: Office, contact: Person) -> None:
    before = desk.get(f"/admin/accounts/person/{contact.pk}/change/")
    assert f"{WORKS}（{NUMBER}）申込みの内容。未確認" in text_of(before)
    assert [
        words for words in ("求職番号", "利用登録者への切替", f"/booking/enter/{contact.pk}/") if words in before.content.decode()
    ] == []
    desk.post(verify_page(contact), **STATED)
    page = desk.get(f"/admin/accounts/person/{contact.pk}/change/").content.decode()
    assert page_of(Establishment.objects.get()) in page


def test_inbox_lists_contacts_to_be_verified(desk: Desk, contact: Person) -> None:
    page = desk.get("/admin/booking/booking/inbox/")
    assert "確認を待つ人事担当者（1件）" in text_of(page)
    assert f"{verify_page(contact)}?next=/admin/booking/booking/inbox/" in page.content.decode()
    desk.post(verify_page(contact), **STATED)
    assert "確認を待つ人事担当者" not in text_of(desk.get("/admin/booking/booking/inbox/"))


def test_inbox_asks_as_many_queries_for_many_contacts(desk: Desk, office: Office, contact: Person) -> None:
    desk.get("/admin/booking/booking/inbox/")
    one = queries_of(desk, "/admin/booking/booking/inbox/")
    for number in range(30):
        make_contact(office, f"城崎 {number}", f"p{number}@example.jp", verified=False)
    assert queries_of(desk, "/admin/booking/booking/inbox/") == one
    assert gather("", now=MORNING).to_verify.total == 31


def test_contact_who_cannot_be_confirmed_is_turned_down_from_the_inbox(desk: Desk, contact: Person) -> None:
    address = f"/admin/accounts/person/{contact.pk}/end/"
    assert f"{address}?next=/admin/booking/booking/inbox/" in desk.get("/admin/booking/booking/inbox/").content.decode()
    assert "理由を入力してください。" in text_of(desk.post(address))
    words = text_of(desk.post(address, reason="在籍を確認できないため", next="/admin/booking/booking/inbox/"))
    assert "城崎次郎：確認できないと記録しました。" in words
    assert "確認を待つ人事担当者" not in words
    assert "すでに終了しているか" in text_of(desk.post(address, reason="在籍を確認できないため"))


def test_contact_who_left_is_marked_on_the_pages(desk: Desk, office: Office) -> None:
    contact = make_contact(office)
    words = text_of(desk.post(f"/admin/accounts/person/{contact.pk}/end/", reason="退職されたため"))
    assert "担当を外れたことを記録しました。" in words
    assert words.count("担当を外れた方") == 1
    assert "担当を外れた方" in text_of(desk.get(page_of(contact.establishment)))


# --- the establishment -----------------------------------------------------------------------------------------------------


def test_establishment_tells_its_contacts_and_requests(desk: Desk, office: Office) -> None:
    contact = make_contact(office)
    request = asked(contact)
    page = desk.get(page_of(contact.establishment))
    words = text_of(page)
    told = (NUMBER, WORKS, "人事課", "人事担当者（1名）", "城崎次郎", "0796-**-0202", request.number, "オンライン面接", "申込受付")
    assert [each for each in told if each not in words] == []
    assert ("秘密の相談" in page.content.decode(), "相談内容・同席者の記入あり" in page.content.decode()) == (False, True)


def test_free_text_of_a_request_is_opened_with_a_line(desk: Desk, office: Office) -> None:
    """C8-1, C12-3b."""
    contact = make_contact(office)
    request = asked(contact, companion="手話通訳")
    words = text_of(desk.post(f"/admin/booking/booking/look/ask/{request.pk}/", next=page_of(contact.establishment)))
    line = AuditEntry.objects.get(kind=AuditEntry.Kind.LOOK)
    assert ("面接室で実施希望の秘密の相談" in words, "手話通訳" in words) == (True, True)
    assert (line.what, line.subject, line.person_pk) == ("依頼したいこと・同席を表示する", request.number, contact.pk)


def test_free_text_of_a_request_stays_closed_to_others(desk_of: DeskOf, office: Office, member: Any) -> None:
    request = asked(make_contact(office))
    desk = desk_of(member("監査"))
    assert desk.post(f"/admin/booking/booking/look/ask/{request.pk}/").status_code == 403
    assert AuditEntry.objects.filter(kind=AuditEntry.Kind.LOOK).count() == 0


def test_establishment_asks_as_many_queries_for_many_rows(desk: Desk, office: Office) -> None:
    contact = make_contact(office)
    asked(contact)
    address = page_of(contact.establishment)
    desk.get(address)
    one = queries_of(desk, address)
    for number in range(5):
        colleague = make_contact(office, f"城崎 {number}", f"p{number}@example.jp")
        for _each in range(3):
            asked(colleague, people=3)
    assert (one, queries_of(desk, address)) == (8, 8)


def test_list_asks_as_many_queries_for_many_rows(desk: Desk, office: Office) -> None:
    make_contact(office)
    desk.get("/admin/accounts/establishment/")
    one = queries_of(desk, "/admin/accounts/establishment/")
    for number in range(1, 9):
        make_contact(office, f"城崎 {number}", f"p{number}@example.jp", number=f"2809-{number}-7", works=f"但馬牛舎{number}")
    assert queries_of(desk, "/admin/accounts/establishment/") == one
    found = desk.get("/admin/accounts/establishment/", q="但馬牛舎3")
    assert [(row.name, row.contact_count) for row in found.context["cl"].result_list] == [("但馬牛舎3", 1)]


def test_correction_of_an_establishment(desk: Desk, office: Office) -> None:
    works = make_contact(office).establishment
    words = text_of(desk.post(page_of(works, "correct/"), number="2809-7-7", name="城崎製作所 本社"))
    works.refresh_from_db()
    assert ("事業所の番号・名称を記録しました。" in words, works.number, works.name) == (True, "2809-000007-7", "城崎製作所 本社")


def test_correction_to_a_taken_number_is_told(desk: Desk, office: Office) -> None:
    works = make_contact(office).establishment
    make_contact(office, "但馬 四郎", "shiro@example.jp", number="2809-000009-9", works="但馬牛舎")
    page = desk.post(page_of(works, "correct/"), number="2809-9-9", name="城崎製作所")
    assert "この事業所番号は、別の事業所として登録されています。番号を確かめてください。" in text_of(page)
    assert page.context["form"]["name"].value() == "城崎製作所"


def test_counsellors_see_and_managers_correct(desk_of: DeskOf, office: Office, member: Any) -> None:
    works, found = make_contact(office).establishment, {}
    for role in ROLES:
        desk = desk_of(member(role))
        found[role] = (desk.get(page_of(works)).status_code, desk.get(page_of(works, "correct/")).status_code)
    assert found == {"相談員": (200, 403), "管理者": (200, 200), "システム管理者": (403, 403), "監査": (403, 403)}


# --- merging ---------------------------------------------------------------------------------------------------------------


def test_contacts_of_two_establishments_are_never_merged(office: Office) -> None:
    """Whoever was merged would see the other's requests."""
    one = make_contact(office)
    two = make_contact(office, "城崎 次郎", "jiro@example.jp", number="2809-9-9", works="但馬牛舎")
    three = make_contact(office, "城崎 次郎", "j@example.jp", verified=False, number="2809-9-9", works="但馬牛舎")
    for other in (two, three):
        with pytest.raises(NotMergeable):
            merge_people(other.pk, one.pk, by=office.staff, now=MORNING, reason="同じ方")


def test_merge_carries_the_verified_establishment_over(office: Office) -> None:
    kept, gone = make_contact(office, verified=False), make_contact(office, "城崎 次郎", "jiro@example.jp")
    request = asked(gone)
    employers.withdraw_request(request.pk, now=LATER, wall=LATER)
    survivor = merge_people(gone.pk, kept.pk, by=office.staff, now=LATER, reason="同じ方")
    assert (survivor.establishment.number, survivor.registered_phone, survivor.verified_at) == (NUMBER, PHONE, MORNING)
