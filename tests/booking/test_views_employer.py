"""An employer's contact at the public pages: first use, requests, what they see and what they never see (C2-1d, C0-3, A9, A10, A18)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from pytest_django import DjangoAssertNumQueries

from booking.links import token_of
from booking.models import Booking, EmployerRequest, Participant, PolicyValue
from booking.operations import bookings, contacts
from booking.operations.bookings import Decision
from consent.models import Consent
from consent.operations import withdraw
from consent.queries import COUNSELLING
from consent.rules import Ground
from tests.cast import MORNING, SESSION, THURSDAY, TUESDAY, Office, at, make_person, publish_terms
from tests.change import announced, make_draft
from tests.employers import CONTACT, NUMBER, PHONE, WORKS, asked, make_contact, verify
from tests.visitor import Visitor, field_value, text_of
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import Sanction, restrict
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
FRIDAY = date(2027, 4, 9)
STATED = {
    "establishment_number": "２８０９ー１２３４５６ー７",
    "establishment_name": WORKS,
    "full_name": "城崎 次郎",
    "phone": "0796-23-0202",
}
WANTED = {
    "purpose": "managed_selection",
    "job_offer_number": "２８０９０ー１２３４５６７８",
    "people": "3",
    "day_1": THURSDAY.isoformat(),
    "time_1": "13:15",
    "environment": "on",
    "recording": "on",
}


def signed_in(email: str = CONTACT, now: datetime = MORNING) -> Visitor:
    visitor = Visitor(now)
    visitor.sign_in("employer", email)
    return visitor


def send(visitor: Visitor, **wanted: Any) -> HttpResponse:
    """Open the form and send it."""
    page = visitor.get("/employer/ask/")
    return visitor.post("/employer/ask/", {"shown": field_value(page, "shown"), "key": field_value(page, "key"), **WANTED, **wanted})


def errors_of(page: Any) -> dict[str, list[str]]:
    return {name: list(words) for name, words in page.context["form"].errors.items()}


def set_policy(office: Office, key: str, value: str) -> None:
    PolicyValue.objects.create(
        key=key, value=value, holds_from=datetime(2026, 1, 1, tzinfo=UTC), set_at=MORNING, set_by=office.staff, reason="試験"
    )


# --- the door and the first use --------------------------------------------------------------------------------------------


def test_stranger_reads_what_can_be_asked_for_and_signs_in(office: Office) -> None:
    page = Visitor().get("/employer/")
    words = text_of(page)
    assert [each for each in ("オンライン面接：", "管理選考：", "求人についての相談：") if each not in words] == []
    assert 'href="/sign-in/employer/"' in page.content.decode()


@pytest.mark.parametrize("path", ["ask/", "requests/1234-5678/", "requests/1234-5678/withdraw/", "contact/", "terms/"])
def test_pages_behind_the_door_are_nobodys(office: Office, path: str) -> None:
    answer = Visitor().get(f"/employer/{path}")
    assert (answer.status_code, answer.url) == (302, "/sign-in/employer/" if path == "ask/" else "/employer/")


def test_job_seeker_is_no_contact(office: Office, person: Person) -> None:
    visitor = Visitor()
    visitor.sign_in("mine")
    assert "メールアドレスを確認する" in text_of(visitor.get("/employer/"))


def test_first_use_asks_who_they_are(office: Office) -> None:
    visitor = signed_in("neu@example.jp")
    assert visitor.get("/employer/").url == "/employer/contact/"
    assert visitor.post("/employer/contact/", STATED | {"department": "人事課"}).url == "/employer/"
    contact = Person.objects.get(email="neu@example.jp")
    stated = (
        contact.stated_establishment_number,
        contact.stated_establishment,
        contact.department,
        contact.full_name,
        contact.stated_phone,
    )
    assert stated == (NUMBER, WORKS, "人事課", "城崎 次郎", PHONE)
    words = text_of(visitor.get("/employer/"))
    assert [each for each in ("ご登録の内容を確認しています", "0796-**-0202", "登録の内容を修正する") if each not in words] == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            {"establishment_number": "12"},
            "事業所番号は、4けた・6けたまで・1けたの数字をハイフンでつないで入力してください。例：1234-123456-7",
        ),
        ({"establishment_name": ""}, "事業所名を入力してください。"),
        ({"full_name": ""}, "氏名を入力してください。"),
        ({"phone": ""}, "電話番号を入力してください。"),
    ],
)
def test_incomplete_statement_keeps_what_was_typed(office: Office, wrong: dict[str, str], words: str) -> None:
    page = signed_in("neu@example.jp").post("/employer/contact/", STATED | wrong)
    assert (errors_of(page), Person.objects.get(email="neu@example.jp").full_name) == ({next(iter(wrong)): [words]}, "")
    kept = {name: page.context["form"][name].value() for name in STATED if name not in wrong}
    assert kept == {name: value for name, value in STATED.items() if name not in wrong}


def test_phone_on_record_is_text_and_another_is_refused(office: Office, contact: Person) -> None:
    """C6-2-3c, A9."""
    visitor = signed_in()
    page = visitor.get("/employer/contact/").content.decode()
    assert ('name="phone"' in page, "0796-**-0202" in page) == (False, True)
    answer = visitor.post("/employer/contact/", STATED | {"phone": "090-9999-9999"})
    assert "登録の電話番号と異なる番号では、受け付けられません。" in text_of(answer)
    contact.refresh_from_db()
    assert contact.stated_phone == PHONE


def test_verified_contact_changes_nothing(office: Office) -> None:
    """A9."""
    contact = make_contact(office)
    visitor = signed_in()
    assert visitor.get("/employer/contact/").url == "/employer/"
    visitor.post("/employer/contact/", STATED | {"full_name": "別人"})
    contact.refresh_from_db()
    assert contact.full_name == "城崎 次郎"
    assert "登録の内容を修正する" not in text_of(visitor.get("/employer/"))


# --- the terms -------------------------------------------------------------------------------------------------------------


def test_terms_come_first_and_are_recorded(office: Office, contact: Person) -> None:
    """C0-2."""
    withdraw(contact, document=COUNSELLING, by=office.staff, now=MORNING)
    later = MORNING + timedelta(minutes=1)
    visitor = signed_in(now=later)
    assert visitor.get("/employer/ask/").url == "/employer/terms/"
    page = visitor.get("/employer/terms/")
    assert "ご依頼には、次の利用規約への同意が必要です。" in text_of(page)
    ticks = {"agree": "on", "zoom": "on", "bureau": "on", "answer": "agree"}
    assert visitor.post("/employer/terms/", {"shown": field_value(page, "shown"), **ticks}).url == "/employer/"
    assert (Consent.objects.latest("pk").person, Consent.objects.latest("pk").method) == (contact, "checkbox")
    assert visitor.get("/employer/ask/").status_code == 200


def test_version_that_flips_while_the_form_is_filled_in_is_read_again(office: Office, contact: Person) -> None:
    """C13-0."""
    visitor = signed_in()
    page = visitor.get("/employer/ask/")
    publish_terms(number=2, effective_at=MORNING)
    sent = {"shown": field_value(page, "shown"), "key": field_value(page, "key"), **WANTED, "arrangement": "応募者への連絡"}
    assert visitor.post("/employer/ask/", sent).url == "/employer/terms/"
    assert EmployerRequest.objects.count() == 0
    assert "入力の途中のご依頼があります。" in text_of(visitor.get("/employer/"))


def test_contact_whose_session_is_barred_by_new_terms_is_told(office: Office) -> None:
    """A11."""
    asked(make_contact(office))
    announced(office, make_draft(office), ground=Ground.INDIVIDUAL_CONSENT, on=date(2027, 4, 7))
    visitor = signed_in(now=at(date(2027, 4, 7), 9))
    assert 'href="/employer/terms/"' in visitor.get("/employer/").content.decode()


def test_without_terms_nothing_is_asked_for(office: Office, contact: Person) -> None:
    visitor = signed_in(now=datetime(2023, 8, 28, tzinfo=UTC))
    assert "ただいま受付を準備しています" in text_of(visitor.get("/employer/ask/"))


# --- the request -----------------------------------------------------------------------------------------------------------


def test_request_leads_to_its_receipt(office: Office, contact: Person) -> None:
    visitor = signed_in()
    extra = {"arrangement": "応募者への連絡", "companion": "手話通訳", "day_2": FRIDAY.isoformat(), "time_2": "09:00"}
    answer = send(visitor, **extra)
    request = EmployerRequest.objects.get()
    assert answer.url == f"/employer/requests/{request.number}/"
    kept = (request.purpose, request.job_offer_number, request.people, request.candidates, request.arrangement, request.companion)
    starts = [at(THURSDAY, 13, 15), at(FRIDAY, 9)]
    assert kept == ("managed_selection", "28090-12345678", 3, starts, "応募者への連絡", "手話通訳")
    words = text_of(visitor.get(answer.url))
    told = (request.number, "管理選考", "2027年4月8日（木）13:15", "2027年4月9日（金）9:00", "応募者への連絡", "手話通訳", "日時は未確定")
    assert [each for each in told if each not in words] == []
    assert Booking.objects.values_list("environment_declared_at", flat=True).distinct().get() == MORNING


def test_consultation_needs_neither_offer_nor_people(office: Office, contact: Person) -> None:
    send(signed_in(), purpose="consultation", job_offer_number="", people="1")
    assert EmployerRequest.objects.get().sessions.count() == 1


def test_same_form_sent_twice_is_one_request(office: Office, contact: Person) -> None:
    visitor = signed_in()
    page = visitor.get("/employer/ask/")
    sent = {"shown": field_value(page, "shown"), "key": field_value(page, "key"), **WANTED}
    assert visitor.post("/employer/ask/", sent).url == visitor.post("/employer/ask/", sent).url
    assert EmployerRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        ({"purpose": ""}, {"purpose": ["ご用件を選んでください。"]}),
        ({"job_offer_number": ""}, {"job_offer_number": ["求人番号を入力してください。"]}),
        ({"job_offer_number": "1"}, {"job_offer_number": ["求人番号は、5けたの数字とハイフン、8けたまでの数字で入力してください。"]}),
        ({"people": "21"}, {"people": ["人数を選んでください。"]}),
        ({"day_1": ""}, {"day_1": ["「第1希望の日」を選んでください。"]}),
        ({"day_1": "2027-04-10"}, {"day_1": ["この日時は選べなくなりました。選び直してください。"]}),
        ({"day_2": FRIDAY.isoformat()}, {"time_2": ["「第2希望の開始時刻」を選んでください。"]}),
        ({"time_3": "09:00"}, {"day_3": ["「第3希望の日」を選んでください。"]}),
        ({"day_1": TUESDAY.isoformat(), "time_1": "09:00"}, {"time_1": ["この時刻は過ぎています。別の日時を選んでください。"]}),
        ({"arrangement": "あ" * 401}, {"arrangement": ["400文字以内で入力してください。"]}),
        ({"environment": ""}, {"environment": ["利用環境を確認し、チェックを入れてください。"]}),
    ],
)
def test_incomplete_request_keeps_what_was_typed(
    office: Office, contact: Person, wrong: dict[str, str], errors: dict[str, list[str]]
) -> None:
    page = send(signed_in(), companion="手話通訳", **wrong)
    assert (errors_of(page), EmployerRequest.objects.count()) == (errors, 0)
    assert page.context["form"]["companion"].value() == "手話通訳"


def test_expired_sign_in_loses_nothing(office: Office, contact: Person) -> None:
    visitor = signed_in()
    page = visitor.get("/employer/ask/")
    visitor.now += timedelta(hours=2)
    sent = {"shown": field_value(page, "shown"), "key": field_value(page, "key"), **WANTED, "arrangement": "応募者への連絡"}
    assert visitor.post("/employer/ask/", sent).url == "/sign-in/employer/"
    visitor.sign_in("employer", CONTACT)
    assert "入力の途中のご依頼があります。" in text_of(visitor.get("/employer/"))
    form = visitor.get("/employer/ask/").context["form"]
    assert {name: form[name].value() for name in ("purpose", "day_1", "arrangement")} == {
        "purpose": "managed_selection",
        "day_1": THURSDAY.isoformat(),
        "arrangement": "応募者への連絡",
    }


def test_what_one_typed_is_nothing_for_the_next(office: Office, contact: Person) -> None:
    """Browsers are shared: neither what was typed nor the form itself serves another contact."""
    make_contact(office, "但馬 四郎", "shiro@example.jp", verified=False)
    visitor = signed_in()
    page = visitor.get("/employer/ask/")
    sent = {"shown": field_value(page, "shown"), "key": field_value(page, "key"), **WANTED, "arrangement": "秘密"}
    visitor.post("/employer/ask/", sent | {"day_1": ""})
    visitor.now += timedelta(hours=2)
    visitor.sign_in("employer", "shiro@example.jp")
    assert "秘密" not in visitor.get("/employer/ask/").content.decode()
    answer = visitor.post("/employer/ask/", sent)
    assert (errors_of(answer), EmployerRequest.objects.count()) == ({"key": ["画面を開き直してから、もう一度お試しください。"]}, 0)
    again = {"shown": field_value(answer, "shown"), "key": field_value(answer, "key"), **WANTED}
    visitor.post("/employer/ask/", again)
    assert EmployerRequest.objects.get().contact.email == "shiro@example.jp"


def test_end_of_use_forgets_what_was_typed(office: Office, contact: Person) -> None:
    visitor = signed_in()
    send(visitor, day_1="")
    visitor.post("/sign-out/")
    assert "opened_typed" not in visitor.client.session


def test_interviews_that_are_not_taken_are_not_offered(office: Office, contact: Person) -> None:
    """A10."""
    set_policy(office, "interviews_taken", "0")
    visitor = signed_in()
    page = visitor.get("/employer/ask/")
    assert [value for value, _label in page.context["form"].fields["purpose"].choices] == ["consultation"]
    assert "オンライン面接・管理選考のご依頼は、ただいまこのページでは受け付けていません。" in text_of(page)
    words = "このご用件は、ただいま受け付けていません。ほかのご用件を選ぶか、お電話でご相談ください。"
    assert errors_of(send(visitor)) == {"purpose": [words]}


def test_sixth_waiting_request_is_refused_kindly(office: Office, contact: Person) -> None:
    for _each in range(5):
        asked(contact)
    assert "お返事をお待ちいただいているご依頼が5件あります。" in text_of(send(signed_in()))


def test_restricted_contact_is_served_otherwise(office: Office, contact: Person) -> None:
    """C6-1-4c."""
    restrict(contact.pk, Sanction("理由", TUESDAY, THURSDAY, THURSDAY, "お知らせ"), by=office.staff, now=MORNING, wall=MORNING)
    assert "窓口・お電話でご相談ください" in text_of(signed_in().get("/employer/ask/"))


# --- what is seen ----------------------------------------------------------------------------------------------------------


def settled(request: EmployerRequest, office: Office, seeker: Person, state: str = "confirmed") -> Booking:
    """One session of the request as it stands once arranged."""
    booking = request.sessions.filter(state="requested").earliest("pk")
    own = booking.participants.get()
    Participant.objects.create(booking=booking, person=seeker, consent=own.consent, role="job_seeker")
    Booking.objects.filter(pk=booking.pk).update(state=state, confirmed_at=MORNING, counsellor=office.sato, host=office.sato.default_host)
    return booking


def test_arranged_session_tells_time_and_name_and_no_more(office: Office) -> None:
    """A18; no code ever (C6-2-3a)."""
    request = asked(make_contact(office), people=2)
    settled(request, office, make_person())
    page = signed_in().get(f"/employer/requests/{request.number}/")
    words = text_of(page)
    told = (
        "一部の日時が確定",
        "2027年4月8日（木）13:00～13:30",
        "日時確定",
        "お相手：豊岡花子様（求職者）",
        "求人者マイページまたはお電話で",
        "申込受付",
    )
    assert [each for each in told if each not in words] == []
    assert [each for each in ("1234-5678", "hanako@", "28090-1234567<") if each in page.content.decode()] == []


@pytest.mark.parametrize(
    ("state", "stage", "label"),
    [
        ("requested", "調整中", "申込受付"),
        ("confirmed", "日時確定", "日時確定"),
        ("completed", "終了", "実施済"),
        ("declined", "終了", "お受けできませんでした"),
        ("expired", "終了", "期限切れ"),
        ("withdrawn", "終了", "取下げ"),
        ("cancelled_by_user", "終了", "取りやめ"),
        ("cancelled_by_office", "終了", "中止（ハローワークの都合）"),
        ("stopped", "終了", "途中で中止"),
    ],
)
def test_every_state_is_told(office: Office, contact: Person, state: str, stage: str, label: str) -> None:
    request = asked(contact)
    fields = {"confirmed_at": MORNING, "counsellor": office.sato, "host": office.sato.default_host} if state == "confirmed" else {}
    request.sessions.update(state=state, **fields)
    visitor = signed_in()
    assert stage in text_of(visitor.get("/employer/"))
    words = text_of(visitor.get(f"/employer/requests/{request.number}/"))
    assert (stage in words, label in words, "ご依頼を取り下げる" in words) == (True, True, state == "requested")


def test_late_answer_asks_to_phone(office: Office, contact: Person) -> None:
    request = asked(contact, start=at(FRIDAY, 10))
    visitor = signed_in(now=at(date(2027, 4, 7), 17, 15))
    assert "お返事の期限を過ぎています。" in text_of(visitor.get(f"/employer/requests/{request.number}/"))


def test_colleagues_are_seen_once_verified_and_strangers_never(office: Office, contact: Person) -> None:
    """C2-1d."""
    colleague = asked(make_contact(office, "城崎 三郎", "saburo@example.jp"), arrangement="秘密の相談")
    stranger = asked(make_contact(office, "但馬 四郎", "shiro@example.jp", number="2809-9-9", works="但馬牛舎"))
    addresses = [f"/employer/requests/{request.number}/" for request in (colleague, stranger)]
    visitor = signed_in()
    assert [visitor.get(each).status_code for each in addresses] == [404, 404]
    verify(contact, office)
    assert [visitor.get(each).status_code for each in addresses] == [200, 404]
    page = visitor.get(addresses[0])
    assert ("ご担当者城崎三郎様" in text_of(page), "秘密の相談" in page.content.decode()) == (True, False)
    assert stranger.number not in text_of(visitor.get("/employer/"))


# --- withdrawal ------------------------------------------------------------------------------------------------------------


def test_withdrawal_asks_once_more_and_is_told(office: Office, contact: Person) -> None:
    request = asked(contact, people=2)
    visitor, address = signed_in(), f"/employer/requests/{request.number}/withdraw/"
    assert "ご依頼を取り下げますか" in text_of(visitor.get(address))
    assert set(request.sessions.values_list("state", flat=True)) == {"requested"}
    assert "ご依頼を取り下げました。" in text_of(visitor.get(visitor.post(address).url))
    assert set(request.sessions.values_list("state", flat=True)) == {"withdrawn"}
    assert OutgoingMail.objects.filter(subject__contains="取下げ").count() == 1


def test_second_withdrawal_is_told_how_it_stands(office: Office, contact: Person) -> None:
    request = asked(contact)
    visitor, address = signed_in(), f"/employer/requests/{request.number}/withdraw/"
    visitor.post(address)
    assert "このご依頼は、取り下げられない状態です。" in text_of(visitor.get(visitor.post(address).url))
    assert OutgoingMail.objects.filter(subject__contains="取下げ").count() == 1


def test_colleague_does_not_withdraw(office: Office) -> None:
    request = asked(make_contact(office, "城崎 三郎", "saburo@example.jp"))
    make_contact(office)
    visitor = signed_in()
    assert "ご依頼を取り下げる" not in text_of(visitor.get(f"/employer/requests/{request.number}/"))
    visitor.post(f"/employer/requests/{request.number}/withdraw/")
    assert request.sessions.get().state == "requested"


# --- how many queries ------------------------------------------------------------------------------------------------------


def test_pages_ask_as_many_queries_for_many_rows(office: Office, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    request = asked(make_contact(office), people=6)
    visitor = signed_in()
    for more in (4, 0):
        with django_assert_num_queries(14):
            visitor.get("/employer/")
        with django_assert_num_queries(11):
            visitor.get(f"/employer/requests/{request.number}/")
        for number in range(more):
            colleague = make_contact(office, f"城崎 {number}", f"p{number}@example.jp")
            settled(asked(colleague, people=5), office, make_person(email=f"s{number}@example.jp"))
            settled(request, office, make_person(email=f"t{number}@example.jp"))


# --- a free start, where the office has opened them ------------------------------------------------------------------------


def book(visitor: Visitor, start: datetime = SESSION, **typed: str) -> HttpResponse:
    page = visitor.get("/employer/book/")
    sent = {"shown": field_value(page, "shown"), "key": field_value(page, "key"), "environment": "on", "recording": "on"}
    return visitor.post("/employer/book/", {**sent, "start": start.isoformat(), **typed})


def test_starts_are_for_job_seekers_unless_opened(office: Office) -> None:
    """A10."""
    make_contact(office)
    visitor = signed_in()
    assert "求人者の方には、相談の日時をハローワークで調整しています。" in text_of(visitor.get("/employer/book/"))
    assert 'href="/employer/book/"' not in visitor.get("/employer/").content.decode()
    visitor.post("/employer/book/", {"start": SESSION.isoformat()})
    assert Booking.objects.count() == 0


def test_verified_contact_takes_an_opened_start_once(office: Office) -> None:
    contact = make_contact(office)
    set_policy(office, "employers_book", "1")
    visitor = signed_in()
    assert 'href="/employer/book/"' in visitor.get("/employer/").content.decode()
    answer = book(visitor, topic="求人票の書き方")
    booking = Booking.objects.get()
    assert answer.url.endswith(f"/b/{token_of(booking)}/")
    facts = (booking.kind, booking.state, booking.starts_at, booking.applicant, booking.topic, booking.participants.get().role)
    assert facts == ("reserved", "requested", SESSION, contact, "求人票の書き方", "employer")
    assert "お申込み中の相談があります。" in text_of(book(visitor, at(THURSDAY, 11)))
    assert Booking.objects.count() == 1


def test_staff_confirm_a_contacts_start_as_such(office: Office) -> None:
    make_contact(office)
    set_policy(office, "employers_book", "1")
    book(signed_in())
    booking = bookings.confirm(Booking.objects.get().pk, Decision("employer", office.staff), now=MORNING, wall=MORNING)
    assert (booking.state, booking.get_eligibility_display()) == ("confirmed", "求人を出している事業所の人事担当者")


def test_unverified_contact_takes_no_start(office: Office, contact: Person) -> None:
    set_policy(office, "employers_book", "1")
    visitor = signed_in()
    assert "求人者の方には、相談の日時をハローワークで調整しています。" in text_of(visitor.get("/employer/book/"))


def test_start_that_is_gone_is_chosen_again_with_all_that_was_typed(office: Office) -> None:
    make_contact(office)
    set_policy(office, "employers_book", "1")
    page = book(signed_in(), at(date(2027, 4, 10), 10), topic="求人票の書き方")
    words = ["この日時は選べなくなりました。別の日時を選んでください。"]
    assert (errors_of(page), page.context["form"]["topic"].value()) == ({"start": words}, "求人票の書き方")


def test_contact_who_left_sees_nothing_any_more(office: Office) -> None:
    """C2-1d: not even what they asked for themselves."""
    contact = make_contact(office)
    request = asked(contact)
    visitor = signed_in()
    contacts.end(contact.pk, reason="退職されたため", by=office.staff, now=MORNING, wall=MORNING)
    words = text_of(visitor.get("/employer/"))
    assert ("人事担当者としての登録は終了しています" in words, request.number in words) == (True, False)
    behind = ("ask/", "book/", "contact/", f"requests/{request.number}/", f"requests/{request.number}/withdraw/")
    assert {visitor.get(f"/employer/{path}").url for path in behind} == {"/employer/"}


def test_expired_request_of_an_unconfirmed_contact_says_so(office: Office, contact: Person) -> None:
    session = asked(contact).sessions.get()
    bookings.expire(session.pk, now=session.confirm_limit, wall=MORNING)
    assert "事業所とご担当者の確認が、まだ済んでいません。" in OutgoingMail.objects.latest("pk").body
