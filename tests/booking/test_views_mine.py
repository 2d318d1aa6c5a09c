"""A job seeker's own page: their sessions of every kind, and nothing of anybody else's."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from booking.links import token_of
from booking.models import Booking, Participant, Registration
from booking.operations import applications, bookings, immediate
from booking.operations.seminars import giving, seats
from consent.models import Consent
from consent.rules import Ground
from tests.cast import MORNING, TUESDAY, Office, application, make_regular, now_please
from tests.change import announced, make_draft
from tests.employers import CONTACT, WORKS
from tests.seminars import guest, press, published, register
from tests.visitor import Visitor, field_value, text_of
from toyooka_hw.accounts.models import Person

TARO = "taro@example.jp"


def signed_in(email: str = "hanako@example.jp") -> Visitor:
    visitor = Visitor()
    visitor.sign_in("mine", email)
    return visitor


def test_stranger_is_offered_the_sign_in(office: Office) -> None:
    page = Visitor().get("/mine/")
    assert 'href="/sign-in/mine/"' in page.content.decode()
    assert "これからの予定" not in text_of(page)


def test_contact_of_an_employer_is_led_to_their_own_page(office: Office) -> None:
    visitor = Visitor()
    visitor.sign_in("employer")
    assert 'href="/employer/"' in visitor.get("/mine/").content.decode()


def test_page_without_sessions_says_so(office: Office, person: Person) -> None:
    words = text_of(signed_in().get("/mine/"))
    assert ("これからの予定はありません。" in words, "これまでのお申込み" in words) == (True, False)


def test_reserved_session_leads_to_its_own_page(confirmed: Booking) -> None:
    page = signed_in().get("/mine/").content.decode()
    assert "2027年4月8日（木）10:00～10:30" in page
    assert f"/b/{token_of(confirmed)}/" in page


def test_reserved_session_of_another_day_leads_nowhere(confirmed: Booking) -> None:
    visitor = Visitor(confirmed.starts_at + timedelta(days=1))
    visitor.sign_in("mine")
    page = visitor.get("/mine/")
    assert "これまでのお申込み" in text_of(page)
    assert token_of(confirmed) not in page.content.decode()


def test_immediate_request_leads_to_its_clock(waiting: Booking) -> None:
    page = signed_in().get("/mine/")
    assert "お申込み：2027年4月6日（火）9:30" in page.content.decode()
    assert waiting.number in text_of(page)
    assert 'href="/now/">詳しい状況を見る' in page.content.decode()


def test_accepted_immediate_session_is_not_called_a_reservation(accepted: Booking) -> None:
    words = text_of(signed_in().get("/mine/"))
    assert ("お受けしました" in words, "予約確定" in words) == (True, False)


def test_interview_names_the_other_side_by_name_and_role_only(interview: Booking) -> None:
    """A18."""
    page = signed_in(TARO).get("/mine/").content.decode()
    assert "オンライン面接" in page
    assert f"お相手：{WORKS}　城崎 次郎 様（人事担当者）" in page
    told = [word for word in (CONTACT, "0202", "人事課", "秘密の相談", "28090-12345678", "2809-123456-7") if word in page]
    assert told == []


def test_interview_shows_no_way_into_it(interview: Booking) -> None:
    """C6-2-3a: no personal link, no code."""
    page = signed_in(TARO).get("/mine/").content.decode()
    assert "求職者マイページまたはお電話でお知らせします。" in page
    assert ("/b/" in page, "zoom.us" in page) == (False, False)


def test_job_seeker_who_was_replaced_sees_the_interview_no_more(interview: Booking) -> None:
    Participant.objects.filter(booking=interview, role="job_seeker").delete()
    assert interview.number not in text_of(signed_in(TARO).get("/mine/"))


def test_interview_under_terms_that_must_be_agreed_to_asks_for_it(office: Office, interview: Booking) -> None:
    """A11, C13-x: and the answer leads back here."""
    early = MORNING - timedelta(days=20)
    version = announced(office, make_draft(office, now=early), ground=Ground.INDIVIDUAL_CONSENT, on=TUESDAY, now=early)
    visitor = signed_in(TARO)
    assert 'href="/mine/terms/"' in visitor.get("/mine/").content.decode()
    shown = field_value(visitor.get("/mine/terms/"), "shown")
    ticks = {"agree": "on", "zoom": "on", "bureau": "on"}
    assert visitor.post("/mine/terms/", {"shown": shown, "answer": "agree", **ticks}).url == "/mine/"
    assert Consent.objects.filter(version=version, agreed=True).count() == 1
    assert 'href="/mine/terms/"' not in visitor.get("/mine/").content.decode()


def test_next_session_stands_first_and_past_ones_below(office: Office, waiting: Booking, requested_too: Booking) -> None:
    words = text_of(signed_in().get("/mine/"))
    places = [words.index(each) for each in ("これからの予定", waiting.number, requested_too.number)]
    assert places == sorted(places)
    bookings.withdraw(waiting.pk, now=MORNING, wall=MORNING)
    words = text_of(signed_in().get("/mine/"))
    places = [words.index(each) for each in (requested_too.number, "これまでのお申込み", waiting.number)]
    assert places == sorted(places)


@pytest.fixture
def requested_too(office: Office, regular: Person) -> Booking:
    """A reservation for Thursday by whoever also asks for a session now."""
    return applications.request(regular, application(office.version), now=MORNING, wall=MORNING)


def test_sessions_of_a_merged_row_are_the_persons_own(office: Office, confirmed: Booking, interview: Booking) -> None:
    survivor = make_regular(office, email="new@example.jp", phone="+819033334444")
    Person.objects.filter(email__in=["hanako@example.jp", TARO]).update(merged_into=survivor)
    words = text_of(signed_in("new@example.jp").get("/mine/"))
    assert (confirmed.number in words, interview.number in words) == (True, True)


def test_nothing_of_others_is_shown(office: Office, confirmed: Booking, interview: Booking) -> None:
    make_regular(office, name="別の方", email="other@example.jp", phone="+819044445555")
    words = text_of(signed_in("other@example.jp").get("/mine/"))
    assert [number for number in (confirmed.number, interview.number) if number in words] == []


def test_registrations_stand_beside_the_sessions_and_lead_to_their_page(office: Office, confirmed: Booking) -> None:
    seminar = published(office)
    row = register(seminar, confirmed.applicant)
    other = register(seminar, guest())
    page = signed_in().get("/mine/")
    words = text_of(page)
    assert [each for each in ("はじめての在宅ワーク", "参加確定", row.number) if each not in words] == []
    assert (f"/e/{token_of(row)}/" in page.content.decode(), other.number in words) == (True, False)
    assert words.index("これからの予定") < words.index(row.number)


def test_registration_that_is_over_stands_below_and_leads_to_its_page_while_that_opens(office: Office, person: Person) -> None:
    row = register(published(office), person)
    seats.withdraw(row.pk, now=MORNING, wall=MORNING)
    page = signed_in().get("/mine/")
    words = text_of(page)
    assert ("これからの予定はありません。" in words, words.index("これまでのお申込み") < words.index(row.number)) == (True, True)
    assert f"/e/{token_of(row)}/" in page.content.decode()
    later = Visitor(row.seminar.ends_at + timedelta(days=1))
    later.sign_in("mine")
    page = later.get("/mine/")
    assert (row.number in text_of(page), token_of(row) in page.content.decode()) == (True, False)


def test_seat_in_what_is_cancelled_is_not_called_one(office: Office, person: Person) -> None:
    seminar = published(office)
    register(seminar, person)
    giving.cancel(seminar.pk, press(office), reason="停電")
    words = text_of(signed_in().get("/mine/"))
    assert ("中止" in words, "参加確定" in words) == (True, False)


def test_page_is_not_stored_and_offers_the_way_out(confirmed: Booking) -> None:
    answer = signed_in().get("/mine/")
    assert "no-store" in answer.headers["Cache-Control"]
    assert 'action="/sign-out/"' in answer.content.decode()


def test_page_asks_the_database_the_same_however_many_sessions(
    office: Office, waiting: Booking, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visitor = signed_in()
    with django_assert_num_queries(10):
        visitor.get("/mine/")
    seminar = published(office)
    for _ in range(3):
        register(seminar, waiting.applicant)
        Registration.objects.update(seat="withdrawn")
    for _ in range(3):
        bookings.withdraw(Booking.objects.latest("pk").pk, now=MORNING, wall=MORNING)
        immediate.request(waiting.applicant, now_please(office.version), now=MORNING, wall=MORNING)
    with django_assert_num_queries(10):
        visitor.get("/mine/")
