"""The day itself, through the operations: C6-1-4a, C6-1-4b, A6, A7."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from booking import mails
from booking.models import Booking, Heartbeat, Hold, Meeting, Participant
from booking.operations import bookings, corrections, no_contact, outcomes, sessions
from booking.operations.bookings import Decision
from booking.operations.calendar import set_policy
from booking.operations.corrections import PlaceTaken
from booking.operations.identity import IdentityUnchecked
from booking.operations.no_contact import NeverOfThisKind, OfficeWasLate, SignOfLife
from booking.operations.presence import check_identity
from booking.operations.sessions import (
    DigitsExhausted,
    JoinOver,
    MeetingNotReady,
    NotYet,
    TooEarly,
    WrongDigits,
)
from booking.operations.transitions import ReasonMissing, StateChanged
from booking.rules.lifecycle import Doubt
from tests.cast import MORNING, SESSION, Office, away, make_meeting_ready
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
TEN_PAST = SESSION + timedelta(minutes=10)
JUST_BEFORE = TEN_PAST - timedelta(seconds=1)


def deliver_confirmation(booking: Booking) -> None:
    key = mails.key_of(booking.events.get(event="confirm"))
    OutgoingMail.objects.filter(key=key).update(outbox_state="done", delivered_at=MORNING)


def beat(until: datetime = TEN_PAST, names: tuple[str, ...] = ("beat", "web")) -> None:
    moment = SESSION - timedelta(minutes=1)
    while moment <= until:
        Heartbeat.objects.bulk_create(Heartbeat(name=name, at=moment, wall=moment) for name in names)
        moment += timedelta(minutes=1)


@pytest.fixture
def kept(office: Office, confirmed: Booking) -> Booking:
    """A confirmed session for which the office did its whole part; only the person is missing."""
    make_meeting_ready(confirmed)
    deliver_confirmation(confirmed)
    sessions.counsellor_seen(confirmed.pk, by=confirmed.counsellor.user, now=SESSION - timedelta(minutes=2))
    beat()
    return confirmed


def state_after_sweep(booking: Booking, now: datetime) -> str:
    no_contact.apply_no_contact_rule(now=now, wall=now)
    booking.refresh_from_db()
    return booking.state


def test_no_sign_of_life_closes_at_ten_past_and_not_a_second_before(kept: Booking) -> None:
    assert state_after_sweep(kept, JUST_BEFORE) == "confirmed"
    assert state_after_sweep(kept, TEN_PAST) == "cancelled_no_contact"
    assert Hold.objects.filter(booking=kept).count() == 0


def late_meeting(booking: Booking, office: Office) -> None:
    make_meeting_ready(booking, at=SESSION + timedelta(minutes=1))


def undelivered(booking: Booking, office: Office) -> None:
    OutgoingMail.objects.update(delivered_at=None)


def absent_counsellor(booking: Booking, office: Office) -> None:
    Booking.objects.update(counsellor_seen_at=None)


def standing_beat(booking: Booking, office: Office) -> None:
    Heartbeat.objects.filter(name="beat", at__range=(SESSION + timedelta(minutes=2), SESSION + timedelta(minutes=8))).delete()


def silent_web(booking: Booking, office: Office) -> None:
    Heartbeat.objects.filter(name="web", at__range=(SESSION + timedelta(minutes=2), SESSION + timedelta(minutes=8))).delete()


def joined(booking: Booking, office: Office) -> None:
    Participant.objects.update(first_joined_at=SESSION + timedelta(minutes=5))


def call_that_says_late(booking: Booking, office: Office) -> None:
    when = SESSION + timedelta(minutes=8)
    sessions.record_contact(booking.pk, channel="phone", meaning="late", now=when, wall=when, by=office.staff)


def office_delay(booking: Booking, office: Office) -> None:
    sessions.delay(booking.pk, by=office.staff, now=SESSION)


@pytest.mark.parametrize(
    ("happens", "doubt"),
    [
        (late_meeting, Doubt.MEETING_NOT_READY),
        (undelivered, Doubt.CONFIRMATION_NOT_DELIVERED),
        (absent_counsellor, Doubt.COUNSELLOR_ABSENT),
        (standing_beat, Doubt.CLOCK_GAP),
        (silent_web, Doubt.CLOCK_GAP),
        (joined, Doubt.JOINED),
        (call_that_says_late, Doubt.CONTACTED),
        (office_delay, Doubt.OFFICE_DELAY),
    ],
)
def test_whatever_is_not_plain_is_left_to_people(
    kept: Booking, office: Office, happens: Callable[[Booking, Office], None], doubt: Doubt
) -> None:
    """A7: 要確認, never closed by itself."""
    happens(kept, office)
    assert state_after_sweep(kept, TEN_PAST) == "confirmed"
    assert no_contact.doubts(kept, now=TEN_PAST) == (doubt,)


def test_call_at_eight_past_that_says_cannot_come_is_a_cancellation_with_notice(kept: Booking, office: Office) -> None:
    when = SESSION + timedelta(minutes=8)
    sessions.record_contact(kept.pk, channel="phone", meaning="cannot_come", now=when, wall=when, by=office.staff)
    assert state_after_sweep(kept, TEN_PAST) == "cancelled_by_user"
    assert OutgoingMail.objects.filter(subject__contains="キャンセルを承りました").count() == 1


def test_call_of_somebody_else_is_kept_with_their_name_until_it_is_forgotten(kept: Booking, office: Office) -> None:
    """C6-1-4a, A19: who called, when, and who wrote it down."""
    sessions.cancel_by_user(kept.pk, by=office.staff, now=MORNING, wall=MORNING, caller=" 母 ", note="入院", outcome="own_plans")
    call = kept.contacts.get()
    assert (call.channel, call.meaning, call.caller, call.at, call.recorded_by) == ("phone", "cannot_come", "母", MORNING, office.staff)
    kept.refresh_from_db()
    assert (kept.state, kept.outcome) == ("cancelled_by_user", "own_plans")
    sessions.forget(now=kept.ends_at + timedelta(days=30, seconds=1), wall=MORNING)
    call.refresh_from_db()
    assert (call.caller, call.note) == ("", "")


def test_second_to_cancel_finds_it_done_and_leaves_no_second_call(kept: Booking, office: Office) -> None:
    sessions.cancel_by_user(kept.pk, by=office.staff, now=MORNING, wall=MORNING)
    with pytest.raises(StateChanged) as refusal:
        sessions.cancel_by_user(kept.pk, by=office.tanaka.user, now=MORNING, wall=MORNING)
    assert (refusal.value.by, kept.contacts.count()) == ("佐藤", 1)


def test_online_notice_that_says_cannot_come_counts_as_contact(kept: Booking) -> None:
    """A6: a task for staff first; at ten past it is a cancellation with notice, never one without."""
    when = SESSION - timedelta(minutes=20)
    sessions.record_contact(kept.pk, channel="online", meaning="cannot_come", now=when, wall=when)
    kept.refresh_from_db()
    assert kept.state == "confirmed"
    assert state_after_sweep(kept, TEN_PAST) == "cancelled_by_user"


def test_notice_goes_out_five_minutes_later_and_once(kept: Booking) -> None:
    state_after_sweep(kept, TEN_PAST)
    mails_about_it = OutgoingMail.objects.filter(subject__contains="予約のキャンセルについて")
    assert no_contact.send_no_contact_notices(now=TEN_PAST + timedelta(minutes=4, seconds=59), wall=TEN_PAST) == 0
    assert no_contact.send_no_contact_notices(now=TEN_PAST + timedelta(minutes=5), wall=TEN_PAST) == 1
    assert no_contact.send_no_contact_notices(now=TEN_PAST + timedelta(minutes=6), wall=TEN_PAST) == 0
    assert mails_about_it.count() == 1


def test_corrected_closing_tells_nobody_and_takes_the_place_again(kept: Booking, office: Office) -> None:
    state_after_sweep(kept, TEN_PAST)
    with pytest.raises(ReasonMissing):
        corrections.correct(kept.pk, "confirmed", reason="", by=office.staff, now=TEN_PAST, wall=TEN_PAST)
    booking = corrections.correct(kept.pk, "confirmed", reason="待合室で待っていた", by=office.staff, now=TEN_PAST, wall=TEN_PAST)
    assert (booking.state, Hold.objects.filter(booking=booking).count(), booking.notice_due_at) == ("confirmed", 1, None)
    assert no_contact.send_no_contact_notices(now=TEN_PAST + timedelta(minutes=9), wall=TEN_PAST) == 0
    assert not OutgoingMail.objects.filter(subject__contains="訂正").exists()


def test_whoever_was_told_of_the_closing_is_told_of_its_correction(kept: Booking, office: Office) -> None:
    state_after_sweep(kept, TEN_PAST)
    no_contact.send_no_contact_notices(now=TEN_PAST + timedelta(minutes=5), wall=TEN_PAST)
    later = TEN_PAST + timedelta(minutes=6)
    corrections.correct(kept.pk, "confirmed", reason="待合室で待っていた", by=office.staff, now=later, wall=later)
    assert OutgoingMail.objects.filter(subject__contains="予約が確定しました").count() == 1
    mail = OutgoingMail.objects.get(subject__contains="キャンセルのお知らせの訂正")
    assert ("ご予約は有効です。" in mail.body, mail.calendar_method) == (True, "PUBLISH")


@pytest.mark.parametrize(
    ("target", "words"), [("completed", "実施済として記録しました"), ("cancelled_by_user", "ご連絡をいただいたキャンセルとして")]
)
def test_whoever_was_told_of_the_closing_is_told_what_it_really_was(kept: Booking, office: Office, target: str, words: str) -> None:
    state_after_sweep(kept, TEN_PAST)
    later = TEN_PAST + timedelta(minutes=6)
    no_contact.send_no_contact_notices(now=later, wall=later)
    corrections.correct(kept.pk, target, reason="電話があった", by=office.staff, now=later, wall=later)
    mail = OutgoingMail.objects.get(subject__contains="キャンセルのお知らせの訂正")
    assert (words in mail.body, mail.calendar_method) == (True, "")


def test_corrected_session_is_not_closed_again_by_the_next_sweep(kept: Booking, office: Office) -> None:
    state_after_sweep(kept, TEN_PAST)
    corrections.correct(kept.pk, "confirmed", reason="待合室で待っていた", by=office.staff, now=TEN_PAST, wall=TEN_PAST)
    assert state_after_sweep(kept, TEN_PAST + timedelta(minutes=1)) == "confirmed"


def test_correction_into_an_occupied_time_is_refused(kept: Booking, office: Office) -> None:
    state_after_sweep(kept, TEN_PAST)
    away(office, office.sato, SESSION, SESSION + timedelta(hours=1))
    with pytest.raises(PlaceTaken):
        corrections.correct(kept.pk, "confirmed", reason="待合室で待っていた", by=office.staff, now=TEN_PAST, wall=TEN_PAST)
    kept.refresh_from_db()
    assert kept.state == "cancelled_no_contact"


def test_join_opens_ten_minutes_before_and_closes_at_the_end(kept: Booking) -> None:
    person = kept.applicant_id
    with pytest.raises(TooEarly):
        sessions.join(kept.pk, person, now=SESSION - timedelta(minutes=10, seconds=1))
    assert sessions.join(kept.pk, person, now=SESSION - timedelta(minutes=10)) == "https://zoom.us/j/98765432101"
    with pytest.raises(JoinOver):
        sessions.join(kept.pk, person, now=SESSION + timedelta(minutes=30))
    assert kept.participants.get().first_joined_at == SESSION - timedelta(minutes=10)


def test_join_without_a_meeting_still_stamps_the_sign_of_life(confirmed: Booking) -> None:
    with pytest.raises(MeetingNotReady):
        sessions.join(confirmed.pk, confirmed.applicant_id, now=SESSION)
    assert confirmed.participants.get().first_joined_at == SESSION


def test_five_wrong_digits_close_that_way(confirmed: Booking) -> None:
    for _ in range(4):
        with pytest.raises(WrongDigits):
            sessions.check_digits(confirmed.pk, "0000")
    for digits in ("0000", "5678"):
        with pytest.raises(DigitsExhausted):
            sessions.check_digits(confirmed.pk, digits)


def test_right_digits_open_and_clear_the_count(confirmed: Booking) -> None:
    with pytest.raises(WrongDigits):
        sessions.check_digits(confirmed.pk, "0000")
    sessions.check_digits(confirmed.pk, "5678")
    confirmed.refresh_from_db()
    assert confirmed.phone_tries == 0


def test_outcome_frees_the_place(kept: Booking, office: Office) -> None:
    booking = sessions.complete(kept.pk, by=office.staff, now=SESSION + timedelta(minutes=25), wall=SESSION)
    assert (booking.state, Hold.objects.count()) == ("completed", 0)


def test_outcome_cannot_be_recorded_before_the_start(kept: Booking, office: Office) -> None:
    early = SESSION - timedelta(seconds=1)
    with pytest.raises(NotYet):
        sessions.complete(kept.pk, by=office.staff, now=early, wall=early)
    with pytest.raises(NotYet):
        outcomes.stop(kept.pk, outcome="own_device", by=office.staff, now=early, wall=early)


def test_staff_cannot_close_without_contact_within_the_grace(kept: Booking, office: Office) -> None:
    """C6-1-4b holds for people's hands too: 10:09:59 is too early, 10:10:00 is not."""
    with pytest.raises(NotYet) as refusal:
        no_contact.cancel_no_contact(kept.pk, by=office.staff, now=JUST_BEFORE, wall=JUST_BEFORE)
    assert refusal.value.at == TEN_PAST
    assert no_contact.cancel_no_contact(kept.pk, by=office.staff, now=TEN_PAST, wall=TEN_PAST).state == "cancelled_no_contact"


def test_free_text_is_forgotten_thirty_days_after(kept: Booking) -> None:
    Booking.objects.update(topic="転職の相談", companion="手話通訳")
    sessions.forget(now=kept.ends_at + timedelta(days=30), wall=MORNING)
    kept.refresh_from_db()
    assert (kept.topic, kept.companion) == ("転職の相談", "手話通訳")
    sessions.forget(now=kept.ends_at + timedelta(days=30, seconds=1), wall=MORNING)
    kept.refresh_from_db()
    assert (kept.topic, kept.companion) == ("", "")


def test_delay_says_who_recorded_it_first_and_when(kept: Booking, office: Office) -> None:
    """A7: what stops the rule is a fact with a name."""
    sessions.delay(kept.pk, by=office.staff, now=SESSION)
    sessions.delay(kept.pk, by=office.tanaka.user, now=TEN_PAST)
    kept.refresh_from_db()
    assert (kept.office_delay, kept.delayed_at, kept.delayed_by) == (True, SESSION, office.staff)


def test_old_sessions_that_nobody_closed_never_starve_todays(kept: Booking) -> None:
    """C6-1-4b: the rule looks at the sessions of the last day only."""
    long_ago = SESSION - timedelta(days=1)
    Booking.objects.bulk_create(
        Booking(
            number=f"old-{place}",
            state="confirmed",
            source="web",
            applicant=kept.applicant,
            starts_at=long_ago,
            ends_at=long_ago + timedelta(minutes=30),
            begun_at=long_ago,
            counsellor=kept.counsellor,
            host=kept.host,
            requested_at=MORNING,
            answer_by=MORNING,
            confirm_limit=MORNING,
            confirmed_at=MORNING,
        )
        for place in range(200)
    )
    assert state_after_sweep(kept, TEN_PAST) == "cancelled_no_contact"


def test_session_the_rule_cannot_judge_does_not_stop_the_next(kept: Booking, office: Office) -> None:
    """One bad row: the same session under a state of which the rule knows nothing."""
    earlier = SESSION - timedelta(minutes=30)
    Booking.objects.create(
        number="bad",
        state="confirmed",
        source="web",
        applicant=kept.applicant,
        starts_at=earlier,
        ends_at=SESSION,
        begun_at=earlier,
        counsellor=kept.counsellor,
        host=kept.host,
        requested_at=MORNING,
        answer_by=MORNING,
        confirm_limit=MORNING,
        confirmed_at=MORNING,
    ).contacts.create(channel="phone", meaning="unheard", at=MORNING, recorded_by=office.staff)
    assert state_after_sweep(kept, TEN_PAST) == "cancelled_no_contact"


def test_what_was_said_before_the_confirmation_is_not_about_this_session(office: Office, requested: Booking) -> None:
    sessions.record_contact(requested.pk, channel="phone", meaning="cannot_come", now=MORNING, wall=MORNING, by=office.staff)
    later = MORNING + timedelta(hours=1)
    booking = bookings.confirm(requested.pk, Decision("registered", office.staff), now=later, wall=later)
    assert state_after_sweep(booking, TEN_PAST) == "confirmed"
    assert Doubt.CONTACTED not in no_contact.doubts(booking, now=TEN_PAST)


def test_meeting_taken_away_after_the_session_was_ready_all_the_same(kept: Booking) -> None:
    Participant.objects.update(first_joined_at=SESSION)
    Meeting.objects.update(removed_at=SESSION + timedelta(minutes=30))
    kept.refresh_from_db()
    assert no_contact.doubts(kept, now=SESSION + timedelta(minutes=31)) == (Doubt.JOINED,)


def test_meeting_taken_away_within_the_grace_was_not_ready(kept: Booking) -> None:
    Meeting.objects.update(removed_at=JUST_BEFORE)
    kept.refresh_from_db()
    assert no_contact.doubts(kept, now=TEN_PAST) == (Doubt.MEETING_NOT_READY,)


@pytest.mark.parametrize("happens", [joined, call_that_says_late])
def test_staff_cannot_close_without_contact_where_there_was_one(
    kept: Booking, office: Office, happens: Callable[[Booking, Office], None]
) -> None:
    """C6-1-4b: a word or a press on join is contact, for people's hands too."""
    happens(kept, office)
    with pytest.raises(SignOfLife):
        no_contact.cancel_no_contact(kept.pk, by=office.staff, now=TEN_PAST, wall=TEN_PAST)


def test_staff_cannot_close_without_contact_where_the_office_was_late(kept: Booking, office: Office) -> None:
    """A7: the office's own delay never counts against the person."""
    sessions.delay(kept.pk, by=office.staff, now=SESSION)
    with pytest.raises(OfficeWasLate):
        no_contact.cancel_no_contact(kept.pk, by=office.staff, now=TEN_PAST, wall=TEN_PAST)
    kept.refresh_from_db()
    assert kept.state == "confirmed"


def test_online_notice_that_comes_just_after_the_closing_is_refused(kept: Booking) -> None:
    """A6: nobody is thanked for a notice that nobody will read."""
    state_after_sweep(kept, TEN_PAST)
    with pytest.raises(StateChanged):
        sessions.record_contact(kept.pk, channel="online", meaning="late", now=TEN_PAST, wall=TEN_PAST)
    assert kept.contacts.count() == 0


def test_same_notice_sent_twice_is_one_record(kept: Booking, office: Office) -> None:
    sent = [("late", "10分ほど"), ("late", " 10分ほど"), ("unclear", "10分ほど"), ("late", "10分ほど")]
    made = [
        sessions.record_contact(kept.pk, channel="online", meaning=meaning, note=note, now=MORNING + timedelta(hours=2), wall=MORNING).pk
        for meaning, note in sent
    ]
    assert [made[0] == made[1], len(set(made)), kept.contacts.count()] == [True, 3, 3]


def test_notes_of_contacts_are_forgotten_thirty_days_after(kept: Booking, office: Office) -> None:
    note = "母が入院中で"
    sessions.record_contact(kept.pk, channel="phone", meaning="cannot_come", note=note, now=MORNING, wall=MORNING, by=office.staff)
    sessions.forget(now=kept.ends_at + timedelta(days=30), wall=MORNING)
    assert kept.contacts.get().note == note
    sessions.forget(now=kept.ends_at + timedelta(days=30, seconds=1), wall=MORNING)
    assert (kept.contacts.get().note, kept.events.filter(reason=note).exists()) == ("", False)


def test_correction_keeps_the_host_as_long_as_policy_asks(kept: Booking, office: Office) -> None:
    set_policy("host_buffer_minutes", "10", by=office.staff, reason="試験", now=MORNING)
    state_after_sweep(kept, TEN_PAST)
    corrections.correct(kept.pk, "confirmed", reason="待合室で待っていた", by=office.staff, now=TEN_PAST, wall=TEN_PAST)
    assert Hold.objects.get(booking=kept).host_span.upper == SESSION + timedelta(minutes=40)


def test_what_staff_do_around_a_session_stands_in_the_audit(kept: Booking, office: Office) -> None:
    """The words of people stay out of it: they are forgotten, the audit is not."""
    before = AuditEntry.objects.count()
    for _press in range(2):
        sessions.delay(kept.pk, by=office.staff, now=SESSION)
    sessions.record_contact(
        kept.pk, channel="phone", meaning="late", note="母が入院中", caller="父", now=SESSION, wall=SESSION, by=office.staff
    )
    sessions.record_contact(kept.pk, channel="online", meaning="late", now=SESSION, wall=SESSION)
    entries = AuditEntry.objects.order_by("pk")[before:]
    assert [(entry.what, entry.by, entry.reason) for entry in entries] == [
        ("ハローワーク側の遅れを記録", office.staff, ""),
        ("連絡の記録（遅れる）", office.staff, ""),
    ]


def test_each_entrance_by_the_host_link_stands_in_the_audit_and_the_first_moment_stays(confirmed: Booking, office: Office) -> None:
    for user, moment in ((office.staff, SESSION), (office.tanaka.user, TEN_PAST)):
        sessions.counsellor_seen(confirmed.pk, by=user, now=moment)
    confirmed.refresh_from_db()
    assert confirmed.counsellor_seen_at == SESSION
    entered = AuditEntry.objects.filter(what="ホスト用リンクで入室").order_by("pk").values_list("by", "at")
    assert list(entered) == [(office.staff.pk, SESSION), (office.tanaka.user_id, TEN_PAST)]


def test_immediate_session_counts_as_held_only_with_the_identity_checked(office: Office, accepted: Booking) -> None:
    """C6-2-3: 実施済 needs 本人確認; stopping and cancelling do not."""
    now = accepted.starts_at + timedelta(minutes=20)
    with pytest.raises(IdentityUnchecked) as refusal:
        sessions.complete(accepted.pk, by=office.staff, now=now, wall=now)
    assert refusal.value.participants == [accepted.participants.get()]
    check_identity(accepted.participants.get().pk, by=office.staff, now=now)
    assert sessions.complete(accepted.pk, by=office.staff, now=now, wall=now).state == "completed"


def test_interview_counts_as_held_only_with_everybody_checked(office: Office, interview: Booking) -> None:
    contact, seeker = interview.participants.order_by("pk")
    now = interview.starts_at
    check_identity(seeker.pk, by=office.staff, now=now)
    with pytest.raises(IdentityUnchecked) as refusal:
        sessions.complete(interview.pk, by=office.staff, now=now, wall=now)
    assert refusal.value.participants == [contact]
    check_identity(contact.pk, by=office.staff, now=now)
    assert sessions.complete(interview.pk, by=office.staff, now=now, wall=now).state == "completed"


@pytest.mark.parametrize("outcome", ["code_not_told", "nobody_came"])
def test_immediate_session_that_did_not_take_place_ends_without_a_check(office: Office, accepted: Booking, outcome: str) -> None:
    """C6-2-3b: a call back that reached nobody speaks against nobody."""
    now = accepted.starts_at + timedelta(minutes=10)
    ended = sessions.cancel_by_office(accepted.pk, reason="電話に出られなかったため", outcome=outcome, by=office.staff, now=now, wall=now)
    assert (ended.state, ended.outcome, Hold.objects.count()) == ("cancelled_by_office", outcome, 0)


def test_immediate_session_is_stopped_without_a_check(office: Office, accepted: Booking) -> None:
    stopped = outcomes.stop(accepted.pk, outcome="zoom_fault", by=office.staff, now=accepted.starts_at, wall=MORNING)
    assert stopped.state == "stopped"


def test_session_ended_meanwhile_is_named_before_the_identity(office: Office, accepted: Booking) -> None:
    now = accepted.starts_at
    outcomes.stop(accepted.pk, outcome="zoom_fault", by=office.tanaka.user, now=now, wall=now)
    with pytest.raises(StateChanged) as told:
        sessions.complete(accepted.pk, by=office.staff, now=now, wall=now)
    assert told.value.by == "田中"


@pytest.mark.parametrize("kind", ["accepted", "interview"])
def test_no_page_leads_into_a_session_of_another_kind(request: pytest.FixtureRequest, kind: str) -> None:
    """C6-2-3a: join address, meeting id and passcode leave only by the delivery."""
    booking = request.getfixturevalue(kind)
    make_meeting_ready(booking)
    with pytest.raises(JoinOver):
        sessions.join(booking.pk, booking.applicant_id, now=booking.starts_at)
    assert Participant.objects.exclude(first_joined_at=None).count() == 0


@pytest.mark.parametrize("kind", ["accepted", "interview"])
def test_ten_minutes_close_no_session_of_another_kind(request: pytest.FixtureRequest, office: Office, kind: str) -> None:
    """C6-1-4b is article 6: neither the sweep nor a hand makes an absence count."""
    booking = request.getfixturevalue(kind)
    make_meeting_ready(booking)
    deliver_confirmation(booking)
    sessions.counsellor_seen(booking.pk, by=office.staff, now=booking.starts_at)
    later = booking.starts_at + timedelta(minutes=11)
    assert state_after_sweep(booking, later) == "confirmed"
    with pytest.raises(NeverOfThisKind):
        no_contact.cancel_no_contact(booking.pk, by=office.staff, now=later, wall=later)
