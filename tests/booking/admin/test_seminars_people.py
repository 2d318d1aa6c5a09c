"""Who registered, who speaks, who gives it: the pages beside a seminar (S1-1, S4-4a, S4-5, S8-2)."""

import csv
from io import StringIO
from typing import Any

import pytest

from booking.admin.seminars.seat_actions import items_of
from booking.models import Registration, Seminar, SeminarPartner, SeminarSpeaker
from booking.operations.seminars import people, seats
from booking.operations.seminars.steps import SeminarChanged
from consent.models import Consent
from consent.queries import SEMINAR
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.admin.crowd import queries_of
from tests.booking.admin.test_seminars import HOUR, LIST, page_of
from tests.cast import MORNING, Office, publish_terms
from tests.employers import make_contact
from tests.pages import forms_of
from tests.seminars import CLOSES, STARTS, drawn_up, guest, published, recorded, register, seats_of, terms
from tests.visitor import field_value, text_of
from toyooka_hw.accounts.models import Person
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
STILL_ME = {"password_now": "correct horse battery"}


def people_of(seminar: Seminar) -> str:
    return f"{LIST}{seminar.pk}/people/"


def seat_page(row: Registration, name: str) -> str:
    return f"{LIST}people/{row.pk}/{name}/"


def seat(desk: Desk, row: Registration, name: str, **values: Any) -> str:
    """Press one button of a registration; the words of the page that follows. The registration is read again."""
    words = text_of(desk.post(seat_page(row, name), **values))
    row.refresh_from_db()
    return words


def three(office: Office, **details: Any) -> tuple[Seminar, list[Registration]]:
    """Two with a seat, one who waits."""
    seminar = published(office, **details)
    return seminar, [register(seminar, guest(number)) for number in (1, 2, 3)]


# --- the list ------------------------------------------------------------------------------------------------------------------------------


def test_list_stands_in_the_order_of_the_waiting_list(office: Office, desk: Desk) -> None:
    seminar, rows = three(office)
    seats.withdraw(register(seminar, guest(4)).pk, now=MORNING, wall=MORNING)
    page = desk.get(people_of(seminar))
    words = text_of(page)
    assert [row.registration for row in page.context["expected"]] == rows
    assert ["参加2名／定員2名、キャンセル待ち1名" in words, "キャンセル待ち1番目" in words, "取消し・期限切れ・停止（1件）" in words] == [
        True
    ] * 3


def test_companion_is_an_icon_until_it_is_opened(office: Office, desk: Desk) -> None:
    seminar = published(office)
    row = register(seminar, guest(), companion="手話通訳 1名")
    before = desk.get(people_of(seminar))
    opened = desk.post(f"/admin/booking/booking/look/companion/{row.pk}/", next=people_of(seminar))
    assert ["手話通訳" in text_of(page) for page in (before, opened)] == [False, True]
    assert AuditEntry.objects.filter(kind="look", what="同席を表示する", subject=row.number).count() == 1


def test_state_of_the_mail_is_told(office: Office, desk: Desk) -> None:
    seminar, rows = three(office)
    OutgoingMail.objects.filter(to="guest1@example.jp").update(outbox_state="done")
    OutgoingMail.objects.filter(to="guest2@example.jp").update(outbox_state="failed")
    Person.objects.filter(pk=rows[2].person_id).update(email="")
    told = [str(row.mail[1]) for row in desk.get(people_of(seminar)).context["expected"]]
    assert told == ["メール　送信済み", "メール　送れず", "メールなし（電話）"]


def test_list_asks_no_more_for_many(office: Office, desk: Desk) -> None:
    seminar, _rows = three(office)
    few = queries_of(desk, people_of(seminar))
    for number in range(4, 12):
        register(seminar, guest(number), companion="通訳")
    assert queries_of(desk, people_of(seminar)) == few


def test_line_of_the_audit_leads_to_the_list(office: Office, desk: Desk) -> None:
    seminar, rows = three(office)
    page = desk.get(f"/admin/booking/registration/{rows[0].pk}/change/")
    assert page.redirect_chain[-1][0] == f"{people_of(seminar)}#{rows[0].number}"


def test_persons_page_names_their_registrations(office: Office, desk: Desk) -> None:
    seminar, rows = three(office)
    words = text_of(desk.get(f"/admin/accounts/person/{rows[0].person_id}/change/"))
    assert ["セミナー・企業見学会の申込み" in words, seminar.title in words, rows[0].number in words] == [True] * 3


# --- for somebody who phones ----------------------------------------------------------------------------------------------------------------


def enter(desk: Desk, seminar: Seminar, person: Person | None, **values: Any) -> Any:
    path = f"{LIST}{seminar.pk}/enter/{person.pk if person else 'new'}/"
    page = desk.get(path)
    carried = {name: field_value(page, name) for name in ("shown", "key")}
    return desk.post(path, **{**carried, "source": "phone", "guided": "on", **values})


def test_somebody_known_is_found_and_registered(office: Office, desk: Desk) -> None:
    seminar, person = published(office), guest()
    assert f"/enter/{person.pk}/" in desk.get(f"{LIST}{seminar.pk}/enter/", q="参加").content.decode()
    words = text_of(enter(desk, seminar, person, companion="介助者1名"))
    row = Registration.objects.get()
    assert ("申込みを受け付けました" in words, "参加確定" in words, row.by_staff, row.companion) == (True, True, office.staff, "介助者1名")
    assert Consent.objects.get().method == "staff_phone"


def test_somebody_new_without_a_mailbox_is_told_on_the_spot(office: Office, desk: Desk) -> None:
    seminar = published(office)
    words = text_of(enter(desk, seminar, None, full_name="但馬 一郎", phone="079-622-0000", source="counter", zoom="on"))
    person = Person.objects.get(full_name="但馬 一郎")
    consent = Consent.objects.get()
    assert ("結果をその場でお伝えください" in words, person.phone, person.email) == (True, "+81796220000", "")
    assert (consent.method, consent.zoom_stated_at is not None) == ("staff_counter", True)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"guided": ""}, "規約をご案内し、同意を得てから"),
        ({"full_name": ""}, "氏名を入力してください。"),
        ({"email": "guest1@example.jp"}, "このメールアドレスの方は、すでに登録されています。"),
    ],
)
def test_what_is_missing_is_told_and_nothing_typed_is_lost(office: Office, desk: Desk, values: dict[str, str], told: str) -> None:
    seminar, _known = published(office), guest()
    page = enter(desk, seminar, None, **{"full_name": "但馬 一郎", "phone": "0796220000", "companion": "手話通訳", **values})
    assert (told in text_of(page), "手話通訳" in page.content.decode(), Registration.objects.count()) == (True, True, 0)


def test_second_registration_of_a_person_is_refused_by_name(office: Office, desk: Desk) -> None:
    seminar = published(office)
    row = register(seminar, guest())
    assert f"すでに申込みをされています（{row.number}参加確定）" in text_of(enter(desk, seminar, row.person))


def test_after_the_period_it_is_said_how_to_go_on(office: Office, desk_of: DeskOf) -> None:
    seminar, person = published(office), guest()
    assert "申込みの締切りを過ぎています" in text_of(enter(desk_of(office.staff, CLOSES), seminar, person))


def test_terms_that_changed_meanwhile_are_read_out_anew(office: Office, desk: Desk) -> None:
    """S9-0."""
    seminar, person = published(office), guest()
    path = f"{LIST}{seminar.pk}/enter/{person.pk}/"
    page = desk.get(path)
    carried = {name: field_value(page, name) for name in ("shown", "key")}
    publish_terms(SEMINAR, 2, effective_at=MORNING)
    answer = desk.post(path, **carried, source="phone", guided="on")
    assert ("利用規約が新しくなりました" in text_of(answer), 'name="guided" checked' in answer.content.decode()) == (True, False)
    assert Registration.objects.count() == 0


def test_without_terms_nobody_is_registered(office: Office, desk: Desk) -> None:
    seminar = drawn_up(office)
    assert "利用規約が公表されていないため" in text_of(desk.get(f"{LIST}{seminar.pk}/enter/new/"))
    terms()
    assert "公開していないため" in text_of(enter(desk, seminar, guest()))


def test_place_is_given_back_and_offered_to_the_next(office: Office, desk: Desk) -> None:
    seminar, rows = three(office)
    assert ("申込みを取り消しました。メールでお知らせします。" in seat(desk, rows[0], "withdraw"), rows[0].seat) == (True, "withdrawn")
    assert seats_of(seminar) == ["withdrawn", "seated", "offered"]


@pytest.mark.parametrize(("name", "left"), [("accept", "seated"), ("decline", "lapsed")])
def test_answer_to_an_offered_seat_is_written_down(office: Office, desk: Desk, name: str, left: str) -> None:
    _seminar, rows = three(office)
    seats.withdraw(rows[0].pk, now=MORNING, wall=MORNING)
    assert name in [button for button, _action in desk.get(people_of(rows[2].seminar)).context["expected"][1].buttons]
    seat(desk, rows[2], name)
    assert rows[2].seat == left


def test_answer_that_comes_late_names_how_it_stands(office: Office, desk: Desk) -> None:
    _seminar, rows = three(office)
    assert "この申込みは、いまは「キャンセル待ち」です。" in seat(desk, rows[2], "accept")


def test_link_is_sent_anew(office: Office, desk: Desk) -> None:
    _seminar, rows = three(office)
    assert ("リンクを新しくしました。" in seat(desk, rows[0], "link"), rows[0].link_generation) == (True, 2)
    Person.objects.filter(pk=rows[1].person_id).update(email="")
    seat(desk, rows[1], "link")
    assert rows[1].link_generation == 1


# --- shutting somebody out (S8-2) -----------------------------------------------------------------------------------------------------------


def test_participation_is_stopped_for_an_item_of_article_6(office: Office, desk_of: DeskOf) -> None:
    seminar, rows = three(office)
    desk, mails = desk_of(office.staff, STARTS + HOUR / 4), OutgoingMail.objects.count()
    page = text_of(desk.get(seat_page(rows[0], "remove")))
    words = seat(desk, rows[0], "remove", clause="7", reason="勧誘の発言を続けたため")
    assert [f"受付番号{rows[0].number}の方" in each and "「削除」を押します" in each for each in (page, words)] == [True, True]
    assert (rows[0].seat, rows[0].clause, rows[0].removed_by, OutgoingMail.objects.count()) == ("removed", 7, office.staff, mails)
    assert "第6条第7号佐藤勧誘の発言を続けたため" in text_of(desk.get(people_of(seminar)))
    assert AuditEntry.objects.get(what="参加申込み：参加の停止").reason == "勧誘の発言を続けたため"


@pytest.mark.parametrize(
    ("values", "told"), [({"reason": "理由"}, "該当する号を選んでください。"), ({"clause": "1", "reason": " "}, "理由を入力してください。")]
)
def test_removal_wants_item_and_reason(office: Office, desk: Desk, values: dict[str, str], told: str) -> None:
    _seminar, rows = three(office)
    assert (told in seat(desk, rows[0], "remove", **values), rows[0].seat) == (True, "seated")


def test_items_are_told_in_the_words_of_the_terms(office: Office, desk: Desk) -> None:
    items = [{"marker": f"（{number}）", "text": f"第{number}の行為", "items": []} for number in range(1, 8)]
    article = {"number": 6, "branch": None, "heading": "（禁止行為）", "paragraphs": [{"marker": "", "text": "次の行為。", "items": items}]}
    version = publish_terms(SEMINAR, articles=[article])
    assert items_of(version)[7] == "第7の行為"
    assert items_of(None) == {}
    assert "第6条第7号：第7の行為" in text_of(desk.get(seat_page(register(published(office), guest()), "remove")))


# --- speakers and partners ------------------------------------------------------------------------------------------------------------------


def test_speaker_is_added_agrees_to_the_recording_and_is_removed(office: Office, desk: Desk) -> None:
    seminar = drawn_up(office)
    assert "全員の録画への同意を記録してから、「内容を変更」で「録画する」を付けてください。" in text_of(desk.get(page_of(seminar)))
    desk.post(f"{LIST}{seminar.pk}/speakers/add/", name="但馬 一郎", affiliation="城崎製作所")
    speaker = SeminarSpeaker.objects.get()
    assert "記録なし" in text_of(desk.get(page_of(seminar)))
    words = text_of(desk.post(f"{LIST}speakers/{speaker.pk}/consent/"))
    speaker.refresh_from_db()
    assert ("記録：佐藤" in words, "記録なし" in words, speaker.recording_recorded_by) == (True, False, office.staff)
    desk.post(f"{LIST}speakers/{speaker.pk}/remove/")
    assert SeminarSpeaker.objects.count() == 0


@pytest.mark.parametrize(
    ("values", "told"),
    [({"name": ""}, "氏名を入力してください。"), ({"name": "但馬 一郎"}, "同じ氏名・所属の方が、すでに登録されています。")],
)
def test_speaker_who_cannot_be_added_is_told(office: Office, desk: Desk, values: dict[str, str], told: str) -> None:
    seminar = drawn_up(office)
    people.add_speaker(seminar.pk, name="但馬 一郎", by=office.staff, now=MORNING)
    assert told in text_of(desk.post(f"{LIST}{seminar.pk}/speakers/add/", **values))


def test_speakers_of_a_recording_are_neither_joined_nor_all_gone(office: Office, desk: Desk) -> None:
    """S4-5: both refusals say what to press first."""
    seminar, first = recorded(office), SeminarSpeaker.objects.get()
    told = (
        text_of(desk.post(f"{LIST}{seminar.pk}/speakers/add/", name="城崎 二郎")),
        text_of(desk.post(f"{LIST}speakers/{first.pk}/remove/")),
    )
    assert ["先に「内容を変更」で「録画する」を外してください。" in words for words in told] == [True, True]
    assert list(SeminarSpeaker.objects.all()) == [first]


def test_company_of_a_tour_is_found_added_and_stands_on_both_pages(office: Office, desk: Desk) -> None:
    seminar, contact = drawn_up(office, kind="company_tour"), make_contact(office)
    assert "企業見学会の事業所が、まだ登録されていません。" in text_of(desk.get(page_of(seminar)))
    found = desk.get(f"{LIST}{seminar.pk}/partners/", q=contact.full_name).content.decode()
    add = f"{LIST}{seminar.pk}/partners/{contact.pk}/"
    words = text_of(desk.post(add))
    assert (add in found, "城崎製作所" in words, SeminarPartner.objects.get().contact) == (True, True, contact)
    works = text_of(desk.get(f"/admin/accounts/establishment/{contact.establishment_id}/change/"))
    assert ["共催の催し" in works, seminar.title in works] == [True, True]
    desk.post(f"{LIST}partners/{SeminarPartner.objects.get().pk}/remove/")
    assert SeminarPartner.objects.count() == 0


def test_company_added_to_a_public_tour_is_told_as_its_page_says(office: Office, desk: Desk) -> None:
    seminar, contact = published(office, kind="company_tour"), make_contact(office)
    add = f"{LIST}{seminar.pk}/partners/{contact.pk}/"
    assert "公開中の催しでは、ご案内のメールが届きます。" in text_of(desk.get(add))
    desk.post(add)
    assert seminar.title in OutgoingMail.objects.get(to=contact.email).body


def test_contact_whom_nobody_verified_gives_nothing(office: Office, desk: Desk) -> None:
    """C2-1d."""
    seminar, contact = drawn_up(office), make_contact(office, verified=False)
    words = text_of(desk.post(f"{LIST}{seminar.pk}/partners/{contact.pk}/"))
    assert ("本人情報を確認済みの人事担当者だけです" in words, SeminarPartner.objects.count()) == (True, 0)


@pytest.mark.parametrize("path", ["speakers/1/nothing/", "partners/1/nothing/", "people/1/nothing/", "speakers/4711/remove/"])
def test_step_that_is_none_is_not_found(desk: Desk, path: str) -> None:
    assert desk.get(f"{LIST}{path}").status_code == 404


# --- attendance -----------------------------------------------------------------------------------------------------------------------------


def attendance_of(seminar: Seminar) -> str:
    return f"{LIST}{seminar.pk}/attendance/"


def test_attendance_is_proposed_from_who_went_in(office: Office, desk_of: DeskOf) -> None:
    seminar, rows = three(office)
    Registration.objects.filter(pk=rows[0].pk).update(first_joined_at=STARTS)
    page = desk_of(office.staff, STARTS + HOUR).get(attendance_of(seminar))
    proposed = {row.pk: field.value() for row, field in page.context["form"].lines}
    assert proposed == {rows[0].pk: "attended", rows[1].pk: "absent"}


def test_attendance_page_tells_presses_and_zooms_count_apart(office: Office, desk_of: DeskOf) -> None:
    """Issue 7.4: who pressed is known by name, whom Zoom saw is a number; neither is taken for the other."""
    seminar, rows = three(office)
    desk = desk_of(office.staff, STARTS + HOUR)
    before = text_of(desk.get(attendance_of(seminar)))
    joining_partner = people.add_partner(seminar.pk, make_contact(office), by=office.staff, now=MORNING, wall=MORNING)
    SeminarPartner.objects.filter(pk=joining_partner.pk).update(first_joined_at=STARTS)
    Registration.objects.filter(pk=rows[0].pk).update(first_joined_at=STARTS)
    Seminar.objects.update(zoom_guests=4)
    after = text_of(desk.get(attendance_of(seminar)))
    said = [
        ("入室のボタンを押した方0名／2名", "入室のボタンを押した方1名／2名"),
        ("Zoomに入室した数（ホストを除く）通知なし", "Zoomに入室した数（ホストを除く）4名"),
        ("だれかは分かりません。", "共催の事業所で入室のボタンを押した方1名"),
    ]
    assert [(first in before, second in after) for first, second in said] == [(True, True)] * 3
    assert Registration.objects.filter(attendance="").count() == 3


def came(rows: list[Registration], *said: str) -> dict[str, str]:
    return {f"came_{row.pk}": word for row, word in zip(rows, said, strict=False)}


def test_attendance_is_written_down_and_the_seminar_closed_with_it(office: Office, desk_of: DeskOf) -> None:
    seminar, rows = three(office)
    desk = desk_of(office.staff, STARTS + HOUR)
    assert "出欠を記録しました。" in text_of(desk.post(attendance_of(seminar), **came(rows, "attended", "absent")))
    seminar.refresh_from_db()
    assert (seminar.state, [row.attendance for row in Registration.objects.order_by("pk")]) == ("published", ["attended", "absent", ""])
    desk.post(attendance_of(seminar), **came(rows, "attended", "attended"), close="1")
    seminar.refresh_from_db()
    assert (seminar.state, [row.attendance for row in Registration.objects.order_by("pk")]) == ("held", ["attended", "attended", ""])


def test_attendance_asks_no_more_for_many(office: Office, desk_of: DeskOf) -> None:
    seminar = published(office, capacity=20)
    register(seminar, guest())
    desk = desk_of(office.staff, STARTS + HOUR)
    few = queries_of(desk, attendance_of(seminar))
    for number in range(2, 12):
        register(seminar, guest(number))
    assert queries_of(desk, attendance_of(seminar)) == few


def test_attendance_of_somebody_left_out_is_asked_for(office: Office, desk_of: DeskOf) -> None:
    seminar, rows = three(office)
    words = text_of(desk_of(office.staff, STARTS + HOUR).post(attendance_of(seminar), **came(rows, "attended")))
    assert ("出欠を選んでください。" in words, set(Registration.objects.values_list("attendance", flat=True))) == (True, {""})


def test_attendance_before_the_start_leads_back(office: Office, desk: Desk) -> None:
    seminar, rows = three(office)
    page = desk.post(attendance_of(seminar), **came(rows, "attended", "attended"))
    assert (page.redirect_chain[-1][0], set(Registration.objects.values_list("attendance", flat=True))) == (page_of(seminar), {""})
    with pytest.raises(SeminarChanged):
        people.write_attendance(seminar.pk, {rows[0].pk: "attended"}, by=office.staff, now=MORNING)


def test_list_is_taken_out_as_a_file_that_no_program_executes(office: Office, desk_of: DeskOf) -> None:
    seminar, rows = three(office)
    Person.objects.filter(pk=rows[1].person_id).update(full_name="=HYPERLINK(1)")
    Registration.objects.filter(pk=rows[0].pk).update(first_joined_at=STARTS, attendance="attended")
    answer = desk_of(office.staff, STARTS + HOUR).post(f"{LIST}{seminar.pk}/attendance/list/", **STILL_ME, reason="労働局への報告")
    assert (answer.content[:3], answer["Content-Type"]) == (b"\xef\xbb\xbf", "text/csv; charset=utf-8")
    head, first, second = csv.reader(StringIO(answer.content.decode("utf-8-sig")))
    assert head == ["受付番号", "氏名", "申込日時", "出欠", "入室のボタンを押した日時"]
    assert first == [rows[0].number, "参加 1", "2027年4月6日（火）9:30", "参加", "2027年4月8日（木）14:00"]
    assert second[1:] == ["'=HYPERLINK(1)", "2027年4月6日（火）9:30", "未記録", ""]
    entry = AuditEntry.objects.get(kind="look")
    assert (entry.what, entry.reason) == ("催し：出欠の一覧を書き出す", "労働局への報告")


@pytest.mark.parametrize(
    ("missing", "told"),
    [({"password_now": "wrong"}, "パスワードが正しくありません。"), ({"reason": " "}, "理由を入力してください。")],
)
def test_list_is_taken_out_by_whoever_says_why_and_is_still_there(office: Office, desk: Desk, missing: dict[str, str], told: str) -> None:
    """An open screen alone lets no names out (japan.md §4.3)."""
    page = desk.post(f"{LIST}{published(office).pk}/attendance/list/", **(STILL_ME | {"reason": "報告"} | missing))
    assert ("text/html" in page["Content-Type"], told in text_of(page), AuditEntry.objects.filter(kind="look").exists()) == (
        True,
        True,
        False,
    )


def test_list_is_never_taken_out_by_a_get(office: Office, desk: Desk) -> None:
    page = desk.get(f"{LIST}{published(office).pk}/attendance/list/")
    assert ("氏名のあるファイルが、この端末に保存されます。" in text_of(page), AuditEntry.objects.filter(kind="look").exists()) == (
        True,
        False,
    )


def test_forms_of_a_seminars_pages_carry_what_they_showed(office: Office, desk: Desk) -> None:
    """The registration's buttons ask nothing but what they need."""
    row = register(published(office), guest())
    carried = next(carried for action, carried in forms_of(desk.get(seat_page(row, "withdraw"))) if not action)
    assert sorted(carried) == ["csrfmiddlewaretoken", "next"]
