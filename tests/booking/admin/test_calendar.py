"""The pages of the office's calendar, the roster and absences: shown first, done in one step, never half (A5, C9-2)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group

from booking.models import Absence, Booking, Closure, Counsellor, DutyHours, Hold
from booking.operations import applications, calendar
from booking.queries import situation
from booking.rules.slots import assign
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.operations.test_giving_way import another
from tests.cast import MORNING, THURSDAY, Office, application, at, away, closed
from tests.visitor import text_of
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import ensure_roles
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
BASE = "/admin/booking/booking"
DAY_PAGE = f"{BASE}/calendar/day/2027-04-08/"
ABSENCE_PAGE = f"{BASE}/roster/absence/"
CLOSING = {"what": "closed", "label": "停電"}
SPAN = {"first": "2027-04-08", "starts": "09:00", "ends": "12:00"}


def seen_of(page: Any) -> str:
    """What the preview carries."""
    return str(page.context["ways"]["seen"].value())


def decided(page: Any, way: str) -> dict[str, str]:
    """The preview filled in, the same way for every booking."""
    rows = page.context["lines"]
    return {"seen": seen_of(page), "told": "停電のため", **{line.field.name: way for line in rows}}


def test_year_shows_the_law_and_what_the_office_decided(desk: Desk, office: Office) -> None:
    closed(office, THURSDAY)
    words = text_of(desk.get(f"{BASE}/calendar/2027/"))
    assert ("開庁日・閉庁日（2027年）" in words, "2027年4月8日（木）停電" in words) == (True, True)
    page = desk.get(f"{BASE}/calendar/2027/").content.decode()
    assert 'aria-label="4月29日 木曜日 閉庁 昭和の日"' in page


@pytest.mark.parametrize(
    "address", ["calendar/1999/", "calendar/day/2027-02-30/", "calendar/day/1999-01-01/", "roster/9999/", "policy/value/nothing/"]
)
def test_unknown_addresses_are_not_found(desk: Desk, address: str) -> None:
    assert desk.get(f"{BASE}/{address}").status_code == 404


def test_day_without_bookings_is_closed_at_once_and_left_to_the_law_again(desk: Desk) -> None:
    assert "閉庁日にしました。" in text_of(desk.post(DAY_PAGE, **CLOSING))
    assert Closure.objects.get().label == "停電"
    desk.post(DAY_PAGE, what="law")
    assert (Closure.objects.count(), [entry.what for entry in AuditEntry.objects.order_by("pk")]) == (
        0,
        ["閉庁日にする", "法令どおりの日に戻す"],
    )


def test_holiday_is_opened_as_an_exception(desk: Desk) -> None:
    desk.post(f"{BASE}/calendar/day/2027-04-29/", what="open", label="特別開庁")
    assert (Closure.objects.get().is_open, Closure.objects.get().date) == (True, date(2027, 4, 29))


SATURDAY_PAGE = f"{BASE}/calendar/day/2027-04-10/"


def test_opened_saturday_on_which_nobody_has_hours_is_said_to_be_of_no_use(desk: Desk, office: Office) -> None:
    words = text_of(desk.post(SATURDAY_PAGE, what="open", label="土曜開庁"))
    assert "この日に担当時間のある担当者がいないため、まだ予約は入りません。" in words


def test_opened_saturday_takes_bookings_in_the_hours_of_that_day(desk: Desk, office: Office) -> None:
    """A5: hours of one Saturday, entered for that day alone, serve it and no other."""
    saturday = date(2027, 4, 10)
    desk.post(f"{BASE}/roster/{office.sato.pk}/", since="2027-04-10", until="2027-04-10", day5="8:30～12:00")
    words = text_of(desk.post(SATURDAY_PAGE, what="open", label="土曜開庁"))
    free = assign(at(saturday, 10), situation(saturday, saturday, now=MORNING))
    assert ("まだ予約は入りません" in words, free.counsellor) == (False, office.sato.pk)
    assert DutyHours.objects.filter(weekday=5).count() == 1


def test_holiday_that_is_left_to_the_law_is_no_decision_of_the_office(desk: Desk) -> None:
    page = f"{BASE}/calendar/day/2027-04-29/"
    desk.post(page, what="open", label="特別開庁")
    words = text_of(desk.post(page, what="law"))
    row = Closure.objects.get()
    assert (row.is_open, row.label, row.source) == (False, "昭和の日", "law")
    assert ("法令どおり（閉庁日）に戻しました。" in words, "特別開庁" in words) == (True, False)
    assert AuditEntry.objects.latest("pk").what == "法令どおりの日に戻す"


def test_holiday_is_left_to_the_law_over_bookings_only_when_they_are_decided(desk_of: DeskOf, office: Office, person: Person) -> None:
    page, day, asked = f"{BASE}/calendar/day/2027-04-29/", date(2027, 4, 29), at(date(2027, 4, 20), 10)
    desk = desk_of(office.staff, asked)
    desk.post(page, what="open", label="特別開庁")
    booking = applications.request(person, application(office.version, at(day, 10)), now=asked, wall=asked)
    shown = desk.post(page, what="law")
    assert (booking.number in text_of(shown), Closure.objects.get().is_open) == (True, True)
    desk.post(page, what="law", **decided(shown, "decline"))
    booking.refresh_from_db()
    assert (booking.state, Closure.objects.get().source) == ("declined", "law")


def test_page_of_what_gave_way_shows_no_other_entry_of_the_audit(desk: Desk, office: Office, confirmed: Booking) -> None:
    entry = AuditEntry.objects.filter(subject_type="booking.booking").latest("pk")
    assert desk.get(f"{BASE}/calendar/given-way/{entry.pk}/").status_code == 404


def test_closing_over_bookings_is_shown_first_and_changes_nothing(desk: Desk, office: Office, confirmed: Booking) -> None:
    another(office)
    words = text_of(desk.post(DAY_PAGE, **CLOSING))
    assert ("予約2件（申込受付1・予約確定1）" in words, confirmed.number in words) == (True, True)
    confirmed.refresh_from_db()
    assert (Closure.objects.count(), confirmed.state) == (0, "confirmed")


def test_going_on_does_everything_and_ends_with_whom_to_phone(desk: Desk, office: Office, confirmed: Booking) -> None:
    Person.objects.filter(pk=confirmed.applicant_id).update(email="")
    preview = desk.post(DAY_PAGE, **CLOSING)
    page = desk.post(DAY_PAGE, **CLOSING, **decided(preview, "cancel"))
    confirmed.refresh_from_db()
    words = text_of(page)
    assert (confirmed.state, Closure.objects.count(), "お電話する方（1件）" in words) == ("cancelled_by_office", 1, True)
    assert page.context["entry"].what == "閉庁日にする"
    again = desk.get(page.redirect_chain[-1][0])
    assert ("お電話する方（1件）" in text_of(again), "+819012345678" in again.content.decode()) == (True, False)


def test_person_with_a_mailbox_is_phoned_only_where_the_day_is_near(
    desk: Desk, desk_of: DeskOf, office: Office, confirmed: Booking
) -> None:
    """Tuesday: Thursday is two open days away, a mail is enough; on Wednesday it is not."""
    assert "このうち、お電話が必要な方0件" in text_of(desk.post(DAY_PAGE, **CLOSING))
    eve = desk_of(office.staff, at(THURSDAY - timedelta(days=1), 9))
    assert "このうち、お電話が必要な方1件" in text_of(eve.post(DAY_PAGE, **CLOSING))


def test_booking_that_arrived_meanwhile_is_shown_before_anything_is_done(desk: Desk, office: Office, confirmed: Booking) -> None:
    preview = desk.post(DAY_PAGE, **CLOSING)
    late, mails = another(office), OutgoingMail.objects.count()
    page = desk.post(DAY_PAGE, **CLOSING, **decided(preview, "cancel"))
    assert ("予約に変更がありました" in text_of(page), late.number in text_of(page)) == (True, True)
    assert (Closure.objects.count(), Hold.objects.count(), OutgoingMail.objects.count() - mails) == (0, 2, 0)


def test_reason_is_asked_for_and_nothing_is_half_saved(desk: Desk, confirmed: Booking) -> None:
    preview = desk.post(DAY_PAGE, **CLOSING)
    page = desk.post(DAY_PAGE, **CLOSING, **{**decided(preview, "cancel"), "told": ""})
    assert ("理由を入力してください。" in text_of(page), Closure.objects.count()) == (True, 0)


def test_pressed_twice_the_second_press_closes_a_closed_day(desk: Desk, confirmed: Booking) -> None:
    preview = desk.post(DAY_PAGE, **CLOSING)
    for _ in range(2):
        desk.post(DAY_PAGE, **CLOSING, **decided(preview, "cancel"))
    assert (Closure.objects.count(), OutgoingMail.objects.filter(subject__contains="中止").count()) == (1, 1)


def test_absence_hands_the_booking_to_a_colleague(desk: Desk, office: Office, confirmed: Booking) -> None:
    before = confirmed.counsellor_id
    preview = desk.post(ABSENCE_PAGE, counsellors=[before], reason="研修", **SPAN)
    assert "同じ時間で、ほかの担当者に変更：" in text_of(preview)
    words = text_of(desk.post(ABSENCE_PAGE, counsellors=[before], reason="研修", **SPAN, **decided(preview, "reassign")))
    confirmed.refresh_from_db()
    assert ("不在を登録しました" in words, confirmed.counsellor_id == before, Absence.objects.get().reason) == (True, False, "研修")


def test_absence_is_entered_taken_back_and_refused_where_it_stands(desk: Desk, office: Office) -> None:
    for _ in range(2):
        page = desk.post(ABSENCE_PAGE, counsellors=[office.sato.pk], **SPAN)
    assert "その時間は、すでに不在として登録されています。" in text_of(page)
    absence = Absence.objects.get()
    desk.post(f"{ABSENCE_PAGE}{absence.pk}/remove/")
    assert (Absence.objects.count(), Hold.objects.count()) == (0, 0)


def test_absence_that_ends_before_it_begins_is_refused_at_the_field(desk: Desk, office: Office) -> None:
    page = desk.post(ABSENCE_PAGE, counsellors=[office.sato.pk], **{**SPAN, "ends": "08:00"})
    assert ("終わりは、始まりより後にしてください。" in text_of(page), Absence.objects.count()) == (True, 0)


@pytest.mark.parametrize(("first", "last"), [("9999-12-31", ""), ("0001-01-01", ""), ("2027-04-08", "9999-12-31")])
def test_absence_at_the_end_of_the_calendar_is_refused_at_the_field(desk: Desk, office: Office, first: str, last: str) -> None:
    page = desk.post(ABSENCE_PAGE, counsellors=[office.sato.pk], first=first, last=last)
    assert (page.status_code, "年を確かめてください。" in text_of(page), Absence.objects.count()) == (200, True, 0)


def test_closing_from_now_on_suggests_everybody_and_this_moment(desk: Desk, office: Office) -> None:
    form = desk.get(f"{ABSENCE_PAGE}?all=1").context["form"]
    assert (form.initial["counsellors"], str(form.initial["starts"])) == ([office.sato.pk, office.tanaka.pk], "09:30:00")


WEEK = {"since": "2027-04-12", "day0": "８：３０～１２：００、13:00-17:15", "day1": "8:30～17:15", "day3": "8:30～17:15"}


def test_week_is_changed_from_a_day_on_and_the_past_stays(desk: Desk, office: Office) -> None:
    desk.post(f"{BASE}/roster/{office.sato.pk}/", **WEEK)
    rows = DutyHours.objects.filter(counsellor=office.sato).order_by("since", "weekday", "starts")
    new = [(row.weekday, f"{row.starts:%H:%M}-{row.ends:%H:%M}") for row in rows if row.since == date(2027, 4, 12)]
    assert new == [(0, "08:30-12:00"), (0, "13:00-17:15"), (1, "08:30-17:15"), (3, "08:30-17:15")]
    assert {row.until for row in rows if row.since == date(2026, 1, 1)} == {date(2027, 4, 11)}
    assert AuditEntry.objects.get().what == "担当時間の変更"


def test_week_for_a_time_gives_way_to_the_former_one_afterwards(desk: Desk, office: Office) -> None:
    desk.post(f"{BASE}/roster/{office.sato.pk}/", **WEEK, until="2027-04-23")
    monday = DutyHours.objects.filter(counsellor=office.sato, weekday=0).order_by("since", "starts")
    assert [(str(row.since), str(row.until)) for row in monday] == [
        ("2026-01-01", "2027-04-11"),
        ("2027-04-12", "2027-04-23"),
        ("2027-04-12", "2027-04-23"),
        ("2027-04-24", "None"),
    ]


def test_bookings_outside_new_hours_are_shown_and_stay(desk: Desk, office: Office, confirmed: Booking) -> None:
    page = f"{BASE}/roster/{confirmed.counsellor_id}/"
    shown = desk.post(page, since="2027-04-07", day3="13:00～17:15")
    assert "この時間の外に、予約が1件あります。" in text_of(shown)
    assert DutyHours.objects.filter(since=date(2027, 4, 7)).count() == 0
    desk.post(page, since="2027-04-07", day3="13:00～17:15", agreed=shown.context["form"].data["agreed"])
    confirmed.refresh_from_db()
    assert (DutyHours.objects.filter(since=date(2027, 4, 7)).count(), confirmed.state) == (1, "confirmed")


@pytest.mark.parametrize("typed", ["朝から", "12:00～8:30", "25:00～26:00", "8:30～12:00、11:00～13:00"])
def test_hours_that_are_none_are_refused_at_the_field(desk: Desk, office: Office, typed: str) -> None:
    page = desk.post(f"{BASE}/roster/{office.sato.pk}/", since="2027-04-12", day0=typed)
    assert (list(page.context["form"].errors), DutyHours.objects.filter(since=date(2027, 4, 12)).count()) == (["day0"], 0)


@pytest.mark.parametrize(("since", "until"), [("9999-12-31", ""), ("2027-04-12", "9999-12-31")])
def test_hours_from_the_end_of_the_calendar_are_refused_at_the_field(desk: Desk, office: Office, since: str, until: str) -> None:
    before = DutyHours.objects.count()
    page = desk.post(f"{BASE}/roster/{office.sato.pk}/", since=since, until=until, day0="8:30～12:00")
    assert (page.status_code, "年を確かめてください。" in text_of(page), DutyHours.objects.count()) == (200, True, before)


def test_roster_is_not_rewritten_backwards(desk: Desk, office: Office) -> None:
    page = desk.post(f"{BASE}/roster/{office.sato.pk}/", since="2027-04-05", day0="8:30～12:00")
    assert list(page.context["form"].errors) == ["since"]


def test_lists_take_the_same_number_of_queries_however_many_rows(desk: Desk, office: Office, django_assert_max_num_queries: Any) -> None:
    for page in (f"{BASE}/roster/", f"{BASE}/calendar/2027/"):
        desk.get(page)
        with django_assert_max_num_queries(12) as before:
            desk.get(page)
        for day in range(1, 20):
            closed(office, date(2027, 6, day))
            span = calendar.whole_day(date(2027, 7, day))
            away(office, office.sato, span.start, span.end)
        with django_assert_max_num_queries(len(before)):
            desk.get(page)
        Closure.objects.all().delete()
        Absence.objects.all().delete()


def test_counsellor_and_host_are_switched_off_and_it_stands_in_the_audit(desk: Desk, office: Office) -> None:
    user, host = office.tanaka.user_id, office.tanaka.default_host_id
    desk.post(f"/admin/booking/counsellor/{office.tanaka.pk}/change/", user=user, name="田中", default_host=host)
    desk.post(f"/admin/booking/zoomhost/{host}/change/", email="tanaka@zoom.example.jp", name="ライセンス 田中")
    office.tanaka.refresh_from_db()
    assert (office.tanaka.is_active, office.tanaka.default_host.is_active, Counsellor.objects.count()) == (False, False, 2)
    assert [entry.changes for entry in AuditEntry.objects.order_by("pk")] == [
        {"担当中": ["はい", "いいえ"]},
        {"使用する": ["はい", "いいえ"]},
    ]


@pytest.mark.parametrize(("group", "expected"), [("相談員", [200, 200, 200, 200, 403, 403, 403, 403]), ("管理者", [200] * 8)])
def test_counsellors_enter_absences_and_managers_the_rest(desk_of: DeskOf, office: Office, group: str, expected: list[int]) -> None:
    ensure_roles()
    member = User.objects.create_user(f"in-{group}", display_name=group, is_staff=True)
    member.groups.add(Group.objects.get(name=group))
    desk = desk_of(member)
    open_to_all = ["roster/", "calendar/2027/", "policy/", "roster/absence/"]
    managers = ["calendar/day/2027-04-08/", f"roster/{office.sato.pk}/", "policy/value/few_places/", "policy/text/top_page/"]
    assert [desk.get(f"{BASE}/{page}").status_code for page in open_to_all + managers] == expected


@pytest.mark.parametrize(("group", "stored"), [("相談員", 0), ("管理者", 2)])
def test_absence_of_everybody_is_for_those_who_may_close_the_office(desk_of: DeskOf, office: Office, group: str, stored: int) -> None:
    """A5, C9-2: by an absence of all, a counsellor would close the office and cancel its sessions."""
    ensure_roles()
    member = User.objects.create_user("member", display_name=group, is_staff=True)
    member.groups.add(Group.objects.get(name=group))
    desk = desk_of(member)
    everybody = [office.sato.pk, office.tanaka.pk]
    words = text_of(desk.post(ABSENCE_PAGE, **SPAN, counsellors=everybody))
    assert ("閉庁は管理者が登録します" in words, Absence.objects.count()) == (not stored, stored)
    assert ("いまから本日を閉庁" in text_of(desk.get(f"{BASE}/roster/"))) == bool(stored)


def test_counsellor_enters_an_absence_of_a_colleague(desk_of: DeskOf, office: Office) -> None:
    ensure_roles()
    member = User.objects.create_user("member", display_name="相談員", is_staff=True)
    member.groups.add(Group.objects.get(name="相談員"))
    desk_of(member).post(ABSENCE_PAGE, **SPAN, counsellors=[office.tanaka.pk])
    assert Absence.objects.get().counsellor == office.tanaka


def test_whoever_may_see_nothing_sees_nothing(desk_of: DeskOf, office: Office) -> None:
    looker = User.objects.create_user("looker", is_staff=True)
    pages = ["roster/", "calendar/2027/", "policy/", "roster/absence/", "calendar/given-way/1/", "calendar/day/2027-04-08/"]
    assert [desk_of(looker).get(f"{BASE}/{page}").status_code for page in pages] == [403] * len(pages)
