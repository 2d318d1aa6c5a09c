"""Seminars at the desk: the list, drawing one up, changing it, the buttons of its life (S0-1, S4-5, S8-1)."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group

from booking.models import Hold, Registration, Seminar, SeminarEvent
from booking.operations.seminars import giving, people
from booking.operations.seminars.steps import last_line
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.admin.crowd import queries_of
from tests.cast import MORNING, Office, make_person
from tests.employers import make_contact
from tests.pages import forms_of
from tests.seminars import STARTS, drawn_up, guest, press, published, register, seats_of, terms
from tests.visitor import text_of
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import ensure_roles
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
LIST = "/admin/booking/seminar/"
ADD = f"{LIST}add/"
HOUR = timedelta(hours=1)
CONTENT = {
    "kind": "company_tour",
    "organiser": "office",
    "title": "城崎製作所 見学会",
    "description": "工場の様子をご覧いただきます。",
    "starts_at_0": "2027-04-08",
    "starts_at_1": "14:00",
    "ends": "15:00",
    "opens_at_0": "2027-04-06",
    "opens_at_1": "09:30",
    "closes_at_0": "2027-04-08",
    "closes_at_1": "12:00",
    "capacity": "20",
    "functions": ["chat", "questions"],
}


def page_of(seminar: Seminar) -> str:
    return f"{LIST}{seminar.pk}/change/"


def act_of(seminar: Seminar, name: str) -> str:
    return f"{LIST}{seminar.pk}/act/{name}/"


def do(desk: Desk, seminar: Seminar, name: str, **values: Any) -> str:
    """Fill in the page of one button as it is now and send it; the words of the page that follows. The seminar is read again."""
    carried = next(carried for action, carried in forms_of(desk.get(act_of(seminar, name))) if not action)
    words = text_of(desk.post(act_of(seminar, name), **{**carried, **values}))
    seminar.refresh_from_db()
    return words


def content(office: Office, **changes: Any) -> dict[str, Any]:
    return {**CONTENT, "counsellor": office.sato.pk, **changes}


def buttons(desk: Desk, seminar: Seminar) -> list[str]:
    return [name for name, _action in desk.get(page_of(seminar)).context["buttons"]]


# --- the list ------------------------------------------------------------------------------------------------------------------------------


def test_list_shows_seats_waiting_and_who_gives_it(office: Office, desk: Desk) -> None:
    seminar = published(office)
    for number in (1, 2, 3):
        register(seminar, guest(number))
    people.add_partner(seminar.pk, make_contact(office), by=office.staff, now=MORNING, wall=MORNING)
    words = text_of(desk.get(LIST))
    assert ["はじめての在宅ワーク" in words, "公開中" in words, "2／2待ち1" in words, "佐藤、城崎製作所" in words] == [True] * 4


def test_list_asks_no_more_for_many_seminars(office: Office, desk: Desk) -> None:
    def more(number: int) -> None:
        seminar = drawn_up(office, title=f"催し{number}")
        people.add_partner(seminar.pk, make_contact(office, email=f"c{number}@example.jp"), by=office.staff, now=MORNING, wall=MORNING)

    more(0)
    few = queries_of(desk, LIST)
    for number in range(1, 5):
        more(number)
    assert queries_of(desk, LIST) == few


def test_list_can_be_filtered_by_state_and_searched(office: Office, desk: Desk) -> None:
    draft, shown = drawn_up(office, title="下書きの催し"), published(office)
    assert [draft.title in text_of(desk.get(LIST, **asked)) for asked in ({"state": "draft"}, {"state": "published"})] == [True, False]
    assert [each.title in text_of(desk.get(LIST, q=shown.number)) for each in (draft, shown)] == [False, True]


# --- drawing up and changing ----------------------------------------------------------------------------------------------------------------


def test_seminar_is_drawn_up_as_a_draft(office: Office, desk: Desk) -> None:
    words = text_of(desk.post(ADD, **content(office)))
    seminar = Seminar.objects.get()
    assert ("下書きを登録しました" in words, seminar.state, seminar.starts_at, seminar.ends_at) == (True, "draft", STARTS, STARTS + HOUR)
    assert (seminar.host, seminar.functions) == (office.sato.default_host, ["chat", "questions"])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"title": ""}, "名称を入力してください。"),
        ({"ends": "13:00"}, "終了の時刻は、開始より後にしてください。"),
        ({"closes_at_1": "14:01"}, "申込みの締切りは、開始の日時までにしてください。"),
        ({"opens_at_0": "2027-04-09"}, "申込みの開始は、締切りより前にしてください。"),
        ({"starts_at_1": ""}, "日付と開始時刻を入力してください。"),
        ({"closes_at_0": "なし"}, "日付と時刻を入力してください。"),
        ({"capacity": "0"}, "定員を、1～500の数字で入力してください。"),
        ({"waiting_places": "-1"}, "キャンセル待ちの上限を数字で入力してください。"),
        ({"counsellor": ""}, "担当者を選んでください。"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(office: Office, desk: Desk, wrong: dict[str, str], told: str) -> None:
    page = desk.post(ADD, **content(office, description="工場の様子と働き方", **wrong))
    assert (told in text_of(page), "工場の様子と働き方" in page.content.decode(), Seminar.objects.count()) == (True, True, 0)


def test_content_is_changed_and_those_who_registered_are_told(office: Office, desk: Desk) -> None:
    seminar = published(office)
    register(seminar, guest())
    edit = f"{LIST}{seminar.pk}/edit/"
    carried = next(carried for action, carried in forms_of(desk.get(edit)) if not action)
    words = text_of(desk.post(edit, **content(office, starts_at_1="15:00", ends="16:00", seen=carried["seen"])))
    seminar.refresh_from_db()
    assert ("内容を変更しました。" in words, seminar.starts_at, Hold.objects.get().span.lower) == (True, STARTS + HOUR, STARTS + HOUR)
    assert OutgoingMail.objects.latest("pk").subject.partition("】")[2].startswith("内容が変わりました")


def test_change_of_a_colleague_is_told_and_may_then_be_overwritten(office: Office, desk: Desk) -> None:
    """Nothing typed is lost; what the colleague made of it stands above the form."""
    seminar = published(office)
    old = last_line(seminar.pk)
    seminar.title = "在宅ワーク入門"
    giving.change(seminar, press(office))
    edit = f"{LIST}{seminar.pk}/edit/"
    page = desk.post(edit, **content(office, seen=old))
    words = text_of(page)
    assert ["佐藤さんがこの催しを変更しました" in words, "名称在宅ワーク入門" in words, "城崎製作所見学会" in words] == [True, True, False]
    assert 'value="城崎製作所 見学会"' in page.content.decode()
    carried = next(carried for action, carried in forms_of(page) if not action)
    assert "内容を変更しました。" in text_of(desk.post(edit, **content(office, seen=carried["seen"])))


def test_time_that_is_taken_is_told_beside_the_form(office: Office, desk: Desk) -> None:
    published(office)
    other = published(office, counsellor=office.tanaka, host=office.tanaka.default_host)
    page = desk.post(f"{LIST}{other.pk}/edit/", **content(office))
    assert ("空きがありません" in text_of(page), 'value="城崎製作所 見学会"' in page.content.decode()) == (True, True)


def fewer(office: Office, desk: Desk, seminar: Seminar, **more: Any) -> Any:
    return desk.post(f"{LIST}{seminar.pk}/edit/", **content(office, title=seminar.title, kind="seminar", capacity="1", **more))


def test_fewer_seats_than_people_ask_what_becomes_of_them(office: Office, desk: Desk) -> None:
    seminar = published(office)
    for number in (1, 2):
        register(seminar, guest(number))
    page = fewer(office, desk, seminar, description="書きかけの説明")
    words = text_of(page)
    assert ["席のある方が2名いて" in words, "全員の席を残す" in words, "書きかけの説明" in page.content.decode()] == [True] * 3
    assert Seminar.objects.get().capacity == 2


@pytest.mark.parametrize(("over", "left"), [("keep", ["seated", "seated"]), ("last_wait", ["seated", "waiting"])])
def test_fewer_seats_are_decided_about(office: Office, desk: Desk, over: str, left: list[str]) -> None:
    seminar = published(office)
    for number in (1, 2):
        register(seminar, guest(number))
    assert "内容を変更しました。" in text_of(fewer(office, desk, seminar, over=over))
    assert (Seminar.objects.get().capacity, seats_of(seminar)) == (1, left)


# --- its life -------------------------------------------------------------------------------------------------------------------------------


def test_buttons_follow_the_table(office: Office, desk: Desk, desk_of: DeskOf) -> None:
    seminar = drawn_up(office)
    terms()
    assert buttons(desk, seminar) == ["publish", "change", "cancel"]
    giving.publish(seminar.pk, press(office))
    assert buttons(desk, seminar) == ["change", "suspend", "cancel"]
    begun = desk_of(office.staff, STARTS)
    assert buttons(begun, seminar) == ["attendance", "close", "change", "suspend", "end_early"]


def test_publishing_by_the_button(office: Office, desk: Desk) -> None:
    terms()
    seminar = drawn_up(office)
    assert ("公開しました。" in do(desk, seminar, "publish"), seminar.state, Hold.objects.count()) == (True, "published", 1)
    assert AuditEntry.objects.filter(subject=seminar.number, what="催し：公開").count() == 1


def test_publishing_says_what_is_missing(office: Office, desk: Desk) -> None:
    seminar = drawn_up(office)
    assert ("利用規約が公表されていないため" in do(desk, seminar, "publish"), seminar.state) == (True, "draft")


# --- the recording (S4-5) -------------------------------------------------------------------------------------------------------------------


def test_new_seminar_is_not_asked_about_a_recording_and_says_when_it_can_be_set(office: Office, desk: Desk) -> None:
    page = desk.get(ADD)
    assert 'name="will_record"' not in page.content.decode()
    assert "全員の録画への同意を記録してから、「内容を変更」で「録画する」を付けてください。" in text_of(page)


@pytest.mark.parametrize("state", ["draft", "published"])
def test_recording_is_refused_beside_its_field_until_everybody_has_agreed(office: Office, desk: Desk, state: str) -> None:
    seminar = drawn_up(office) if state == "draft" else published(office)

    def set_it() -> tuple[bool, str]:
        page = desk.post(f"{LIST}{seminar.pk}/edit/", **content(office, seen=last_line(seminar.pk), will_record="on"))
        seminar.refresh_from_db()
        return seminar.will_record, text_of(page)

    refused, words = set_it()
    assert (refused, "催しのページの「講師・出演者を加える」を押してください。" in words) == (False, True)
    speaker = people.add_speaker(seminar.pk, name="但馬 一郎", by=office.staff, now=MORNING)
    refused, words = set_it()
    assert (refused, "録画への同意の記録がない方がいます：但馬一郎。" in words) == (False, True)
    people.record_recording_consent(speaker.pk, by=office.staff, now=MORNING)
    assert (set_it()[0], seminar.state) == (True, state)


def test_suspending_tells_everybody_and_names_whom_to_phone(office: Office, desk: Desk) -> None:
    """S8-1: a notice goes out all the same, and whom no mail reaches stands there with the number masked."""
    seminar = published(office)
    register(seminar, guest(1))
    register(seminar, make_person("電話 花子", email="", phone="+819044445555"))
    lead = text_of(desk.get(act_of(seminar, "suspend")))
    words = do(desk, seminar, "suspend", reason="停電のため")
    assert ("利用規約第8条第1項" in lead, seminar.state) == (True, "suspended")
    assert ["メールの届かない方が1名います" in words, "催しのことでお電話する方1件" in words] == [True, True]
    assert ["電話花子" in words, "090-****-5555" in words, "090-4444-5555" in words] == [True, True, False]
    assert OutgoingMail.objects.filter(subject__contains="一時中止のお知らせ").count() == 1


def test_number_of_somebody_to_phone_is_opened_by_a_press_that_leaves_a_line(office: Office, desk: Desk) -> None:
    seminar = published(office)
    person = make_person("電話 花子", email="", phone="+819044445555")
    register(seminar, person)
    do(desk, seminar, "cancel", reason="講師の都合のため")
    opened = desk.post(f"/admin/booking/booking/look/phone/{person.pk}/", next=page_of(seminar))
    assert "090-4444-5555" in text_of(opened)
    assert AuditEntry.objects.filter(kind="look", person_pk=person.pk).count() == 1


def test_address_that_took_no_mail_of_late_is_phoned_too(office: Office, desk: Desk) -> None:
    seminar = published(office)
    register(seminar, guest(1))
    register(seminar, guest(2))
    OutgoingMail.objects.filter(to="guest2@example.jp").update(outbox_state="failed", bounced_at=MORNING)
    words = do(desk, seminar, "cancel", reason="停電のため")
    assert ["参加2" in words, "メールが届いていません" in words, "参加1" in words] == [True, True, False]


@pytest.mark.parametrize("name", ["suspend", "cancel"])
def test_powers_of_article_8_want_a_reason(office: Office, desk: Desk, name: str) -> None:
    seminar = published(office)
    assert ("理由を入力してください。" in do(desk, seminar, name, reason=" "), seminar.state) == (True, "published")


def test_seminar_is_suspended_resumed_and_ended(office: Office, desk_of: DeskOf) -> None:
    seminar, desk = published(office), desk_of(office.staff, STARTS + HOUR / 2)
    do(desk, seminar, "suspend", reason="回線の不具合のため")
    assert ("再開しました。" in do(desk, seminar, "resume"), seminar.state) == (True, "published")
    assert ("途中で終了しました。" in do(desk, seminar, "end_early", reason="停電のため"), seminar.state) == (True, "ended_early")
    assert [line.event for line in SeminarEvent.objects.order_by("pk")] == ["create", "publish", "suspend", "resume", "end_early"]


def test_press_that_comes_late_names_who_was_faster(office: Office, desk: Desk) -> None:
    seminar = published(office)
    giving.cancel(seminar.pk, press(office), reason="停電のため")
    words = text_of(desk.post(act_of(seminar, "suspend"), reason="停電"))
    assert "すでに佐藤さんが「中止」にしました。" in words


def test_press_from_an_old_page_changes_nothing(office: Office, desk: Desk) -> None:
    seminar = published(office)
    old = last_line(seminar.pk)
    seminar.title = "在宅ワーク入門"
    giving.change(seminar, press(office))
    words = text_of(desk.post(act_of(seminar, "cancel"), reason="停電", seen=old))
    seminar.refresh_from_db()
    assert ("この催しを変更しました" in words, seminar.state) == (True, "published")


def test_closing_without_attendance_is_told_kindly(office: Office, desk_of: DeskOf) -> None:
    seminar, desk = published(office), desk_of(office.staff, STARTS + HOUR)
    register(seminar, guest())
    assert ("出欠を記録していない方が1名います" in do(desk, seminar, "close"), seminar.state) == (True, "published")
    Registration.objects.update(attendance="attended")
    assert ("実施済にしました。" in do(desk, seminar, "close"), seminar.state) == (True, "held")


def test_page_shows_the_guests_zoom_told_of(office: Office, desk: Desk) -> None:
    seminar = published(office)
    assert "Zoomに入室した数" not in text_of(desk.get(page_of(seminar)))
    Seminar.objects.update(zoom_guests=0)
    assert "Zoomに入室した数（ホストを除く）0名" in text_of(desk.get(page_of(seminar)))


def test_page_asks_no_more_for_many_people(office: Office, desk: Desk) -> None:
    seminar = published(office, capacity=50)

    def more(number: int) -> None:
        register(seminar, make_person(f"電話 {number}", email=""))
        people.add_speaker(seminar.pk, name=f"講師{number}", by=office.staff, now=MORNING)
        people.add_partner(seminar.pk, make_contact(office, email=f"c{number}@example.jp"), by=office.staff, now=MORNING, wall=MORNING)

    more(0)
    few = queries_of(desk, page_of(seminar))
    for number in range(1, 5):
        more(number)
    assert queries_of(desk, page_of(seminar)) == few


def test_auditor_reads_and_presses_nothing(office: Office, desk_of: DeskOf) -> None:
    seminar = published(office)
    register(seminar, guest())
    ensure_roles()
    auditor = User.objects.create_user("kansa", is_staff=True)
    auditor.groups.add(Group.objects.get(name="監査"))
    desk = desk_of(auditor)
    page = desk.get(page_of(seminar))
    assert (page.status_code, act_of(seminar, "suspend") in page.content.decode()) == (200, False)
    assert [desk.get(path).status_code for path in (ADD, act_of(seminar, "suspend"), f"{LIST}{seminar.pk}/edit/")] == [403] * 3


def test_button_that_is_none_is_not_found(office: Office, desk: Desk) -> None:
    assert desk.get(act_of(published(office), "nothing")).status_code == 404
