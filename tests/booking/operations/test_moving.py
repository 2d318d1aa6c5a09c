"""A confirmed booking moves to another time or changes hands; everything that belongs to it follows (C6-1-1b, C6-1-3, A2)."""

from datetime import timedelta

import pytest

from booking.models import Absence, Booking, DutyHours, Hold, Meeting, Participant, PolicyValue
from booking.operations import bookings, meetings, moving, sessions
from booking.operations.evidence import gather
from booking.operations.moving import Change, NothingToMove
from booking.operations.transitions import MovedMeanwhile, ReasonMissing, StateChanged
from booking.queries import policy_at
from booking.rules.slots import Reason, SlotRefused
from tests.cast import MORNING, SESSION, THURSDAY, TUESDAY, Office, at, away
from tests.kinds import QUARTER_TO, SEVEN_PAST, immediate_session, interview
from tests.simulator import SimulatorHandle
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
FRIDAY_11 = at(THURSDAY + timedelta(days=1), 11)
AFTERNOON = at(THURSDAY, 14)
NOON = MORNING + timedelta(hours=3)
HALF_HOUR = timedelta(minutes=30)


def change(office: Office, **wanted: int) -> Change:
    return Change(office.staff, "お電話で相談", **wanted)


def holds(booking: Booking) -> list[tuple[object, ...]]:
    return list(Hold.objects.filter(booking=booking).values_list("counsellor", "host", "kind", "span__startswith"))


def ensure(booking: Booking, *, hours: int) -> Meeting:
    meeting = Meeting.objects.get(booking=booking)
    meetings.ensure_meeting(meeting.pk, now=NOON, wall=MORNING + timedelta(hours=hours))
    meeting.refresh_from_db()
    return meeting


def test_move_swaps_the_place_and_begins_the_session_anew(office: Office, confirmed: Booking) -> None:
    moved = moving.move(confirmed.pk, FRIDAY_11, change(office), now=NOON, wall=NOON)
    line = moved.events.last()
    assert (moved.state, moved.starts_at, moved.ends_at - moved.starts_at, moved.confirmed_at) == ("confirmed", FRIDAY_11, HALF_HOUR, NOON)
    assert (moved.confirm_limit, moved.answer_by) == (at(FRIDAY_11.date(), 0), at(THURSDAY, 17, 15))
    assert (line.event, line.from_state, line.to_state, line.reason, line.override) == (
        "move",
        "confirmed",
        "confirmed",
        "お電話で相談",
        False,
    )
    assert holds(moved) == [(confirmed.counsellor_id, confirmed.host_id, "reservation", FRIDAY_11)]


def test_move_is_told_once_with_the_same_calendar_entry(office: Office, confirmed: Booking) -> None:
    moved = moving.move(confirmed.pk, FRIDAY_11, change(office), now=NOON, wall=NOON)
    first, second = OutgoingMail.objects.filter(key__startswith="booking-event:").order_by("pk")[1:]
    lines = [dict(line.split(":", 1) for line in mail.calendar.split("\r\n") if ":" in line) for mail in (first, second)]
    assert second.subject == "【ハローワーク豊岡】予約の日時が変わりました（4月9日（金）11:00）"
    assert (lines[0]["UID"], lines[0]["SEQUENCE"], lines[1]["SEQUENCE"]) == (lines[1]["UID"], "2", "3")
    assert second.key == f"booking-event:{moved.events.last().pk}"


def test_mail_of_the_move_is_the_evidence_for_the_new_time(office: Office, confirmed: Booking) -> None:
    """C6-1-4b: nobody is closed on the word of a mail about another time."""
    OutgoingMail.objects.update(delivered_at=MORNING)
    moved = moving.move(confirmed.pk, FRIDAY_11, change(office), now=NOON, wall=NOON)
    facts = gather([moved], policy_at(NOON))[moved.pk]
    assert facts.confirmation_delivered_at is None
    OutgoingMail.objects.filter(subject__contains="変わりました").update(delivered_at=NOON)
    assert gather([moved], policy_at(NOON))[moved.pk].confirmation_delivered_at == NOON


def test_presence_and_contacts_of_the_earlier_time_say_nothing_about_the_new_one(office: Office, confirmed: Booking) -> None:
    sessions.record_contact(confirmed.pk, channel="phone", meaning="late", now=SESSION, wall=SESSION, by=office.staff)
    Participant.objects.update(first_joined_at=SESSION)
    sessions.counsellor_seen(confirmed.pk, by=office.staff, now=SESSION)
    sessions.delay(confirmed.pk, by=office.staff, now=SESSION)
    moved = moving.move(confirmed.pk, AFTERNOON, change(office), now=SESSION + timedelta(minutes=5), wall=SESSION)
    facts = gather([moved], policy_at(SESSION))[moved.pk]
    assert (facts.first_joined_at, facts.counsellor_seen_at, facts.contacts, facts.office_delay) == (None, None, (), False)
    assert moved.events.last().override is True


def test_move_to_its_own_day_is_an_exception_from_midnight_on(office: Office, confirmed: Booking) -> None:
    """Rules 1.6: the last second of the eve needs no exception, the day's first moment does."""
    midnight = at(THURSDAY, 0)
    moved = moving.move(confirmed.pk, AFTERNOON, change(office), now=midnight - timedelta(seconds=1), wall=MORNING)
    assert moved.events.last().override is False
    moved = moving.move(confirmed.pk, SESSION, change(office), now=midnight, wall=MORNING)
    assert moved.events.last().override is True


def test_move_without_a_reason_changes_nothing(office: Office, confirmed: Booking) -> None:
    with pytest.raises(ReasonMissing):
        moving.move(confirmed.pk, FRIDAY_11, Change(office.staff, " "), now=NOON, wall=NOON)
    confirmed.refresh_from_db()
    assert (confirmed.starts_at, holds(confirmed)[0][3]) == (SESSION, SESSION)


def test_move_keeps_the_counsellor_where_they_are_free_and_takes_another_where_not(office: Office, confirmed: Booking) -> None:
    away(office, confirmed.counsellor, AFTERNOON, AFTERNOON + HALF_HOUR)
    moved = moving.move(confirmed.pk, AFTERNOON, change(office), now=NOON, wall=NOON)
    assert (moved.counsellor == confirmed.counsellor, moved.host_id) == (False, confirmed.host_id)


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (at(THURSDAY, 12), Reason.NOT_A_START),
        (at(THURSDAY + timedelta(days=2), 10), Reason.CLOSED_DAY),
        (at(THURSDAY - timedelta(days=2), 9, 0), Reason.NOT_A_START),
    ],
)
def test_move_is_judged_by_the_slot_rule(office: Office, confirmed: Booking, start: object, reason: Reason) -> None:
    with pytest.raises(SlotRefused) as refusal:
        moving.move(confirmed.pk, start, change(office), now=NOON, wall=NOON)
    assert (refusal.value.reasons, holds(confirmed)[0][3]) == ((reason,), SESSION)


def test_second_of_two_who_move_at_once_is_told_who_was_faster(office: Office, confirmed: Booking) -> None:
    seen = confirmed.events.last().pk
    moving.move(confirmed.pk, FRIDAY_11, Change(office.tanaka.user, "お電話", seen=seen), now=NOON, wall=NOON)
    with pytest.raises(MovedMeanwhile) as refusal:
        moving.move(confirmed.pk, AFTERNOON, change(office, seen=seen), now=NOON, wall=NOON)
    assert (refusal.value.by, Hold.objects.get().span.lower) == ("田中", FRIDAY_11)


def test_only_a_confirmed_booking_moves(office: Office, requested: Booking) -> None:
    with pytest.raises(StateChanged):
        moving.move(requested.pk, FRIDAY_11, change(office), now=NOON, wall=NOON)
    assert Hold.objects.get().span.lower == SESSION


def test_reassigning_changes_hands_and_tells_nobody(office: Office, confirmed: Booking) -> None:
    sessions.counsellor_seen(confirmed.pk, by=office.staff, now=MORNING)
    told = OutgoingMail.objects.count()
    moved = moving.reassign(confirmed.pk, change(office, counsellor=office.tanaka.pk), now=NOON, wall=NOON)
    assert (moved.counsellor, moved.host_id, moved.starts_at, moved.counsellor_seen_at) == (office.tanaka, confirmed.host_id, SESSION, None)
    assert (holds(moved), OutgoingMail.objects.count()) == ([(office.tanaka.pk, confirmed.host_id, "reservation", SESSION)], told)
    assert gather([moved], policy_at(NOON))[moved.pk].contacts == ()


def test_request_and_proposals_change_hands_without_a_meeting(office: Office, requested: Booking) -> None:
    bookings.propose(requested.pk, [AFTERNOON, FRIDAY_11], eligibility="registered", by=office.staff, now=NOON, wall=NOON)
    moved = moving.reassign(requested.pk, change(office, counsellor=office.tanaka.pk), now=NOON, wall=NOON)
    assert [(row[0], row[2], row[3]) for row in holds(moved)] == [
        (office.tanaka.pk, "proposal", AFTERNOON),
        (office.tanaka.pk, "proposal", FRIDAY_11),
    ]
    assert (moved.state, Meeting.objects.count()) == ("proposed", 0)


def test_reassigning_to_nobody_else_or_to_somebody_busy_is_refused(office: Office, confirmed: Booking) -> None:
    with pytest.raises(NothingToMove):
        moving.reassign(confirmed.pk, change(office, counsellor=confirmed.counsellor_id), now=NOON, wall=NOON)
    away(office, office.tanaka, SESSION, SESSION + HALF_HOUR)
    with pytest.raises(SlotRefused):
        moving.reassign(confirmed.pk, change(office, counsellor=office.tanaka.pk), now=NOON, wall=NOON)
    assert (Absence.objects.count(), holds(confirmed)[0][0]) == (1, confirmed.counsellor_id)


def test_meeting_keeps_its_id_and_link_where_the_host_stays(office: Office, confirmed: Booking, zoom: SimulatorHandle) -> None:
    before = ensure(confirmed, hours=1)
    moving.move(confirmed.pk, FRIDAY_11, change(office), now=NOON, wall=NOON)
    after = ensure(confirmed, hours=4)
    assert (after.meeting_id, after.join_url, after.passcode) == (before.meeting_id, before.join_url, before.passcode)
    assert (after.starts_at, after.ready_at) == (FRIDAY_11, NOON)
    assert meetings.zoom(wall=MORNING).get(after.meeting_id or 0).starts_at == FRIDAY_11


def test_meeting_is_made_anew_under_another_host_before_the_old_one_goes(office: Office, confirmed: Booking, zoom: SimulatorHandle) -> None:
    before = ensure(confirmed, hours=1)
    other = office.tanaka.default_host
    moving.reassign(confirmed.pk, change(office, counsellor=office.tanaka.pk, host=other.pk), now=NOON, wall=NOON)
    after = ensure(confirmed, hours=4)
    (made,) = zoom.control.standing()
    assert (after.host_email, after.meeting_id, after.meeting_id == before.meeting_id) == (other.email, made["id"], False)


def test_meeting_that_went_away_is_made_anew_for_the_new_time(office: Office, confirmed: Booking, zoom: SimulatorHandle) -> None:
    before = ensure(confirmed, hours=1)
    assert before.meeting_id is not None
    meetings.zoom(wall=MORNING).delete(before.meeting_id)
    moving.move(confirmed.pk, FRIDAY_11, change(office), now=NOON, wall=NOON)
    ensure(confirmed, hours=4)  # said to be gone once …
    after = ensure(confirmed, hours=5)  # … and twice
    assert ([made["id"] for made in zoom.control.standing()], after.starts_at) == ([after.meeting_id], FRIDAY_11)


def test_meeting_nobody_told_us_of_is_found_on_the_day_it_was_asked_for(office: Office, confirmed: Booking, zoom: SimulatorHandle) -> None:
    """The answer was lost, and the booking moved a week away and to another host meanwhile: nothing stays behind."""
    zoom.control.fault("lose_answer", on="create", count=1)
    ensure(confirmed, hours=1)
    order = change(office, counsellor=office.tanaka.pk, host=office.tanaka.default_host_id)
    moving.move(confirmed.pk, FRIDAY_11 + timedelta(days=7), order, now=NOON, wall=NOON)
    after = ensure(confirmed, hours=4)
    assert [made["id"] for made in zoom.control.standing()] == [after.meeting_id]


def test_sweep_finds_a_meeting_that_stands_at_another_time(office: Office, confirmed: Booking, zoom: SimulatorHandle) -> None:
    """A worker settled the old time while the booking moved: the next look brings it right."""
    ensure(confirmed, hours=1)
    Meeting.objects.update(starts_at=FRIDAY_11)
    meetings.sweep_meetings(now=NOON, wall=NOON)
    assert Meeting.objects.get().starts_at == SESSION


def test_released_request_stands_without_a_place_and_is_told_nothing(office: Office, requested: Booking) -> None:
    told = OutgoingMail.objects.count()
    moving.release(requested.pk, reason="閉庁のため", by=office.staff, now=NOON, wall=NOON)
    requested.refresh_from_db()
    assert (requested.state, Hold.objects.count(), OutgoingMail.objects.count()) == ("requested", 0, told)
    assert (requested.events.last().event, requested.confirm_limit) == ("release", at(THURSDAY, 0))


def test_proposals_that_are_not_concerned_are_proposed_again(office: Office, requested: Booking) -> None:
    booking = bookings.propose(requested.pk, [AFTERNOON, FRIDAY_11], eligibility="registered", by=office.staff, now=NOON, wall=NOON)
    lost = Hold.objects.filter(span__startswith=AFTERNOON)
    moving.give_up(booking, lost, reason="研修", by=office.staff, now=NOON, wall=NOON)
    assert (booking.state, [row[3] for row in holds(booking)], booking.confirm_limit) == ("proposed", [FRIDAY_11], at(FRIDAY_11.date(), 0))
    assert [line.event for line in booking.events.all()] == ["request", "propose", "release", "propose"]
    assert [mail.body.count("から30分間") for mail in OutgoingMail.objects.filter(subject__contains="ご相談").order_by("pk")] == [2, 1]


def test_interview_moves_to_any_moment_of_the_opening_hours_and_is_no_exception_on_its_day(office: Office) -> None:
    """A18: neither the ten starts, nor the deadlines of reservations (C6-1-1b), nor their limits are an interview's."""
    booking = interview(office)
    Participant.objects.update(identity_checked_at=MORNING, identity_checked_by=office.staff, first_joined_at=MORNING)
    noon = at(THURSDAY, 12, 20)
    moved = moving.move(booking.pk, noon, change(office), now=at(THURSDAY, 9), wall=NOON)
    assert (moved.starts_at, moved.ends_at, moved.events.last().override) == (noon, noon + HALF_HOUR, False)
    assert (moved.answer_by, moved.confirm_limit) == (booking.answer_by, booking.confirm_limit)
    assert holds(moved) == [(office.sato.pk, booking.host_id, "interview", noon)]
    assert list(moved.participants.values_list("identity_checked_at", "identity_checked_by", "first_joined_at")) == [(None, None, None)] * 2


def test_interview_is_told_of_its_move_to_both_sides(office: Office) -> None:
    booking = interview(office)
    moved = moving.move(booking.pk, AFTERNOON, change(office), now=NOON, wall=NOON)
    key = moved.events.last().mail_key
    seeker = moved.participants.get(role="job_seeker").person
    told = OutgoingMail.objects.filter(key__startswith=key).order_by("pk").values_list("key", "to")
    assert list(told) == [(key, "jinji@example.jp"), (f"{key}:{seeker.pk}", "taro@example.jp")]


def test_interview_does_not_move_beyond_the_opening_hours(office: Office) -> None:
    booking = interview(office)
    with pytest.raises(SlotRefused) as refusal:
        moving.move(booking.pk, at(THURSDAY, 16, 46), change(office), now=NOON, wall=NOON)
    assert (refusal.value.reasons, holds(booking)[0][3]) == ((Reason.OUTSIDE_HOURS,), QUARTER_TO)


def test_interview_changes_hands_for_as_long_as_the_counsellor_is_present(office: Office) -> None:
    """Nobody's duty is asked of (C6-1-2-3 is about reservations); the host stays for the whole session."""
    booking = interview(office)
    DutyHours.objects.filter(counsellor=office.tanaka).delete()
    PolicyValue.objects.create(
        key="interview_presence_minutes", value="10", holds_from=MORNING, set_at=MORNING, set_by=office.staff, reason="試験"
    )
    moving.reassign(booking.pk, change(office, counsellor=office.tanaka.pk), now=NOON, wall=NOON)
    held = Hold.objects.get(booking=booking)
    assert (held.kind, held.counsellor, held.span.upper, held.host_span.upper) == (
        "interview",
        office.tanaka,
        QUARTER_TO + timedelta(minutes=10),
        QUARTER_TO + HALF_HOUR,
    )


def test_immediate_session_is_never_moved_in_time(office: Office) -> None:
    """C6-2-1c: it has no other time than now."""
    booking = immediate_session(office)
    with pytest.raises(StateChanged):
        moving.move(booking.pk, at(TUESDAY, 11), change(office), now=SEVEN_PAST, wall=NOON)
    assert holds(booking) == [(office.sato.pk, booking.host_id, "ad_hoc", SEVEN_PAST)]


def test_immediate_session_changes_hands_while_it_runs(office: Office) -> None:
    booking = immediate_session(office)
    running = SEVEN_PAST + timedelta(minutes=5)
    moving.reassign(booking.pk, change(office, counsellor=office.tanaka.pk), now=running, wall=NOON)
    assert holds(booking) == [(office.tanaka.pk, booking.host_id, "ad_hoc", SEVEN_PAST)]


def test_reservation_of_the_same_start_does_not_stand_in_the_way_of_an_interview(office: Office, confirmed: Booking) -> None:
    """The cap of a start is for reservations (A17): with one already there, an interview comes to the other counsellor."""
    PolicyValue.objects.create(key="capacity_per_start", value="1", holds_from=MORNING, set_at=MORNING, set_by=office.staff, reason="試験")
    booking = interview(office)
    moved = moving.move(booking.pk, SESSION, change(office), now=NOON, wall=NOON)
    assert {moved.counsellor, confirmed.counsellor} == {office.sato, office.tanaka}
