"""The policy page: values and texts in words, with history, set for now or for later."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from booking.models import Booking, NoticeText, PolicyValue
from booking.operations.calendar import ClosesAfterAnswer, HoursTooShort, set_policy, set_text
from tests.booking.admin.conftest import Desk
from tests.cast import MORNING, Office
from tests.visitor import at_time, text_of
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
PAGE = "/admin/booking/booking/policy/"


def test_page_shows_value_default_who_and_what_is_to_come(desk: Desk, office: Office) -> None:
    set_policy("horizon_days", "21", by=office.staff, reason="試行", now=MORNING)
    set_policy("horizon_days", "14", by=office.staff, reason="短縮", now=MORNING, holds_from=MORNING + timedelta(days=7))
    (entry,) = [each for each in desk.get(PAGE).context["values"] if each.key == "horizon_days"]
    assert (entry.value, entry.default, entry.now.set_by, [row.value for row in entry.coming]) == ("21", "28", office.staff, ["14"])
    words = text_of(desk.get(PAGE))
    assert ("試行" in words, "初めの値のまま" in words) == (True, True)


def test_value_is_added_with_who_when_and_why_and_stands_in_the_audit(desk: Desk, office: Office) -> None:
    desk.post(f"{PAGE}value/horizon_days/", value=" 21 ", reason="試行")
    row = PolicyValue.objects.get(key="horizon_days")
    assert (row.value, row.set_by, row.set_at, row.holds_from, row.reason) == ("21", office.staff, MORNING, MORNING, "試行")
    assert AuditEntry.objects.get().what == "運用の設定の変更"


def test_value_from_a_later_day_holds_from_then(desk: Desk) -> None:
    desk.post(f"{PAGE}value/request_closes_at/", value="16:00", reason="延長", holds_from="2027-04-13T00:00")
    assert PolicyValue.objects.get(key="request_closes_at").holds_from == MORNING + timedelta(days=6, hours=14, minutes=30)


@pytest.mark.parametrize(
    ("key", "value", "bounds"),
    [
        ("request_closes_at", "三時", "時刻を「15:00」のように入力してください。"),
        ("horizon_days", "0", "1から60までの数字を入力してください。"),
        ("no_contact_grace_minutes", "9", "10から30までの数字を入力してください。"),
        ("capacity_per_start", "-1", "空欄にすると、上限なしです。"),
    ],
)
def test_value_that_does_not_fit_is_refused_with_its_bounds(desk: Desk, key: str, value: str, bounds: str) -> None:
    words = text_of(desk.post(f"{PAGE}value/{key}/", value=value, reason="試行"))
    assert ("この値は使えません。" in words, bounds in words, PolicyValue.objects.count()) == (True, True, 1)


@pytest.mark.parametrize(
    ("key", "default", "stored", "words"),
    [
        ("interviews_taken", "受け付ける", "0", "受け付けない"),
        ("employers_book", "選べない", "1", "選べる"),
        ("seminar_waiting_room", "使う", "0", "使わない"),
        ("interview_presence_minutes", "最後まで", "10", "10"),
        ("capacity_per_start", "1", "", "上限なし"),
    ],
)
def test_values_read_as_words(desk: Desk, key: str, default: str, stored: str, words: str) -> None:
    """A10, A18: what the office decides is a choice, not a number."""
    later = MORNING + timedelta(seconds=1)
    desk.post(f"{PAGE}value/{key}/", value=stored, reason="所の決定")
    desk.post(f"{PAGE}value/{key}/", value=stored, reason="所の決定", holds_from="2027-04-13T00:00")
    desk.now = later
    (entry,) = [each for each in desk.get(PAGE).context["values"] if each.key == key]
    assert (entry.value, entry.default) == (words, default)
    assert f"4月13日（火）0:00：{words}" in text_of(desk.get(PAGE))


def test_switches_are_choices_and_nothing_else_is_taken(desk: Desk) -> None:
    form = desk.get(f"{PAGE}value/interviews_taken/").context["form"]
    assert ([str(label) for _value, label in form.fields["value"].choices], form["value"].value()) == (["受け付ける", "受け付けない"], "1")
    desk.post(f"{PAGE}value/interviews_taken/", value="2", reason="試行")
    assert PolicyValue.objects.filter(key="interviews_taken").count() == 0


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("interviews_taken", "第6条の2（いますぐ）にもあたりません。"),
        ("employers_book", "求職者の方だけのもの"),
        ("seminar_waiting_room", "参加を停止した方（第8条第2項）も含めて、許可なしに入室できます。"),
    ],
)
def test_what_the_terms_leave_open_is_noted_for_the_office(desk: Desk, key: str, words: str) -> None:
    """C0-1 names interviews as a service; neither article of applications covers them (A10, A18)."""
    assert [words in text_of(desk.get(page)) for page in (PAGE, f"{PAGE}value/{key}/")] == [True, True]


def test_change_stands_in_the_audit_with_what_held_before(desk: Desk, office: Office) -> None:
    for value in ("16:00", "17:00"):
        desk.post(f"{PAGE}value/request_closes_at/", value=value, reason="延長")
    assert [list(entry.changes.values()) for entry in AuditEntry.objects.order_by("pk")] == [[["15:00", "16:00"]], [["16:00", "17:00"]]]


def test_requests_close_before_the_last_answer_is_due(desk: Desk, office: Office) -> None:
    """C6-1-1b: whoever applies until the closing is answered by the end of the same day."""
    words = text_of(desk.post(f"{PAGE}value/request_closes_at/", value="20:00", reason="延長"))
    assert ("締切20:00・回答の期限17:15" in words, PolicyValue.objects.filter(key="request_closes_at").count()) == (True, 0)
    assert set_policy("request_closes_at", "17:15", by=office.staff, reason="試験", now=MORNING).value == "17:15"


def test_requests_close_before_the_last_answer_whenever_either_changes(office: Office) -> None:
    later = MORNING + timedelta(days=7)
    set_policy("answer_by_at", "15:30", by=office.staff, reason="短縮", now=MORNING, holds_from=later)
    with pytest.raises(ClosesAfterAnswer):
        set_policy("request_closes_at", "16:00", by=office.staff, reason="延長", now=MORNING)
    assert PolicyValue.objects.filter(key="request_closes_at").count() == 0


@pytest.mark.parametrize(
    ("key", "value", "hours"),
    [
        ("office_opens_at", "16:46", "開庁16:46・閉庁17:15"),
        ("office_opens_at", "18:00", "開庁18:00・閉庁17:15"),
        ("office_closes_at", "08:59", "開庁08:30・閉庁08:59"),
        ("office_closes_at", "08:00", "開庁08:30・閉庁08:00"),
    ],
)
def test_opening_hours_have_room_for_a_session(desk: Desk, key: str, value: str, hours: str) -> None:
    """C6-2-1c: neither upside down nor shorter than a session."""
    words = text_of(desk.post(f"{PAGE}value/{key}/", value=value, reason="試験"))
    assert (hours in words, PolicyValue.objects.filter(key=key).count()) == (True, 0)


@pytest.mark.parametrize(("key", "value"), [("office_opens_at", "16:45"), ("office_closes_at", "09:00")])
def test_opening_hours_of_just_one_session_are_possible(office: Office, key: str, value: str) -> None:
    assert set_policy(key, value, by=office.staff, reason="試験", now=MORNING).value == value


def test_opening_hours_have_room_for_a_session_whenever_either_changes(office: Office) -> None:
    """What was set to hold from next week counts today."""
    later = MORNING + timedelta(days=7)
    set_policy("office_closes_at", "12:00", by=office.staff, reason="短縮", now=MORNING, holds_from=later)
    with pytest.raises(HoursTooShort):
        set_policy("office_opens_at", "11:31", by=office.staff, reason="試験", now=MORNING)
    assert PolicyValue.objects.filter(key="office_opens_at").count() == 0


def test_text_is_shown_before_it_is_set(desk: Desk) -> None:
    page = f"{PAGE}text/top_page/"
    shown = desk.post(page, value="台風のため\n<b>閉庁</b>します。", reason="台風", step="show")
    assert ("&lt;b&gt;閉庁" in shown.content.decode(), NoticeText.objects.count()) == (True, 0)
    desk.post(page, value="別の文", read="台風のため", reason="台風", step="set")
    assert NoticeText.objects.count() == 0
    desk.post(page, value="台風のため閉庁します。", read="台風のため閉庁します。", reason="台風", step="set")
    assert (NoticeText.objects.get().text, AuditEntry.objects.get().what) == ("台風のため閉庁します。", "お知らせの文の変更")


def test_text_stands_on_the_top_page_from_its_moment_until_it_is_taken_away(office: Office, client: Client) -> None:
    later = MORNING + timedelta(days=1)
    set_text("top_page", "台風のため閉庁します。", by=office.staff, reason="台風", now=MORNING, holds_from=later)
    set_text("top_page", "", by=office.staff, reason="通過", now=MORNING, holds_from=later + timedelta(hours=1))
    found = []
    for moment in (later - timedelta(seconds=1), later, later + timedelta(hours=1)):
        with at_time(moment):
            found.append("台風のため閉庁します。" in client.get("/").content.decode())
    assert found == [False, True, False]


def test_closing_words_stand_in_the_mails_of_bookings(office: Office, requested: Booking) -> None:
    assert "夏季" not in OutgoingMail.objects.get().body
    set_text("mail_closing", "夏季は冷房を弱めています。", by=office.staff, reason="節電", now=MORNING)
    from booking.operations import bookings

    bookings.decline(requested.pk, reason="満席", by=office.staff, now=MORNING, wall=MORNING)
    body = OutgoingMail.objects.latest("pk").body
    assert "夏季は冷房を弱めています。\n\n豊岡公共職業安定所" in body


def test_text_that_is_too_long_is_refused(desk: Desk) -> None:
    page = desk.post(f"{PAGE}text/top_page/", value="あ" * 401, reason="試験", step="show")
    assert list(page.context["form"].errors) == ["value"]


@pytest.mark.parametrize("model", [PolicyValue, NoticeText])
def test_history_is_never_changed(office: Office, model: Any) -> None:
    set_text("top_page", "お知らせ", by=office.staff, reason="試験", now=MORNING)
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(reason="ほか")


def test_page_takes_the_same_number_of_queries_with_a_long_history(desk: Desk, office: Office, django_assert_max_num_queries: Any) -> None:
    desk.get(PAGE)
    with django_assert_max_num_queries(12) as before:
        desk.get(PAGE)
    for day in range(30):
        set_policy("few_places", "2", by=office.staff, reason="試験", now=MORNING - timedelta(days=day))
    with django_assert_max_num_queries(len(before)):
        desk.get(PAGE)
