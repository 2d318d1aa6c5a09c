"""What staff note in a session's first minutes: presence and words beat the timer (C6-1-4b, A7)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from booking.models import Booking, ContactRecord, Participant
from booking.operations import no_contact, sessions
from booking.operations.presence import check_identity, note_arrival, note_call
from booking.operations.sessions import JoinOver, TooEarly
from booking.operations.transitions import ParticipantGone, StateChanged
from tests.cast import MORNING, SESSION, Office
from toyooka_hw.accounts.models import User
from toyooka_hw.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
LATE = ContactRecord.Meaning.LATE


def test_arrival_stands_where_a_press_on_join_would(office: Office, confirmed: Booking) -> None:
    note_arrival(confirmed.pk, by=office.staff, now=SESSION + timedelta(minutes=2))
    assert Participant.objects.get().first_joined_at == SESSION + timedelta(minutes=2)
    assert AuditEntry.objects.filter(what="利用者が来たことを記録", by=office.staff, person_pk=confirmed.applicant_id).count() == 1


def test_second_press_on_arrival_changes_nothing(office: Office, confirmed: Booking) -> None:
    for minute in (2, 3):
        note_arrival(confirmed.pk, by=office.staff, now=SESSION + timedelta(minutes=minute))
    assert Participant.objects.get().first_joined_at == SESSION + timedelta(minutes=2)
    assert AuditEntry.objects.filter(what="利用者が来たことを記録").count() == 1


def test_whoever_came_is_never_closed_by_the_clock(office: Office, confirmed: Booking) -> None:
    note_arrival(confirmed.pk, by=office.staff, now=SESSION + timedelta(minutes=2))
    later = SESSION + timedelta(minutes=10)
    no_contact.apply_no_contact_rule(now=later, wall=later)
    confirmed.refresh_from_db()
    assert confirmed.state == "confirmed"


@pytest.mark.parametrize(
    ("moment", "refusal"), [(SESSION - timedelta(minutes=10, seconds=1), TooEarly), (SESSION + timedelta(minutes=30), JoinOver)]
)
def test_arrival_outside_the_session_is_refused(office: Office, confirmed: Booking, moment: datetime, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        note_arrival(confirmed.pk, by=office.staff, now=moment)
    assert Participant.objects.get().first_joined_at is None


def test_call_pressed_twice_is_one_call(office: Office, confirmed: Booking) -> None:
    for seconds in (0, 59, 60):
        now = SESSION + timedelta(seconds=seconds)
        note_call(confirmed.pk, LATE, by=office.staff, now=now, wall=now)
    assert [row.at for row in ContactRecord.objects.all()] == [SESSION, SESSION + timedelta(seconds=60)]


def test_call_of_another_colleague_is_another_call(office: Office, confirmed: Booking) -> None:
    for by in (office.staff, office.tanaka.user):
        note_call(confirmed.pk, LATE, by=by, now=SESSION, wall=SESSION)
    assert ContactRecord.objects.count() == 2


@pytest.mark.parametrize(
    "press",
    [
        lambda booking, by: note_arrival(booking.pk, by=by, now=SESSION),
        lambda booking, by: note_call(booking.pk, LATE, by=by, now=SESSION, wall=SESSION),
    ],
    ids=["arrival", "call"],
)
def test_session_that_was_ended_meanwhile_is_refused_by_name(
    office: Office, confirmed: Booking, press: Callable[[Booking, User], None]
) -> None:
    sessions.cancel_by_user(confirmed.pk, by=office.tanaka.user, now=MORNING + timedelta(hours=2), wall=MORNING)
    with pytest.raises(StateChanged) as told:
        press(confirmed, office.staff)
    assert told.value.by == "田中"


def test_arrival_of_the_other_side_is_its_own(office: Office, interview: Booking) -> None:
    """Issue point 6: each participant has their own presence."""
    contact, seeker = interview.participants.order_by("pk")
    start = interview.starts_at
    note_arrival(interview.pk, participant=seeker.pk, by=office.staff, now=start)
    note_arrival(interview.pk, by=office.staff, now=start + timedelta(minutes=1))
    joined = interview.participants.order_by("pk").values_list("first_joined_at", flat=True)
    assert list(joined) == [start + timedelta(minutes=1), start]
    told = AuditEntry.objects.filter(what="利用者が来たことを記録").order_by("pk").values_list("person_pk", flat=True)
    assert list(told) == [seeker.person_id, contact.person_id]


def test_arrival_of_somebody_from_another_session_is_none(office: Office, interview: Booking, confirmed: Booking) -> None:
    stranger = confirmed.participants.get()
    with pytest.raises(ParticipantGone):
        note_arrival(interview.pk, participant=stranger.pk, by=office.staff, now=interview.starts_at)
    assert Participant.objects.exclude(first_joined_at=None).count() == 0


def test_identity_is_checked_once_and_by_name(office: Office, accepted: Booking) -> None:
    """C6-2-3: 本人確認; who recorded it first stays."""
    participant = accepted.participants.get()
    for by, now in ((office.staff, accepted.starts_at), (office.tanaka.user, accepted.ends_at)):
        check_identity(participant.pk, by=by, now=now)
    participant.refresh_from_db()
    assert (participant.identity_checked_at, participant.identity_checked_by) == (accepted.starts_at, office.staff)
    entry = AuditEntry.objects.get(what="本人確認を記録")
    assert (entry.by, entry.at, entry.person_pk) == (office.staff, accepted.starts_at, accepted.applicant_id)


def test_identity_of_each_participant_is_their_own(office: Office, interview: Booking) -> None:
    contact, seeker = interview.participants.order_by("pk")
    check_identity(seeker.pk, by=office.staff, now=interview.starts_at)
    assert list(interview.participants.filter(identity_checked_at=None)) == [contact]


def test_identity_of_somebody_who_is_no_longer_in_the_session_is_refused_by_name(office: Office, interview: Booking) -> None:
    gone = interview.participants.get(role="job_seeker")
    gone.delete()
    with pytest.raises(ParticipantGone):
        check_identity(Participant.objects.latest("pk").pk + 1, by=office.staff, now=interview.starts_at)
    assert AuditEntry.objects.filter(what="本人確認を記録").count() == 0


def test_identity_is_checked_in_no_session_that_was_never_confirmed(office: Office, waiting: Booking) -> None:
    with pytest.raises(StateChanged):
        check_identity(waiting.participants.get().pk, by=office.staff, now=MORNING)
    assert (Participant.objects.get().identity_checked_at, AuditEntry.objects.filter(what="本人確認を記録").count()) == (None, 0)
