"""When Zoom does not do, through the staff's own pages: the telephone instead, and the link that is entered by hand (C6-2-3a, C6-2-3c)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils.html import escape
from pytest_django import Settings

from booking.models import Booking, Meeting
from booking.operations import manual_links, sessions, telephone
from booking.operations.manual_links import Link
from tests.booking.admin.conftest import DeskOf
from tests.cast import MORNING, SESSION, THURSDAY, Office, at, make_meeting_ready
from tests.kinds import interview
from tests.visitor import at_time, text_of
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import verify_person
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
ADMIN = "/admin/booking/booking/"
NOON = MORNING + timedelta(hours=3)
FIVE_BEFORE, FIVE_PAST = SESSION - timedelta(minutes=5), SESSION + timedelta(minutes=5)
NUMBER = "090-1234-5678"
BY_HAND = {"join_url": "https://us02web.zoom.us/j/85312345678?pwd=abc", "meeting_id": "853 1234 5678", "passcode": "aB3-xYz"}
UNKNOWN = "確認済みの電話番号がありません。"


def page_of(booking: Booking) -> str:
    return f"{ADMIN}{booking.pk}/change/"


def known(office: Office, booking: Booking, number: str = "+819012345678") -> None:
    verify_person(booking.applicant, registered_phone=number, by=office.staff, now=MORNING - timedelta(days=3))


def switched(office: Office, booking: Booking, now: object = NOON) -> Booking:
    return telephone.by_phone(booking.pk, by=office.staff, now=now, wall=now)


@pytest.fixture
def failed(confirmed: Booking, settings: Settings) -> Booking:
    """Its meeting was given up; Zoom lives where it does in production."""
    settings.ZOOM_WEB_URLS = ["https://zoom.us", "https://*.zoom.us"]
    Meeting.objects.filter(booking=confirmed).update(outbox_state=OutboxState.FAILED, attempts=40, last_error="outage")
    return confirmed


# --- the telephone instead -----------------------------------------------------------------------------------------------


def test_one_press_switches_and_says_so(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    known(office, confirmed)
    desk = desk_of(office.staff, NOON)
    asked = text_of(desk.get(f"{ADMIN}{confirmed.pk}/act/by_phone/"))
    assert ("登録の電話番号に、こちらからおかけください。" in asked, "確認済みの電話番号がないか" in asked) == (True, False)
    words = desk.press(confirmed, "by_phone")
    assert "電話で行うことにしました。メールでお知らせします。" in words
    assert (confirmed.is_by_phone, confirmed.phone_by, confirmed.events.last().event) == (True, office.staff, "by_phone")
    page = text_of(desk.get(page_of(confirmed)))
    assert [word in page for word in ("この相談は、電話で行います", "電話への切替", "Zoomに戻す", "電話に切り替える")] == [
        True,
        True,
        True,
        False,
    ]


def test_way_back_is_one_press_too(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    switched(office, confirmed)
    words = desk_of(office.staff, NOON).press(confirmed, "by_zoom", reason="押し間違い")
    assert "Zoomで行うことに戻しました。メールでお知らせします。" in words
    assert (confirmed.is_by_phone, confirmed.events.last().reason) == (False, "押し間違い")


def test_second_press_and_press_after_the_end_are_refused_in_words(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk = desk_of(office.tanaka.user, NOON)
    switched(office, confirmed)
    assert "すでに佐藤さんが「電話で実施」にしています。" in desk.press(confirmed, "by_phone")
    assert "電話で行うことにしました" not in desk.press(confirmed, "by_phone")
    desk.press(confirmed, "by_zoom")
    assert "この予約は、すでにZoomで行うことになっています。" in desk.press(confirmed, "by_zoom")
    over = desk_of(office.tanaka.user, confirmed.ends_at)
    assert "この予約は、時間が終わっているか、確定していません。" in over.press(confirmed, "by_phone")
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=office.staff, now=NOON, wall=NOON)
    assert "すでに佐藤さんが「中止（ハローワークの都合）」にしました。" in desk.press(confirmed, "by_phone")
    assert confirmed.events.filter(event="by_phone").count() == 1


def test_whoever_may_only_look_switches_nothing(desk_of: DeskOf, member: Callable[[str], User], confirmed: Booking) -> None:
    reader = desk_of(member("監査"), NOON)
    assert reader.post(f"{ADMIN}{confirmed.pk}/act/by_phone/").status_code == 403
    confirmed.refresh_from_db()
    assert confirmed.is_by_phone is False


def test_registered_number_is_masked_until_it_is_opened(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    """C6-2-3c: not the one that was stated."""
    known(office, confirmed, "+818011112222")
    switched(office, confirmed)
    desk = desk_of(office.staff, FIVE_BEFORE)
    for path in (page_of(confirmed), f"{ADMIN}today/"):
        words = text_of(desk.get(path))
        assert ("おかけする番号（登録の電話番号）" in words, "080-1111-2222" in words, NUMBER in words) == (True, False, False)
    desk.post(f"{ADMIN}look/phone/{confirmed.applicant_id}/", next=page_of(confirmed))
    entry = AuditEntry.objects.latest("pk")
    assert (entry.what, "080-1111-2222" in text_of(desk.get(page_of(confirmed)))) == ("電話番号を表示する", True)


def test_of_somebody_unverified_there_is_no_number_and_a_way_to_it(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk = desk_of(office.staff, NOON)
    assert "確認済みの電話番号がないか、本日変更された方がいます：豊岡花子。" in text_of(desk.get(f"{ADMIN}{confirmed.pk}/act/by_phone/"))
    switched(office, confirmed)
    page = desk.get(page_of(confirmed))
    assert UNKNOWN in text_of(page)
    assert f"/admin/accounts/person/{confirmed.applicant_id}/verify/?next=" in page.content.decode()


def test_number_changed_today_is_not_called_today(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    known(office, confirmed)
    verify_person(confirmed.applicant, registered_phone="+818011112222", by=office.staff, now=at(THURSDAY, 9))
    switched(office, confirmed)
    assert "電話番号が本日変更されたため、本日はおかけになれません。" in text_of(desk_of(office.staff, FIVE_BEFORE).get(page_of(confirmed)))


def test_today_shows_the_session_without_a_way_in_or_a_clock(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    known(office, confirmed)
    make_meeting_ready(confirmed)
    before = text_of(desk_of(office.staff, FIVE_PAST).get(f"{ADMIN}today/"))
    switched(office, confirmed)
    after = text_of(desk_of(office.staff, FIVE_PAST).get(f"{ADMIN}today/"))
    words = ("まもなく始まる・始まっている相談（1件）", "担当者として入室", "担当者未入室", "電話で実施", "Zoomに戻す")
    assert [[word in page for word in words] for page in (before, after)] == [
        [True, True, True, False, False],
        [True, False, False, True, True],
    ]


def test_host_is_told_that_there_is_no_way_in(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    make_meeting_ready(confirmed)
    switched(office, confirmed)
    desk = desk_of(office.staff, FIVE_PAST)
    assert "この相談は、電話で行うことになっています。" in text_of(desk.post(f"{ADMIN}{confirmed.pk}/host/"))
    assert "この相談は、電話で行うことになっています。" in text_of(desk.post(f"{ADMIN}{confirmed.pk}/codes/"))


def test_immediate_session_page_shows_whom_to_call_and_no_code(desk_of: DeskOf, office: Office, accepted: Booking) -> None:
    make_meeting_ready(accepted)
    desk = desk_of(office.staff, accepted.starts_at)
    assert "電話に切り替える" in text_of(desk.get(f"{ADMIN}{accepted.pk}/delivery/"))
    words = desk.press(accepted, "by_phone")
    assert "電話で行うことにしました。" in words
    page = text_of(desk.get(f"{ADMIN}{accepted.pk}/delivery/"))
    shown = ("おかけする番号（登録の電話番号）", "番号を表示する", "マイページでお伝えした", "本人確認をした", "Zoomに戻す")
    assert [word in page for word in shown] == [True, False, False, True, True]
    assert "この相談は、電話で行うことになっています。" in text_of(desk.post(f"{ADMIN}{accepted.pk}/delivery/code/"))
    assert "電話で実施" in text_of(desk.get(f"{ADMIN}desk/"))


def test_interview_is_called_to_each_of_the_two(desk_of: DeskOf, office: Office) -> None:
    booking = interview(office)
    desk = desk_of(office.staff, at(THURSDAY, 10, 40))
    assert "参加される方それぞれの登録の電話番号に" in text_of(desk.get(f"{ADMIN}{booking.pk}/act/by_phone/"))
    desk.press(booking, "by_phone")
    assert text_of(desk.get(page_of(booking))).count("おかけする番号（登録の電話番号）") == 2
    assert "電話番号・本人確認" in text_of(desk.get(f"{ADMIN}employers/{booking.employer_request_id}/"))


def test_completing_suggests_the_telephone(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    switched(office, confirmed)
    desk = desk_of(office.staff, FIVE_PAST)
    page = desk.get(f"{ADMIN}{confirmed.pk}/act/complete/").content.decode()
    assert 'value="held_by_phone"' in page.partition("checked")[0].rpartition("<input")[2]
    desk.post(f"{ADMIN}{confirmed.pk}/act/complete/")  # 日締め presses without a choice
    confirmed.refresh_from_db()
    assert confirmed.outcome == "held_by_phone"


def test_no_contact_by_hand_asks_what_was_tried(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    switched(office, confirmed)
    desk = desk_of(office.staff, SESSION + timedelta(minutes=12))
    assert "結果の内訳を選んでください。" in desk.press(confirmed, "cancel_no_contact")
    assert "何度かおかけしてから記録してください。" in text_of(desk.get(f"{ADMIN}{confirmed.pk}/act/cancel_no_contact/"))
    desk.press(confirmed, "cancel_no_contact", outcome="wrong_contact")
    assert (confirmed.state, confirmed.outcome) == ("cancelled_no_contact", "wrong_contact")


def test_move_warns_that_it_goes_back_to_zoom(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk = desk_of(office.staff, NOON)
    before = text_of(desk.get(f"{ADMIN}{confirmed.pk}/act/move/"))
    switched(office, confirmed)
    after = text_of(desk.get(f"{ADMIN}{confirmed.pk}/act/move/"))
    assert ["Zoomで行う予約に戻ります" in words for words in (before, after)] == [False, True]


def test_readiness_asks_for_a_number_instead_of_a_meeting(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    switched(office, confirmed)
    desk = desk_of(office.staff, NOON)
    board = f"{ADMIN}tomorrow/?day={THURSDAY.isoformat()}"
    words = text_of(desk.get(board))
    assert ["電話で実施" in words, "確認済みの電話番号がない方がいます" in words, "Zoomミーティング" in words] == [True, True, False]
    known(office, confirmed)
    assert "確認済みの電話番号がない方がいます" not in text_of(desk.get(board))


def test_phone_list_says_what_to_tell_and_no_word_of_zooms_numbers(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    Person.objects.update(email="")
    switched(office, confirmed)
    words = text_of(desk_of(office.staff, NOON).get(f"{ADMIN}calls/"))
    assert ["Zoomではなく電話で行うこと。" in words, "ZoomのミーティングIDとパスコードは、" in words] == [True, False]
    telephone.by_zoom(confirmed.pk, by=office.staff, now=NOON, wall=NOON)
    words = text_of(desk_of(office.staff, NOON).get(f"{ADMIN}calls/"))
    assert ["やはりZoomで行うこと。" in words, "ZoomのミーティングIDとパスコードは、" in words] == [True, True]


# --- the link by hand ----------------------------------------------------------------------------------------------------


def test_link_is_entered_and_marked_wherever_the_meeting_is_shown(desk_of: DeskOf, office: Office, failed: Booking) -> None:
    desk = desk_of(office.staff, NOON)
    assert "リンクを手入力" in text_of(desk.get(f"{ADMIN}tomorrow/?day={THURSDAY.isoformat()}"))
    assert "リンクを手入力" in text_of(desk.get(f"{ADMIN}today/"))
    words = desk.press(failed, "manual_link", **BY_HAND)
    assert "手入力のリンクで行うことにしました。" in words
    meeting = Meeting.objects.get()
    assert (meeting.meeting_id, meeting.passcode, meeting.manual_by) == (85312345678, "aB3-xYz", office.staff)
    for path in (page_of(failed), f"{ADMIN}week/?day={THURSDAY.isoformat()}", f"{ADMIN}tomorrow/?day={THURSDAY.isoformat()}"):
        assert "手入力のリンク" in text_of(desk.get(path))
    assert "Zoom手入力のリンク" in text_of(desk_of(office.staff, FIVE_BEFORE).get(f"{ADMIN}today/"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"join_url": ""}, "参加用アドレスを入力してください。"),
        ({"join_url": "https://example.jp/j/85312345678"}, "Zoomの参加用アドレスではありません。"),
        ({"join_url": "http://zoom.us/j/85312345678"}, "Zoomの参加用アドレスではありません。"),
        ({"join_url": "https://zoom.us/s/85312345678?zak=x"}, "これは主催者がミーティングを始めるためのアドレスです。"),
        ({"join_url": "https://zoom.us/j/99999999999"}, "参加用アドレスの番号が、ミーティングIDと違います。"),
        ({"meeting_id": ""}, "ミーティングIDを入力してください。"),
        ({"meeting_id": "12345678"}, "ミーティングIDは、9～11けたの数字で入力してください。"),
        ({"meeting_id": "853123456789"}, "ミーティングIDは、9～11けたの数字で入力してください。"),
        ({"passcode": ""}, "パスコードを入力してください。"),
        ({"passcode": "abcdefghijk"}, "パスコードは、10文字までの英数字で入力してください。"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    desk_of: DeskOf, office: Office, failed: Booking, typed: dict[str, str], words: str
) -> None:
    page = desk_of(office.staff, NOON).post(f"{ADMIN}{failed.pk}/act/manual_link/", **{**BY_HAND, **typed})
    source = page.content.decode()
    assert words in text_of(page)
    assert [value for value in {**BY_HAND, **typed}.values() if f'value="{escape(value)}"' not in source and value] == []
    assert (Meeting.objects.get().manual_at, AuditEntry.objects.filter(what__contains="手入力").count()) == (None, 0)


@pytest.mark.parametrize("typed", ["85312345678", "853-1234-5678", "８５３　１２３４　５６７８", "853−1234−5678"])
def test_number_is_taken_however_it_is_written(desk_of: DeskOf, office: Office, failed: Booking, typed: str) -> None:
    desk_of(office.staff, NOON).press(failed, "manual_link", **{**BY_HAND, "meeting_id": typed, "passcode": "ａＢ３"})
    meeting = Meeting.objects.get()
    assert (meeting.meeting_id, meeting.passcode) == (85312345678, "aB3")


def test_meeting_of_another_session_is_refused_in_words_and_nothing_is_lost(desk_of: DeskOf, office: Office, failed: Booking) -> None:
    other = interview(office)
    make_meeting_ready(other)
    typed = {"join_url": "https://zoom.us/j/98765432101", "meeting_id": "98765432101", "passcode": "x"}
    page = desk_of(office.staff, NOON).post(f"{ADMIN}{failed.pk}/act/manual_link/", **typed)
    assert f"このミーティングIDは、別の予約（{other.number}）で使われています。" in text_of(page)
    assert 'value="98765432101"' in page.content.decode()


def test_button_stands_only_where_a_meeting_is_wanting(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    make_meeting_ready(confirmed)
    desk = desk_of(office.staff, NOON)
    assert "手入力" not in text_of(desk.get(page_of(confirmed)))
    assert "手入力は要りません。" in desk.press(confirmed, "manual_link", **BY_HAND)
    assert "手入力のリンクは、いまはありません" in desk.press(confirmed, "manual_back")
    assert "手入力のリンクは、いまはありません" in desk.press(confirmed, "manual_deleted")


def test_link_is_taken_back_and_what_was_made_by_hand_is_a_task_until_it_is_deleted(
    desk_of: DeskOf, office: Office, failed: Booking
) -> None:
    desk = desk_of(office.staff, NOON)
    desk.press(failed, "manual_link", **BY_HAND)
    assert "手入力のリンクを取りやめました。" in desk.press(failed, "manual_back")
    assert Meeting.objects.get().outbox_state == OutboxState.WANTED
    today, page = text_of(desk.get(f"{ADMIN}today/")), text_of(desk.get(page_of(failed)))
    assert ("Zoomのサイトで削除するミーティング（1件）" in today, "手で作ったZoomミーティングが残っています。" in page) == (True, True)
    assert "Zoomのサイトで削除したことを記録しました。" in desk.press(failed, "manual_deleted")
    assert "Zoomのサイトで削除するミーティング" not in text_of(desk.get(f"{ADMIN}today/"))


@pytest.mark.parametrize("name", ["move", "reassign", "by_phone", "cancel_by_user", "cancel_by_office", "manual_back"])
def test_whoever_takes_the_link_away_is_told_to_delete_the_meeting(desk_of: DeskOf, office: Office, failed: Booking, name: str) -> None:
    link = Link(BY_HAND["join_url"], 85312345678, BY_HAND["passcode"])
    manual_links.enter(failed.pk, link, by=office.staff, now=NOON, wall=NOON)
    assert "手入力のリンクで行う予約です。" in text_of(desk_of(office.staff, NOON).get(f"{ADMIN}{failed.pk}/act/{name}/"))


def test_host_goes_in_by_the_link_that_was_entered(desk_of: DeskOf, office: Office, failed: Booking) -> None:
    """Zoom does not answer; whoever is signed in there as the host comes in as the host. The press is the sign of the office's presence."""
    link = Link(BY_HAND["join_url"], 85312345678, BY_HAND["passcode"])
    manual_links.enter(failed.pk, link, by=office.staff, now=NOON, wall=NOON)
    desk = desk_of(office.staff, FIVE_PAST)
    with at_time(FIVE_PAST):
        answer = desk.client.post(f"{ADMIN}{failed.pk}/host/")
    failed.refresh_from_db()
    assert (answer.status_code, answer.headers["Location"], failed.counsellor_seen_at) == (302, BY_HAND["join_url"], FIVE_PAST)


def test_no_mail_says_a_word_of_the_link(desk_of: DeskOf, office: Office, failed: Booking) -> None:
    told = OutgoingMail.objects.count()
    desk_of(office.staff, NOON).press(failed, "manual_link", **BY_HAND)
    assert OutgoingMail.objects.count() == told
