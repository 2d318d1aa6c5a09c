"""Every button of a booking: pressed with success, and refused in words at the door (C6-1-1b, C6-1-3, C6-1-4, C2-1a, A2, A7)."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from booking.admin.actions import ACTIONS, standing
from booking.links import token_of
from booking.models import Booking, BookingEvent, Hold, Meeting, StopRecord
from booking.models.bookings import State
from booking.operations import applications, bookings, no_contact
from booking.rules.lifecycle import Actor, Event, Kind, legal_events
from booking.rules.lifecycle import State as RuleState
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.booking.admin.conftest import Desk, DeskOf
from tests.cast import MORNING, SESSION, THURSDAY, Office, application, at, make_person
from tests.visitor import at_time, text_of
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
LATER = at(THURSDAY, 13)
LAST = at(THURSDAY, 14, 30)
MIDNIGHT = at(THURSDAY, 0)
QUARTER_PAST = SESSION + timedelta(minutes=15)
REGISTERED = {"eligibility": "registered"}


def mails_about(booking: Booking) -> list[str]:
    keys = [f"booking-event:{event.pk}" for event in booking.events.all()]
    return list(OutgoingMail.objects.filter(key__in=keys).order_by("pk").values_list("subject", flat=True))


def test_confirm_makes_one_meeting_wanted_and_writes_one_mail(desk: Desk, requested: Booking) -> None:
    words = desk.press(requested, "confirm", **REGISTERED)
    assert "予約を確定しました。メールでお知らせします。" in words
    assert (requested.state, requested.eligibility, requested.confirmed_at) == ("confirmed", "registered", MORNING)
    assert (Meeting.objects.count(), len(mails_about(requested))) == (1, 2)


def test_confirm_without_looking_up_the_registration_is_refused(desk: Desk, requested: Booking) -> None:
    assert "資格の確認の結果を選んでください。" in desk.press(requested, "confirm")
    assert (requested.state, requested.eligibility) == ("requested", "unchecked")


def test_confirm_hands_the_session_to_a_colleague_with_their_host(desk: Desk, requested: Booking, office: Office) -> None:
    desk.press(requested, "confirm", counsellor=office.tanaka.pk, **REGISTERED)
    held = Hold.objects.get(booking=requested)
    assert (requested.counsellor, held.counsellor, held.host) == (office.tanaka, office.tanaka, office.tanaka.default_host)


def test_confirm_at_the_last_second_of_the_eve_needs_no_reason(desk_of: DeskOf, office: Office, requested: Booking) -> None:
    desk = desk_of(office.staff, MIDNIGHT - timedelta(seconds=1))
    desk.press(requested, "confirm", **REGISTERED)
    assert requested.state == "confirmed"


def test_confirm_on_the_day_itself_asks_for_the_reason_and_keeps_it(desk_of: DeskOf, office: Office, requested: Booking) -> None:
    desk = desk_of(office.staff, MIDNIGHT)
    page = desk.get(f"/admin/booking/booking/{requested.pk}/act/confirm/")
    assert "例外として当日確定する（理由）" in text_of(page)
    assert "理由を入力してください。" in desk.press(requested, "confirm", **REGISTERED)
    assert requested.state == "requested"
    desk.press(requested, "confirm", reason="本人が急ぎ", **REGISTERED)
    event = BookingEvent.objects.get(booking=requested, event="confirm")
    assert (requested.state, event.override, event.reason) == ("confirmed", True, "本人が急ぎ")


def test_second_to_confirm_is_told_who_was_faster(desk: Desk, desk_of: DeskOf, office: Office, requested: Booking) -> None:
    colleague = desk_of(office.tanaka.user)
    desk.press(requested, "confirm", **REGISTERED)
    assert "すでに佐藤さんが「予約確定」にしました。" in colleague.press(requested, "confirm", **REGISTERED)
    assert (Meeting.objects.count(), len(mails_about(requested))) == (1, 2)


def test_page_of_a_button_that_no_longer_stands_says_so(desk: Desk, confirmed: Booking) -> None:
    assert "すでに佐藤さんが「予約確定」にしました。" in text_of(desk.get(f"/admin/booking/booking/{confirmed.pk}/act/confirm/"))


def test_propose_holds_each_time_until_the_answer(desk: Desk, requested: Booking) -> None:
    words = desk.press(requested, "propose", first=LATER.isoformat(), second=LAST.isoformat(), **REGISTERED)
    assert "日時を提案しました。" in words
    assert (requested.state, [hold.span.lower for hold in requested.holds.order_by("span")]) == ("proposed", [LATER, LAST])


def test_propose_of_a_time_that_was_taken_meanwhile_is_refused_in_words(desk: Desk, requested: Booking, office: Office) -> None:
    both = [office.sato.pk, office.tanaka.pk]
    desk.post("/admin/booking/booking/roster/absence/", counsellors=both, first="2027-04-08", starts="13:00", ends="14:00")
    words = desk.press(requested, "propose", first=LATER.isoformat(), **REGISTERED)
    assert "この日時は、ほかの予定が入ったため選べません。" in words
    assert requested.state == "requested"


def test_propose_of_one_time_twice_is_told_and_holds_nothing(desk: Desk, requested: Booking) -> None:
    """A13: two equal times would be one choice; nothing is merged silently."""
    words = desk.press(requested, "propose", first=LATER.isoformat(), second=LATER.isoformat(), **REGISTERED)
    assert "同じ日時が2回選ばれています。" in words
    assert (requested.state, [hold.span.lower for hold in requested.holds.all()]) == ("requested", [SESSION])


def test_confirm_offers_only_those_who_are_free(desk: Desk, requested: Booking, office: Office) -> None:
    page = f"/admin/booking/booking/{requested.pk}/act/confirm/"
    assert ("田中</option>" in desk.get(page).content.decode(), "担当者に合わせる" in text_of(desk.get(page))) == (True, True)
    rival = make_person("城崎 一", "hajime@example.jp")
    agree(rival, Shown(office.version.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING)
    assert applications.request(rival, application(office.version), now=MORNING, wall=MORNING).counsellor == office.tanaka
    assert "田中</option>" not in desk.get(page).content.decode()
    words = desk.press(requested, "confirm", counsellor=office.tanaka.pk, **REGISTERED)
    assert "選んだ担当者に、別の予定が入りました。選び直してください。" in words
    assert requested.state == "requested"


def test_reinstate_before_the_day_itself_asks_for_the_reason_too(desk_of: DeskOf, office: Office, requested: Booking) -> None:
    """What expired with its proposals may have been wished for a later day: the exception is explained all the same (A2)."""
    earlier = at(date(2027, 4, 7), 10)
    bookings.propose(requested.pk, [earlier], eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    eve = at(date(2027, 4, 7), 0)
    bookings.expire_unconfirmed(now=eve, wall=eve)
    desk = desk_of(office.staff, at(date(2027, 4, 7), 9))
    assert "理由を入力してください。" in desk.press(requested, "reinstate", **REGISTERED)
    desk.press(requested, "reinstate", reason="所の都合", **REGISTERED)
    assert requested.state == "confirmed"


def test_limit_is_the_end_of_the_day_before(desk: Desk, requested: Booking) -> None:
    """C6-1-1b: 24:00 of Wednesday, which nobody reads as the night of Thursday."""
    for page in (f"{requested.pk}/act/confirm/", f"{requested.pk}/change/"):
        assert "2027年4月7日（水）24:00" in text_of(desk.get(f"/admin/booking/booking/{page}"))


def test_usual_reason_and_own_words_go_to_the_person_together(desk: Desk, requested: Booking) -> None:
    usual = "ご希望の日時に対応できる担当者がおりませんでした。"
    desk.press(requested, "decline", canned=usual, reason="来週以降は空きがあります。")
    event = BookingEvent.objects.get(booking=requested, event="decline")
    assert event.reason == f"{usual}来週以降は空きがあります。"
    assert event.reason in OutgoingMail.objects.latest("pk").body


def test_reason_longer_than_the_history_keeps_is_refused(desk: Desk, requested: Booking) -> None:
    usual = "ご希望の日時に対応できる担当者がおりませんでした。"
    assert "400文字以内で入力してください。" in desk.press(requested, "decline", canned=usual, reason="あ" * 390)
    assert requested.state == "requested"


def test_propose_offers_no_time_of_the_day_itself(desk_of: DeskOf, office: Office, requested: Booking) -> None:
    desk = desk_of(office.staff, MIDNIGHT)
    assert "4月8日（木）13:00" not in text_of(desk.get(f"/admin/booking/booking/{requested.pk}/act/propose/"))


@pytest.fixture
def proposed(office: Office, requested: Booking) -> Booking:
    return bookings.propose(requested.pk, [LATER, LAST], eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)


def test_accept_records_the_answer_given_by_phone(desk: Desk, proposed: Booking) -> None:
    desk.press(proposed, "accept", start=LAST.isoformat())
    assert (proposed.state, proposed.starts_at, proposed.holds.count()) == ("confirmed", LAST, 1)


def test_accept_on_the_day_itself_asks_for_the_reason_and_keeps_it(desk_of: DeskOf, office: Office, proposed: Booking) -> None:
    desk = desk_of(office.staff, at(THURSDAY, 9))
    assert "理由を入力してください。" in desk.press(proposed, "accept", start=LATER.isoformat())
    assert 'name="reason"' in desk.get(f"/admin/booking/booking/{proposed.pk}/act/accept/").content.decode()
    desk.press(proposed, "accept", start=LATER.isoformat(), reason="お電話が遅れた")
    event = proposed.events.get(event="accept")
    assert (proposed.state, event.override, event.reason) == ("confirmed", True, "お電話が遅れた")


def test_confirm_of_a_late_start_asks_for_the_reason_however_long_the_request_lives(
    desk_of: DeskOf, office: Office, requested: Booking
) -> None:
    monday = at(date(2027, 4, 12), 10)
    bookings.propose(requested.pk, [monday], eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    bookings.refuse(requested.pk, now=MIDNIGHT)
    desk = desk_of(office.staff, at(THURSDAY, 9))
    assert 'name="reason"' in desk.get(f"/admin/booking/booking/{requested.pk}/act/confirm/").content.decode()
    desk.press(requested, "confirm", reason="本人が急ぎ", **REGISTERED)
    assert requested.state == "confirmed"


def test_accept_of_a_time_never_proposed_is_refused(desk: Desk, proposed: Booking) -> None:
    assert "この日時は、ほかの予定が入ったため選べません。" in desk.press(proposed, "accept", start=SESSION.isoformat())
    assert proposed.state == "proposed"


def test_refuse_opens_the_request_again_without_a_place(desk: Desk, proposed: Booking) -> None:
    desk.press(proposed, "refuse")
    assert (proposed.state, proposed.holds.count()) == ("requested", 0)


def test_request_without_a_place_is_confirmed_with_a_new_one(desk: Desk, proposed: Booking) -> None:
    desk.press(proposed, "refuse")
    desk.press(proposed, "confirm", **REGISTERED)
    assert (proposed.state, proposed.holds.count()) == ("confirmed", 1)


def refused_then_done(desk: Desk, booking: Booking, button: str) -> tuple[str, str]:
    """The button without a reason, then with one; the booking's state after each."""
    assert "理由を入力してください。" in desk.press(booking, button)
    before = booking.state
    desk.press(booking, button, reason="担当者の急病")
    assert booking.events.filter(reason="担当者の急病").count() == 1
    return before, booking.state


def test_decline_needs_a_reason(desk: Desk, requested: Booking) -> None:
    assert refused_then_done(desk, requested, "decline") == ("requested", "declined")


def test_cancelling_for_the_office_needs_a_reason(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    assert refused_then_done(desk_of(office.staff, QUARTER_PAST), confirmed, "cancel_by_office") == ("confirmed", "cancelled_by_office")
    assert confirmed.outcome == "counsellor_away"


def test_withdraw_is_no_cancellation(desk: Desk, requested: Booking) -> None:
    desk.press(requested, "withdraw")
    assert (requested.state, requested.holds.count()) == ("withdrawn", 0)


def test_reinstate_confirms_an_expired_request_with_a_reason(desk_of: DeskOf, office: Office, requested: Booking) -> None:
    bookings.expire_unconfirmed(now=MIDNIGHT, wall=MIDNIGHT)
    desk = desk_of(office.staff, at(THURSDAY, 9))
    assert "理由を入力してください。" in desk.press(requested, "reinstate", **REGISTERED)
    desk.press(requested, "reinstate", reason="システムの停止のため", **REGISTERED)
    assert (requested.state, requested.holds.count()) == ("confirmed", 1)


def test_reinstate_after_the_start_is_refused_in_words(desk_of: DeskOf, office: Office, requested: Booking) -> None:
    bookings.expire_unconfirmed(now=MIDNIGHT, wall=MIDNIGHT)
    desk = desk_of(office.staff, QUARTER_PAST)
    words = desk.press(requested, "reinstate", reason="遅れて気づいた", **REGISTERED)
    assert "4月8日（木）10:00：開始時刻を過ぎています。" in words
    assert requested.state == "expired"


def test_contact_that_cancels_is_a_cancellation_with_notice(desk: Desk, confirmed: Booking) -> None:
    desk.press(confirmed, "contact", channel="phone", meaning="cannot_come", note="風邪")
    record = confirmed.contacts.get()
    assert (confirmed.state, record.note, record.recorded_by) == ("cancelled_by_user", "風邪", confirmed.eligibility_checked_by)


def test_contact_of_being_late_changes_no_state(desk: Desk, confirmed: Booking) -> None:
    desk.press(confirmed, "contact", channel="counter", meaning="late")
    assert (confirmed.state, confirmed.contacts.get().meaning) == ("confirmed", "late")


def test_contact_without_a_meaning_is_refused(desk: Desk, confirmed: Booking) -> None:
    assert "連絡の内容を選んでください。" in desk.press(confirmed, "contact", channel="phone")
    assert confirmed.contacts.count() == 0


@pytest.mark.parametrize(("button", "outcome"), [("complete", "completed"), ("stop", "stopped")])
def test_outcome_is_recorded_from_the_start_on(desk_of: DeskOf, office: Office, confirmed: Booking, button: str, outcome: str) -> None:
    desk_of(office.staff, SESSION - timedelta(seconds=1)).press(confirmed, button)
    assert confirmed.state == "confirmed"
    desk_of(office.staff, QUARTER_PAST).press(confirmed, button)
    assert confirmed.state == outcome


def test_cancel_by_user_keeps_who_called_and_why(desk: Desk, confirmed: Booking) -> None:
    """C6-1-4a, A19."""
    desk.press(confirmed, "cancel_by_user", outcome="job_found", channel="phone", caller="支援機関の職員", note="内定")
    call = confirmed.contacts.get()
    assert (confirmed.state, confirmed.outcome, call.caller, call.note) == ("cancelled_by_user", "job_found", "支援機関の職員", "内定")
    page = text_of(desk.get(f"/admin/booking/booking/{confirmed.pk}/change/"))
    assert ("就職が決まった（本人の事情）" in page, "連絡した方：支援機関の職員" in page) == (True, True)


@pytest.mark.parametrize(
    ("button", "usual"),
    [("complete", "held"), ("cancel_by_user", "own_plans"), ("stop", "own_device")],
)
def test_usual_outcome_is_chosen_already(desk_of: DeskOf, office: Office, confirmed: Booking, button: str, usual: str) -> None:
    page = desk_of(office.staff, QUARTER_PAST).get(f"/admin/booking/booking/{confirmed.pk}/act/{button}/")
    chosen = [value for value in re.findall(r"<input[^>]*checked[^>]*>", page.content.decode()) if 'name="outcome"' in value]
    assert [f'value="{usual}"' in value for value in chosen] == [True]


def test_no_contact_chooses_nothing_where_it_may_be_the_offices_doing(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    """A7: Zoom was not ready. That counts against nobody by a press that nobody looked at."""
    desk = desk_of(office.staff, QUARTER_PAST)
    page = desk.get(f"/admin/booking/booking/{confirmed.pk}/act/cancel_no_contact/")
    assert "ハローワーク側の事情かもしれません：開始までにZoomの準備ができていませんでした" in text_of(page)
    assert not [each for each in re.findall(r"<input[^>]*checked[^>]*>", page.content.decode()) if 'name="outcome"' in each]
    assert "結果の内訳を選んでください。" in desk.press(confirmed, "cancel_no_contact")
    assert confirmed.state == "confirmed"
    desk.press(confirmed, "cancel_no_contact", outcome="wrong_contact")
    assert (confirmed.state, confirmed.outcome) == ("cancelled_no_contact", "wrong_contact")


def test_no_contact_is_refused_in_words_where_the_office_was_late(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk = desk_of(office.staff, QUARTER_PAST)
    desk.press(confirmed, "delay")
    words = desk.press(confirmed, "cancel_no_contact", outcome="not_reached")
    assert "「中止（ハローワークの都合）」で記録してください。" in words
    assert confirmed.state == "confirmed"


def test_completing_is_one_press_with_the_usual_outcome(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk_of(office.staff, QUARTER_PAST).press(confirmed, "complete")
    assert (confirmed.state, confirmed.outcome) == ("completed", "held")


def test_outcome_of_another_end_is_refused(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk_of(office.staff, QUARTER_PAST).press(confirmed, "complete", outcome="conduct")
    assert (confirmed.state, confirmed.outcome) == ("confirmed", "")


CONDUCT = {"outcome": "conduct", "category": "abuse", "note": "大声で職員をののしった"}


def test_stop_for_conduct_is_told_to_managers_only(
    desk_of: DeskOf, member: Callable[[str], User], office: Office, confirmed: Booking
) -> None:
    """C12-1: category and note stand on one page, for managers; who opened it is a line in the audit."""
    pressing = desk_of(office.staff, QUARTER_PAST)
    assert "区分を選び、経緯を入力してください。" in pressing.press(confirmed, "stop", outcome="conduct", note="大声で職員をののしった")
    pressing.press(confirmed, "stop", **CONDUCT)
    assert (confirmed.state, confirmed.outcome, confirmed.events.get(event="stop").reason) == ("stopped", "conduct", "")
    detail, record = (f"/admin/booking/booking/{confirmed.pk}/{page}/" for page in ("change", "stop-record"))
    counsellor, manager = desk_of(member("相談員"), QUARTER_PAST), desk_of(member("管理者"), QUARTER_PAST)
    seen = text_of(counsellor.get(detail))
    assert ("規約第12条" in seen, "管理者だけが閲覧できます" in seen, counsellor.post(record).status_code) == (False, True, 403)
    assert "中止の経緯を見る" in text_of(manager.get(detail))
    assert not AuditEntry.objects.filter(kind="look").exists()
    words = text_of(manager.post(record))
    assert ("暴言" in words, CONDUCT["note"] in words) == (True, True)
    assert [(look.by.display_name, look.subject) for look in AuditEntry.objects.filter(kind="look")] == [("管理者", confirmed.number)]
    kept = f"{list(AuditEntry.objects.values('what', 'changes', 'reason'))}{list(confirmed.events.values())}"
    assert [word in kept for word in ("暴言", "abuse", "conduct", "第12条", CONDUCT["note"])] == [False] * 5


def test_stop_of_technical_cause_needs_no_category(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk_of(office.staff, QUARTER_PAST).press(confirmed, "stop", outcome="zoom_fault", note="画面が固まった")
    assert (confirmed.state, confirmed.events.get(event="stop").reason) == ("stopped", "画面が固まった")
    assert not StopRecord.objects.exists()


def test_stop_record_of_nothing_is_not_found(desk: Desk, confirmed: Booking) -> None:
    assert desk.post(f"/admin/booking/booking/{confirmed.pk}/stop-record/").status_code == 404


def test_delay_is_recorded_once(desk: Desk, confirmed: Booking) -> None:
    desk.press(confirmed, "delay")
    assert (confirmed.office_delay, "delay" in standing(confirmed, now=MORNING)) == (True, False)


@pytest.fixture
def cancelled(office: Office, confirmed: Booking) -> Booking:
    return no_contact.cancel_no_contact(confirmed.pk, by=office.staff, now=QUARTER_PAST, wall=QUARTER_PAST)


@pytest.mark.parametrize("target", ["confirmed", "completed/held_short", "cancelled_by_user/job_found"])
def test_correct_says_what_the_record_should_have_said(desk_of: DeskOf, office: Office, cancelled: Booking, target: str) -> None:
    desk = desk_of(office.staff, QUARTER_PAST)
    assert "理由を入力してください。" in desk.press(cancelled, "correct", target=target)
    desk.press(cancelled, "correct", target=target, reason="電話があった")
    assert (f"{cancelled.state}/{cancelled.outcome}".rstrip("/"), cancelled.notice_due_at) == (target, None)


def test_wrong_press_of_completed_is_taken_back_on_the_page(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk = desk_of(office.staff, QUARTER_PAST)
    desk.press(confirmed, "complete")
    desk.press(confirmed, "correct", target="confirmed", reason="押し間違い")
    assert (confirmed.state, confirmed.events.last().event, Hold.objects.count()) == ("confirmed", "correct_to_confirmed", 1)


def test_confirmed_is_no_choice_once_the_session_is_over(desk_of: DeskOf, office: Office, cancelled: Booking) -> None:
    page = f"/admin/booking/booking/{cancelled.pk}/act/correct/"
    last = cancelled.ends_at - timedelta(seconds=1)
    offered = ['value="confirmed"' in desk_of(office.staff, now).get(page).content.decode() for now in (last, cancelled.ends_at)]
    assert offered == [True, False]


def test_choices_for_a_stopped_session_tell_nothing_of_conduct(
    desk_of: DeskOf, office: Office, confirmed: Booking, member: Callable[[str], User]
) -> None:
    """C12-1: the same choices whatever it was stopped for, and conduct never among them."""
    desk_of(office.staff, QUARTER_PAST).press(confirmed, "stop", **CONDUCT)
    desk = desk_of(member("相談員"), QUARTER_PAST)
    seen = []
    for outcome in ("conduct", "zoom_fault"):
        Booking.objects.update(outcome=outcome)
        page = desk.get(f"/admin/booking/booking/{confirmed.pk}/act/correct/").content.decode()
        seen.append(re.findall(r'name="target" value="([^"]*)"', page))
    assert (seen[0] == seen[1], "stopped/conduct" in seen[0], "stopped/zoom_fault" in seen[0]) == (True, False, True)


def test_correct_of_the_second_level_only_keeps_the_state_and_says_so_in_the_audit(
    desk_of: DeskOf, office: Office, cancelled: Booking
) -> None:
    """C6-1-4c: nobody answers for a wrong address of the office's records."""
    desk = desk_of(office.staff, QUARTER_PAST)
    desk.press(cancelled, "correct", target="cancelled_no_contact/wrong_contact", reason="電話番号が古かった")
    assert (cancelled.state, cancelled.outcome) == ("cancelled_no_contact", "wrong_contact")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.changes, entry.reason) == ({"結果の内訳": ["連絡がつかなかった", "連絡先が違っていた"]}, "電話番号が古かった")
    assert cancelled.events.last().event == "correct_outcome"


def test_correct_back_into_a_time_in_use_is_refused_in_words(desk_of: DeskOf, office: Office, cancelled: Booking) -> None:
    desk = desk_of(office.staff, QUARTER_PAST)
    span = {"first": "2027-04-08", "starts": "10:00", "ends": "11:00"}
    desk.post("/admin/booking/booking/roster/absence/", counsellors=[cancelled.counsellor_id], **span)
    words = desk.press(cancelled, "correct", target="confirmed", reason="電話があった")
    assert "この時間には、すでにほかの予定が入っています。" in words
    assert cancelled.state == "cancelled_no_contact"


def test_notice_goes_out_at_once_and_only_once(desk_of: DeskOf, office: Office, cancelled: Booking) -> None:
    desk = desk_of(office.staff, QUARTER_PAST)
    desk.press(cancelled, "notice")
    desk.press(cancelled, "notice")
    assert (cancelled.notice_due_at, len(mails_about(cancelled))) == (None, 3)


def test_link_is_sent_anew_and_the_old_one_is_dead(desk: Desk, confirmed: Booking) -> None:
    old = token_of(confirmed)
    assert "リンクを新しくしました。メールでお知らせします。" in desk.press(confirmed, "renew_link")
    mail = OutgoingMail.objects.get(key=f"booking-link:{confirmed.pk}:2")
    assert (token_of(confirmed) in mail.body, old in mail.body) == (True, False)
    with at_time(MORNING):
        assert [Client().get(f"/b/{token}/").status_code for token in (old, token_of(confirmed))] == [404, 200]
    assert mail.subject in desk.get(f"/admin/booking/booking/{confirmed.pk}/change/").content.decode()


def test_link_is_taken_back_without_a_word(desk: Desk, confirmed: Booking) -> None:
    old, written = token_of(confirmed), OutgoingMail.objects.count()
    desk.press(confirmed, "revoke_link")
    with at_time(MORNING):
        assert Client().get(f"/b/{old}/").status_code == 404
    assert OutgoingMail.objects.count() == written


def test_person_without_a_mailbox_is_to_be_told_by_phone(desk: Desk, requested: Booking) -> None:
    type(requested.applicant).objects.update(email="")
    assert "メールアドレスがないため、電話でお知らせください。" in desk.press(requested, "confirm", **REGISTERED)


def test_looking_at_a_button_changes_nothing(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk = desk_of(office.staff, QUARTER_PAST)
    for name in standing(confirmed, now=QUARTER_PAST):
        assert desk.get(f"/admin/booking/booking/{confirmed.pk}/act/{name}/").status_code == 200
    confirmed.refresh_from_db()
    assert (confirmed.state, confirmed.events.count()) == ("confirmed", 2)


def test_after_success_staff_are_back_where_they_came_from(desk: Desk, requested: Booking) -> None:
    detail = f"/admin/booking/booking/{requested.pk}/change/"
    response = desk.post(f"/admin/booking/booking/{requested.pk}/act/withdraw/", next=detail)
    assert response.redirect_chain == [(detail, 302)]


@pytest.mark.parametrize("asked", ["https://example.com/", "//example.com/", "nowhere", "admin:logout", "2027-04-08T10:00", "a\0b", "-1"])
def test_way_back_never_leads_elsewhere(desk: Desk, requested: Booking, asked: str) -> None:
    """Nor is what is no address taken for the name of one, which would be an error."""
    response = desk.post(f"/admin/booking/booking/{requested.pk}/act/withdraw/", next=asked)
    assert response.redirect_chain == [("/admin/booking/booking/today/", 302)]


@pytest.mark.parametrize("state", list(State))
def test_buttons_are_those_of_the_table(state: State) -> None:
    """Of the two ways to hold a session, the other one is offered."""
    known = {"kind": Kind.RESERVED.value, "state": state, "starts_at": SESSION, "ends_at": SESSION + timedelta(minutes=30)}
    ways = [Booking(**known, applicant=Person(email="hanako@example.jp"), phone_at=at) for at in (None, SESSION)]
    found = [{event for action in standing(each, now=QUARTER_PAST).values() for event in action.events} for each in ways]
    offered = set().union(*found)
    assert [Event.BY_PHONE in found[1], Event.BY_ZOOM in found[0]] == [False, False]
    assert offered & set(Event) >= set(legal_events(Kind.RESERVED, RuleState(state), Actor.STAFF))


def test_every_event_that_staff_may_cause_has_a_button() -> None:
    may = {event for kind in Kind for state in RuleState for event in legal_events(kind, state, Actor.STAFF)}
    assert {event for action in ACTIONS.values() for event in action.events} == may


def test_unknown_button_is_not_found(desk: Desk, requested: Booking) -> None:
    assert desk.get(f"/admin/booking/booking/{requested.pk}/act/expire/").status_code == 404


def test_nobody_acts_without_the_second_factor(office: Office, requested: Booking) -> None:
    client = Client()
    client.force_login(office.staff)
    response = client.post(f"/admin/booking/booking/{requested.pk}/act/withdraw/")
    requested.refresh_from_db()
    assert (response.status_code, response.headers["Location"].split("?")[0], requested.state) == (302, "/admin/login/", "requested")


def test_move_offers_free_times_and_tells_the_person(desk: Desk, confirmed: Booking) -> None:
    page = desk.get(f"/admin/booking/booking/{confirmed.pk}/act/move/")
    seen = confirmed.events.last().pk
    assert (f'value="{LATER.isoformat()}"' in page.content.decode(), f'value="{SESSION.isoformat()}"' in page.content.decode()) == (
        True,
        False,
    )
    words = desk.press(confirmed, "move", start=LATER.isoformat(), reason="お電話で相談", seen=seen)
    assert "日時を変更しました。メールでお知らせします。" in words
    assert (confirmed.starts_at, confirmed.state, len(mails_about(confirmed))) == (LATER, "confirmed", 3)


def test_move_pressed_twice_is_told_what_happened_and_moves_once(desk: Desk, desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    seen = confirmed.events.last().pk
    desk.press(confirmed, "move", start=LATER.isoformat(), reason="お電話で相談", seen=seen)
    words = desk_of(office.tanaka.user).press(confirmed, "move", start=LAST.isoformat(), reason="お電話で相談", seen=seen)
    assert "画面を開いたあとで、佐藤さんがこの予約を変更しました。" in words
    assert (confirmed.starts_at, len(mails_about(confirmed))) == (LATER, 3)


def test_reassign_to_the_same_hands_is_refused_in_words(desk: Desk, confirmed: Booking, office: Office) -> None:
    seen = confirmed.events.last().pk
    assert "いまと同じ日時・担当者です。" in desk.press(confirmed, "reassign", reason="調整", seen=seen)
    desk.press(confirmed, "reassign", counsellor=office.tanaka.pk, reason="調整", seen=seen)
    assert (confirmed.counsellor, len(mails_about(confirmed))) == (office.tanaka, 2)


def test_release_keeps_the_request_without_a_place(desk: Desk, requested: Booking) -> None:
    assert "確保した日時を取りやめました。" in desk.press(requested, "release", reason="担当者の都合")
    assert (requested.state, requested.holds.count()) == ("requested", 0)
