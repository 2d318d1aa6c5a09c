"""Entering a booking for somebody who phones or stands at the counter (C0-3, C6-1-1b, C6-1-2n, A1, A2, A9)."""

import html
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from booking.models import Booking
from consent.models import Consent, Method
from tests.booking.admin.conftest import Desk, DeskOf
from tests.cast import BEFORE_TERMS, SESSION, THURSDAY, TUESDAY, Office, at, make_person, publish_terms
from tests.visitor import field_value, text_of
from toyooka_hw.accounts.models import Person, UsageRestriction
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
ENTER = "/admin/booking/booking/enter/"
NEW = f"{ENTER}new/"
WISH = {"starts_at": SESSION.isoformat(), "source": "phone", "guided": "on"}
STRANGER = {"full_name": "但馬 太郎", "job_seeker_number": "２８０９０ー１０００１", "phone": "０７９６−２３−０１０１"}


def carried(desk: Desk, path: str) -> dict[str, str]:
    """What the form carries hidden."""
    page = desk.get(path)
    return {name: field_value(page, name) for name in ("shown", "key")}


def send(desk: Desk, path: str, **values: Any) -> str:
    """The words of the page after the form was filled in; what it carries hidden goes along."""
    return text_of(desk.post(path, **carried(desk, path), **values))


def test_stranger_is_entered_with_the_consent_given_by_phone(desk: Desk, office: Office) -> None:
    assert "予約を入力しました" in send(desk, NEW, **WISH, **STRANGER)
    booking = Booking.objects.get()
    consent = Consent.objects.get()
    assert (booking.state, booking.source, booking.starts_at, booking.environment_declared_at) == ("requested", "phone", SESSION, None)
    assert (booking.applicant.job_seeker_number, booking.applicant.stated_phone) == ("28090-10001", "+81796230101")
    assert (consent.method, consent.recorded_by, consent.label) == (
        Method.STAFF_PHONE,
        office.staff,
        "規約の案内をして同意を得た（電話・窓口）",
    )
    assert OutgoingMail.objects.count() == 0  # nobody to write to


def test_consent_at_the_counter_is_recorded_as_such(desk: Desk) -> None:
    send(desk, NEW, **{**WISH, "source": "counter"}, **STRANGER, email="taro@example.jp")
    assert (Consent.objects.get().method, OutgoingMail.objects.get().to) == (Method.STAFF_COUNTER, "taro@example.jp")


def test_without_having_told_the_terms_nothing_is_entered(desk: Desk) -> None:
    words = send(desk, NEW, **{**WISH, "guided": ""}, **STRANGER)
    assert "規約をご案内し、同意を得てから" in words
    assert (Booking.objects.count(), Person.objects.count(), Consent.objects.count()) == (0, 0, 0)


def test_going_on_to_confirm_needs_the_registration_looked_up(desk: Desk) -> None:
    assert "続けて確定するときは、資格の確認の結果" in send(desk, NEW, **WISH, **STRANGER, confirm_now="on")
    send(desk, NEW, **WISH, **STRANGER, confirm_now="on", eligibility="to_register", email="taro@example.jp")
    assert (Booking.objects.get().state, Booking.objects.get().eligibility) == ("confirmed", "to_register")
    assert ["予約が確定しました" in mail.subject for mail in OutgoingMail.objects.all()] == [True]


def test_form_sent_twice_is_one_booking_of_one_person(desk: Desk, office: Office) -> None:
    office.tanaka.duty_hours.all().delete()  # the second press finds the place taken by the first
    filled = {**carried(desk, NEW), **WISH, **STRANGER}
    words = [text_of(desk.post(NEW, **filled)) for _ in range(2)]
    assert ["予約を入力しました" in each for each in words] == [True, True]
    assert (Booking.objects.count(), Person.objects.count()) == (1, 1)


@pytest.mark.parametrize("key", ["", "nonsense"])
def test_form_without_its_key_is_to_be_opened_again(desk: Desk, key: str) -> None:
    words = text_of(desk.post(NEW, **{**carried(desk, NEW), "key": key}, **WISH, **STRANGER))
    assert ("画面を開き直して" in words, Booking.objects.count()) == (True, 0)


def test_reading_is_asked_of_a_known_person_who_never_gave_it(desk: Desk, person: Person) -> None:
    assert 'name="name_kana"' in desk.get(f"{ENTER}{person.pk}/").content.decode()
    Person.objects.update(name_kana="トヨオカ ハナコ")
    assert 'name="name_kana"' not in desk.get(f"{ENTER}{person.pk}/").content.decode()


def test_strange_words_find_nobody(desk: Desk) -> None:
    assert "見つかりませんでした" in text_of(desk.get(ENTER, q="豊\0崎"))


def test_known_person_is_found_by_the_end_of_the_phone_and_not_asked_again(desk: Desk, person: Person) -> None:
    page = desk.get(ENTER, q="5678")
    address = re.findall(rf'href="({ENTER}\d+/)"', page.content.decode())[0]
    form = desk.get(address).content.decode()
    assert ('name="phone"' in form, 'name="job_seeker_number"' in form, "090-****-5678" in form) == (False, False, True)
    send(desk, address, **WISH)
    assert Booking.objects.get().applicant == person


def test_phone_on_record_cannot_be_changed_by_hand(desk: Desk, person: Person) -> None:
    send(desk, f"{ENTER}{person.pk}/", **WISH, phone="0796-23-0101")
    person.refresh_from_db()
    assert (Booking.objects.count(), person.stated_phone) == (1, "+819012345678")


def test_person_with_an_open_booking_is_refused_in_words(desk: Desk, requested: Booking) -> None:
    words = send(desk, f"{ENTER}{requested.applicant_id}/", **{**WISH, "starts_at": at(THURSDAY, 13).isoformat()})
    assert f"進行中の予約（{requested.number}）があります" in words
    assert Booking.objects.count() == 1


def test_mailbox_of_somebody_else_is_refused_and_no_second_person_made(desk: Desk, person: Person) -> None:
    assert "すでに登録されています。検索して選んでください。" in send(desk, NEW, **WISH, **STRANGER, email=person.email)
    assert (Person.objects.count(), Booking.objects.count()) == (1, 0)


def test_after_the_public_cutoff_staff_still_enter_for_tomorrow(desk_of: DeskOf, office: Office) -> None:
    eve = at(THURSDAY, 0) - timedelta(seconds=1)
    send(desk_of(office.staff, eve), NEW, **WISH, **STRANGER)
    assert Booking.objects.get().events.get().override is False


def test_for_the_same_day_a_reason_is_asked_for_and_kept(desk_of: DeskOf, office: Office) -> None:
    """C6-1-1b, A2: what is entered on the day itself is confirmed in the same step."""
    desk = desk_of(office.staff, at(THURSDAY, 9))
    assert "当日のご予約は、続けて確定してください。" in send(desk, NEW, **WISH, **STRANGER)
    at_once = {"confirm_now": "on", "eligibility": "registered"}
    words = send(desk, NEW, **WISH, **STRANGER, **at_once)
    assert "4月8日（木）10:00：前日までの確定の期限を過ぎています。例外とするときは、理由を入力してください。" in words
    assert Person.objects.count() == 0
    send(desk, NEW, **WISH, **STRANGER, **at_once, reason="来所中で急ぎ")
    booking = Booking.objects.get()
    told = [(event.event, event.override, event.reason) for event in booking.events.all()]
    assert (booking.state, told) == ("confirmed", [("request", True, "来所中で急ぎ"), ("confirm", True, "来所中で急ぎ")])


def test_number_or_not_yet_has_to_be_said(desk: Desk) -> None:
    without = {name: value for name, value in STRANGER.items() if name != "job_seeker_number"}
    assert "「まだ持っていない」にチェックを入れてください。" in send(desk, NEW, **WISH, **without)
    send(desk, NEW, **WISH, **without, no_number_yet="on")
    assert Booking.objects.get().no_number_yet is True


def test_terms_that_changed_meanwhile_are_to_be_told_again(desk: Desk, office: Office) -> None:
    hidden = carried(desk, NEW)
    publish_terms(number=2, effective_at=desk.now)
    assert "利用規約が新しくなりました。" in text_of(desk.post(NEW, **hidden, **WISH, **STRANGER))
    assert Booking.objects.count() == 0


def test_note_of_what_was_shown_cannot_be_forged(desk: Desk) -> None:
    assert "画面を開き直してから" in text_of(desk.post(NEW, shown="forged", **WISH, **STRANGER))
    assert Booking.objects.count() == 0


def test_before_any_terms_are_published_nothing_can_be_entered(desk_of: DeskOf, office: Office) -> None:
    assert "利用規約が公表されていないため" in text_of(desk_of(office.staff, BEFORE_TERMS).get(NEW))


def test_taken_place_is_no_choice_any_more(desk: Desk, requested: Booking) -> None:
    send(desk, NEW, **WISH, **STRANGER)
    other = make_person("城崎 桜", email="sakura@example.jp", phone="+819055550102")
    assert "選べません" in send(desk, f"{ENTER}{other.pk}/", **WISH)
    assert Booking.objects.count() == 2  # both counsellors have one


def test_number_together_with_not_yet_is_refused(desk: Desk) -> None:
    assert "「まだ持っていない」のチェックを外してください。" in send(desk, NEW, **WISH, **STRANGER, no_number_yet="on")
    assert Booking.objects.count() == 0


def test_free_seat_of_the_grid_is_chosen_already(desk: Desk, office: Office, person: Person) -> None:
    wish = {"start": SESSION.isoformat(), "counsellor": str(office.tanaka.pk)}
    found = desk.get(ENTER, q="5678", **wish)
    address = html.unescape(re.findall(rf'href="({ENTER}\d+/[^"]*)"', found.content.decode())[0])
    form = desk.get(address).content.decode()
    chosen = re.findall(r'<option value="([^"]+)" selected', form)
    assert chosen == [SESSION.isoformat(), str(office.tanaka.pk)]
    send(desk, address, **WISH, counsellor=str(office.tanaka.pk))
    assert Booking.objects.get().holds.get().counsellor == office.tanaka


@pytest.mark.parametrize("wish", [{"start": "gestern"}, {"counsellor": "x"}, {"start": "2020-01-01T10:00:00+09:00", "counsellor": "999"}])
def test_wish_that_cannot_be_had_chooses_nothing(desk: Desk, person: Person, wish: dict[str, str]) -> None:
    page = desk.get(f"{ENTER}{person.pk}/", **wish)
    assert (page.status_code, re.findall(r'<option value="([^"]+)" selected', page.content.decode())) == (200, [])


def test_wished_counsellor_who_is_taken_is_refused_in_words(desk: Desk, office: Office, requested: Booking) -> None:
    taken = requested.holds.get().counsellor
    words = send(desk, NEW, **WISH, **STRANGER, counsellor=str(taken.pk))
    assert "選んだ担当者は、この時間に空いていません。" in words
    assert Booking.objects.count() == 1


def test_somebody_who_speaks_for_the_person_is_noted(desk: Desk) -> None:
    """A19."""
    send(desk, NEW, **WISH, **STRANGER, proxy_contact="支援機関の職員")
    booking = Booking.objects.get()
    assert booking.proxy_contact == "支援機関の職員"
    assert "支援機関の職員" in text_of(desk.get(f"/admin/booking/booking/{booking.pk}/change/"))


MONDAY = date(2027, 4, 12)
NEXT_WISH = {"starts_at": at(MONDAY, 10).isoformat(), "guided": "on", "confirm_now": "on", "eligibility": "registered"}


def next_of(booking: Booking) -> str:
    return f"/admin/booking/booking/{booking.pk}/next/"


def test_next_session_is_made_during_one_with_everything_known(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    """C6-1-2n: the session has begun, so it is no open booking any more (A16)."""
    desk = desk_of(office.staff, SESSION + timedelta(minutes=20))
    page = desk.get(f"/admin/booking/booking/{confirmed.pk}/act/next/")
    assert (page.request["PATH_INFO"], "次回の予約を入れる" in text_of(page)) == (next_of(confirmed), True)
    assert [f'name="{name}"' in page.content.decode() for name in ("full_name", "phone", "source", "proxy_contact")] == [False] * 4
    assert "予約を入力しました" in send(desk, next_of(confirmed), **NEXT_WISH)
    made = Booking.objects.exclude(pk=confirmed.pk).get()
    assert (made.applicant, made.source, made.state, made.starts_at) == (confirmed.applicant, "in_session", "confirmed", at(MONDAY, 10))
    consent = Consent.objects.latest("pk")
    assert (consent.method, consent.recorded_by) == (Method.IN_SESSION, office.staff)
    assert consent.label == "現在の規約への同意を、相談の中で確認した"
    assert made.events.filter(override=True).count() == 0


def test_next_session_sent_twice_is_one(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk = desk_of(office.staff, SESSION + timedelta(minutes=20))
    filled = {**carried(desk, next_of(confirmed)), **NEXT_WISH}
    words = [text_of(desk.post(next_of(confirmed), **filled)) for _ in range(2)]
    assert ["予約を入力しました" in each for each in words] == [True, True]
    assert Booking.objects.count() == 2


def test_next_session_after_a_change_of_terms_asks_for_the_notice_to_be_read(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    """A11, C13-0."""
    publish_terms(number=2, effective_at=SESSION)
    desk = desk_of(office.staff, SESSION + timedelta(minutes=40))
    desk.press(confirmed, "complete")
    page = desk.get(next_of(confirmed))
    assert ("利用規約が変わりました" in text_of(page), "読み上げるお知らせを開く" in text_of(page)) == (True, True)
    send(desk, next_of(confirmed), **NEXT_WISH)
    consent = Consent.objects.latest("pk")
    assert (consent.version.number, consent.label) == (2, "規約が変わったことを案内し、新しい規約への同意を得た（相談中）")


def test_next_session_today_is_an_exception_with_its_reason(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    """A2: judged by the limit of confirmation, as everything staff enter."""
    desk = desk_of(office.staff, SESSION + timedelta(minutes=20))
    today = {**NEXT_WISH, "starts_at": at(THURSDAY, 13).isoformat()}
    assert "例外とするときは、理由を入力してください。" in send(desk, next_of(confirmed), **today)
    send(desk, next_of(confirmed), **today, reason="午後に応募の締切")
    made = Booking.objects.exclude(pk=confirmed.pk).get()
    assert [(event.override, event.reason) for event in made.events.all()] == [(True, "午後に応募の締切")] * 2


def test_next_session_before_one_has_begun_is_refused(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk = desk_of(office.staff, SESSION - timedelta(seconds=1))
    assert "予約確定" in text_of(desk.get(next_of(confirmed)))
    send_to = desk.post(next_of(confirmed), **NEXT_WISH)
    assert (send_to.status_code, Booking.objects.count()) == (200, 1)
    assert desk.get("/admin/booking/booking/999999/next/").status_code == 404


def test_registration_is_looked_up_anew_for_the_next_session(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    """C2-1a: what was found last time is no check of today; who confirms at once says what they found."""
    desk = desk_of(office.staff, SESSION + timedelta(minutes=20))
    form = desk.get(next_of(confirmed)).context["form"]
    assert (form.initial.get("eligibility"), form.initial["confirm_now"]) == (None, True)
    unchecked = {name: value for name, value in NEXT_WISH.items() if name != "eligibility"}
    assert "資格の確認の結果を選んでください。" in send(desk, next_of(confirmed), **unchecked)
    assert Booking.objects.count() == 1


@pytest.mark.parametrize(("now", "offered"), [(at(THURSDAY, 23, 59, 59), True), (at(THURSDAY + timedelta(days=1), 0), False)])
def test_next_session_is_entered_on_the_day_of_this_one(
    desk_of: DeskOf, office: Office, confirmed: Booking, now: datetime, offered: bool
) -> None:
    """相談中 is how it was agreed: the day after, the person phones or comes, and is asked as anybody else."""
    Booking.objects.update(state="completed")
    desk = desk_of(office.staff, now)
    label = "次回の予約を入れる"
    assert (label in text_of(desk.get(f"/admin/booking/booking/{confirmed.pk}/change/"))) == offered
    words = text_of(desk.post(next_of(confirmed), **NEXT_WISH))
    refusal = "「次回の予約を入れる」は、相談の当日だけ使えます。「電話・窓口の申込みを入力」から入力してください。"
    assert (refusal in words, Booking.objects.count()) == (not offered, 1)


def test_person_with_another_open_booking_gets_no_next_one(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk = desk_of(office.staff, SESSION + timedelta(minutes=20))
    send(desk, next_of(confirmed), **NEXT_WISH)
    again = {**NEXT_WISH, "starts_at": at(MONDAY, 13).isoformat()}
    assert "進行中の予約" in send(desk, next_of(confirmed), **again)
    assert Booking.objects.count() == 2


def test_restricted_person_is_entered_with_a_warning_before_the_eyes(desk: Desk, office: Office, person: Person) -> None:
    """C6-1-4c: the online channel only; people decide."""
    UsageRestriction.objects.create(
        person=person,
        reason="ご連絡のないキャンセルが続いた",
        starts_on=TUESDAY,
        ends_on=TUESDAY,
        review_on=TUESDAY,
        letter="試験",
        decided_at=desk.now,
        decided_by=office.staff,
    )
    assert "オンラインでの利用をお断りしている期間です" in text_of(desk.get(f"{ENTER}{person.pk}/"))
    assert "予約を入力しました" in send(desk, f"{ENTER}{person.pk}/", **WISH)


def test_form_that_was_refused_over_new_terms_can_be_sent_again(desk: Desk, office: Office) -> None:
    """The page carries the version in force, and the tick is asked for anew."""
    hidden = carried(desk, NEW)
    newer = publish_terms(number=2, effective_at=at(TUESDAY, 9, 29))
    page = desk.post(NEW, **hidden, **WISH, **STRANGER, zoom="on")
    assert [page.context["form"][name].value() for name in ("guided", "zoom")] == [False, False]
    again = {name: field_value(page, name) for name in ("shown", "key")}
    desk.post(NEW, **again, **WISH, **STRANGER)
    assert [consent.version for consent in Consent.objects.all()] == [newer]


@pytest.mark.parametrize(("ticked", "stated"), [({}, None), ({"zoom": "on"}, at(TUESDAY, 9, 30))])
def test_zooms_terms_are_stated_by_their_own_tick(desk: Desk, ticked: dict[str, str], stated: object) -> None:
    """C4-2."""
    send(desk, NEW, **WISH, **STRANGER, **ticked)
    assert Consent.objects.get().zoom_stated_at == stated
