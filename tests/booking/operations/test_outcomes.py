"""After the sessions: the second level of every end, closing the day, one reminder (C6-1-4b, C12-1, A7)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from booking.models import Booking, Closure, DayClosing, StopRecord
from booking.operations import corrections, no_contact, outcomes, sessions
from booking.operations.outcomes import ConductUnexplained, DayClosed, DayNotOver, SessionsOpen
from booking.operations.transitions import StateChanged
from booking.queries import no_contact_counts, to_remind_of, unclosed_days
from booking.rules.lifecycle import Kind
from booking.rules.outcomes import OUTCOMES, OutcomeUnfit, outcomes_of
from tests.cast import MORNING, SESSION, THURSDAY, Office, at, make_person
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
DURING = SESSION + timedelta(minutes=20)
FOUR = at(THURSDAY, 16)
FRIDAY = date(2027, 4, 9)
NEXT_MORNING = at(FRIDAY, 8, 30)
MONDAY = date(2027, 4, 12)

ENDS: dict[str, Callable[..., Booking]] = {
    "completed": sessions.complete,
    "cancelled_by_user": sessions.cancel_by_user,
    "cancelled_no_contact": no_contact.cancel_no_contact,
    "cancelled_by_office": lambda pk, **told: sessions.cancel_by_office(pk, reason="停電", **told),
    "stopped": lambda pk, **told: outcomes.stop(pk, **{"outcome": "own_device", "category": "abuse", "note": "経緯", **told}),
}


@pytest.mark.parametrize(
    ("state", "outcome"), [(state.value, each.value) for state in OUTCOMES for each in outcomes_of(Kind.RESERVED, state)]
)
def test_every_end_keeps_the_outcome_that_was_chosen(confirmed: Booking, office: Office, state: str, outcome: str) -> None:
    booking = ENDS[state](confirmed.pk, outcome=outcome, by=office.staff, now=DURING, wall=DURING)
    assert (booking.state, booking.outcome) == (state, outcome)


@pytest.mark.parametrize("state", ENDS)
def test_every_end_without_a_choice_keeps_the_usual_outcome(confirmed: Booking, office: Office, state: str) -> None:
    booking = ENDS[state](confirmed.pk, by=office.staff, now=DURING, wall=DURING)
    usual = {each.value: fit[0].value for each, fit in OUTCOMES.items()}
    assert (booking.state, booking.outcome) == (state, usual[state])


@pytest.mark.parametrize("state", ENDS)
def test_outcome_of_another_end_is_refused_and_nothing_happens(confirmed: Booking, office: Office, state: str) -> None:
    foreign = "held" if state != "completed" else "job_found"
    with pytest.raises(OutcomeUnfit):
        ENDS[state](confirmed.pk, outcome=foreign, by=office.staff, now=DURING, wall=DURING)
    confirmed.refresh_from_db()
    assert (confirmed.state, confirmed.outcome, confirmed.contacts.count()) == ("confirmed", "", 0)


def test_database_refuses_an_outcome_that_does_not_fit(confirmed: Booking) -> None:
    with pytest.raises(IntegrityError, match="outcome_fits_state"), transaction.atomic():
        Booking.objects.update(outcome="held")


def test_correction_back_to_confirmed_takes_the_outcome_away(confirmed: Booking, office: Office) -> None:
    no_contact.cancel_no_contact(confirmed.pk, by=office.staff, now=DURING, wall=DURING)
    booking = corrections.correct(confirmed.pk, "confirmed", reason="待っていた", by=office.staff, now=DURING, wall=DURING)
    assert (booking.state, booking.outcome) == ("confirmed", "")


def test_same_outcome_corrected_again_leaves_no_second_line(confirmed: Booking, office: Office) -> None:
    sessions.complete(confirmed.pk, by=office.staff, now=DURING, wall=DURING)
    for _ in range(2):
        booking = corrections.correct_outcome(confirmed.pk, "held_by_phone", reason="電話で実施した", by=office.staff, now=DURING)
    assert (booking.outcome, booking.events.filter(event="correct_outcome").count()) == ("held_by_phone", 1)


def test_stop_for_conduct_without_its_story_is_refused(confirmed: Booking, office: Office) -> None:
    """C12-1: category, note, time and name; nothing of it in the history."""
    for said in ({"note": "暴言"}, {"category": "abuse"}, {"category": "abuse", "note": " "}):
        with pytest.raises(ConductUnexplained):
            outcomes.stop(confirmed.pk, outcome="conduct", by=office.staff, now=DURING, wall=DURING, **said)
    outcomes.stop(confirmed.pk, outcome="conduct", category="abuse", note="暴言", by=office.staff, now=DURING, wall=DURING)
    record = StopRecord.objects.get()
    assert (record.booking, record.category, record.note, record.at, record.by) == (confirmed, "abuse", "暴言", DURING, office.staff)
    with pytest.raises(StateChanged):
        outcomes.stop(confirmed.pk, outcome="conduct", category="threat", note="再度", by=office.staff, now=DURING, wall=DURING)
    assert StopRecord.objects.count() == 1


@pytest.mark.parametrize("model", [StopRecord, DayClosing])
def test_what_was_closed_or_stopped_stays_as_written(confirmed: Booking, office: Office, model: type) -> None:
    outcomes.stop(confirmed.pk, outcome="conduct", category="abuse", note="暴言", by=office.staff, now=DURING, wall=DURING)
    outcomes.close_day(THURSDAY, by=office.staff, now=FOUR)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.all().delete()


def test_day_is_not_closed_before_its_last_session_could_have_ended(confirmed: Booking, office: Office) -> None:
    sessions.complete(confirmed.pk, by=office.staff, now=DURING, wall=DURING)
    with pytest.raises(DayNotOver) as refusal:
        outcomes.close_day(THURSDAY, by=office.staff, now=FOUR - timedelta(seconds=1))
    assert refusal.value.at == FOUR
    assert outcomes.close_day(THURSDAY, by=office.staff, now=FOUR).closed_at == FOUR


def test_day_with_a_session_without_an_end_is_not_closed_and_the_session_named(confirmed: Booking, office: Office) -> None:
    with pytest.raises(SessionsOpen) as refusal:
        outcomes.close_day(THURSDAY, by=office.staff, now=FOUR)
    assert (refusal.value.bookings, DayClosing.objects.count()) == ([confirmed], 0)


def test_second_to_close_a_day_is_told_by_whom_it_was(confirmed: Booking, office: Office) -> None:
    sessions.complete(confirmed.pk, by=office.staff, now=DURING, wall=DURING)
    outcomes.close_day(THURSDAY, by=office.staff, now=FOUR)
    with pytest.raises(DayClosed) as refusal:
        outcomes.close_day(THURSDAY, by=office.tanaka.user, now=FOUR + timedelta(hours=1))
    assert (refusal.value.closing.closed_by, refusal.value.closing.closed_at) == (office.staff, FOUR)
    entry = AuditEntry.objects.get(subject_type="booking.dayclosing")
    assert (entry.by, entry.what, entry.subject) == (office.staff, "日締め", "日締め 2027-04-08")


def test_record_of_a_closed_day_is_still_corrected_with_a_reason(confirmed: Booking, office: Office) -> None:
    no_contact.cancel_no_contact(confirmed.pk, by=office.staff, now=DURING, wall=DURING)
    outcomes.close_day(THURSDAY, by=office.staff, now=FOUR)
    booking = corrections.correct(
        confirmed.pk, "cancelled_by_user", outcome="own_plans", reason="留守電に連絡", by=office.staff, now=NEXT_MORNING, wall=NEXT_MORNING
    )
    assert (booking.state, booking.events.last().reason) == ("cancelled_by_user", "留守電に連絡")


def test_days_nobody_closed_are_known_with_what_is_missing(confirmed: Booking, office: Office) -> None:
    assert unclosed_days(THURSDAY) == []
    assert unclosed_days(FRIDAY) == [(THURSDAY, 1)]
    sessions.complete(confirmed.pk, by=office.staff, now=DURING, wall=DURING)
    assert unclosed_days(FRIDAY) == [(THURSDAY, 0)]
    outcomes.close_day(THURSDAY, by=office.staff, now=FOUR)
    assert unclosed_days(FRIDAY) == []


@pytest.fixture
def missing(confirmed: Booking, office: Office) -> Booking:
    """Thursday's session, of which nobody has said how it ended; its counsellor has a mailbox."""
    confirmed.counsellor.user.email = "sato@example.jp"
    confirmed.counsellor.user.save()
    return confirmed


def reminders() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(subject__contains="結果の記録のお願い").order_by("pk"))


def remind(moment: object) -> int:
    return outcomes.remind_of_outcomes(now=moment, wall=moment)


def test_counsellor_is_asked_on_the_next_open_morning_and_not_a_second_before(missing: Booking) -> None:
    assert [remind(FOUR), remind(NEXT_MORNING - timedelta(seconds=1)), remind(NEXT_MORNING)] == [0, 0, 1]
    mail = reminders()[0]
    assert (mail.to, missing.number in mail.body, missing.applicant.full_name in mail.body) == ("sato@example.jp", True, False)


def test_counsellor_is_asked_once_however_often_the_sweep_runs(missing: Booking) -> None:
    """One nag, not two: neither on the same day nor on the next."""
    assert [remind(NEXT_MORNING), remind(NEXT_MORNING), remind(at(MONDAY, 8, 30)), len(reminders())] == [1, 0, 0, 1]


def test_beat_that_stood_still_for_days_asks_all_the_same_once(missing: Booking) -> None:
    assert [remind(at(MONDAY, 15)), remind(at(date(2027, 4, 13), 9)), len(reminders())] == [1, 0, 1]


def test_nobody_is_asked_on_a_closed_day(missing: Booking) -> None:
    Closure.objects.update_or_create(date=FRIDAY, defaults={"is_open": False, "label": "臨時閉庁"})
    saturday = at(date(2027, 4, 10), 9)
    assert [remind(NEXT_MORNING), remind(saturday), remind(at(MONDAY, 8, 30))] == [0, 0, 1]


def test_recorded_session_is_not_asked_for(missing: Booking, office: Office) -> None:
    sessions.complete(missing.pk, by=office.staff, now=DURING, wall=DURING)
    assert remind(NEXT_MORNING) == 0


def test_counsellor_without_a_mailbox_is_not_mailed(confirmed: Booking) -> None:
    assert (remind(NEXT_MORNING), list(to_remind_of(now=NEXT_MORNING))) == (0, [confirmed])


def test_all_missing_of_one_counsellor_are_one_mail(missing: Booking, office: Office) -> None:
    other = make_person("但馬 太郎", email="taro@example.jp")
    Booking.objects.create(
        number="second",
        state="confirmed",
        source="phone",
        applicant=other,
        starts_at=SESSION + timedelta(hours=3),
        ends_at=SESSION + timedelta(hours=3, minutes=30),
        counsellor=missing.counsellor,
        host=missing.host,
        requested_at=MORNING,
        answer_by=MORNING,
        confirm_limit=MORNING,
        confirmed_at=MORNING,
    )
    assert (remind(NEXT_MORNING), len(reminders())) == (1, 1)
    assert [number in reminders()[0].body for number in (missing.number, "second")] == [True, True]
    assert [booking.outcome_asked_at for booking in Booking.objects.all()] == [NEXT_MORNING] * 2


def test_cancellation_without_contact_counts_only_once_its_day_is_closed_and_not_after_its_correction(
    confirmed: Booking, office: Office
) -> None:
    """C6-1-4c, A7: the count is a view on the records, so a correction takes effect at once."""
    person = confirmed.applicant_id
    no_contact.cancel_no_contact(confirmed.pk, by=office.staff, now=DURING, wall=DURING)
    assert no_contact_counts([person]) == {}
    outcomes.close_day(THURSDAY, by=office.staff, now=FOUR)
    assert no_contact_counts([person]) == {person: 1}
    corrections.correct_outcome(confirmed.pk, "wrong_contact", reason="番号が古かった", by=office.staff, now=NEXT_MORNING)
    assert no_contact_counts([person]) == {}


def test_office_caused_cancellation_never_counts(confirmed: Booking, office: Office) -> None:
    sessions.cancel_by_office(confirmed.pk, reason="停電", outcome="zoom_fault", by=office.staff, now=DURING, wall=DURING)
    outcomes.close_day(THURSDAY, by=office.staff, now=FOUR)
    assert no_contact_counts([confirmed.applicant_id]) == {}
