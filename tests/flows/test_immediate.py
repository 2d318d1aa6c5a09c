"""A session of now with everything real, at the pages of both sides: C6-2 whole, C2-1d, A4, A9, A10."""

import logging
import re
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client

from booking.models import Booking, CodeDelivery
from booking.operations import immediate
from booking.rules.calendar import Calendar, tokyo, tokyo_date
from consent.forms import application_label, signed
from consent.models import Consent, TermsVersion
from consent.operations import Shown, record_in_ministry_system
from consent.queries import COUNSELLING, version_in_force
from consent.rules import earliest_effect
from tests import change
from tests.cast import Office, closed, make_person, make_regular, publish_terms
from tests.employers import CONTACT, make_contact
from tests.flows.applying import HANAKO, now_and_wall
from tests.flows.at_once import DECLARED, DESK, ask_now, note, open_code, sign_in, stand_by, take
from tests.flows.at_work import BOOKINGS, Colleague
from tests.pages import forms_of, submit
from tests.stories import Story
from tests.visitor import text_of
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import restrict, verify_person
from toyooka_hw.accounts.operations.restrictions import Sanction

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
TICKS = {"bureau": "on", "agree": "on", "zoom": "on", "answer": "agree"}
A_MINUTE, ONE_DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def regular(story: Story, office_at_work: Office) -> Person:
    return make_regular(office_at_work, now=clock.now())


@pytest.fixture
def standby(sato: Colleague, office_at_work: Office) -> None:
    stand_by(sato, office_at_work.sato)


@pytest.fixture
def phone(story: Story, regular: Person, standby: None) -> Client:
    """The regular's own, signed in while sessions are taken."""
    phone = Client()
    sign_in(phone, story, "immediate", HANAKO)
    return phone


def told_by(booking: Booking) -> list[tuple[str, str]]:
    return list(CodeDelivery.objects.filter(participant__booking=booking).order_by("pk").values_list("route", "result"))


def words_at(phone: Client, path: str = "/now/") -> str:
    return text_of(phone.get(path))


# --- two sessions that are held ------------------------------------------------------------------------------------------------


def test_job_seeker_is_served_at_once(story: Story, phone: Client, sato: Colleague) -> None:
    """C6-2-1c, C6-2-3a: asked, accepted, the code by My Page, 本人確認, 実施済; waiting time and route are rows."""
    booking = ask_now(phone, story)
    story.move(booking.requested_at + 3 * A_MINUTE)
    assert "番号をお伝えしてください" in text_of(take(sato, booking))
    (made,) = story.zoom.control.standing()
    assert (made["host"], made["settings"]["waiting_room"]) == ("sato@zoom.example.jp", True)
    assert "ミーティングIDとパスコードをお伝えします" in words_at(phone)

    page = open_code(sato, booking)
    assert booking.meeting.grouped_id in page.content.decode()
    note(sato, booking, "mypage")
    assert told_by(booking) == [("job_seeker_mypage", "told")]
    assert "求職者マイページにお知らせしました" in words_at(phone)

    story.move(booking.starts_at)
    assert sato.go_in(booking).headers["Location"].startswith(f"{story.zoom.url}/s/{made['id']}?zak=")
    assert "本人確認" in sato.press(booking, "complete", outcome="held")
    assert booking.state == "confirmed"
    note(sato, booking, "identity")
    sato.press(booking, "complete", outcome="held")
    assert (booking.state, story.zoom.control.standing()) == ("completed", [])
    assert booking.requested_at + 3 * A_MINUTE <= booking.confirmed_at <= booking.starts_at
    assert story.subjects_to(HANAKO)[1:] == [
        "【ハローワーク豊岡】いますぐの相談のお申込みを受け付けました",
        "【ハローワーク豊岡】いますぐの相談をお受けします",
    ]


@pytest.fixture
def employer(story: Story, office_at_work: Office, standby: None) -> Client:
    """The phone of an employer's contact whom staff have verified, signed in at their own door."""
    record_in_ministry_system(make_contact(office_at_work), document=COUNSELLING, by=office_at_work.staff, now=clock.now())
    phone = Client()
    sign_in(phone, story, "immediate-employer", CONTACT)
    return phone


def test_employers_contact_is_called_back(story: Story, employer: Client, sato: Colleague) -> None:
    """C6-2-3b: first nobody answers, then they are reached; each call is a row."""
    booking = ask_now(employer, story)
    take(sato, booking)
    note(sato, booking, "no_answer")
    assert "つながりませんでした" in words_at(employer)
    note(sato, booking, "reached")
    assert told_by(booking) == [("callback_phone", "no_answer"), ("callback_phone", "told")]
    assert "お電話でお伝えしました" in words_at(employer)

    story.move(booking.starts_at)
    note(sato, booking, "identity")
    sato.press(booking, "complete", outcome="held")
    assert (booking.state, booking.participants.get().role, story.zoom.control.standing()) == ("completed", "employer", [])


def test_person_who_is_not_reached_twice_is_told_kindly(story: Story, phone: Client, sato: Colleague) -> None:
    """C6-2-3b: two failed calls, and the desk proposes to close; that counts for nobody."""
    booking = ask_now(phone, story)
    take(sato, booking)
    assert "2回おかけしても" not in text_of(note(sato, booking, "no_answer"))
    story.move(clock.now() + 2 * A_MINUTE)
    assert "2回おかけしても" in text_of(note(sato, booking, "no_answer"))
    page = sato.look(f"{BOOKINGS}{booking.pk}/act/cancel_by_office/")
    sato.fill(page, outcome="code_not_told", reason="お電話がつながらなかったため")
    booking.refresh_from_db()
    assert (booking.state, booking.outcome) == ("cancelled_by_office", "code_not_told")
    assert (story.zoom.control.standing(), len(story.subjects_to(HANAKO))) == ([], 4)
    assert story.subjects_to(HANAKO)[-1] == "【ハローワーク豊岡】いますぐの相談を終了しました"
    assert "先ほどの相談は、行うことができませんでした" in words_at(phone)


# --- who is not served now, and what they are told -----------------------------------------------------------------------------


def has_form(page: Any) -> bool:
    """Whether a session can be asked for on this page."""
    return any("shown" in carried for action, carried in forms_of(page) if not action)


def refused(phone: Client, words: str) -> bool:
    """Whether the page has these words and no form, and a request made by hand, with a note truly signed, comes to nothing."""
    version = version_in_force(COUNSELLING, now=clock.now())
    assert version is not None
    hand_made = signed(Shown(version.pk, application_label(), clock.now()))
    before = Booking.objects.count()
    page = phone.get("/now/")
    phone.post("/now/", {**DECLARED, "shown": hand_made})
    return words in text_of(page) and not has_form(page) and Booking.objects.count() == before


def newcomer(office: Office, story: Story) -> Client:
    """The phone of somebody verified who has agreed to nothing here."""
    someone = make_person()
    verify_person(someone, registered_phone=someone.phone, by=office.staff, now=clock.now())
    phone = Client()
    sign_in(phone, story, "immediate", HANAKO)
    return phone


def test_first_consent_opens_the_way_only_once_staff_recorded_it(
    story: Story, office_at_work: Office, standby: None, sato: Colleague
) -> None:
    """C6-2-1b, A4: no consent, then a consent that is not in the ministry's system, then a to-do of staff, then the session."""
    phone = newcomer(office_at_work, story)
    assert refused(phone, "先に利用規約に同意いただくと、職員がハローワークシステムに記録したあと")
    submit(phone, phone.get("/now/terms/"), **TICKS)
    assert refused(phone, "利用規約への同意は、いただいています。")
    record_from_the_inbox(sato)
    assert ask_now(phone, story).state == "requested"


def record_from_the_inbox(desk: Colleague) -> None:
    """The inbox names the one consent that is to be recorded; the press beside it records it, and the to-do is gone."""
    inbox = desk.look(f"{BOOKINGS}inbox/")
    assert "同意のハローワークシステムへの記録（1件）" in text_of(inbox)
    (page,) = re.findall(r'href="(/admin/[^"]+/ministry/\?[^"]*)"', inbox.content.decode())
    shown = text_of(desk.fill(desk.look(page), document=COUNSELLING))
    assert ("：ハローワークシステムへ記録済" in shown, "同意のハローワークシステムへの記録（" in shown) == (True, False)


@pytest.fixture
def changed(story: Story, office_at_work: Office, regular: Person) -> TermsVersion:
    """A new version, announced in time; its first day is open, as is the day before."""
    now, office = clock.now(), office_at_work
    eve = next_open_pair(earliest_effect(now))
    return change.announced(office, change.make_draft(office, 2, now=now), on=eve + ONE_DAY, now=now)


def next_open_pair(first: date) -> date:
    """The first open day from here on whose morrow is open too."""
    days = (first + ONE_DAY * number for number in range(60))
    return next(day for day in days if Calendar().day(day).is_open and Calendar().day(day + ONE_DAY).is_open)


def test_new_version_is_agreed_to_at_the_gate_and_recorded_by_staff(
    story: Story, changed: TermsVersion, office_at_work: Office, sato: Colleague
) -> None:
    """C6-2-2: looked at at the labour bureau's, agreed to, and a to-do for staff; the earlier record keeps the way open."""
    story.move(changed.effective_at + timedelta(hours=9, minutes=30))
    stand_by(sato, office_at_work.sato)
    phone = Client()
    page = sign_in(phone, story, "immediate", HANAKO)
    assert (has_form(page), "利用規約が変更されています" in text_of(page)) == (False, True)
    submit(phone, phone.get("/now/terms/"), **TICKS)
    assert Consent.objects.get(version=changed).bureau_confirmed_at is not None
    record_from_the_inbox(sato)
    assert ask_now(phone, story).participants.get().consent.version == changed


def test_new_version_is_refused_and_the_other_ways_stay_open(
    story: Story, changed: TermsVersion, office_at_work: Office, sato: Colleague
) -> None:
    """C6-2-2."""
    story.move(changed.effective_at + timedelta(hours=9, minutes=30))
    stand_by(sato, office_at_work.sato)
    phone = Client()
    sign_in(phone, story, "immediate", HANAKO)
    submit(phone, phone.get("/now/terms/"), answer="refuse")
    assert Consent.objects.get(version=changed).agreed is False
    assert refused(phone, "最新の利用規約に同意いただいていないためです。")
    assert "オンライン以外のご相談" in words_at(phone)


def test_terms_that_change_between_request_and_acceptance_stop_it(
    story: Story, phone: Client, office_at_work: Office, sato: Colleague
) -> None:
    """C6-2-2: nobody waits over midnight any more, so a version with effect within the day shows what the desk is told; agreed to, it goes on."""
    changes_at = clock.now() + 2 * A_MINUTE
    publish_terms(number=2, effective_at=changes_at)
    booking = ask_now(phone, story)
    assert clock.now() < changes_at
    story.move(changes_at)
    take(sato, booking)
    assert (booking.state, story.zoom.control.meetings()) == ("requested", [])
    submit(phone, phone.get("/now/terms/"), **TICKS)
    take(sato, booking)
    assert (booking.state, len(story.zoom.control.standing())) == ("confirmed", 1)


def test_nobody_is_served_while_the_office_is_closed(story: Story, office_at_work: Office, phone: Client) -> None:
    """C6-2-1c: nobody stands by, the night, a closing day."""
    immediate.switch(office_at_work.sato.pk, on=False, by=office_at_work.staff, now=clock.now())
    assert refused(phone, "いま対応できる担当者がいません。")
    night = tokyo(tokyo_date(clock.now()), time(18))
    story.move(night)
    phone = Client()
    sign_in(phone, story, "immediate", HANAKO)
    assert refused(phone, "受付は、開庁日の8:30から16:45までです。")
    day = Calendar().next_open_day(tokyo_date(night))
    closed(office_at_work, day)
    story.move(tokyo(day, time(10)))
    phone = Client()
    sign_in(phone, story, "immediate", HANAKO)
    assert refused(phone, "本日は閉庁日です。")


def test_restricted_person_is_shown_the_other_ways(story: Story, office_at_work: Office, phone: Client, regular: Person) -> None:
    """C6-1-4c."""
    today = tokyo_date(clock.now())
    sanction = Sanction(reason="試験", starts_on=today, ends_on=today, review_on=today, letter="お知らせ")
    restrict(regular.pk, sanction, by=office_at_work.staff, **now_and_wall())
    assert refused(phone, "窓口・お電話でご相談ください")


def test_second_request_from_another_device_is_the_first_one(story: Story, phone: Client) -> None:
    booking, tablet = ask_now(phone, story), Client()
    sign_in(tablet, story, "immediate", HANAKO)
    assert refused(tablet, booking.number)


def test_foreign_phone_number_is_refused_and_changes_nothing(
    story: Story, phone: Client, regular: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """C6-2-3c, A9."""
    with caplog.at_level(logging.WARNING):
        page = submit(phone, phone.get("/now/"), **DECLARED, phone="080-9999-8888")
    assert "登録の電話番号と異なる番号では、お申込みいただけません。" in text_of(page)
    assert [line.getMessage() for line in caplog.records if line.name == "booking.operations.registrations"] == [
        f"booking.other_phone_refused person={regular.pk}"
    ]
    regular.refresh_from_db()
    assert (regular.registered_phone, regular.stated_phone, Booking.objects.count()) == ("+819012345678", "+819012345678", 0)


def test_request_that_nobody_takes_expires_with_a_mail_and_may_be_sent_again(story: Story, phone: Client, sato: Colleague) -> None:
    booking = ask_now(phone, story)
    story.move(booking.answer_by - A_MINUTE / 2)
    booking.refresh_from_db()
    assert booking.state == "requested"
    story.move(booking.answer_by)
    booking.refresh_from_db()
    assert (booking.state, story.subjects_to(HANAKO)[-1]) == ("expired", "【ハローワーク豊岡】いますぐの相談をお受けできませんでした")
    assert booking.number not in text_of(sato.look(DESK))
    assert "もう一度お申し込みいただけます" in words_at(phone)
    assert ask_now(phone, story).pk != booking.pk
