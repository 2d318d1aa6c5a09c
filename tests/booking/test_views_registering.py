"""Registering for a seminar: the code from the mailbox, one page, and every refusal with what to do next (S1-1, S3-7, S4-3)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from booking.links import token_of
from booking.models import Registration, Seminar
from booking.operations.seminars import giving, people
from consent.models import Consent
from consent.queries import SEMINAR
from tests.cast import BEFORE_TERMS, MORNING, TUESDAY, Office, at, make_regular, publish_terms
from tests.seminars import CLOSES, guest, press, published, register
from tests.visitor import Visitor, field_value, text_of
from toyooka_hw.accounts.models import Person, Role
from toyooka_hw.accounts.operations import Sanction, restrict
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
HANAKO = "hanako@example.jp"
FILLED = {
    "full_name": "豊岡 花子",
    "phone": "０９０−１２３４−５６７８",
    "companion": "手話通訳 1名",
    "environment": "on",
    "agree": "on",
    "zoom": "on",
}


def form_of(seminar: Seminar) -> str:
    return f"/seminars/{seminar.number}/register/"


def at_the_form(seminar: Seminar, email: str = HANAKO, now: Any = MORNING) -> Visitor:
    """Somebody whose mailbox is proven at the seminar's door."""
    visitor = Visitor(now)
    assert visitor.sign_in(f"seminar-{seminar.number}", email).url == form_of(seminar)
    return visitor


def fields_of(visitor: Visitor, seminar: Seminar) -> dict[str, str]:
    page = visitor.get(form_of(seminar))
    return {name: field_value(page, name) for name in ("shown", "key")}


def send(visitor: Visitor, seminar: Seminar, **filled: str) -> HttpResponse:
    """Open the form and send it."""
    return visitor.post(form_of(seminar), {**fields_of(visitor, seminar), **FILLED, **filled})


def errors_of(page: Any) -> dict[str, list[str]]:
    return {name: list(words) for name, words in page.context["form"].errors.items()}


@pytest.fixture
def seminar(office: Office) -> Seminar:
    return published(office)


# --- the door ----------------------------------------------------------------------------------------------------------------


def test_stranger_proves_the_mailbox_first(seminar: Seminar) -> None:
    visitor = Visitor()
    door = visitor.get(form_of(seminar)).url
    assert door == f"/sign-in/seminar-{seminar.number}/"
    page = visitor.get(door).content.decode()
    assert ("求職者の方のお手続きです。" in page, f'href="/seminars/{seminar.number}/"' in page) == (True, True)
    visitor.sign_in(f"seminar-{seminar.number}")
    assert Person.objects.get().role == Role.JOB_SEEKER
    assert visitor.get(door).url == form_of(seminar)


@pytest.mark.parametrize("door", ["seminar", "seminar-", "seminars-1234-5678"])
def test_door_without_a_seminar_is_none(office: Office, door: str) -> None:
    assert Visitor().get(f"/sign-in/{door}/").status_code == 404


def test_contact_of_an_employer_is_told_kindly_that_they_are_somebody_else(seminar: Seminar) -> None:
    visitor = Visitor()
    visitor.sign_in("employer", "jinji@example.jp")
    page = visitor.get(form_of(seminar))
    assert "求職者の方のお手続きです" in text_of(page)
    assert f'href="/sign-in/seminar-{seminar.number}/"' in page.content.decode()
    assert visitor.post(form_of(seminar), FILLED).status_code == 200
    assert Registration.objects.count() == 0


# --- the page ----------------------------------------------------------------------------------------------------------------


def test_registration_takes_a_seat_and_leads_to_the_personal_page(seminar: Seminar) -> None:
    visitor = at_the_form(seminar)
    answer = send(visitor, seminar)
    row = Registration.objects.select_related("person", "consent").get()
    assert answer.url == f"http://testserver/e/{token_of(row)}/"
    assert (row.seat, row.companion, row.environment_declared_at, row.by_staff) == ("seated", "手話通訳 1名", MORNING, None)
    assert (row.person.full_name, row.person.stated_phone) == ("豊岡 花子", "+819012345678")
    words = text_of(visitor.get(f"/e/{token_of(row)}/"))
    assert [each for each in ("お申込みを受け付けました。", "参加が確定しています。", row.number) if each not in words] == []


def test_consent_keeps_what_was_read_and_the_statement_about_zoom(seminar: Seminar) -> None:
    """S1-1, S4-3: explicit, to the version on the page, in its words."""
    visitor = at_the_form(seminar)
    fields = fields_of(visitor, seminar)
    visitor.now = MORNING + timedelta(minutes=3)
    visitor.post(form_of(seminar), {**fields, **FILLED})
    consent = Consent.objects.get(version__document__code=SEMINAR)
    assert (consent.method, consent.label, consent.shown_at, consent.agreed_at, consent.zoom_stated_at) == (
        "checkbox", "利用規約（令和5年（2023年）8月29日版）を読み、同意します。", MORNING, visitor.now, visitor.now,
    )  # fmt: skip
    assert consent == Registration.objects.get().consent


def test_form_has_the_full_text_the_environment_and_the_purpose(seminar: Seminar) -> None:
    words = text_of(at_the_form(seminar).get(form_of(seminar)))
    said = (
        "第1版の本文。",
        "ウイルス対策ソフト",
        "Zoomの利用規約にも同意します。",
        "個人情報の利用目的",
        "ほかの参加者には表示されません。",
    )
    assert [each for each in said if each not in words] == []


@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        ("full_name", "氏名を入力してください。"),
        ("environment", "利用環境を確認し、チェックを入れてください。"),
        ("agree", "利用規約に同意いただける場合は、チェックを入れてください。"),
        ("zoom", "Zoomの利用規約に同意いただける場合は、チェックを入れてください。"),
    ],
)
def test_incomplete_form_keeps_what_was_typed(seminar: Seminar, left_out: str, words: str) -> None:
    page = send(at_the_form(seminar), seminar, **{left_out: ""})
    assert (errors_of(page), Registration.objects.count(), Consent.objects.count()) == ({left_out: [words]}, 0, 0)
    kept = {name: page.context["form"][name].value() for name in FILLED if name != left_out}
    typed = {name: FILLED[name] for name in kept}
    assert {name: "on" if value is True else value for name, value in kept.items()} == typed


def test_phone_and_companion_may_be_left_out(seminar: Seminar) -> None:
    send(at_the_form(seminar), seminar, phone="", companion="")
    row = Registration.objects.get()
    assert (row.seat, row.companion, row.person.stated_phone) == ("seated", "", "")


def test_note_or_key_that_nobody_of_ours_signed_is_refused(seminar: Seminar) -> None:
    visitor = at_the_form(seminar)
    for name in ("shown", "key"):
        assert list(errors_of(send(visitor, seminar, **{name: str(uuid4())}))) == [name]
    assert Registration.objects.count() == 0


def test_pressed_twice_is_one_registration(seminar: Seminar) -> None:
    visitor = at_the_form(seminar)
    fields = {**fields_of(visitor, seminar), **FILLED}
    answers = [visitor.post(form_of(seminar), fields).url for _ in range(2)]
    assert (answers[0], Registration.objects.count()) == (answers[1], 1)
    assert OutgoingMail.objects.filter(key__startswith="seminar:").count() == 1


def test_form_that_another_person_opened_leads_nobody_to_theirs(seminar: Seminar) -> None:
    """Browsers are shared: whoever goes back finds a form that is no longer anybody's."""
    visitor = at_the_form(seminar)
    fields = {**fields_of(visitor, seminar), **FILLED}
    visitor.post(form_of(seminar), fields)
    visitor.post("/sign-out/")
    visitor.sign_in(f"seminar-{seminar.number}", "taro@example.jp")
    answer = visitor.post(form_of(seminar), fields)
    assert (answer.status_code, list(errors_of(answer)), Registration.objects.count()) == (200, ["key"], 1)


def test_full_seminar_takes_the_waiting_list_and_says_so(office: Office) -> None:
    seminar = published(office, capacity=1)
    register(seminar, guest())
    visitor = at_the_form(seminar)
    assert "満席のため、キャンセル待ちで受け付けます" in text_of(visitor.get(form_of(seminar)))
    send(visitor, seminar)
    row = Registration.objects.get(person__email=HANAKO)
    assert row.seat == "waiting"
    assert "次に席が空いたときは、あなたにご案内します。" in text_of(visitor.get(f"/e/{token_of(row)}/"))


def test_recording_is_announced_on_the_form(seminar: Seminar) -> None:
    """S4-5."""
    Seminar.objects.update(will_record=True)
    assert "参加者のお名前・映像は録画されないようにします。" in text_of(at_the_form(seminar).get(form_of(seminar)))


# --- who is known already ------------------------------------------------------------------------------------------------------


def test_verified_name_and_phone_on_record_are_text(office: Office, seminar: Seminar) -> None:
    """C6-2-3c, A9: what staff have compared is not changed from here."""
    make_regular(office)
    visitor = at_the_form(seminar)
    page = visitor.get(form_of(seminar)).content.decode()
    assert ('name="full_name"' in page, 'name="phone"' in page, "豊岡 花子 様" in page, "090-****-5678" in page) == (
        False,
        False,
        True,
        True,
    )
    send(visitor, seminar, full_name="別の名前", phone="")
    assert Registration.objects.get().person.full_name == "豊岡 花子"


def test_other_phone_than_the_one_on_record_is_refused(office: Office, seminar: Seminar) -> None:
    make_regular(office)
    page = send(at_the_form(seminar), seminar, phone="080-1111-2222")
    assert "登録の電話番号と異なる番号では、お申込みいただけません。" in text_of(page)
    assert (Registration.objects.count(), Person.objects.get().phone) == (0, "+819012345678")


def test_second_registration_leads_to_the_first(seminar: Seminar) -> None:
    visitor = at_the_form(seminar)
    fields = fields_of(visitor, seminar)
    send(visitor, seminar)
    page = f"http://testserver/e/{token_of(Registration.objects.get())}/"
    assert visitor.get(form_of(seminar)).url == page
    other = at_the_form(seminar)
    with_another_key = {**fields, **FILLED, "key": key_of(other, seminar)}
    assert other.post(form_of(seminar), with_another_key).url == page
    assert "すでにお申込みいただいています。" in text_of(other.get(page.removeprefix("http://testserver")))
    assert Registration.objects.count() == 1


def key_of(visitor: Visitor, seminar: Seminar) -> str:
    """The key of a form that was opened before the registration."""
    Registration.objects.update(seat="withdrawn")
    key = field_value(visitor.get(form_of(seminar)), "key")
    Registration.objects.update(seat="seated")
    return key


def test_whoever_was_removed_is_told_to_phone(office: Office, seminar: Seminar) -> None:
    """S8-2: for this event only."""
    visitor = at_the_form(seminar)
    send(visitor, seminar)
    row = Registration.objects.get()
    people.remove(row.pk, clause=2, reason="内部の理由", by=office.staff, now=MORNING, wall=MORNING)
    page = send(visitor, seminar)
    assert ("この催しには、お申込みいただけません。" in text_of(page), "内部の理由" in text_of(page)) == (True, False)
    assert page.context["form"]["companion"].value() == "手話通訳 1名"
    other = published(office, starts_at=at(TUESDAY, 16), ends_at=at(TUESDAY, 17), closes_at=at(TUESDAY, 15))
    assert send(visitor, other).status_code == 302


def test_restricted_person_is_served_at_the_counter(office: Office, seminar: Seminar) -> None:
    """C6-1-4c."""
    visitor = at_the_form(seminar)
    fields = {**fields_of(visitor, seminar), **FILLED}
    sanction = Sanction("理由", TUESDAY, TUESDAY + timedelta(days=30), TUESDAY + timedelta(days=30), "文面")
    restrict(Person.objects.get().pk, sanction, by=office.staff, now=MORNING, wall=MORNING)
    for answer in (visitor.get(form_of(seminar)), visitor.post(form_of(seminar), fields)):
        assert "窓口・お電話でご相談ください" in text_of(answer)
    assert Registration.objects.count() == 0


# --- when ------------------------------------------------------------------------------------------------------------------------


def test_before_terms_are_in_force_nothing_is_taken(seminar: Seminar) -> None:
    answer = Visitor(BEFORE_TERMS).get(form_of(seminar))
    assert "ただいま受付を準備しています" in text_of(answer)


@pytest.mark.parametrize("moment", [MORNING - timedelta(seconds=1), CLOSES])
def test_closed_registration_leads_back_to_the_seminar(seminar: Seminar, moment: Any) -> None:
    assert at_the_form(seminar, now=moment).get(form_of(seminar)).url == f"/seminars/{seminar.number}/"


def test_form_that_comes_a_moment_too_late_is_told_that_nothing_was_taken(seminar: Seminar) -> None:
    visitor = at_the_form(seminar, now=CLOSES - timedelta(seconds=1))
    fields = {**fields_of(visitor, seminar), **FILLED}
    visitor.now = CLOSES
    assert visitor.post(form_of(seminar), fields).url == f"/seminars/{seminar.number}/"
    assert "お申込みの受付は終了しました。お申込みは完了していません。" in text_of(visitor.get(f"/seminars/{seminar.number}/"))
    assert Registration.objects.count() == 0


def test_suspended_meanwhile_is_told_and_what_was_typed_is_there_after_it_is_resumed(office: Office, seminar: Seminar) -> None:
    visitor = at_the_form(seminar)
    fields = {**fields_of(visitor, seminar), **FILLED}
    giving.suspend(seminar.pk, press(office), reason="停電")
    visitor.post(form_of(seminar), fields)
    assert "ただいま受け付けていません。お申込みは完了していません。" in text_of(visitor.get(f"/seminars/{seminar.number}/"))
    giving.resume(seminar.pk, press(office))
    form = visitor.get(form_of(seminar)).context["form"]
    assert [form[name].value() for name in ("full_name", "companion", "agree")] == ["豊岡 花子", "手話通訳 1名", None]


def test_terms_that_change_meanwhile_are_asked_for_anew_and_nothing_typed_is_lost(seminar: Seminar) -> None:
    """S9-0: nothing is recorded of the answer to another version."""
    visitor = at_the_form(seminar)
    fields = {**fields_of(visitor, seminar), **FILLED}
    publish_terms(SEMINAR, 2, effective_at=MORNING)
    page = visitor.post(form_of(seminar), fields)
    assert ("利用規約が新しくなりました。" in text_of(page), Consent.objects.count()) == (True, 0)
    form = page.context["form"]
    assert [form[name].value() for name in ("full_name", "companion", "environment", "agree", "zoom")] == [
        "豊岡 花子", "手話通訳 1名", True, False, False,
    ]  # fmt: skip
    again = {"shown": field_value(page, "shown"), "key": field_value(page, "key")}
    visitor.post(form_of(seminar), {**again, **FILLED})
    assert Consent.objects.get().version.number == 2


def test_form_sent_after_the_sign_in_had_ended_is_not_lost(seminar: Seminar) -> None:
    visitor = at_the_form(seminar)
    fields = {**fields_of(visitor, seminar), **FILLED}
    visitor.now = MORNING + timedelta(minutes=61)
    answer = visitor.post(form_of(seminar), fields)
    assert answer.url == f"/sign-in/seminar-{seminar.number}/"
    assert "入力された内容は、確認のあと、続きからお使いいただけます。" in text_of(visitor.get(answer.url))
    visitor.sign_in(f"seminar-{seminar.number}")
    form = visitor.get(form_of(seminar)).context["form"]
    assert [form[name].value() for name in ("full_name", "phone", "companion", "agree")] == [
        "豊岡 花子", FILLED["phone"], "手話通訳 1名", None,
    ]  # fmt: skip


def test_what_was_typed_is_not_shown_to_whoever_comes_next(seminar: Seminar) -> None:
    visitor = at_the_form(seminar)
    send(visitor, seminar, agree="")
    visitor.post("/sign-out/")
    visitor.sign_in(f"seminar-{seminar.number}", "taro@example.jp")
    form = visitor.get(form_of(seminar)).context["form"]
    assert [form[name].value() for name in ("full_name", "companion")] == ["", None]


def test_page_is_not_stored_and_a_get_changes_nothing(seminar: Seminar, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    visitor = at_the_form(seminar)
    with django_assert_num_queries(13):
        page = visitor.get(form_of(seminar))
    assert ("no-store" in page.headers["Cache-Control"], Registration.objects.count(), Consent.objects.count()) == (True, 0, 0)


def test_form_is_guarded_against_other_sites(seminar: Seminar) -> None:
    assert Client(enforce_csrf_checks=True).post(form_of(seminar), FILLED).status_code == 403
