"""An employer's contact and the events they give with the office: numbers, never names, and their own way in (S4-4a, S1-1)."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from booking.models import Meeting, Seminar, SeminarPartner
from booking.operations.seminars import giving, people, seats
from consent.models import Consent
from consent.queries import SEMINAR
from tests.cast import MORNING, THURSDAY, Office, at, publish_terms
from tests.employers import CONTACT, make_contact
from tests.seminars import STARTS, drawn_up, guest, press, published, register, terms
from tests.visitor import Visitor, field_value, text_of
from toyooka_hw.accounts.models import Person

pytestmark = pytest.mark.django_db
OPENS = STARTS - timedelta(minutes=10)
ROOM = "http://127.0.0.1:9/j/85312345678?pwd=abc"
TICKS = {"agree": "on", "zoom": "on"}


@pytest.fixture
def contact(office: Office) -> Person:
    return make_contact(office)


@pytest.fixture
def tour(office: Office, contact: Person) -> Seminar:
    """A company tour of 城崎製作所, published, its meeting ready."""
    terms()
    row = given_with(office, contact, kind="company_tour", title="城崎製作所の見学会")
    Meeting.objects.filter(seminar=row).update(meeting_id=85312345678, join_url=ROOM, passcode="aB3xYz", ready_at=MORNING)
    return row


def given_with(office: Office, contact: Person, **details: object) -> Seminar:
    seminar = drawn_up(office, **details)
    people.add_partner(seminar.pk, contact, by=office.staff, now=MORNING, wall=MORNING)
    return giving.publish(seminar.pk, press(office))


def signed_in(now: object = MORNING) -> Visitor:
    visitor = Visitor(now)
    visitor.sign_in("employer", CONTACT)
    return visitor


def page_of(seminar: Seminar, below: str = "") -> str:
    return f"/employer/seminars/{seminar.number}/{below}"


def agree(visitor: Visitor, seminar: Seminar, **ticks: str) -> object:
    shown = field_value(visitor.get(page_of(seminar)), "shown")
    return visitor.post(page_of(seminar), {"shown": shown, **(ticks or TICKS)})


def test_overview_shows_state_and_numbers_and_no_names(office: Office, tour: Seminar) -> None:
    for number in range(1, 4):
        register(tour, guest(number))
    page = signed_in().get("/employer/")
    said = ("ハローワークと共催する催し", "城崎製作所の見学会", "2027年4月8日（木）14:00～15:00", "公開中", "お申込み：2名（定員2名）")
    assert [words for words in said if words not in text_of(page)] == []
    assert [word for word in ("参加1", "guest1", "5678") if word in text_of(page)] == []
    page = signed_in().get(page_of(tour))
    assert ("2名（定員2名）" in text_of(page), "キャンセル待ち1名" in text_of(page)) == (True, True)
    assert [word for word in ("参加1", "guest1", "5678") if word in text_of(page)] == []


def test_overview_without_events_says_nothing_of_them(office: Office, contact: Person) -> None:
    published(office)
    drawn = drawn_up(office, starts_at=at(THURSDAY, 9), ends_at=at(THURSDAY, 10), closes_at=at(THURSDAY, 8))
    people.add_partner(drawn.pk, contact, by=office.staff, now=MORNING, wall=MORNING)
    assert "共催する催し" not in text_of(signed_in().get("/employer/"))
    assert signed_in().get(page_of(drawn)).status_code == 404


def test_withdrawn_registrations_are_not_counted(tour: Seminar) -> None:
    row = register(tour, guest())
    seats.withdraw(row.pk, now=MORNING, wall=MORNING)
    assert "お申込み：0名" in text_of(signed_in().get("/employer/"))


def test_others_events_are_not_found(office: Office, tour: Seminar, contact: Person) -> None:
    other = published(office, starts_at=at(THURSDAY, 9), ends_at=at(THURSDAY, 10), closes_at=at(THURSDAY, 8))
    visitor = signed_in()
    assert [visitor.get(page_of(other, below)).status_code for below in ("", "join/")] == [404, 404]
    assert visitor.post(page_of(other, "join/")).status_code == 404
    assert Visitor().get(page_of(tour)).url == "/employer/"


def test_first_use_asks_for_the_terms_and_stores_the_consent(tour: Seminar, contact: Person) -> None:
    """S1-1, S4-3: agreed by a tick of their own, tied to the event."""
    visitor = signed_in(OPENS)
    page = visitor.get(page_of(tour))
    assert ("第1版の本文。" in text_of(page), "入室する" in text_of(page)) == (True, False)
    assert visitor.post(page_of(tour, "join/")).url == page_of(tour)
    assert agree(visitor, tour).url == page_of(tour)
    consent = SeminarPartner.objects.get().consent
    assert consent is not None
    assert (consent.person, consent.version.document.code, consent.method, consent.zoom_stated_at) == (contact, SEMINAR, "checkbox", OPENS)
    assert "入室する（Zoomが開きます）" in text_of(visitor.get(page_of(tour)))


@pytest.mark.parametrize("missing", ["agree", "zoom"])
def test_consent_that_is_not_ticked_is_none(tour: Seminar, missing: str) -> None:
    page = agree(signed_in(), tour, **{name: "on" for name in TICKS if name != missing})
    assert (list(page.context["form"].errors), Consent.objects.filter(version__document__code=SEMINAR).count()) == ([missing], 0)


def test_terms_that_change_meanwhile_are_read_again(tour: Seminar) -> None:
    visitor = signed_in()
    shown = field_value(visitor.get(page_of(tour)), "shown")
    publish_terms(SEMINAR, 2, effective_at=MORNING)
    assert visitor.post(page_of(tour), {"shown": shown, **TICKS}).url == page_of(tour)
    page = visitor.get(page_of(tour))
    assert ("利用規約が新しくなりました。" in text_of(page), "第2版の本文。" in text_of(page)) == (True, True)
    assert Consent.objects.filter(version__document__code=SEMINAR).count() == 0


def test_contact_goes_in_and_it_is_noted(tour: Seminar, contact: Person) -> None:
    visitor = signed_in(OPENS)
    agree(visitor, tour)
    answer = visitor.post(page_of(tour, "join/"))
    partner = SeminarPartner.objects.get()
    assert (answer.status_code, answer.url, partner.first_joined_at) == (303, ROOM, OPENS)
    assert Consent.objects.get(method="deemed_use").based_on == partner.consent


def test_consent_of_another_event_counts_for_this_one(office: Office, tour: Seminar, contact: Person) -> None:
    visitor = signed_in(OPENS)
    agree(visitor, tour)
    given = Consent.objects.get(method="checkbox", version__document__code=SEMINAR)
    other = given_with(office, contact, title="二つ目", host=office.tanaka.default_host, counsellor=office.tanaka)
    Meeting.objects.filter(seminar=other).update(meeting_id=85312345679, join_url=ROOM, passcode="aB3xYz", ready_at=MORNING)
    assert visitor.post(page_of(other, "join/")).status_code == 303
    assert SeminarPartner.objects.get(seminar=other).consent == given


def test_way_in_tells_what_bars_it(office: Office, tour: Seminar) -> None:
    early = signed_in()
    agree(early, tour)
    words = text_of(early.get(page_of(tour)))
    assert ("開始時刻の10分前" in words, "入室する（" in words, "お名前は受付番号" in words) == (True, False, False)
    early.post(page_of(tour, "join/"))
    assert "まだ入室できません。" in text_of(early.get(page_of(tour)))
    giving.suspend(tour.pk, press(office), reason="停電")
    late = signed_in(OPENS)
    assert "ただいま、この催しを一時中止しています。" in text_of(late.get(page_of(tour)))
    assert late.post(page_of(tour, "join/")).url == page_of(tour)
    assert SeminarPartner.objects.get().first_joined_at is None


def test_rules_stand_beside_the_way_in(tour: Seminar) -> None:
    """S4-4, S4-5, S5-1, S6."""
    visitor = signed_in(OPENS)
    agree(visitor, tour)
    Seminar.objects.update(will_record=True)
    words = text_of(visitor.get(page_of(tour)))
    said = (
        "してはいけないこと（利用規約第6条）",
        "ほかの目的には使わないでください",
        "この催しを録画します。",
        "参加をもって、利用規約に同意したものとみなします。",
    )
    assert [each for each in said if each not in words] == []


def test_opening_the_buttons_address_changes_nothing(tour: Seminar) -> None:
    visitor = signed_in(OPENS)
    agree(visitor, tour)
    assert visitor.get(page_of(tour, "join/")).url == page_of(tour)
    assert SeminarPartner.objects.get().first_joined_at is None


def test_contact_who_left_sees_nothing_of_it(office: Office, tour: Seminar, contact: Person) -> None:
    Person.objects.filter(pk=contact.pk).update(verified_at=None, verified_by=None)
    visitor = signed_in()
    assert visitor.get(page_of(tour)).url == "/employer/"
    assert "城崎製作所の見学会" not in text_of(visitor.get("/employer/"))


def test_overview_asks_the_database_the_same_however_many_events(
    office: Office, tour: Seminar, contact: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visitor = signed_in()
    with django_assert_num_queries(10):
        visitor.get("/employer/")
    for hour in (9, 10):
        given_with(office, contact, starts_at=at(THURSDAY, hour), ends_at=at(THURSDAY, hour, 30), closes_at=at(THURSDAY, 8))
    for number in range(1, 4):
        register(tour, guest(number))
    with django_assert_num_queries(10):
        visitor.get("/employer/")
