"""Signing in outside of an application: by the door, in the door's role, and nobody learns whose addresses are known."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.cast import MORNING, Office, make_person
from tests.visitor import Visitor, mailed_code, text_of
from toyooka_hw.accounts.models import EmailCode, Person, Role
from toyooka_hw.mail.models import OutgoingMail

HANAKO = "hanako@example.jp"


@pytest.fixture
def visitor(office: Office) -> Visitor:
    return Visitor()


def signed_in_as(visitor: Visitor) -> Person | None:
    return visitor.get("/consents/").wsgi_request.person or None


def test_code_signs_in_the_job_seeker_and_leads_back_to_the_door(visitor: Visitor, person: Person) -> None:
    assert visitor.post("/sign-in/mine/", {"email": HANAKO}).url == "/sign-in/mine/code/"
    assert visitor.post("/sign-in/mine/code/", {"code": mailed_code(HANAKO)}).url == "/mine/"
    assert signed_in_as(visitor) == person


@pytest.mark.parametrize(
    ("door", "role", "page"),
    [
        ("immediate", Role.JOB_SEEKER, "/now/"),
        ("immediate-employer", Role.EMPLOYER_CONTACT, "/now/"),
        ("mine", Role.JOB_SEEKER, "/mine/"),
        ("employer", Role.EMPLOYER_CONTACT, "/employer/"),
    ],
)
def test_door_decides_role_and_page(visitor: Visitor, door: str, role: Role, page: str) -> None:
    """One mailbox may be a job seeker's and a contact's: they are two people to the portal (C2-1c, C2-1d)."""
    assert visitor.sign_in(door).url == page
    assert list(Person.objects.values_list("role", "email")) == [(role, HANAKO)]


def test_unknown_door_is_not_found(visitor: Visitor) -> None:
    assert [visitor.get(f"/sign-in/{door}/").status_code for door in ("staff", "apply")] == [404, 404]


def test_answers_are_the_same_whether_the_address_is_known(visitor: Visitor, person: Person) -> None:
    answers = []
    for address in (HANAKO, "nobody@example.jp"):
        sent = visitor.post("/sign-in/mine/", {"email": address})
        page = text_of(visitor.get(sent.url)).replace(address, "")
        wrong = text_of(visitor.post(sent.url, {"code": "000000"})).replace(address, "")
        answers.append((sent.status_code, sent.url, page, wrong))
    assert answers[0] == answers[1]
    assert Person.objects.count() == 1


def test_who_is_signed_in_in_this_role_goes_straight_on(visitor: Visitor) -> None:
    visitor.sign_in("mine")
    assert visitor.get("/sign-in/mine/").url == "/mine/"
    assert visitor.get("/sign-in/immediate/").url == "/now/"
    assert visitor.get("/sign-in/employer/").status_code == 200


def test_signing_in_in_the_other_role_takes_the_place_of_the_first(visitor: Visitor) -> None:
    visitor.sign_in("mine")
    visitor.sign_in("employer")
    found = signed_in_as(visitor)
    assert found is not None
    assert found.role == Role.EMPLOYER_CONTACT


def test_contact_of_an_employer_is_nobody_in_an_application(visitor: Visitor) -> None:
    """A10: the slots of article 6 are job seekers'."""
    visitor.sign_in("employer")
    visitor.choose()
    assert visitor.agree().url == visitor.step("email")
    assert "確認済みです" not in text_of(visitor.get(visitor.step("email")))


def test_what_was_typed_stands_there_again(visitor: Visitor) -> None:
    wrong = visitor.post("/sign-in/mine/", {"email": "hanako@"})
    assert "メールアドレスの形式を確認してください" in text_of(wrong)
    assert 'value="hanako@"' in visitor.get("/sign-in/mine/").content.decode()


def test_what_was_typed_is_gone_after_the_sign_in_and_the_sign_out(visitor: Visitor) -> None:
    visitor.post("/sign-in/employer/", {"email": "personnel@example.jp"})
    visitor.post("/sign-out/")
    assert "personnel" not in visitor.get("/sign-in/employer/").content.decode()
    visitor.sign_in("mine")
    assert "sign_in" not in visitor.client.session


def test_sign_in_has_a_new_session_key_and_lasts_an_hour(visitor: Visitor) -> None:
    visitor.post("/sign-in/mine/", {"email": HANAKO})
    before = visitor.client.session.session_key
    visitor.post("/sign-in/mine/code/", {"code": mailed_code(HANAKO)})
    assert visitor.client.session.session_key != before
    visitor.now = MORNING + timedelta(minutes=60)
    assert signed_in_as(visitor) is None


def test_code_page_without_a_mail_asks_for_the_address_first(visitor: Visitor) -> None:
    assert [visitor.get(f"/sign-in/mine/{step}/").url for step in ("code", "owner")] == ["/sign-in/mine/"] * 2


def test_wrong_codes_end_after_five(visitor: Visitor) -> None:
    visitor.post("/sign-in/mine/", {"email": HANAKO})
    right = mailed_code(HANAKO)
    wrong = "000000" if right != "000000" else "111111"
    told = [text_of(visitor.post("/sign-in/mine/code/", {"code": wrong})) for _ in range(6)]
    assert ["入力できる回数を超えました" in words for words in told] == [False] * 5 + [True]
    assert visitor.post("/sign-in/mine/code/", {"code": right}).status_code == 200
    assert signed_in_as(visitor) is None


def test_sixth_code_within_the_hour_is_refused_in_words(visitor: Visitor) -> None:
    answers = [visitor.post("/sign-in/mine/", {"email": HANAKO}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [200]
    assert "番号をお送りできる回数を超えました" in text_of(answers[-1])
    assert EmailCode.objects.count() == 5


def test_mailbox_that_staff_typed_asks_its_owner_once(visitor: Visitor, person: Person) -> None:
    Person.objects.update(email_proven_at=None)
    assert visitor.sign_in("mine").url == "/sign-in/mine/owner/"
    assert signed_in_as(visitor) is None
    assert "番号が一致しません" in text_of(visitor.post("/sign-in/mine/owner/", {"digits": "0000"}))
    assert visitor.post("/sign-in/mine/owner/", {"digits": "5678"}).url == "/mine/"
    assert signed_in_as(visitor) == person
    visitor.post("/sign-out/")
    assert visitor.sign_in("mine").url == "/mine/"


def test_proof_for_one_role_opens_no_owner_page_of_the_other(visitor: Visitor, person: Person) -> None:
    Person.objects.update(email_proven_at=None)
    visitor.sign_in("mine")
    assert visitor.get("/sign-in/employer/owner/").url == "/sign-in/employer/"


def test_merged_row_signs_in_whom_it_leads_to(visitor: Visitor, person: Person) -> None:
    survivor = make_person(email="hanako.new@example.jp")
    Person.objects.filter(pk=person.pk).update(merged_into=survivor)
    visitor.sign_in("mine")
    assert signed_in_as(visitor) == survivor


def test_pages_are_not_stored(visitor: Visitor) -> None:
    assert "no-store" in visitor.get("/sign-in/mine/").headers["Cache-Control"]


def test_looking_sends_nothing_and_asks_the_database_little(visitor: Visitor, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(4):  # three of the transaction, one for the banners
        visitor.get("/sign-in/immediate/")
    assert OutgoingMail.objects.count() == 0
