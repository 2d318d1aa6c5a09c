"""A wrong press has a way back, with a reason; what cannot be any more is refused, and nothing is corrected against the person (0023)."""

from datetime import timedelta

import pytest

from booking.models import Booking, Closure, Hold
from booking.operations import applications, corrections, immediate, moving, no_contact, outcomes, sessions
from booking.operations.calendar import set_policy
from booking.operations.corrections import SessionOver
from booking.operations.identity import IdentityUnchecked
from booking.operations.moving import Change
from booking.operations.one_open import OpenBookingExists
from booking.operations.presence import check_identity
from booking.operations.sessions import NotYet
from booking.operations.transitions import MovedMeanwhile, ReasonMissing, StateChanged, last_line
from booking.rules.lifecycle import Actor, Doubt, Event, Kind, State, legal_events
from booking.rules.outcomes import CAUSES, OUTCOMES, Cause, OutcomeUnfit
from booking.rules.slots import Reason, SlotRefused
from tests.booking.operations.test_outcomes import DURING, ENDS
from tests.cast import MORNING, SESSION, THURSDAY, Office, application, at, now_please
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
AFTER = at(THURSDAY, 16)
EARLIER = MORNING + timedelta(hours=2)
WAYS = [
    ("completed", "cancelled_by_user"),
    ("completed", "cancelled_by_office"),
    ("cancelled_by_user", "completed"),
    ("cancelled_by_user", "cancelled_by_office"),
    ("cancelled_by_office", "completed"),
    ("cancelled_by_office", "cancelled_by_user"),
    ("cancelled_no_contact", "cancelled_by_office"),
    ("stopped", "completed"),
]


@pytest.mark.parametrize(("pressed", "meant"), WAYS)
def test_wrong_press_is_corrected_with_a_reason_and_by_name(confirmed: Booking, office: Office, pressed: str, meant: str) -> None:
    ENDS[pressed](confirmed.pk, by=office.staff, now=DURING, wall=DURING)
    with pytest.raises(ReasonMissing):
        corrections.correct(confirmed.pk, meant, reason=" ", by=office.staff, now=AFTER, wall=AFTER)
    booking = corrections.correct(confirmed.pk, meant, reason="押し間違い", by=office.tanaka.user, now=AFTER, wall=AFTER)
    line, entry = booking.events.last(), AuditEntry.objects.latest("pk")
    assert (booking.state, booking.outcome, Hold.objects.count()) == (meant, OUTCOMES[State(meant)][0].value, 0)
    assert (line.from_state, line.by, line.reason, entry.by, entry.reason) == (
        pressed,
        office.tanaka.user,
        "押し間違い",
        office.tanaka.user,
        "押し間違い",
    )


@pytest.mark.parametrize("pressed", ["completed", "cancelled_by_user", "cancelled_by_office"])
def test_session_that_can_still_be_held_comes_back_to_its_place(confirmed: Booking, office: Office, pressed: str) -> None:
    ENDS[pressed](confirmed.pk, by=office.staff, now=DURING, wall=DURING)
    later = DURING + timedelta(seconds=5)
    booking = corrections.correct(confirmed.pk, "confirmed", reason="押し間違い", by=office.staff, now=later, wall=later)
    held = Hold.objects.get(booking=booking)
    assert (booking.state, booking.outcome, held.span.lower, held.counsellor) == ("confirmed", "", SESSION, confirmed.counsellor)
    assert Doubt.OFFICE_DELAY in no_contact.doubts(booking, now=DURING)


def test_call_that_cancelled_by_mistake_does_not_cancel_again(confirmed: Booking, office: Office) -> None:
    """The next sweep would read it as a notice (A6), and 連絡なし by hand as a sign of life."""
    sessions.cancel_by_user(confirmed.pk, by=office.staff, now=EARLIER, wall=EARLIER)
    later = EARLIER + timedelta(minutes=1)
    corrections.correct(confirmed.pk, "confirmed", reason="別の方だった", by=office.staff, now=later, wall=later)
    no_contact.apply_no_contact_rule(now=DURING, wall=DURING)
    booking = Booking.objects.get()
    assert (booking.state, Doubt.CONTACTED in no_contact.doubts(booking, now=DURING)) == ("confirmed", False)
    assert no_contact.cancel_no_contact(booking.pk, by=office.staff, now=DURING, wall=DURING).state == "cancelled_no_contact"


@pytest.mark.parametrize("pressed", ["completed", "cancelled_by_user", "cancelled_no_contact", "cancelled_by_office"])
def test_past_session_takes_no_place_again(confirmed: Booking, office: Office, pressed: str) -> None:
    ENDS[pressed](confirmed.pk, by=office.staff, now=DURING, wall=DURING)
    last = confirmed.ends_at - timedelta(seconds=1)
    with pytest.raises(SessionOver):
        corrections.correct(confirmed.pk, "confirmed", reason="誤り", by=office.staff, now=confirmed.ends_at, wall=AFTER)
    confirmed.refresh_from_db()
    assert (confirmed.state, Hold.objects.count()) == (pressed, 0)
    assert corrections.correct(confirmed.pk, "confirmed", reason="誤り", by=office.staff, now=last, wall=last).state == "confirmed"


def test_session_of_a_day_closed_meanwhile_does_not_come_back(confirmed: Booking, office: Office) -> None:
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=office.staff, now=EARLIER, wall=EARLIER)
    Closure.objects.update_or_create(date=THURSDAY, defaults={"is_open": False, "label": "臨時閉庁"})
    with pytest.raises(SlotRefused) as refusal:
        corrections.correct(confirmed.pk, "confirmed", reason="誤り", by=office.staff, now=EARLIER, wall=EARLIER)
    assert (refusal.value.reasons, Booking.objects.get().state) == ((Reason.CLOSED_DAY,), "cancelled_by_office")


def test_person_with_another_open_booking_does_not_get_the_old_one_back(confirmed: Booking, office: Office) -> None:
    """A16."""
    sessions.cancel_by_user(confirmed.pk, by=office.staff, now=EARLIER, wall=EARLIER)
    other = applications.request(confirmed.applicant, application(office.version, at(THURSDAY, 14)), now=EARLIER, wall=EARLIER)
    with pytest.raises(OpenBookingExists) as refusal:
        corrections.correct(confirmed.pk, "confirmed", reason="誤り", by=office.staff, now=EARLIER, wall=EARLIER)
    assert refusal.value.booking == other


def test_session_that_has_not_begun_was_not_held(confirmed: Booking, office: Office) -> None:
    sessions.cancel_by_user(confirmed.pk, by=office.staff, now=EARLIER, wall=EARLIER)
    with pytest.raises(NotYet):
        corrections.correct(confirmed.pk, "completed", reason="誤り", by=office.staff, now=SESSION - timedelta(seconds=1), wall=EARLIER)
    assert Booking.objects.get().state == "cancelled_by_user"


@pytest.mark.parametrize(
    ("pressed", "meant", "words"),
    [
        ("cancelled_by_user", "confirmed", "ご予約は有効です。"),
        ("cancelled_by_office", "completed", "実施済として記録しました"),
        ("cancelled_by_user", "cancelled_by_office", "ハローワークの都合による中止として"),
        ("completed", "cancelled_by_office", ""),
        ("stopped", "completed", ""),
        ("cancelled_no_contact", "cancelled_by_office", ""),
    ],
)
def test_whoever_was_told_of_the_end_is_told_of_its_correction(
    confirmed: Booking, office: Office, pressed: str, meant: str, words: str
) -> None:
    """Of what was held or broken off nobody was told, nor of a closing whose notice still waits."""
    ENDS[pressed](confirmed.pk, by=office.staff, now=DURING, wall=DURING)
    before = OutgoingMail.objects.count()
    corrections.correct(confirmed.pk, meant, reason="押し間違い", by=office.staff, now=DURING, wall=DURING)
    written = [mail.body for mail in OutgoingMail.objects.order_by("pk")[before:]]
    assert [words in body for body in written] == ([True] if words else [])


def test_nothing_is_corrected_to_what_counts_against_the_person() -> None:
    """Only the rule and a look at the moment itself close a session without contact."""
    own = {state for state, fit in OUTCOMES.items() if any(CAUSES[each] is Cause.PERSON for each in fit)}
    reached = {event for state in own for event in legal_events(Kind.RESERVED, state, Actor.STAFF)}
    assert reached == {
        Event.CORRECT_TO_CONFIRMED,
        Event.CORRECT_TO_COMPLETED,
        Event.CORRECT_TO_CANCELLED_BY_USER,
        Event.CORRECT_TO_CANCELLED_BY_OFFICE,
        Event.CORRECT_OUTCOME,
    }


def test_stop_is_corrected_in_its_second_level_but_never_to_conduct(confirmed: Booking, office: Office) -> None:
    """C12-1: conduct is recorded with its story, at the press itself."""
    outcomes.stop(confirmed.pk, outcome="left_early", by=office.staff, now=DURING, wall=DURING)
    with pytest.raises(OutcomeUnfit):
        corrections.correct_outcome(confirmed.pk, "conduct", reason="暴言", by=office.staff, now=AFTER)
    booking = corrections.correct_outcome(confirmed.pk, "zoom_fault", reason="Zoomの不具合だった", by=office.staff, now=AFTER)
    assert (booking.state, booking.outcome) == ("stopped", "zoom_fault")


def test_correction_from_an_old_page_corrects_nothing(confirmed: Booking, office: Office) -> None:
    sessions.complete(confirmed.pk, by=office.staff, now=DURING, wall=DURING)
    seen = last_line(confirmed.pk)
    corrections.correct(confirmed.pk, "cancelled_by_user", reason="電話があった", by=office.tanaka.user, now=AFTER, wall=AFTER, seen=seen)
    for press in (
        lambda: corrections.correct(confirmed.pk, "cancelled_by_office", reason="誤り", by=office.staff, now=AFTER, wall=AFTER, seen=seen),
        lambda: corrections.correct_outcome(confirmed.pk, "job_found", reason="誤り", by=office.staff, now=AFTER, seen=seen),
    ):
        with pytest.raises(MovedMeanwhile) as refusal:
            press()
        assert refusal.value.by == "田中"
    assert Booking.objects.get().outcome == "own_plans"


def test_same_correction_pressed_twice_is_done_once(confirmed: Booking, office: Office) -> None:
    sessions.complete(confirmed.pk, by=office.staff, now=DURING, wall=DURING)
    corrections.correct(confirmed.pk, "confirmed", reason="押し間違い", by=office.staff, now=DURING, wall=DURING)
    with pytest.raises(StateChanged):
        corrections.correct(confirmed.pk, "confirmed", reason="押し間違い", by=office.staff, now=DURING, wall=DURING)
    assert Hold.objects.count() == 1


def test_new_time_and_a_session_that_comes_back_are_asked_for_anew(confirmed: Booking, office: Office) -> None:
    """One reminder for each session, not for each booking."""
    Booking.objects.update(outcome_asked_at=EARLIER)
    moved = moving.move(confirmed.pk, at(THURSDAY, 14), Change(office.staff, "変更"), now=EARLIER, wall=EARLIER)
    assert moved.outcome_asked_at is None
    Booking.objects.update(outcome_asked_at=EARLIER)
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=office.staff, now=EARLIER, wall=EARLIER)
    booking = corrections.correct(confirmed.pk, "confirmed", reason="誤り", by=office.staff, now=EARLIER, wall=EARLIER)
    assert booking.outcome_asked_at is None


def test_immediate_session_ended_by_mistake_takes_its_place_again(office: Office, accepted: Booking) -> None:
    """C6-2-1a: the counsellor's half hour, from its odd minute, as what it was."""
    now = accepted.starts_at + timedelta(minutes=5)
    outcomes.stop(accepted.pk, outcome="zoom_fault", by=office.staff, now=now, wall=now)
    with pytest.raises(StateChanged):
        corrections.correct(accepted.pk, "confirmed", reason="押し間違い", by=office.staff, now=now, wall=now)
    Booking.objects.filter(pk=accepted.pk).update(state="cancelled_by_office", outcome="nobody_came")
    corrections.correct(accepted.pk, "confirmed", reason="押し間違い", by=office.staff, now=now, wall=now)
    held = Hold.objects.get()
    assert (held.kind, held.span.lower, held.span.upper) == ("ad_hoc", accepted.starts_at, accepted.ends_at)


def test_immediate_session_does_not_come_back_beside_a_new_request(office: Office, accepted: Booking) -> None:
    """One at a time, in both directions."""
    now = accepted.starts_at + timedelta(minutes=1)
    sessions.cancel_by_office(accepted.pk, reason="機器の故障", by=office.staff, now=now, wall=now)
    immediate.switch(office.tanaka.pk, on=True, by=office.tanaka.user, now=now)
    again = immediate.request(accepted.applicant, now_please(office.version, now), now=now, wall=now)
    with pytest.raises(OpenBookingExists) as refusal:
        corrections.correct(accepted.pk, "confirmed", reason="押し間違い", by=office.staff, now=now, wall=now)
    assert (refusal.value.booking, Hold.objects.count()) == (again, 0)


def test_reservation_is_no_obstacle_to_an_immediate_session_coming_back(office: Office, accepted: Booking) -> None:
    applications.request(accepted.applicant, application(office.version), now=MORNING, wall=MORNING)
    now = accepted.starts_at
    sessions.cancel_by_office(accepted.pk, reason="押し間違い", by=office.staff, now=now, wall=now)
    assert corrections.correct(accepted.pk, "confirmed", reason="押し間違い", by=office.staff, now=now, wall=now).state == "confirmed"


def test_interview_ended_by_mistake_holds_its_counsellor_for_the_opening_only(office: Office, interview: Booking) -> None:
    """A18: as policy has it when it comes back; the host to the end."""
    set_policy("interview_presence_minutes", "10", by=office.staff, reason="試験", now=MORNING)
    now = interview.starts_at
    sessions.cancel_by_office(interview.pk, reason="押し間違い", by=office.staff, now=now, wall=now)
    corrections.correct(interview.pk, "confirmed", reason="押し間違い", by=office.staff, now=now, wall=now)
    held = Hold.objects.get()
    assert (held.kind, held.span.upper, held.host_span.upper) == ("interview", now + timedelta(minutes=10), interview.ends_at)


def test_session_without_an_identity_is_not_corrected_to_held(office: Office, accepted: Booking) -> None:
    """C6-2-3: as at the press itself; the check may be entered afterwards."""
    now = accepted.ends_at
    outcomes.stop(accepted.pk, outcome="zoom_fault", by=office.staff, now=accepted.starts_at, wall=now)
    with pytest.raises(IdentityUnchecked):
        corrections.correct(accepted.pk, "completed", reason="押し間違い", by=office.staff, now=now, wall=now)
    check_identity(accepted.participants.get().pk, by=office.staff, now=now)
    corrected = corrections.correct(accepted.pk, "completed", reason="押し間違い", by=office.staff, now=now, wall=now)
    assert (corrected.state, corrected.outcome) == ("completed", "held")
