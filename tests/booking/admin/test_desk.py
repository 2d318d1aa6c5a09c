"""The desk of immediate sessions: the switch, the requests that wait, who takes them (C6-2-1c)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from booking.models import Booking, CodeDelivery, Counsellor, Hold
from booking.operations import bookings, employers, immediate
from booking.queries import waiting_immediate, waiting_in_short
from booking.queries.immediate import Waiting
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.admin.crowd import queries_of
from tests.cast import MORNING, TUESDAY, Office, at, away, make_counsellor, make_regular, now_please, publish_terms
from tests.employers import asked, make_contact
from tests.visitor import text_of
from toyooka_hw.accounts.models import Establishment, Person, Role, UsageRestriction, User
from toyooka_hw.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
DESK = "/admin/booking/booking/desk/"
TODAY = "/admin/booking/booking/today/"
INBOX = "/admin/booking/booking/inbox/"
LATER = MORNING + timedelta(minutes=3, seconds=20)


def switch(desk: Desk, counsellor: Counsellor, *, on: bool) -> str:
    words = text_of(desk.post(f"{DESK}switch/{counsellor.pk}/", on="yes" if on else ""))
    counsellor.refresh_from_db()
    return words


def accept(desk: Desk, booking: Booking, counsellor: Counsellor) -> str:
    words = text_of(desk.post(f"{DESK}{booking.pk}/accept/", counsellor=counsellor.pk))
    booking.refresh_from_db()
    return words


# --- the switch -------------------------------------------------------------------------------------------------------


def test_switch_is_off_until_pressed_and_holds_until_pressed_again(desk: Desk, office: Office) -> None:
    assert "受付中の担当者がいないため、受け付けていません。" in text_of(desk.get(DESK))
    assert "佐藤さんを、受付中にしました。" in switch(desk, office.sato, on=True)
    assert "いますぐの相談を受け付けています（受けられる担当者1人）。" in text_of(desk.get(DESK))
    assert "佐藤さんを、休止にしました。" in switch(desk, office.sato, on=False)
    assert office.sato.standby_since is None
    lines = AuditEntry.objects.filter(by=office.staff).order_by("pk").values_list("what", flat=True)
    assert list(lines) == ["いますぐの相談を受付中にする", "いますぐの相談を休止にする"]


def test_switch_pressed_twice_is_one(desk: Desk, office: Office) -> None:
    for _press in range(2):
        switch(desk, office.sato, on=True)
    assert (office.sato.standby_since, AuditEntry.objects.filter(by=office.staff).count()) == (MORNING, 1)


def test_switch_of_a_colleague_is_for_managers(desk_of: DeskOf, office: Office, member: Callable[[str], User]) -> None:
    assert "切り替えられるのは、管理者だけです。" in switch(desk_of(member("相談員")), office.tanaka, on=True)
    assert office.tanaka.standby_since is None
    assert "田中さんを、受付中にしました。" in switch(desk_of(member("管理者")), office.tanaka, on=True)


def test_button_of_a_colleague_stands_for_managers_only(desk_of: DeskOf, office: Office, member: Callable[[str], User]) -> None:
    seen = {role: text_of(desk_of(member(role)).get(DESK)).count("受付中にする") for role in ("相談員", "管理者", "監査")}
    assert seen == {"相談員": 0, "管理者": 2, "監査": 0}


@pytest.mark.parametrize(
    ("moment", "closed"),
    [
        (at(TUESDAY, 8, 29), "開庁時間の外のため、受け付けていません。次に受けられるのは、4月6日（火）8:30の見込みです。"),
        (at(TUESDAY, 16, 45, 1), "開庁時間の外のため"),
        (MORNING + timedelta(days=4), "閉庁日のため、受け付けていません。"),
    ],
)
def test_switch_stays_off_while_the_office_is_closed(desk_of: DeskOf, office: Office, moment: datetime, closed: str) -> None:
    desk = desk_of(office.staff, moment)
    assert closed in text_of(desk.get(DESK))
    assert "開庁時間の外か閉庁日のため、受付中にはできません。" in switch(desk, office.sato, on=True)
    assert office.sato.standby_since is None


def test_switch_falls_back_with_the_day(desk_of: DeskOf, desk: Desk, office: Office) -> None:
    switch(desk, office.sato, on=True)
    assert "佐藤（自分）休止" in text_of(desk_of(office.staff, MORNING + timedelta(days=1)).get(DESK))


def test_near_session_and_absence_are_told_as_the_reason(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    """A session and the lead of five minutes must fit before the next thing."""
    away(office, office.tanaka, at(TUESDAY, 9), at(TUESDAY, 12))
    at_nine = confirmed.starts_at - timedelta(minutes=34)
    desk = desk_of(office.sato.user, at_nine)
    switch(desk, office.sato, on=True)
    assert "佐藤（自分）受付中（いまは受けられません）10:00からの予定が近いため、受けられません" in text_of(desk.get(DESK))
    on_tuesday = text_of(desk_of(office.staff).get(DESK))
    assert "田中休止4月6日（火）12:00まで予定があります" in on_tuesday


@pytest.mark.parametrize("address", ["switch/999999/", "999999/accept/"])
def test_somebody_or_something_unknown_is_not_found(desk: Desk, address: str) -> None:
    assert desk.post(f"{DESK}{address}").status_code == 404


@pytest.mark.parametrize("address", ["switch/{counsellor}/", "{booking}/accept/"])
def test_presses_are_never_a_get(desk: Desk, office: Office, waiting: Booking, address: str) -> None:
    assert desk.get(DESK + address.format(counsellor=office.sato.pk, booking=waiting.pk)).status_code == 405


# --- the requests that wait ---------------------------------------------------------------------------------------------


def test_request_stands_with_its_clock_and_what_is_known_of_its_person(desk_of: DeskOf, office: Office, waiting: Booking) -> None:
    Booking.objects.update(companion="手話通訳")
    page = desk_of(office.staff, LATER).get(DESK)
    words, source = text_of(page), page.content.decode()
    assert "お待ちの申込み（1件）" in words
    assert f"残り6:409:40まで{waiting.number}9:30申込み豊岡花子求職者" in words
    assert ('data-until="2027-04-06T00:40:00+00:00"' in source, "090-****-5678" in words) == (True, True)
    assert ("手話通訳" in source, "相談内容・同席者の記入あり" in source, "090-1234-5678" in source, "初めて" in words) == (
        False,
        True,
        False,
        True,
    )


def test_employers_contact_stands_with_their_establishment(desk: Desk, office: Office, waiting: Booking) -> None:
    place = Establishment.objects.create(number="2809-123456-7", name="但馬製作所", created_at=MORNING)
    Person.objects.update(role=Role.EMPLOYER_CONTACT, establishment=place, department="総務課")
    waiting.participants.update(role="employer")
    assert "豊岡花子求人者但馬製作所総務課" in text_of(desk.get(DESK))


def test_restriction_and_count_are_told(desk: Desk, office: Office, waiting: Booking) -> None:
    UsageRestriction.objects.create(
        person=waiting.applicant,
        reason="試験",
        starts_on=TUESDAY,
        ends_on=TUESDAY,
        review_on=TUESDAY,
        decided_by=office.staff,
        decided_at=MORNING,
    )
    assert "オンラインの利用を制限中" in text_of(desk.get(DESK))
    assert "この方は、オンラインの利用を制限中です。" in accept(desk, waiting, office.sato)
    assert waiting.state == "requested"


def test_auditor_sees_the_desk_and_may_press_nothing(desk_of: DeskOf, waiting: Booking, member: Callable[[str], User]) -> None:
    page = desk_of(member("監査")).get(DESK).content.decode()
    assert ("豊岡 花子" in page, "accept" in page, "お断り" in page) == (True, False, False)


def test_request_leaves_the_desk_when_its_time_is_over(desk_of: DeskOf, office: Office, waiting: Booking) -> None:
    moments = [waiting.answer_by - timedelta(seconds=1), waiting.answer_by]
    assert [waiting_in_short(now=now) for now in moments] == [Waiting(1, waiting.answer_by), Waiting(0, None)]
    assert [len(waiting_immediate(now=now)) for now in moments] == [1, 0]


def test_poll_answers_with_the_parts_alone(desk: Desk, waiting: Booking) -> None:
    page = desk.client.get(DESK, headers={"X-Poll": "1"})
    assert (page.headers["X-Poll"], "<html" in page.content.decode()) == ("1", False)


@pytest.mark.parametrize("path", [TODAY, INBOX])
def test_other_pages_point_to_the_desk_while_somebody_waits(desk_of: DeskOf, office: Office, waiting: Booking, path: str) -> None:
    during, after = (text_of(desk_of(office.staff, moment).get(path)) for moment in (LATER, waiting.answer_by))
    assert ("いますぐの相談の申込みが1件、お待ちです。" in during, "残り6:40" in during) == (True, True)
    assert "お待ちです" not in after


def test_desk_asks_the_same_number_of_queries_for_many(desk: Desk, office: Office, waiting: Booking) -> None:
    immediate.accept(waiting.pk, counsellor=office.sato.pk, by=office.staff, now=MORNING, wall=MORNING)
    rows = [make_regular(office, f"利用者{number}", f"{number}@example.jp", f"+8190555500{number:02}") for number in range(8)]
    immediate.switch(office.tanaka.pk, on=True, by=office.tanaka.user, now=MORNING)
    immediate.request(rows[0], now_please(office.version), now=MORNING, wall=MORNING)
    few = queries_of(desk, DESK)
    for number, row in enumerate(rows[1:]):
        more = make_counsellor(f"more{number}", f"担当{number}")
        immediate.switch(more.pk, on=True, by=more.user, now=MORNING)
        immediate.request(row, now_please(office.version), now=MORNING, wall=MORNING)
    accepted = Booking.objects.filter(state="requested").order_by("-pk")[:2]
    for booking, counsellor in zip(accepted, Counsellor.objects.filter(name__startswith="担当"), strict=False):
        immediate.accept(booking.pk, counsellor=counsellor.pk, by=office.staff, now=MORNING, wall=MORNING)
    assert (queries_of(desk, DESK), few) == (few, 18)


# --- taking a request -----------------------------------------------------------------------------------------------------


def test_accepted_request_takes_the_next_half_hour_and_leads_to_the_code(desk_of: DeskOf, office: Office, waiting: Booking) -> None:
    page = desk_of(office.staff, LATER).post(f"{DESK}{waiting.pk}/accept/", counsellor=office.sato.pk)
    waiting.refresh_from_db()
    assert page.redirect_chain == [(f"/admin/booking/booking/{waiting.pk}/delivery/", 302)]
    assert "申込みを受け付けました。番号をお伝えしてください。" in text_of(page)
    start = MORNING + timedelta(minutes=4)
    assert (waiting.state, waiting.counsellor, waiting.starts_at, waiting.ends_at) == (
        "confirmed",
        office.sato,
        start,
        start + timedelta(minutes=30),
    )
    assert list(Hold.objects.values_list("kind", "counsellor")) == [("ad_hoc", office.sato.pk)]


def test_colleague_may_be_given_the_request(desk: Desk, office: Office, waiting: Booking) -> None:
    words = accept(desk, waiting, office.tanaka)
    assert "田中さんが担当します。番号は、担当者がお伝えします。" in words
    assert (waiting.counsellor, "番号をまだお伝えしていません" in words) == (office.tanaka, True)


def test_only_colleagues_who_are_free_are_offered(desk: Desk, office: Office, waiting: Booking) -> None:
    assert "田中（休止）" in text_of(desk.get(DESK))
    away(office, office.tanaka, at(TUESDAY, 9), at(TUESDAY, 12))
    assert "ほかの担当者が受ける</summary>" not in desk.get(DESK).content.decode()


def test_slower_colleague_is_told_who_was_faster(desk_of: DeskOf, office: Office, waiting: Booking) -> None:
    first, second = desk_of(office.sato.user, LATER), desk_of(office.tanaka.user, LATER)
    accept(first, waiting, office.sato)
    words = accept(second, waiting, office.tanaka)
    assert f"{waiting.number}豊岡花子：すでに佐藤さんが「予約確定」にしました。" in words
    assert (waiting.counsellor, Hold.objects.count()) == (office.sato, 1)


def test_request_that_was_withdrawn_meanwhile_is_told(desk: Desk, office: Office, waiting: Booking) -> None:
    bookings.withdraw(waiting.pk, now=MORNING, wall=MORNING)
    assert "すでに「取下げ」になっています。" in accept(desk, waiting, office.sato)


def test_request_that_waited_too_long_is_told(desk_of: DeskOf, office: Office, waiting: Booking) -> None:
    words = accept(desk_of(office.staff, waiting.answer_by), waiting, office.sato)
    assert "お待ちいただく時間を過ぎたため、この申込みは終了しました。" in words


def test_terms_that_changed_meanwhile_bar_the_acceptance(desk_of: DeskOf, office: Office, waiting: Booking) -> None:
    """C6-2-2: asked again when the session is to begin."""
    articles = [{"number": 1, "branch": None, "heading": "（目的）", "paragraphs": [{"marker": "", "text": "新しい本文。", "items": []}]}]
    publish_terms(number=2, effective_at=LATER, articles=articles)
    assert "利用規約が新しくなり、この方はまだ同意していません。" in accept(desk_of(office.staff, LATER), waiting, office.sato)
    assert waiting.state == "requested"


def test_counsellor_who_is_taken_is_told_in_words(desk: Desk, office: Office, waiting: Booking) -> None:
    away(office, office.sato, at(TUESDAY, 9), at(TUESDAY, 12))
    words = accept(desk, waiting, office.sato)
    assert "4月6日（火）9:30：選んだ担当者は、この時間に空いていません。" in words
    assert (waiting.state, waiting.counsellor) == ("requested", None)


@pytest.mark.parametrize("chosen", ["", "x", "999999", "9" * 30])
def test_counsellor_who_does_not_exist_is_not_found(desk: Desk, waiting: Booking, chosen: str) -> None:
    assert desk.post(f"{DESK}{waiting.pk}/accept/", counsellor=chosen).status_code == 404


def test_request_is_declined_with_a_reason_of_its_kind(desk: Desk, waiting: Booking) -> None:
    form = desk.get(f"/admin/booking/booking/{waiting.pk}/act/decline/").context["form"]
    reason = str(form.fields["canned"].choices[0][0])
    assert reason == "ただいま対応できる担当者がおりません。"
    assert "お断りしました。メールでお知らせします。" in desk.press(waiting, "decline", canned=reason, next=DESK)
    assert waiting.state == "declined"


# --- employers' requests on the pages of the day --------------------------------------------------------------------------


@pytest.mark.parametrize("path", [TODAY, INBOX])
def test_pages_of_the_day_point_to_employers_requests_that_wait(desk_of: DeskOf, office: Office, path: str) -> None:
    assert "求人者からの依頼が" not in text_of(desk_of(office.staff).get(path))
    request = asked(make_contact(office), people=3)
    assert "求人者からの依頼が1件、お返事を待っています。" in text_of(desk_of(office.staff).get(path))
    assert 'class="number late"' not in desk_of(office.staff).get(path).content.decode()
    late = request.sessions.latest("pk").answer_by
    assert 'class="number late"' in desk_of(office.staff, late).get(path).content.decode()
    employers.decline_request(request.pk, reason="お受けできないため", by=office.staff, now=MORNING, wall=MORNING)
    assert "求人者からの依頼が" not in text_of(desk_of(office.staff).get(path))


def test_session_that_is_over_asks_for_its_end_though_the_code_was_told(desk_of: DeskOf, office: Office, waiting: Booking) -> None:
    accept(desk_of(office.staff), waiting, office.sato)
    CodeDelivery.objects.create(
        participant=waiting.participants.get(), route="job_seeker_mypage", result="told", at=waiting.starts_at, by=office.staff
    )
    found = [text_of(desk_of(office.staff, moment).get(DESK)) for moment in (waiting.starts_at, waiting.ends_at)]
    assert [("番号をお伝え済み" in words, "結果の記録がありません" in words) for words in found] == [(True, False), (False, True)]
