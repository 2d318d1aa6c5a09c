"""Employers' requests at the desk: the list, one page per request, settling its sessions (C0-1, C6-2-3a, A10, A18)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.models import Booking, CodeDelivery, EmployerRequest, Meeting
from booking.operations import bookings, interviews
from booking.operations.interviews import Arrangement
from booking.operations.invitations import Seeker
from consent.models import Consent, Method
from tests.booking.admin.conftest import Desk, DeskOf
from tests.cast import MORNING, THURSDAY, Office, at, make_person, make_regular, publish_terms
from tests.employers import WISHED, asked, make_contact
from tests.visitor import field_value, text_of
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import verify_person
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
BOOKINGS = "/admin/booking/booking/"
LIST = f"{BOOKINGS}employers/"
HALF_HOUR = timedelta(minutes=30)
Member = Callable[[str], User]


@pytest.fixture
def request_of_two(office: Office) -> EmployerRequest:
    """A managed selection of two, asked for by a verified contact."""
    return asked(make_contact(office), EmployerRequest.Purpose.MANAGED_SELECTION, people=2)


@pytest.fixture
def seeker(office: Office) -> Person:
    return make_regular(office)


def first_of(request: EmployerRequest) -> Booking:
    return request.sessions.order_by("pk")[0]


def page_of(request: EmployerRequest) -> str:
    return f"{LIST}{request.pk}/"


def arranging(booking: Booking, seeker: Person | None) -> str:
    chosen = f"?seeker={seeker.pk}" if seeker else ""
    return f"{BOOKINGS}{booking.pk}/arrange/{chosen}"


def send(desk: Desk, path: str, **values: Any) -> str:
    """The words of the page after its form was filled in; what it carries hidden goes along."""
    page = desk.get(path)
    hidden = {name: field_value(page, name) for name in ("shown", "key", "seen") if f'name="{name}" value="' in page.content.decode()}
    return text_of(desk.post(path, **{**hidden, **values}))


def settled(office: Office, request: EmployerRequest, seeker: Person, *, number: int = 0) -> Booking:
    booking = request.sessions.order_by("pk")[number]
    wish = Arrangement(WISHED + number * HALF_HOUR, Seeker(seeker.pk))
    return interviews.arrange(booking.pk, wish, by=office.staff, now=MORNING, wall=MORNING)


def test_list_shows_what_waits_first_and_no_free_text(office: Office, desk: Desk, request_of_two: EmployerRequest) -> None:
    over = asked(make_contact(office, "竹野 三郎", "takeno@example.jp"))
    bookings.withdraw(over.sessions.get().pk, now=MORNING, wall=MORNING)
    page = desk.get(LIST)
    words = text_of(page)
    assert [row[0] for row in page.context["rows"]] == [request_of_two, over]
    assert ("申込受付2" in words, "取下げ1" in words, "城崎製作所" in words, "秘密" in words) == (True, True, True, False)


def test_contact_whom_nobody_verified_is_marked(office: Office, desk: Desk) -> None:
    newcomer = make_contact(office, verified=False)
    Person.objects.update(stated_establishment="香住水産")
    request = asked(newcomer)
    shown = [text_of(desk.get(path)) for path in (LIST, page_of(request))]
    assert [("未確認" in words, "香住水産" in words) for words in shown] == [(True, True)] * 2


def test_page_shows_the_sessions_in_time_order_and_how_far_the_code_came(
    office: Office, desk: Desk, request_of_two: EmployerRequest, seeker: Person
) -> None:
    done = settled(office, request_of_two, seeker)
    employer, applicant = done.participants.order_by("pk")
    CodeDelivery.objects.create(participant=employer, route="employer_mypage", result="told", at=MORNING, by=office.staff)
    CodeDelivery.objects.create(participant=applicant, route="callback_phone", result="no_answer", at=MORNING, by=office.staff)
    page = desk.get(page_of(request_of_two))
    words = text_of(page)
    assert [row.booking.state for row in page.context["sessions"]] == ["confirmed", "requested"]
    assert "求人者：求人者マイページ4月6日（火）9:30" in words
    assert ("求職者：まだ（電話1回つながらず）" in words, "豊岡花子" in words, "記入あり" in page.content.decode()) == (True, True, True)
    assert [each in page.content.decode() for each in ("秘密", "1234-5678")] == [False, False]


def test_code_of_a_meeting_that_was_replaced_has_come_to_nobody(
    office: Office, desk: Desk, request_of_two: EmployerRequest, seeker: Person
) -> None:
    """Handed over to another Zoom host, the interview has another code for both."""
    done = settled(office, request_of_two, seeker)
    for part, route in zip(done.participants.order_by("pk"), ("employer_mypage", "job_seeker_mypage"), strict=True):
        CodeDelivery.objects.create(participant=part, route=route, result="told", at=MORNING, by=office.staff)
    Meeting.objects.filter(booking=done).update(made_at=MORNING + timedelta(seconds=1))
    words = text_of(desk.get(page_of(request_of_two)))
    assert ["求人者：まだ" in words, "求職者：まだ" in words] == [True, True]
    assert text_of(desk.get(f"/admin/booking/booking/{done.pk}/delivery/")).count("番号をまだお伝えしていません") == 2


def test_pages_show_neither_code_nor_link_of_the_meeting(
    office: Office, desk: Desk, request_of_two: EmployerRequest, seeker: Person
) -> None:
    """C6-2-3a: the code stands on the page where it is told, nowhere else."""
    done = settled(office, request_of_two, seeker)
    secrets = ("82345678901", "823 4567 8901", "geheim12", "zoom.example/j/")
    made = {"meeting_id": 82345678901, "passcode": "geheim12", "join_url": "https://zoom.example/j/82345678901"}
    assert Meeting.objects.filter(booking=done).update(**made) == 1
    pages = [desk.get(path).content.decode() for path in (LIST, page_of(request_of_two), arranging(first_of(request_of_two), seeker))]
    assert [each for page in pages for each in secrets if each in page] == []


def test_free_text_is_opened_by_a_press_that_leaves_a_line(desk: Desk, request_of_two: EmployerRequest) -> None:
    """C12-3b: an icon until then."""
    path = page_of(request_of_two)
    before = desk.get(path)
    opened = desk.post(f"{BOOKINGS}look/ask/{request_of_two.pk}/", next=path)
    assert ["秘密の相談" in text_of(page) for page in (before, opened)] == [False, True]
    assert AuditEntry.objects.filter(kind=AuditEntry.Kind.LOOK, subject_pk=request_of_two.pk).count() == 1


def test_request_that_is_not_there_is_not_found(desk: Desk) -> None:
    assert desk.get(f"{LIST}4711/").status_code == 404


def test_pages_ask_the_database_no_more_for_many_rows(office: Office, desk: Desk, request_of_two: EmployerRequest, seeker: Person) -> None:
    settled(office, request_of_two, seeker)

    def counts() -> list[int]:
        found = []
        for path in (LIST, page_of(request_of_two)):
            desk.get(path)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                desk.get(path)
            found.append(len(queries))
        return found

    few = counts()
    for number in range(3):
        taro = make_regular(office, f"但馬 {number}", f"taro{number}@example.jp", f"+8190111122{number:02d}")
        wish = Arrangement(WISHED + (number + 1) * HALF_HOUR, Seeker(taro.pk))
        interviews.add_session(request_of_two.pk, wish, key=uuid4(), by=office.staff, now=MORNING, wall=MORNING)
        asked(make_contact(office, f"竹野 {number}", f"takeno{number}@example.jp"))
    assert counts() == few


# --- settling a session --------------------------------------------------------------------------------------------------


def test_job_seeker_is_found_and_the_session_settled_on_the_employers_wish(
    office: Office, desk: Desk, request_of_two: EmployerRequest, seeker: Person
) -> None:
    booking = first_of(request_of_two)
    found = desk.get(arranging(booking, None), q="5678").content.decode()
    assert f"?seeker={seeker.pk}" in found
    form = desk.get(arranging(booking, seeker))
    choices = form.context["form"].fields["start"].choices
    assert [value for _label, group in choices[1:] for value, _words in group] == [
        WISHED.isoformat(),
        (WISHED + HALF_HOUR).isoformat(),
    ]
    assert 'name="guided"' not in form.content.decode()
    words = send(desk, arranging(booking, seeker), start=WISHED.isoformat())
    booking.refresh_from_db()
    assert ("面接の日時を決めました。メールでお知らせします。" in words, booking.state, booking.starts_at) == (True, "confirmed", WISHED)
    assert AuditEntry.objects.latest("pk").by == office.staff


def test_session_may_be_at_any_other_moment_of_the_opening_hours(desk: Desk, request_of_two: EmployerRequest, seeker: Person) -> None:
    booking = first_of(request_of_two)
    path = arranging(booking, seeker)
    refused = [
        send(desk, path),
        send(desk, path, day="2027-04-08"),
        send(desk, path, start=WISHED.isoformat(), day="2027-04-08", at="9:17"),
        send(desk, path, day="2027-04-08", at="17:00"),
    ]
    told = ["どちらか一方", "日と開始時刻の両方", "どちらか一方", "4月8日（木）17:00"]
    assert [words in page for words, page in zip(told, refused, strict=True)] == [True] * 4
    send(desk, path, day="2027-04-08", at="9:17")
    booking.refresh_from_db()
    assert (booking.state, booking.starts_at) == ("confirmed", at(THURSDAY, 9, 17))


def test_wish_that_is_taken_or_past_is_not_offered(
    office: Office, desk_of: DeskOf, request_of_two: EmployerRequest, seeker: Person
) -> None:
    settled(office, request_of_two, seeker)
    taro = make_regular(office, "但馬 太郎", "taro@example.jp", "+819011112222")
    path = arranging(request_of_two.sessions.order_by("pk")[1], taro)

    def offered(desk: Desk) -> list[str]:
        return [value for _label, group in desk.get(path).context["form"].fields["start"].choices[1:] for value, _words in group]

    assert offered(desk_of(office.staff)) == [(WISHED + HALF_HOUR).isoformat()]
    assert offered(desk_of(office.staff, WISHED)) == []


def test_consent_is_asked_for_where_none_is_on_record(office: Office, desk: Desk, request_of_two: EmployerRequest) -> None:
    """A18: under a consent of their own, told to them by staff now."""
    taro = make_person("但馬 太郎", "")
    verify_person(taro, registered_phone="+819011112222", by=office.staff, now=MORNING)
    path = arranging(first_of(request_of_two), taro)
    assert "規約をご案内し、同意を得てから" in send(desk, path, start=WISHED.isoformat(), source="phone")
    assert Consent.objects.filter(person=taro).count() == 0
    words = send(desk, path, start=WISHED.isoformat(), source="counter", guided="on")
    consent = Consent.objects.get(person=taro)
    assert (consent.method, consent.recorded_by, consent.version) == (Method.STAFF_COUNTER, office.staff, office.version)
    assert "メールアドレスがない方には、電話でお知らせください：但馬太郎" in words


def test_terms_that_changed_meanwhile_are_asked_anew_and_nothing_typed_is_lost(
    office: Office, desk: Desk, request_of_two: EmployerRequest
) -> None:
    taro = make_person("但馬 太郎", "taro@example.jp")
    verify_person(taro, registered_phone="+819011112222", by=office.staff, now=MORNING)
    path = arranging(first_of(request_of_two), taro)
    page = desk.get(path)
    hidden = {name: field_value(page, name) for name in ("shown", "key", "seen")}
    publish_terms(number=2, effective_at=MORNING)
    answer = desk.post(path, **hidden, start=WISHED.isoformat(), source="phone", guided="on", reason="急ぎ")
    html = answer.content.decode()
    assert ("利用規約が新しくなりました" in text_of(answer), 'value="急ぎ"' in html, 'name="guided" checked' in html) == (True, True, False)
    assert first_of(request_of_two).state == "requested"


def test_unverified_job_seeker_is_refused_in_words(desk: Desk, request_of_two: EmployerRequest, person: Person) -> None:
    words = send(desk, arranging(first_of(request_of_two), person), start=WISHED.isoformat())
    assert "豊岡花子さんの本人情報を確認していません。" in words


def test_same_job_seeker_twice_needs_a_tick_and_a_reason(
    office: Office, desk: Desk, request_of_two: EmployerRequest, seeker: Person
) -> None:
    settled(office, request_of_two, seeker)
    second = request_of_two.sessions.order_by("pk")[1]
    later = (WISHED + HALF_HOUR).isoformat()
    assert "同じ依頼の別の面接に参加します" in send(desk, arranging(second, seeker), start=later, reason="二次面接")
    send(desk, arranging(second, seeker), start=later, again="on", reason="二次面接")
    second.refresh_from_db()
    assert (second.state, second.events.last().reason) == ("confirmed", "二次面接")


def test_slower_press_is_told_who_was_faster(office: Office, desk: Desk, request_of_two: EmployerRequest, seeker: Person) -> None:
    booking = first_of(request_of_two)
    taro = make_regular(office, "但馬 太郎", "taro@example.jp", "+819011112222")
    page = desk.get(arranging(booking, taro))
    settled(office, request_of_two, seeker)
    values = {"key": field_value(page, "key"), "seen": field_value(page, "seen"), "start": WISHED.isoformat()}
    assert "すでに佐藤さんが「予約確定」にしました。" in text_of(desk.post(arranging(booking, taro), **values))
    assert "すでに佐藤さんが「予約確定」にしました。" in text_of(desk.get(arranging(booking, taro)))
    assert booking.participants.filter(person=taro).count() == 0


def test_consultation_is_settled_without_a_job_seeker(office: Office, desk: Desk) -> None:
    booking = asked(make_contact(office), EmployerRequest.Purpose.CONSULTATION).sessions.get()
    send(desk, arranging(booking, None), start=WISHED.isoformat())
    booking.refresh_from_db()
    assert (booking.state, booking.participants.count()) == ("confirmed", 1)
    assert "求職者は参加しません" in text_of(desk.get(f"{BOOKINGS}{booking.pk}/seeker/"))


def test_session_is_added_and_the_same_form_is_one_session(
    office: Office, desk: Desk, request_of_two: EmployerRequest, seeker: Person
) -> None:
    path = f"{LIST}{request_of_two.pk}/add/?seeker={seeker.pk}"
    page = desk.get(path)
    values = {"key": field_value(page, "key"), "start": WISHED.isoformat()}
    words = [text_of(desk.post(path, **values)) for _press in range(2)]
    assert (["面接の日時を決めました" in each for each in words], request_of_two.sessions.count()) == ([True, True], 3)


def test_job_seeker_is_replaced_with_a_reason(office: Office, desk: Desk, request_of_two: EmployerRequest, seeker: Person) -> None:
    booking = settled(office, request_of_two, seeker)
    taro = make_regular(office, "但馬 太郎", "taro@example.jp", "+819011112222")
    path = f"{BOOKINGS}{booking.pk}/seeker/?seeker={taro.pk}"
    assert "理由を入力してください。" in send(desk, path)
    assert "面接の求職者を替えました" in send(desk, path, reason="本人の辞退")
    assert list(booking.participants.filter(role="job_seeker").values_list("person", flat=True)) == [taro.pk]


def test_reservation_has_no_such_page(desk: Desk, requested: Booking) -> None:
    assert desk.get(f"{BOOKINGS}{requested.pk}/arrange/").status_code == 404


@pytest.mark.parametrize(("role", "may_press"), [("相談員", True), ("管理者", True), ("監査", False)])
def test_auditor_reads_and_presses_nothing(
    desk_of: DeskOf, member: Member, request_of_two: EmployerRequest, role: str, may_press: bool
) -> None:
    desk = desk_of(member(role))
    words = text_of(desk.get(page_of(request_of_two)))
    assert (request_of_two.number in words, "面接を追加" in words, "日時を決める" in words, "秘密" in words) == (
        True,
        may_press,
        may_press,
        False,
    )


def test_what_is_not_settled_is_declined_at_once_with_one_mail(
    office: Office, desk: Desk, request_of_two: EmployerRequest, seeker: Person
) -> None:
    settled(office, request_of_two, seeker)
    path = f"{LIST}{request_of_two.pk}/decline/"
    assert "理由を入力してください。" in text_of(desk.post(path))
    words = text_of(desk.post(path, reason="応募者がいないため"))
    assert ("依頼をお断り" in words, sorted(request_of_two.sessions.values_list("state", flat=True))) == (True, ["confirmed", "declined"])
    assert [
        mail.body.count("応募者がいないため")
        for mail in OutgoingMail.objects.filter(key__startswith="employer-request:").exclude(key__endswith=":received")
    ] == [1]
    assert "すでに佐藤さんが「お受けできませんでした」にしました。" in text_of(desk.post(path, reason="応募者がいないため"))
    assert 'href="' + path not in desk.get(page_of(request_of_two)).content.decode()


def test_contact_who_phones_has_the_request_taken_back(desk: Desk, request_of_two: EmployerRequest, seeker: Person) -> None:
    desk.post(f"{LIST}{request_of_two.pk}/withdraw/")
    assert set(request_of_two.sessions.values_list("state", flat=True)) == {"withdrawn"}
    assert "取下げかお断りで終わっています" in send(desk, f"{LIST}{request_of_two.pk}/add/?seeker={seeker.pk}", start=WISHED.isoformat())
