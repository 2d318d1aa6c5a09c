"""Article 6-2 at the public door: what bars whom, the gate, one request, its clock, and never a word of the code."""

import logging
from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from booking.models import Booking, CodeDelivery, Meeting
from booking.operations import bookings, delivery, immediate
from booking.operations.bookings import expire
from consent.models import Consent, TermsVersion
from consent.operations import record_in_ministry_system, withdraw
from consent.queries import COUNSELLING
from tests.cast import (
    BEFORE_TERMS,
    MORNING,
    TUESDAY,
    Office,
    at,
    away,
    closed,
    make_counsellor,
    make_meeting_ready,
    make_regular,
    now_please,
)
from tests.change import announced, make_draft
from tests.employers import CONTACT, make_contact
from tests.kinds import interview
from tests.visitor import Visitor, field_value, text_of
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import restrict, verify_person
from toyooka_hw.accounts.operations.restrictions import Sanction

HANAKO = "hanako@example.jp"
DECLARED = {"environment": "on", "recording": "on"}
TICKS = {"bureau": "on", "agree": "on", "zoom": "on"}
WEDNESDAY = TUESDAY + timedelta(days=1)
EARLY = MORNING - timedelta(days=20)
TAKEN, NOT_TAKEN = "ただいま受け付けています", "ただいま受け付けていません"


@pytest.fixture
def standby(office: Office) -> None:
    """佐藤 takes immediate sessions."""
    immediate.switch(office.sato.pk, on=True, by=office.staff, now=MORNING)


@pytest.fixture
def visitor(office: Office, standby: None, regular: Person) -> Visitor:
    """The regular, signed in, while sessions are taken."""
    return signed_in()


@pytest.fixture
def waiting(visitor: Visitor) -> Booking:
    """Their request, sent through the page."""
    send(visitor)
    return Booking.objects.get()


def signed_in(door: str = "immediate", email: str = HANAKO, now: datetime = MORNING) -> Visitor:
    visitor = Visitor(now)
    assert visitor.sign_in(door, email).url == "/now/"
    return visitor


def send(visitor: Visitor, **more: str) -> object:
    shown = field_value(visitor.get("/now/"), "shown")
    return visitor.post("/now/", {"shown": shown, **DECLARED, **more})


def accept(office: Office, booking: Booking) -> Booking:
    """佐藤 takes it; Zoom has made the meeting."""
    later = MORNING + timedelta(minutes=2)
    immediate.accept(booking.pk, counsellor=office.sato.pk, by=office.staff, now=later, wall=later)
    booking.refresh_from_db()
    make_meeting_ready(booking, later)
    return booking


def bar(office: Office, person: Person) -> None:
    """Staff decide that the person may not use the online channel today (C6-1-4c)."""
    sanction = Sanction(reason="試験", starts_on=TUESDAY, ends_on=TUESDAY, review_on=TUESDAY, letter="お知らせ")
    restrict(person.pk, sanction, by=office.staff, now=MORNING, wall=MORNING)


def words_of(visitor: Visitor, path: str = "/now/") -> str:
    return text_of(visitor.get(path))


# --- whether sessions are taken ------------------------------------------------------------------------------------------


def test_page_says_that_sessions_are_taken(office: Office, standby: None) -> None:
    words = words_of(Visitor())
    assert (TAKEN in words, NOT_TAKEN in words) == (True, False)


def test_page_says_that_nobody_stands_by_and_when_one_may_reserve(office: Office) -> None:
    """The next start of the grid is the next day's first one: today's requests closed yesterday (A1)."""
    page = Visitor().get("/now/")
    words = text_of(page)
    assert NOT_TAKEN in words
    assert "いま対応できる担当者がいません。" in words
    assert "受付を始める時刻は、その日の担当者の状況によります。" in words
    assert "予約では、4月7日（水）10:00から空いています。" in words
    assert 'href="/slots/?week=2027-04-07"' in page.content.decode()


def test_page_says_when_the_office_opens_again(office: Office, standby: None) -> None:
    evening = Visitor(at(TUESDAY, 18))
    words = words_of(evening)
    assert "受付は、開庁日の8:30から16:45までです。" in words
    assert "次に受け付けられるのは、早くて4月7日（水）8:30ごろです。" in words


def test_page_says_that_the_day_is_closed(office: Office) -> None:
    closed(office, TUESDAY)
    assert "本日は閉庁日です。次に受け付けられるのは、早くて4月7日（水）8:30ごろです。" in words_of(Visitor())


def test_page_says_when_the_counsellors_are_busy(office: Office, standby: None) -> None:
    away(office, office.sato, MORNING, at(TUESDAY, 11))
    words = words_of(Visitor())
    assert "担当者が、ほかの方の相談に対応しています。次に受け付けられるのは、早くて4月6日（火）11:00ごろです。" in words


def test_page_without_terms_takes_nothing(office: Office) -> None:
    assert "ただいま受付を準備しています" in words_of(Visitor(BEFORE_TERMS))


def test_stranger_sees_what_is_needed_and_both_doors(office: Office, standby: None) -> None:
    page = Visitor().get("/now/").content.decode()
    assert ('href="/sign-in/immediate/"' in page, 'href="/sign-in/immediate-employer/"' in page) == (True, True)
    assert 'name="shown"' not in page
    assert "オンライン以外のご相談" in page


def test_page_is_not_stored(visitor: Visitor) -> None:
    assert "no-store" in visitor.get("/now/").headers["Cache-Control"]


# --- what bars a person --------------------------------------------------------------------------------------------------


def test_person_nobody_has_verified_is_told_so(office: Office, standby: None, person: Person) -> None:
    """C6-2-3c."""
    page = signed_in().get("/now/")
    assert "氏名と電話番号を職員が確認した方にご利用いただけます。" in text_of(page)
    assert 'name="environment"' not in page.content.decode()


def test_consent_that_is_not_in_the_ministrys_system_bars(office: Office, standby: None, person: Person) -> None:
    """C6-2-1b, A4: agreed here is not recorded there; the portal says which of the two is missing."""
    verify_person(person, registered_phone=person.phone, by=office.staff, now=MORNING)
    words = words_of(signed_in())
    assert "そのため、いますぐの相談はご利用いただけません。予約をご利用いただくか、窓口・お電話でご相談ください。" in words
    assert "利用規約への同意は、いただいています。" in words


def test_withdrawn_consent_bars_until_it_is_given_and_recorded_again(office: Office, visitor: Visitor, regular: Person) -> None:
    withdraw(regular, document=COUNSELLING, by=office.staff, now=MORNING + timedelta(minutes=1))
    visitor.now = MORNING + timedelta(minutes=2)
    assert "先に利用規約に同意いただくと、職員がハローワークシステムに記録したあと" in words_of(visitor)
    assert "いますぐの相談をご利用になるには、あらかじめ利用規約に同意いただき" in words_of(visitor, "/now/terms/")


def test_restricted_person_is_sent_to_counter_and_phone_without_a_word_on_why(office: Office, visitor: Visitor, regular: Person) -> None:
    """C6-1-4c."""
    bar(office, regular)
    words = words_of(visitor)
    assert ("窓口・お電話でご相談ください" in words, "試験" in words) == (True, False)


# --- the gate (C6-2-2) ---------------------------------------------------------------------------------------------------


@pytest.fixture
def changed(office: Office, regular: Person) -> TermsVersion:
    """A second version, in force from this morning's first moment."""
    return announced(office, make_draft(office, now=EARLY), on=TUESDAY, now=EARLY)


def answer(visitor: Visitor, answered: str, **ticks: str) -> object:
    shown = field_value(visitor.get("/now/terms/"), "shown")
    return visitor.post("/now/terms/", {"shown": shown, "answer": answered, **ticks})


def test_changed_terms_open_the_gate_with_bureau_page_and_comparison(changed: TermsVersion, visitor: Visitor) -> None:
    words = words_of(visitor)
    assert "利用規約が変更されていますご利用の前に、兵庫労働局のホームページで最新の利用規約をご確認ください。" in words
    page = visitor.get("/now/terms/").content.decode()
    assert 'href="https://bureau.example.jp/terms"' in page
    assert 'href="/terms/counselling/comparison/2/1/"' in page


def test_agreement_with_all_three_ticks_opens_the_way(changed: TermsVersion, visitor: Visitor) -> None:
    """C4-2, C6-2-2: the look at the bureau's page and Zoom's terms are kept with the consent."""
    assert answer(visitor, "agree", **TICKS).url == "/now/"
    consent = Consent.objects.get(version=changed)
    assert (consent.agreed, consent.bureau_confirmed_at, consent.zoom_stated_at) == (True, MORNING, MORNING)
    assert send(visitor).url == "/now/"
    assert Booking.objects.get().participants.get().consent.version == changed


@pytest.mark.parametrize("missing", ["bureau", "agree", "zoom"])
def test_missing_tick_records_nothing(changed: TermsVersion, visitor: Visitor, missing: str) -> None:
    page = answer(visitor, "agree", **{**TICKS, missing: ""})
    assert list(page.context["form"].errors) == [missing]
    assert not Consent.objects.filter(version=changed).exists()


def test_refusal_is_recorded_and_shows_the_other_ways(changed: TermsVersion, visitor: Visitor) -> None:
    assert answer(visitor, "refuse").url == "/now/"
    assert Consent.objects.get(version=changed).agreed is False
    words = words_of(visitor)
    assert "最新の利用規約に同意いただいていないためです。窓口またはお電話でご相談ください。" in words
    assert "オンライン以外のご相談" in words


def test_terms_that_change_while_they_are_read_are_read_again(office: Office, changed: TermsVersion) -> None:
    """C13-0: at midnight."""
    newest = announced(office, make_draft(office, 3, now=EARLY), on=WEDNESDAY, now=EARLY)
    visitor = signed_in(now=at(TUESDAY, 23, 59))
    shown = field_value(visitor.get("/now/terms/"), "shown")
    visitor.now = at(WEDNESDAY, 0)
    assert visitor.post("/now/terms/", {"shown": shown, "answer": "agree", **TICKS}).url == "/now/terms/"
    assert not Consent.objects.filter(version__in=[changed, newest]).exists()
    assert "利用規約が新しくなりました。" in words_of(visitor, "/now/terms/")


def test_gate_is_closed_to_who_is_restricted(office: Office, changed: TermsVersion, visitor: Visitor, regular: Person) -> None:
    bar(office, regular)
    assert "ただいま、オンラインでのお申込みはお受けしていません。" in words_of(visitor, "/now/terms/")


def test_gate_asks_nothing_of_who_agreed_to_this_text(visitor: Visitor) -> None:
    assert visitor.get("/now/terms/").url == "/now/"


def test_gate_is_for_those_who_are_signed_in(office: Office) -> None:
    assert Visitor().get("/now/terms/").url == "/now/"


# --- the request -----------------------------------------------------------------------------------------------------------


def test_request_waits_with_its_number_and_clock(visitor: Visitor, waiting: Booking) -> None:
    words = words_of(visitor)
    assert waiting.number in words
    assert "お返事の期限9:40（あと10分）" in words
    visitor.now = MORNING + timedelta(minutes=2, seconds=30)
    assert "お返事の期限9:40（あと8分）" in words_of(visitor)


def test_phone_is_shown_masked_and_is_no_field(visitor: Visitor) -> None:
    """C6-2-3c."""
    page = visitor.get("/now/").content.decode()
    assert '登録の電話番号：<span class="number">090-****-5678</span>' in page
    assert "本人確認のため、お申込みと同時に電話番号を変更することはできません。" in page
    assert ('name="phone"' in page, "09012345678" in page) == (False, False)


def test_other_phone_is_refused_logged_and_changes_nothing(visitor: Visitor, regular: Person, caplog: pytest.LogCaptureFixture) -> None:
    """C6-2-3c."""
    with caplog.at_level(logging.WARNING):
        page = send(visitor, phone="０８０ー９９９９ー８８８８", companion="手話通訳 1名")
    assert "登録の電話番号と異なる番号では、お申込みいただけません。" in text_of(page)
    assert 'value="手話通訳 1名"' in page.content.decode()
    assert f"booking.other_phone_refused person={regular.pk}" in caplog.text
    assert "99998888" not in caplog.text
    regular.refresh_from_db()
    assert (regular.registered_phone, Booking.objects.count()) == ("+819012345678", 0)


@pytest.mark.parametrize("phone", ["080-9999-8888", "+1 202 555 0123", "99998888x"])
def test_other_phone_is_refused_and_logged_whatever_else_is_missing(
    visitor: Visitor, regular: Person, caplog: pytest.LogCaptureFixture, phone: str
) -> None:
    """C6-2-3c."""
    with caplog.at_level(logging.WARNING):
        page = send(visitor, phone=phone, environment="")
    assert ("登録の電話番号と異なる番号では" in text_of(page), Booking.objects.count()) == (True, 0)
    assert (f"booking.other_phone_refused person={regular.pk}" in caplog.text, "9999" in caplog.text) == (True, False)


def test_other_phone_beside_a_request_that_waits_is_refused_and_logged(
    visitor: Visitor, waiting: Booking, regular: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """C6-2-3c: the second press changes nothing, and does not pass unseen."""
    with caplog.at_level(logging.WARNING):
        visitor.post("/now/", {"shown": "by hand", **DECLARED, "phone": "080-9999-8888"})
    assert f"booking.other_phone_refused person={regular.pk}" in caplog.text
    assert "登録の電話番号と異なる番号では" in words_of(visitor)
    regular.refresh_from_db()
    assert (regular.registered_phone, Booking.objects.get()) == ("+819012345678", waiting)


def test_own_phone_sent_along_is_no_difference(visitor: Visitor) -> None:
    assert send(visitor, phone="090-1234-5678").url == "/now/"


@pytest.mark.parametrize("missing", ["environment", "recording"])
def test_missing_declaration_keeps_what_was_typed(visitor: Visitor, missing: str) -> None:
    """C5, C12-2."""
    page = send(visitor, **{missing: "", "companion": "手話通訳 1名"})
    assert list(page.context["form"].errors) == [missing]
    assert 'value="手話通訳 1名"' in page.content.decode()
    assert Booking.objects.count() == 0


def test_second_tab_shows_the_one_request(visitor: Visitor) -> None:
    shown = field_value(visitor.get("/now/"), "shown")
    answers = [visitor.post("/now/", {"shown": shown, **DECLARED}) for _ in range(3)]
    assert [answer.url for answer in answers] == ["/now/"] * 3
    assert Booking.objects.count() == 1


def test_standby_that_ended_meanwhile_keeps_what_was_typed(office: Office, visitor: Visitor) -> None:
    shown = field_value(visitor.get("/now/"), "shown")
    immediate.switch(office.sato.pk, on=False, by=office.staff, now=MORNING)
    page = visitor.post("/now/", {"shown": shown, **DECLARED, "companion": "手話通訳 1名"})
    assert NOT_TAKEN in text_of(page)
    assert 'value="手話通訳 1名"' in page.content.decode()
    assert Booking.objects.count() == 0


def test_sign_in_that_ended_meanwhile_is_asked_for_again_and_nothing_typed_is_lost(visitor: Visitor) -> None:
    interrupted(visitor)
    assert visitor.sign_in("immediate").url == "/now/"
    assert 'value="手話通訳 1名"' in visitor.get("/now/").content.decode()
    send(visitor, companion="手話通訳 1名")
    assert Booking.objects.get().companion == "手話通訳 1名"
    assert "sign_in" not in visitor.client.session


def test_what_somebody_typed_is_not_shown_to_the_next_in_this_browser(office: Office, visitor: Visitor) -> None:
    make_regular(office, name="別の方", email="other@example.jp", phone="+819011112222")
    interrupted(visitor)
    assert visitor.sign_in("immediate", "other@example.jp").url == "/now/"
    assert "手話通訳" not in visitor.get("/now/").content.decode()


def interrupted(visitor: Visitor) -> None:
    """The form is sent when the hour of the sign-in is over."""
    shown = field_value(visitor.get("/now/"), "shown")
    visitor.now = MORNING + timedelta(minutes=60)
    page = visitor.post("/now/", {"shown": shown, **DECLARED, "companion": "手話通訳 1名"})
    assert "もう一度ご本人のメールアドレスを確認します。" in text_of(page)
    assert Booking.objects.count() == 0


def test_unsigned_note_is_refused(visitor: Visitor) -> None:
    page = visitor.post("/now/", {"shown": "x", **DECLARED})
    assert list(page.context["form"].errors) == ["shown"]


def test_employers_contact_asks_by_their_own_door(office: Office, standby: None) -> None:
    """C2-1d, A10: no reserved slots for them, and their own My Page."""
    record_in_ministry_system(make_contact(office), document=COUNSELLING, by=office.staff, now=MORNING)
    visitor = signed_in("immediate-employer", CONTACT)
    assert "求人者マイページまたはご登録の電話番号にご連絡し" in words_of(visitor)
    send(visitor)
    assert Booking.objects.get().participants.get().role == "employer"
    assert "求人者マイページ" in words_of(visitor)


def test_contact_nobody_has_verified_is_led_to_their_page(office: Office, standby: None) -> None:
    page = signed_in("immediate-employer", "personnel@example.jp").get("/now/").content.decode()
    assert ('href="/employer/"' in page, "予約の空き状況を見る" in page) == (True, False)


# --- the wait ----------------------------------------------------------------------------------------------------------


def test_companion_is_declared_until_the_session_begins(office: Office, visitor: Visitor, waiting: Booking) -> None:
    """C12-3b."""
    assert visitor.post("/now/companion/", {"companion": "手話通訳 1名"}).url == "/now/"
    waiting.refresh_from_db()
    assert waiting.companion == "手話通訳 1名"
    accept(office, waiting)
    visitor.now = MORNING + timedelta(minutes=2)
    visitor.post("/now/companion/", {"companion": "家族 1名"})
    waiting.refresh_from_db()
    assert waiting.companion == "手話通訳 1名"
    assert "お申込みの状態が変わっています。" in words_of(visitor)


def test_too_long_companion_is_told_and_kept(visitor: Visitor, waiting: Booking) -> None:
    page = visitor.post("/now/companion/", {"companion": "あ" * 201})
    assert "200文字以内で入力してください。" in text_of(page)
    assert f'value="{"あ" * 201}"' in page.content.decode()


def test_withdrawal_asks_once_and_ends_the_request(visitor: Visitor, waiting: Booking) -> None:
    assert "お申込みを取り下げますか" in words_of(visitor, "/now/withdraw/")
    assert visitor.post("/now/withdraw/").url == "/now/"
    waiting.refresh_from_db()
    assert waiting.state == "withdrawn"
    assert "先ほどのお申込みの取下げを承りました" in words_of(visitor)
    assert visitor.post("/now/withdraw/").url == "/now/"


def test_accepted_request_cannot_be_withdrawn_any_more(office: Office, visitor: Visitor, waiting: Booking) -> None:
    """C6-1-4a: from now on by phone."""
    accept(office, waiting)
    visitor.now = MORNING + timedelta(minutes=2)
    visitor.post("/now/withdraw/")
    waiting.refresh_from_db()
    assert waiting.state == "confirmed"
    assert "取りやめるとき・遅れるときは、お電話でご連絡ください。" in words_of(visitor)


def test_buttons_without_a_request_lead_to_the_page(visitor: Visitor) -> None:
    assert {visitor.get(f"/now/{name}/").url for name in ("withdraw", "companion")} == {"/now/"}
    assert {visitor.post(f"/now/{name}/").url for name in ("withdraw", "companion")} == {"/now/"}
    assert Visitor().post("/now/withdraw/").url == "/now/"


def test_terms_that_change_during_the_wait_raise_the_gate(
    office: Office, visitor: Visitor, waiting: Booking, changed: TermsVersion
) -> None:
    """C6-2-2: at every moment up to the start."""
    page = visitor.get("/now/")
    assert "最新の利用規約に同意いただくまで、相談を始められません。" in text_of(page)
    assert 'href="/now/terms/"' in page.content.decode()
    answer(visitor, "agree", **TICKS)
    assert "相談を始められません" not in words_of(visitor)


def test_accepted_session_tells_how_the_code_comes_and_never_the_code(office: Office, visitor: Visitor, waiting: Booking) -> None:
    """C6-2-3a."""
    accept(office, waiting)
    visitor.now = MORNING + timedelta(minutes=3)
    page = visitor.get("/now/")
    assert "2027年4月6日（火）9:32～10:02" in page.content.decode()
    assert "折り返しのお電話に出られるようにして、お待ちください。" in text_of(page)
    deliver(office, waiting, "callback_phone", "no_answer")
    assert "9:33にお電話しましたが、つながりませんでした。" in words_of(visitor)
    deliver(office, waiting, "job_seeker_mypage", "told")
    page = visitor.get("/now/")
    assert "9:33に、求職者マイページにお知らせしました。" in text_of(page)
    meeting = Meeting.objects.get(booking=waiting)
    secrets = (str(meeting.meeting_id), meeting.grouped_id, meeting.passcode, meeting.join_url)
    assert [secret for secret in secrets if secret in page.content.decode()] == []


def deliver(office: Office, booking: Booking, route: str, result: str) -> CodeDelivery:
    now = MORNING + timedelta(minutes=3)
    return delivery.record_delivery(booking.participants.get().pk, route, result, by=office.staff, now=now)


def test_number_replaced_today_is_not_called_today(visitor: Visitor, regular: Person) -> None:
    """C6-2-3c."""
    Person.objects.filter(pk=regular.pk).update(phone_changed_at=MORNING)
    assert "きょうは折り返しのお電話ができません。マイページにお知らせします。" in words_of(visitor)
    send(visitor)
    assert "ハローワークから、求職者マイページにZoomのミーティングIDとパスコードをお知らせします。" in words_of(visitor)


@pytest.mark.parametrize("swept", [False, True])
def test_request_nobody_took_is_told_kindly_and_may_be_sent_again(visitor: Visitor, waiting: Booking, swept: bool) -> None:
    visitor.now = MORNING + timedelta(minutes=10)
    if swept:
        expire(waiting.pk, now=visitor.now, wall=visitor.now)
    words = words_of(visitor)
    assert "お返事の期限までに、担当者がお受けできませんでした。受付中であれば、もう一度お申し込みいただけます。" in words
    assert send(visitor).url == "/now/"
    assert list(Booking.objects.order_by("pk").values_list("state", flat=True)) == ["expired", "requested"]


def test_declined_request_names_the_other_ways(office: Office, visitor: Visitor, waiting: Booking) -> None:
    bookings.decline(waiting.pk, reason="担当者が対応できないため", by=office.staff, now=MORNING, wall=MORNING)
    words = words_of(visitor)
    assert "先ほどのお申込みは、お受けできませんでした" in words
    assert "理由は、メールでお知らせしています。" in words


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("completed", "先ほどの相談は、終了しました"),
        ("stopped", "先ほどの相談は、途中で中止しました"),
        ("cancelled_by_user", "先ほどの相談は、取りやめました"),
        ("cancelled_by_office", "先ほどの相談は、行うことができませんでした"),
    ],
)
def test_ended_session_is_told_in_a_word(office: Office, visitor: Visitor, waiting: Booking, state: str, told: str) -> None:
    accept(office, waiting)
    Booking.objects.update(state=state)
    assert told in words_of(visitor)


def test_session_whose_time_is_over_is_over_before_staff_record_it(office: Office, visitor: Visitor, waiting: Booking) -> None:
    accept(office, waiting)
    visitor.now = MORNING + timedelta(minutes=32)
    words = words_of(visitor)
    assert "先ほどの相談の時間は、終了しました" in words
    assert "ご参加いただけなかったときや、ご不明な点があるときは、お電話でお尋ねください。電話：0796-00-0000" in words


@pytest.mark.parametrize(("state", "thanked"), [("completed", True), ("confirmed", False), ("cancelled_by_office", False)])
def test_only_a_session_that_was_held_is_thanked_for(office: Office, visitor: Visitor, waiting: Booking, state: str, thanked: bool) -> None:
    accept(office, waiting)
    Booking.objects.update(state=state)
    visitor.now = MORNING + timedelta(minutes=32)
    assert ("ご利用ありがとうございました" in words_of(visitor)) == thanked


def test_person_who_is_restricted_during_the_wait_is_told_that_it_will_not_be(office: Office, visitor: Visitor, waiting: Booking) -> None:
    bar(office, waiting.applicant)
    assert "このお申込みは、お受けできなくなりました" in words_of(visitor)


def test_nobody_sees_anothers_request(office: Office, waiting: Booking) -> None:
    make_regular(office, name="別の方", email="other@example.jp", phone="+819011112222")
    other = signed_in(email="other@example.jp")
    assert waiting.number not in words_of(other)
    other.post("/now/withdraw/")
    waiting.refresh_from_db()
    assert waiting.state == "requested"


def test_code_of_a_meeting_that_was_replaced_is_not_said_to_be_told(office: Office, visitor: Visitor, waiting: Booking) -> None:
    accept(office, waiting)
    now = MORNING + timedelta(minutes=3)
    delivery.record_delivery(waiting.participants.get().pk, "job_seeker_mypage", "told", by=office.staff, now=now)
    shown = []
    for made_at in (now, now + timedelta(seconds=1)):
        Meeting.objects.filter(booking=waiting).update(made_at=made_at)
        shown.append("求職者マイページにお知らせしました" in words_of(visitor))
    assert shown == [True, False]


def test_person_whose_reserved_session_is_near_is_led_to_that_one(office: Office, visitor: Visitor, regular: Person) -> None:
    """A18: nobody sits in two sessions at once; what was typed stays."""
    interview(office, at(TUESDAY, 10, 5), seeker=regular)
    immediate.switch(office.tanaka.pk, on=True, by=office.tanaka.user, now=MORNING)
    page = send(visitor, companion="手話通訳 1名")
    assert "4月6日（火）10:05から、ご予約の相談または面接があります。そちらをご利用ください。" in text_of(page)
    assert ('value="手話通訳 1名"' in page.content.decode(), Booking.objects.filter(kind="ad_hoc").count()) == (True, 0)


def test_page_says_that_others_wait_already(office: Office, visitor: Visitor, waiting: Booking) -> None:
    """Issue point 1: as many may wait as counsellors are free."""
    words = words_of(Visitor())
    assert ("ただいまお待ちの方がいます。数分たってから、もう一度ご確認ください。" in words, NOT_TAKEN in words) == (True, True)


# --- what the pages ask of the database ----------------------------------------------------------------------------------


def test_waiting_page_asks_the_database_the_same_however_many_wait(
    office: Office, visitor: Visitor, waiting: Booking, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(18):
        visitor.get("/now/")
    for number in range(3):
        more = make_counsellor(f"more{number}", f"担当{number}")
        immediate.switch(more.pk, on=True, by=more.user, now=MORNING)
        other = make_regular(office, name=f"利用者{number}", email=f"p{number}@example.jp", phone=f"+81901111000{number}")
        immediate.request(other, now_please(office.version), now=MORNING, wall=MORNING)
    with django_assert_num_queries(18):
        visitor.get("/now/")


def test_open_page_asks_the_database_little(office: Office, visitor: Visitor, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(9):
        Visitor().get("/now/")
    with django_assert_num_queries(21):
        visitor.get("/now/")
    immediate.switch(office.sato.pk, on=False, by=office.staff, now=MORNING)
    with django_assert_num_queries(11):
        Visitor().get("/now/")
