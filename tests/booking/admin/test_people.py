"""One page per person, merging and restricting from it, by whom (issue point 8; C2-1b, C6-1-4c, C8-1)."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.models import Booking, ContactRecord, DayClosing
from booking.queries import no_contact_counts, to_be_switched
from booking.rules.calendar import tokyo_date
from consent.models import Consent, MinistryRecord
from tests.booking.admin.conftest import Desk, DeskOf
from tests.cast import MORNING, SESSION, THURSDAY, TUESDAY, Office, make_person
from tests.seminars import published, register
from tests.visitor import Visitor, text_of
from toyooka_hw.accounts.models import Person, UsageRestriction, User
from toyooka_hw.accounts.operations import Sanction, ensure_roles, restrict
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db


def page_of(person: Person, step: str = "change/") -> str:
    return f"/admin/accounts/person/{person.pk}/{step}"


def booked(person: Person, number: int, state: str = "completed", **values: Any) -> Booking:
    start = SESSION - timedelta(days=7 * number)
    moments = {
        "requested_at": MORNING,
        "answer_by": MORNING,
        "confirm_limit": MORNING,
        "starts_at": start,
        "ends_at": start + timedelta(minutes=30),
    }
    return Booking.objects.create(number=f"{number:04}-0000", state=state, source="web", applicant=person, **moments, **values)


@pytest.fixture
def other(office: Office) -> Person:
    return Person.objects.create(full_name="豊岡 花子", job_seeker_number="28090-1234567", created_at=MORNING)


def member(group: str) -> User:
    ensure_roles()
    user = User.objects.create_user(f"in-{group}", display_name=group, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


# --- the page --------------------------------------------------------------------------------------------------------------


def test_page_tells_everything_and_masks_what_must_be(desk: Desk, office: Office, confirmed: Booking) -> None:
    person = confirmed.applicant
    ContactRecord.objects.create(
        booking=confirmed, channel="phone", meaning="late", note="電車の遅れ", at=MORNING, recorded_by=office.staff
    )
    MinistryRecord.objects.create(person=person, document=office.version.document, recorded_at=MORNING, recorded_by=office.staff)
    page = desk.get(page_of(person))
    words = text_of(page)
    for told in (
        confirmed.number,
        "予約（1件）",
        "電車の遅れ",
        "ハローワークシステムへ記録済",
        "h***@example.jp",
        "090-****-5678",
        "予約の確定",
    ):
        assert told in words
    for closed in ("1234-5678", "1234567", "hanako@example.jp"):
        assert closed not in page.content.decode()


def test_phone_that_was_stated_differently_is_told_beside_the_checked_one(desk: Desk, office: Office, person: Person) -> None:
    checked = {"registered_phone": "+819055550101", "verified_at": MORNING, "verified_by": office.staff}
    Person.objects.filter(pk=person.pk).update(**checked)
    words = text_of(desk.get(page_of(person)))
    assert ("090-****-0101" in words, "申込時は090-****-5678（折り返しには使いません）" in words) == (True, True)


@pytest.mark.parametrize("many", [1, 40])
def test_page_costs_the_same_however_much_there_is(desk: Desk, office: Office, person: Person, many: int) -> None:
    for number in range(many):
        booking = booked(person, number + 1)
        ContactRecord.objects.create(booking=booking, channel="phone", meaning="late", at=MORNING, recorded_by=office.staff)
        OutgoingMail.objects.create(
            key=f"k{number}",
            to=person.email,
            subject="s",
            body="b",
            message_id=f"m{number}",
            written_at=MORNING,
            queued_at=MORNING,
            next_try_at=MORNING,
        )
        make_person("豊岡 花子", email=f"{number}@example.jp")
        Person.objects.filter(email=f"{number}@example.jp").update(merged_into=person if number % 2 else None)
    desk.get(page_of(person))
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(page_of(person)).status_code == 200
    assert len(queries) == 19


def test_many_bookings_are_paged_newest_first(desk: Desk, person: Person) -> None:
    for number in range(1, 26):
        booked(person, number)
    first, second = text_of(desk.get(page_of(person))), text_of(desk.get(page_of(person), page="2"))
    assert ("0001-0000" in first, "0021-0000" in first, "0021-0000" in second, "1／2" in first) == (True, False, True, True)


def test_merged_rows_are_told_on_both_pages(desk: Desk, person: Person, other: Person) -> None:
    booking = booked(other, 1)
    Person.objects.filter(pk=other.pk).update(merged_into=person)
    assert booking.number in text_of(desk.get(page_of(person)))
    assert "この登録は統合されています" in text_of(desk.get(page_of(other)))


@pytest.mark.parametrize("step", ["verify/", "switched/", "merge/", "merge/1/"])
def test_person_who_does_not_exist_is_not_found(desk: Desk, step: str) -> None:
    path = f"/admin/accounts/person/{10**9}/{step}"
    assert (desk.post(path) if step == "switched/" else desk.get(path)).status_code == 404


def test_counsellor_merges_and_restricts_nobody(desk_of: DeskOf, person: Person, other: Person) -> None:
    desk = desk_of(member("相談員"))
    paths = [page_of(person, "merge/"), page_of(person, f"merge/{other.pk}/"), f"/admin/accounts/usagerestriction/new/{person.pk}/"]
    page = desk.get(page_of(person)).content.decode()
    assert [desk.post(path, reason="x").status_code for path in paths] == [403] * 3
    assert [path in page for path in paths] == [False] * 3
    assert desk.get("/admin/accounts/usagerestriction/").status_code == 200


def test_manager_may(desk_of: DeskOf, person: Person, other: Person) -> None:
    desk = desk_of(member("管理者"))
    paths = [page_of(person, "merge/"), page_of(person, f"merge/{other.pk}/"), f"/admin/accounts/usagerestriction/new/{person.pk}/"]
    assert [desk.get(path).status_code for path in paths] == [200] * 3


def test_whoever_sees_people_only_sees_no_bookings_and_no_mails(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_person"))
    words = text_of(desk_of(looker).get(page_of(confirmed.applicant)))
    assert [told in words for told in (confirmed.number, "同意とハローワーク", "職員の操作と閲覧", "本人情報の確認")] == [
        False,
        False,
        False,
        True,
    ]


# --- switching (C2-1b) -----------------------------------------------------------------------------------------------------


def test_switch_is_to_do_until_somebody_records_it_once(desk: Desk, desk_of: DeskOf, office: Office, person: Person) -> None:
    seen = {"eligibility": "to_switch", "eligibility_checked_at": MORNING, "eligibility_checked_by": office.staff}
    booked(person, 1, **seen)
    assert (list(to_be_switched()), "切替が必要" in text_of(desk.get(page_of(person)))) == ([person], True)
    desk.post(page_of(person, "switched/"))
    again = desk_of(office.tanaka.user).post(page_of(person, "switched/"))
    person.refresh_from_db()
    assert (person.switched_by, list(to_be_switched())) == (office.staff, [])
    assert "（佐藤）" in text_of(again)
    assert AuditEntry.objects.filter(what="利用登録者への切替を記録する").count() == 1


# --- merging ---------------------------------------------------------------------------------------------------------------


def test_duplicate_is_hinted_found_compared_and_merged(desk: Desk, office: Office, person: Person, other: Person) -> None:
    assert "同じ方かもしれない登録があります" in text_of(desk.get(page_of(person)))
    assert "求職番号が同じ" in text_of(desk.get(page_of(person, "merge/"), q="花子"))
    path = page_of(person, f"merge/{other.pk}/")
    before = text_of(desk.get(path))
    assert ("統合は、元に戻せません。" in before, "28***-****567" in before, "1234567" in before) == (True, True, False)
    assert (Person.objects.filter(merged_into=None).count(), "理由を入力してください。" in text_of(desk.post(path))) == (2, True)
    words = text_of(desk.post(path, reason="本人に確認"))
    other.refresh_from_db()
    assert (other.merged_into, f"利用者{other.pk}の登録を、豊岡花子さんの登録に統合しました。" in words) == (person, True)
    assert Consent.objects.get().person == person


def test_merge_past_a_living_booking_is_refused_in_words(desk: Desk, requested: Booking, other: Person) -> None:
    words = text_of(desk.post(page_of(other, f"merge/{requested.applicant_id}/"), reason="本人に確認"))
    assert f"統合される方の登録に、進行中の予約（{requested.number}）があります。" in words
    assert Person.objects.filter(merged_into=None).count() == 2


def test_merge_names_the_places_in_seminars_and_what_becomes_of_them(desk: Desk, office: Office, person: Person, other: Person) -> None:
    seminar = published(office)
    row = register(seminar, other)
    before = text_of(desk.get(page_of(person, f"merge/{other.pk}/")))
    assert f"催しの申込みなし{row.number}{seminar.title}参加確定" in before
    assert f"申込み（{row.number}{seminar.title}参加確定）は、受付番号も席もそのままで" in before
    desk.post(page_of(person, f"merge/{other.pk}/"), reason="本人に確認")
    people = desk.get(f"/admin/booking/seminar/{seminar.pk}/people/").content.decode()
    assert (f"/admin/accounts/person/{person.pk}/change/" in people, f"/person/{other.pk}/" in people) == (True, False)
    assert row.number in text_of(desk.get(page_of(person)))


def test_merge_over_two_places_in_one_seminar_is_refused_in_words(desk: Desk, office: Office, person: Person, other: Person) -> None:
    seminar = published(office)
    register(seminar, person)
    second = register(seminar, other)
    path = page_of(person, f"merge/{other.pk}/")
    assert "どちらの登録にも、同じ催しの申込みがあります" in text_of(desk.get(path))
    told = text_of(desk.post(path, reason="本人に確認"))
    assert f"統合される登録の受付番号{second.number}）。先に「参加申込みの一覧」で、どちらかを取り消してください。" in told
    assert Person.objects.filter(merged_into=None).count() == 2


def test_merge_that_somebody_else_made_is_told(desk: Desk, person: Person, other: Person) -> None:
    third = make_person(email="third@example.jp")
    Person.objects.filter(pk=other.pk).update(merged_into=third)
    assert "すでに統合されています。" in text_of(desk.post(page_of(person, f"merge/{other.pk}/"), reason="本人に確認"))


# --- restricting (C6-1-4c) -------------------------------------------------------------------------------------------------


FILLED = {
    "reason": "連絡なし3回",
    "starts_on": "2027-04-06",
    "ends_on": "2027-06-30",
    "review_on": "2027-06-01",
    "letter": "【終了日】まで",
}


def test_manager_restricts_and_lifts(desk: Desk, office: Office, person: Person) -> None:
    path = f"/admin/accounts/usagerestriction/new/{person.pk}/"
    assert "窓口とお電話での職業相談" in text_of(desk.get(path))
    assert UsageRestriction.objects.count() == 0
    words = text_of(desk.post(path, **FILLED))
    made = UsageRestriction.objects.get()
    assert ("お知らせをメールで送ります。" in words, made.letter) == (True, "2027年6月30日（水）まで")
    assert "オンラインの利用を制限しています" in text_of(desk.get(page_of(person)))
    assert "すでに利用の制限" in text_of(desk.post(path, **FILLED))
    assert "2027年6月30日（水）まで" in text_of(desk.get(f"/admin/accounts/usagerestriction/{made.pk}/letter/"))
    lifted = desk.post(f"/admin/accounts/usagerestriction/{made.pk}/lift/", reason="事情がわかった")
    again = desk.post(f"/admin/accounts/usagerestriction/{made.pk}/lift/", reason="二度目")
    assert ("解除しました。" in text_of(lifted), "すでに佐藤さんが解除しています。" in text_of(again)) == (True, True)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"starts_on": "2027-04-05"}, "開始日は本日以後"),
        ({"review_on": "2027-07-01"}, "見直す日は開始日から終了日までの間"),
        ({"reason": ""}, "理由を入力してください。"),
        ({"ends_on": "いつか"}, "日付を確認してください。"),
    ],
)
def test_wrong_decision_is_refused_in_words(desk: Desk, person: Person, wrong: dict[str, str], words: str) -> None:
    page = desk.post(f"/admin/accounts/usagerestriction/new/{person.pk}/", **{**FILLED, **wrong})
    assert (words in text_of(page), UsageRestriction.objects.count()) == (True, 0)


def test_review_list_holds_what_is_due(desk: Desk, office: Office, person: Person) -> None:
    sanction = Sanction("理由", TUESDAY, THURSDAY, TUESDAY, "文面")
    restrict(person.pk, sanction, by=office.staff, now=MORNING, wall=MORNING)
    assert "見直す日が来ています" in text_of(desk.get("/admin/accounts/usagerestriction/", state="review"))
    desk.now += timedelta(days=3)
    assert "豊岡花子" not in text_of(desk.get("/admin/accounts/usagerestriction/", state="review"))


def restricted(office: Office, person: Person) -> None:
    restrict(person.pk, Sanction("理由", TUESDAY, THURSDAY, TUESDAY, "文面"), by=office.staff, now=MORNING, wall=MORNING)


def test_restricted_person_is_sent_to_the_counter_kindly(office: Office, person: Person) -> None:
    restricted(office, person)
    visitor = Visitor()
    visitor.choose()
    visitor.agree()
    visitor.prove()
    words = text_of(visitor.get(visitor.step("details")))
    assert ("窓口・お電話でご相談ください" in words, "理由" in words, "制限" in words) == (True, False, False)


def test_decision_during_an_application_refuses_it_too(office: Office, person: Person) -> None:
    visitor = Visitor()
    visitor.choose()
    visitor.agree()
    visitor.prove()
    visitor.fill()
    shown = visitor.shown("confirm")
    restricted(office, person)
    assert "窓口・お電話でご相談ください" in text_of(visitor.post(visitor.step("confirm"), {"shown": shown}))
    assert Booking.objects.count() == 0


def test_restriction_leaves_what_is_confirmed_and_is_over_by_itself(office: Office, confirmed: Booking) -> None:
    restricted(office, confirmed.applicant)
    confirmed.refresh_from_db()
    assert confirmed.state == "confirmed"
    Booking.objects.filter(pk=confirmed.pk).update(state="completed")
    visitor = Visitor(MORNING + timedelta(days=3))
    assert "お申込みを受け付けました" in text_of(_applied(visitor))


def _applied(visitor: Visitor) -> Any:
    visitor.choose(SESSION + timedelta(days=7))
    visitor.agree()
    visitor.prove()
    visitor.fill(full_name="豊岡 花子")
    visitor.send()
    return visitor.get(visitor.step("done"))


# --- cancellations without contact that count ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "closed", "counts"),
    [("not_reached", True, 1), ("not_reached", False, 0), ("wrong_contact", True, 0), ("", True, 0)],
)
def test_only_what_was_the_persons_own_and_whose_day_is_closed_counts(
    office: Office, person: Person, outcome: str, closed: bool, counts: int
) -> None:
    booking = booked(person, 1, "cancelled_no_contact", outcome=outcome)
    booked(person, 2, "cancelled_by_office", outcome="counsellor_away")
    if closed:
        for each in Booking.objects.all():
            DayClosing.objects.create(day=tokyo_date(each.starts_at), closed_at=MORNING, closed_by=office.staff)
    assert no_contact_counts([booking.applicant_id]) == ({person.pk: counts} if counts else {})


def test_merged_rows_count_for_the_survivor(office: Office, person: Person, other: Person) -> None:
    booking = booked(other, 1, "cancelled_no_contact", outcome="not_reached")
    Person.objects.filter(pk=other.pk).update(merged_into=person)
    DayClosing.objects.create(day=tokyo_date(booking.starts_at), closed_at=MORNING, closed_by=office.staff)
    assert no_contact_counts([person.pk, other.pk]) == {person.pk: 1, other.pk: 1}
