"""The page on which the code of an immediate session stands: to whom it is shown, how it is told, what is recorded (C6-2-3)."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from booking.models import Booking, CodeDelivery, Meeting, Participant
from booking.operations import immediate, interviews, sessions
from booking.operations.invitations import Seeker
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.admin.crowd import queries_of
from tests.cast import MORNING, Office, make_regular, publish_terms
from tests.kinds import interview
from tests.simulator import SimulatorHandle
from tests.visitor import text_of
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
CODE = ("853 1234 5678", "abcdEFGH23", "https://zoom.example.jp/j/85312345678?pwd=secret")
AFTER = MORNING + timedelta(minutes=2)


@pytest.fixture
def accepted(office: Office, waiting: Booking) -> Booking:
    """佐藤 has taken the request; its meeting is not there yet."""
    return immediate.accept(waiting.pk, counsellor=office.sato.pk, by=office.staff, now=MORNING, wall=MORNING)


@pytest.fixture
def ready(accepted: Booking) -> Booking:
    """The same, and the meeting stands at Zoom."""
    made = {"meeting_id": 85312345678, "passcode": CODE[1], "join_url": CODE[2], "ready_at": MORNING, "outbox_state": OutboxState.DONE}
    host = accepted.host.email if accepted.host else ""
    Meeting.objects.filter(booking=accepted).update(**made, host_email=host, starts_at=accepted.starts_at)
    return accepted


def page_of(booking: Booking) -> str:
    return f"/admin/booking/booking/{booking.pk}/delivery/"


def look(desk: Desk, booking: Booking) -> Any:
    return desk.post(f"{page_of(booking)}code/")


def press(desk: Desk, booking: Booking, name: str) -> str:
    return text_of(desk.post(f"/admin/booking/booking/{booking.pk}/delivery/{booking.participants.get().pk}/{name}/"))


def code_in(response: Any) -> list[bool]:
    return [part in response.content.decode() for part in (*CODE, "85312345678")]


def looks() -> int:
    return AuditEntry.objects.filter(what="アクセスコードを表示する", kind=AuditEntry.Kind.LOOK).count()


# --- to whom it is shown ----------------------------------------------------------------------------------------------


def test_code_is_in_the_answer_to_the_press_alone_and_each_look_is_a_line(desk: Desk, office: Office, ready: Booking) -> None:
    assert (code_in(desk.get(page_of(ready))), looks()) == ([False] * 4, 0)
    for times in (1, 2):
        shown = look(desk, ready)
        assert (code_in(shown), looks()) == ([True] * 4, times)
    assert code_in(desk.get(page_of(ready))) == [False] * 4
    line = AuditEntry.objects.filter(what="アクセスコードを表示する").latest("pk")
    assert (line.by, line.at, any(part in f"{line.changes}{line.reason}" for part in CODE)) == (office.staff, MORNING, False)


def test_pages_are_never_kept(desk: Desk, ready: Booking) -> None:
    kept = [page.headers["Cache-Control"] for page in (desk.get(page_of(ready)), look(desk, ready))]
    assert ["no-store" in words for words in kept] == [True, True]


def test_code_is_never_got_by_address(desk: Desk, ready: Booking) -> None:
    assert desk.get(f"{page_of(ready)}code/").status_code == 405


def test_text_for_my_page_greets_and_names_the_rules(desk: Desk, ready: Booking) -> None:
    """C12-2, C12-3: recording is forbidden, a room of one's own, companions are told beforehand."""
    source = look(desk, ready).content.decode()
    letter = re.findall(r"<textarea[^>]*>([^<]*)</textarea>", source)[0]
    assert letter.splitlines()[0] == "豊岡 花子 様"
    for words in (
        "日時：2027年4月6日（火）9:30～10:00",
        "ミーティングID：853 1234 5678",
        "パスコード：abcdEFGH23",
        "録画・録音は、方法を問わずできません",
        "周りに人がいない場所",
        "通訳や介助の方",
    ):
        assert words in letter
    assert ("https://" in letter, [line for line in letter.splitlines() if len(line) > 35]) == (False, [])


@pytest.mark.parametrize("role", ["管理者", "相談員"])
def test_nobody_but_the_counsellor_in_charge_sees_it(
    desk_of: DeskOf, office: Office, ready: Booking, member: Callable[[str], User], role: str
) -> None:
    desk = desk_of(member(role))
    page, pressed = desk.get(page_of(ready)), look(desk, ready)
    assert (page.status_code, pressed.status_code, looks()) == (403, 403, 0)
    assert "この相談の担当は、佐藤さんです。" in text_of(page)
    assert "番号を扱えるのは、この相談の担当者だけです。" in text_of(pressed)
    assert [*code_in(page), *code_in(pressed)] == [False] * 8


def test_another_counsellor_with_every_right_does_not_see_it(desk_of: DeskOf, office: Office, ready: Booking) -> None:
    desk = desk_of(office.tanaka.user)
    assert [*code_in(desk.get(page_of(ready))), *code_in(look(desk, ready)), looks()] == [False] * 8 + [0]


@pytest.mark.parametrize("role", ["監査", "システム管理者"])
def test_other_roles_have_no_such_page(desk_of: DeskOf, ready: Booking, member: Callable[[str], User], role: str) -> None:
    desk = desk_of(member(role))
    assert (desk.get(page_of(ready)).status_code, look(desk, ready).status_code) == (403, 403)


@pytest.mark.parametrize("moment", ["ends", "later"])
def test_code_is_not_shown_after_the_end(desk_of: DeskOf, office: Office, ready: Booking, moment: str) -> None:
    desk = desk_of(office.staff, ready.ends_at + timedelta(hours=1 if moment == "later" else 0))
    words = text_of(look(desk, ready))
    assert ("時間が終わっているか、確定していません。" in words, "番号は表示できません。" in words, looks()) == (True, True, 0)
    assert code_in(desk.get(page_of(ready))) == [False] * 4


def test_code_is_shown_to_the_last_second(desk_of: DeskOf, office: Office, ready: Booking) -> None:
    assert code_in(look(desk_of(office.staff, ready.ends_at - timedelta(seconds=1)), ready)) == [True] * 4


def test_code_is_not_shown_once_the_session_was_ended(desk: Desk, office: Office, ready: Booking) -> None:
    sessions.cancel_by_office(ready.pk, reason="試験", by=office.staff, now=MORNING, wall=MORNING)
    assert code_in(look(desk, ready)) == [False] * 4


def test_code_waits_for_the_meeting(desk: Desk, accepted: Booking) -> None:
    words = text_of(desk.get(page_of(accepted)))
    assert ("Zoomミーティングを準備しています。" in words, "番号を表示するできしだい" in words) == (True, False)
    assert "Zoomミーティングの準備ができていません。" in text_of(look(desk, accepted))


def test_meeting_that_was_given_up_can_be_tried_again(desk: Desk, accepted: Booking) -> None:
    Meeting.objects.update(outbox_state=OutboxState.FAILED)
    assert "Zoomミーティングを作成できませんでした。" in text_of(desk.get(page_of(accepted)))


def test_terms_that_changed_meanwhile_close_the_code(desk_of: DeskOf, office: Office, ready: Booking) -> None:
    """C6-2-2: the gate is checked again at the start."""
    articles = [{"number": 1, "branch": None, "heading": "（目的）", "paragraphs": [{"marker": "", "text": "新しい本文。", "items": []}]}]
    publish_terms(number=2, effective_at=AFTER, articles=articles)
    desk = desk_of(office.staff, AFTER)
    assert "この方はまだ同意していません。" in text_of(look(desk, ready))
    assert "この方はまだ同意していません。" in text_of(desk.post(f"/admin/booking/booking/{ready.pk}/host/"))
    assert "この方はまだ同意していません。" in press(desk, ready, "mypage")
    assert (CodeDelivery.objects.count(), looks()) == (0, 0)


def test_reservation_has_no_such_page(desk: Desk, confirmed: Booking) -> None:
    part = confirmed.participants.get().pk
    answers = [
        desk.get(page_of(confirmed)),
        look(desk, confirmed),
        desk.post(f"/admin/booking/booking/{confirmed.pk}/delivery/{part}/mypage/"),
        desk.get("/admin/booking/booking/999999/delivery/"),
        desk.post("/admin/booking/booking/999999/delivery/1/mypage/"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5


def test_poll_answers_with_the_parts_alone_and_without_the_code(desk: Desk, ready: Booking) -> None:
    page = desk.client.get(page_of(ready), headers={"X-Poll": "1"})
    assert (page.headers["X-Poll"], "<html" in page.content.decode(), code_in(page)) == ("1", False, [False] * 4)


# --- telling it -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "attempt"),
    [
        ("mypage", ("job_seeker_mypage", "told")),
        ("reached", ("callback_phone", "told")),
        ("no_answer", ("callback_phone", "no_answer")),
        ("wrong_person", ("callback_phone", "wrong_person")),
    ],
)
def test_each_attempt_is_a_row(desk: Desk, office: Office, ready: Booking, name: str, attempt: tuple[str, str]) -> None:
    words = press(desk, ready, name)
    told = CodeDelivery.objects.get()
    assert ((told.route, told.result), told.by, told.at, told.participant.booking) == (attempt, office.staff, MORNING, ready)
    assert ("を記録しました。" in words, "番号をお伝え済み" in words) == (True, attempt[1] == "told")


def test_same_press_twice_is_one_row(desk: Desk, ready: Booking) -> None:
    for _press in range(2):
        press(desk, ready, "no_answer")
    assert CodeDelivery.objects.count() == 1


def test_only_the_counsellor_in_charge_records(desk_of: DeskOf, office: Office, ready: Booking) -> None:
    assert "番号を扱えるのは、この相談の担当者だけです。" in text_of(
        desk_of(office.tanaka.user).post(f"/admin/booking/booking/{ready.pk}/delivery/{ready.participants.get().pk}/reached/")
    )
    assert CodeDelivery.objects.count() == 0


def test_registered_number_is_opened_by_a_press_only(desk: Desk, ready: Booking) -> None:
    Person.objects.update(stated_phone="+818000000000")
    assert ("090-1234-5678" in desk.get(page_of(ready)).content.decode(), "090-****-5678" in text_of(desk.get(page_of(ready)))) == (
        False,
        True,
    )
    desk.post(f"/admin/booking/booking/look/phone/{ready.applicant_id}/", next=page_of(ready))
    shown = desk.get(page_of(ready)).content.decode()
    assert ("090-1234-5678" in shown, "080-0000-0000" in shown) == (True, False)


def test_number_that_was_changed_today_is_not_called(desk: Desk, ready: Booking) -> None:
    """C6-2-3c: the day's change serves no call back of the day."""
    Person.objects.update(phone_changed_at=MORNING - timedelta(hours=1))
    assert "本日変更されたため、電話ではお伝えできません。" in text_of(desk.get(page_of(ready)))
    assert "その方法ではお伝えできません。" in press(desk, ready, "reached")
    assert CodeDelivery.objects.count() == 0


def test_employers_contact_is_told_by_their_own_my_page(desk: Desk, ready: Booking) -> None:
    Participant.objects.update(role="employer")
    assert "求人者マイページ" in text_of(desk.get(page_of(ready)))
    press(desk, ready, "mypage")
    assert CodeDelivery.objects.get().route == "employer_mypage"


def test_after_two_failures_the_page_proposes_to_close_and_the_form_is_filled(desk_of: DeskOf, office: Office, ready: Booking) -> None:
    """C6-2-3b: two calls, then the session is closed kindly."""
    press(desk_of(office.staff), ready, "no_answer")
    later = desk_of(office.staff, AFTER)
    assert "2回おかけしても" not in text_of(later.get(page_of(ready)))
    words = press(later, ready, "no_answer")
    assert "2回おかけしても、お伝えできませんでした。まず、マイページのメッセージでお伝えください。" in words
    assert "マイページでもお伝えできないときは、相談を終了してください。" in words
    form = later.get(f"/admin/booking/booking/{ready.pk}/act/cancel_by_office/").context["form"]
    assert (form["outcome"].value(), form["reason"].value()) == ("code_not_told", "お電話がつながらず、番号をお伝えできませんでした。")
    later.press(ready, "cancel_by_office", outcome="code_not_told", reason=str(form["reason"].value()))
    assert (ready.state, ready.outcome) == ("cancelled_by_office", "code_not_told")
    assert "番号をお伝えできませんでした。" in OutgoingMail.objects.latest("pk").body


def test_closing_is_not_proposed_once_the_code_was_told(desk_of: DeskOf, office: Office, ready: Booking) -> None:
    for minutes, name in enumerate(("no_answer", "mypage", "wrong_person")):
        words = press(desk_of(office.staff, MORNING + timedelta(minutes=2 * minutes)), ready, name)
    assert "2回おかけしても" not in words
    form = desk_of(office.staff).get(f"/admin/booking/booking/{ready.pk}/act/cancel_by_office/").context["form"]
    assert form["reason"].value() is None


def test_everybody_in_an_interview_is_told_by_their_own_route(desk_of: DeskOf, office: Office) -> None:
    """A18: two participants, each with their own My Page and their own row."""
    met = interview(office)
    met.refresh_from_db()
    desk = desk_of(met.counsellor.user if met.counsellor else office.staff, met.starts_at)
    words = text_of(desk.get(page_of(met)))
    assert ("求職者マイページ" in words, "求人者マイページ" in words) == (True, True)
    for part in met.participants.all():
        desk.post(f"/admin/booking/booking/{met.pk}/delivery/{part.pk}/mypage/")
    told = CodeDelivery.objects.order_by("route").values_list("route", "participant__role")
    assert list(told) == [("employer_mypage", "employer"), ("job_seeker_mypage", "job_seeker")]


def test_press_about_somebody_who_was_replaced_is_told_and_records_nothing(desk_of: DeskOf, office: Office) -> None:
    """A18: the page was opened before a colleague put another job seeker in."""
    met = interview(office)
    gone = met.participants.get(role="job_seeker").pk
    other = make_regular(office, "竹野 浜子", "hamako@example.jp", "+819055556666")
    interviews.replace_seeker(met.pk, Seeker(other.pk), reason="ご本人の都合", by=office.staff, now=MORNING, wall=MORNING)
    desk = desk_of(office.staff, met.starts_at)
    for name in ("mypage", "identity", "arrived"):
        assert "参加者が変わりました。" in text_of(desk.post(f"/admin/booking/booking/{met.pk}/delivery/{gone}/{name}/"))
    assert (CodeDelivery.objects.count(), Participant.objects.exclude(identity_checked_at=None).count()) == (0, 0)


# --- the session itself -----------------------------------------------------------------------------------------------


def test_identity_is_recorded_once_with_who_said_so(desk_of: DeskOf, office: Office, ready: Booking) -> None:
    assert "本人確認を記録しました。" in press(desk_of(office.staff), ready, "identity")
    words = press(desk_of(office.tanaka.user, AFTER), ready, "identity")
    part = ready.participants.get()
    assert (part.identity_checked_at, part.identity_checked_by) == (MORNING, office.staff)
    assert "本人確認をした（" not in words


def test_arrival_is_recorded_for_the_person(desk: Desk, ready: Booking) -> None:
    assert "参加されたことを記録しました。" in press(desk, ready, "arrived")
    assert ready.participants.get().first_joined_at == MORNING


def test_session_is_recorded_as_held_after_the_identity_was_checked(desk_of: DeskOf, office: Office, ready: Booking) -> None:
    desk = desk_of(office.staff, AFTER)
    press(desk, ready, "identity")
    assert "実施済にしました。" in desk.press(ready, "complete", next=page_of(ready))
    assert (ready.state, "この相談は終わっています。" in text_of(desk.get(page_of(ready)))) == ("completed", True)


def test_press_of_something_unknown_is_not_found(desk: Desk, ready: Booking) -> None:
    assert desk.post(f"/admin/booking/booking/{ready.pk}/delivery/{ready.participants.get().pk}/nonsense/").status_code == 404


def test_way_in_is_the_counsellors_in_charge(desk_of: DeskOf, office: Office, ready: Booking, zoom: SimulatorHandle) -> None:
    """The host's link leads into the meeting too, so whoever may not see the code may not press it."""
    refused = desk_of(office.tanaka.user).post(f"/admin/booking/booking/{ready.pk}/host/")
    assert "番号を扱えるのは、この相談の担当者だけです。" in text_of(refused)
    ready.refresh_from_db()
    assert ready.counsellor_seen_at is None


@pytest.mark.parametrize("path", ["{booking}/change/", "today/"])
def test_pages_of_the_day_lead_to_the_code(desk: Desk, ready: Booking, path: str) -> None:
    page = desk.get(f"/admin/booking/booking/{path.format(booking=ready.pk)}").content.decode()
    assert page_of(ready) in page


def test_page_asks_the_same_number_of_queries_for_many_attempts(desk: Desk, office: Office, ready: Booking) -> None:
    part = ready.participants.get()
    few = queries_of(desk, page_of(ready))
    for number in range(6):
        other = make_regular(office, f"利用者{number}", f"{number}@example.jp", f"+8190555500{number:02}")
        made = Participant.objects.create(booking=ready, person=other, consent=part.consent)
        for each in (part, made):
            CodeDelivery.objects.create(participant=each, route="callback_phone", result="no_answer", at=MORNING, by=office.staff)
    assert (queries_of(desk, page_of(ready)), few) == (few + 1, 7)
