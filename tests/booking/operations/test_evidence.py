"""What the ten-minute rule may rely on: only what belongs to this very session (C6-1-4b, A7)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from booking.admin.rows import zoom_state
from booking.models import Booking, Heartbeat, Meeting, Participant
from booking.operations import moving, no_contact, sessions
from booking.operations.evidence import gather
from booking.operations.moving import Change
from booking.queries import policy_at, readiness
from booking.rules.lifecycle import Doubt, Verdict, judge_no_contact
from booking.rules.readiness import Lack
from tests.cast import MORNING, SESSION, THURSDAY, Office, at, make_meeting_ready
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(hours=3)
AFTERNOON = at(THURSDAY, 14)


def moved(booking: Booking, office: Office) -> None:
    moving.move(booking.pk, AFTERNOON, Change(office.staff, "変更"), now=LATER, wall=LATER)


def handed_over(booking: Booking, office: Office) -> None:
    moving.reassign(booking.pk, Change(office.staff, "変更", office.tanaka.pk, office.tanaka.default_host_id), now=LATER, wall=LATER)


def office_at_its_place(booking: Booking, start: datetime) -> None:
    """Everything but Zoom: the mail came, the counsellor is there, the portal ran."""
    OutgoingMail.objects.update(delivered_at=LATER)
    sessions.counsellor_seen(booking.pk, by=booking.counsellor.user, now=start)
    for minute in range(-2, 12):
        moment = start + timedelta(minutes=minute)
        Heartbeat.objects.bulk_create(Heartbeat(name=name, at=moment, wall=moment) for name in ("beat", "web"))


@pytest.mark.parametrize(("happens", "start"), [(moved, AFTERNOON), (handed_over, SESSION)])
def test_meeting_that_has_not_followed_is_no_meeting(
    office: Office, confirmed: Booking, happens: Callable[[Booking, Office], None], start: datetime
) -> None:
    """Nobody is closed for not coming to a Zoom meeting that stood at another time, or with another host."""
    make_meeting_ready(confirmed)
    happens(confirmed, office)
    office_at_its_place(confirmed, start)
    confirmed.refresh_from_db()
    now = start + timedelta(minutes=10)
    facts = gather([confirmed], policy_at(now))[confirmed.pk]
    assert judge_no_contact(facts, policy_at(now), now=now) == (Verdict.ATTENTION, (Doubt.MEETING_NOT_READY,))
    Meeting.objects.update(starts_at=confirmed.starts_at, host_email=confirmed.host.email)
    confirmed = Booking.objects.get()
    facts = gather([confirmed], policy_at(now))[confirmed.pk]
    assert judge_no_contact(facts, policy_at(now), now=now) == (Verdict.CLOSE, ())


def test_boards_call_a_meeting_ready_only_where_it_has_followed(office: Office, confirmed: Booking) -> None:
    make_meeting_ready(confirmed)
    moved(confirmed, office)
    Meeting.objects.update(outbox_state=OutboxState.DONE)
    now = at(THURSDAY, 9)
    assert (zoom_state(Booking.objects.get())[0], Lack.ZOOM_WAITING in readiness(THURSDAY, now=now).sessions[0].lacks) == ("yellow", True)
    Meeting.objects.update(starts_at=AFTERNOON)
    assert (zoom_state(Booking.objects.get())[0], Lack.ZOOM_WAITING in readiness(THURSDAY, now=now).sessions[0].lacks) == ("green", False)


def test_standstill_is_not_claimed_of_sessions_whose_heartbeats_are_deleted(office: Office, confirmed: Booking) -> None:
    make_meeting_ready(confirmed)
    office_at_its_place(confirmed, SESSION)
    Participant.objects.update(first_joined_at=SESSION)
    for days, expected in ((6, (Doubt.JOINED,)), (8, (Doubt.JOINED,))):
        now = SESSION + timedelta(days=days)
        sessions.forget(now=now, wall=now)
        assert no_contact.doubts(Booking.objects.get(), now=now) == expected


def test_standstill_is_told_as_long_as_it_is_known(office: Office, confirmed: Booking) -> None:
    make_meeting_ready(confirmed)
    office_at_its_place(confirmed, SESSION)
    Heartbeat.objects.filter(name="web").delete()
    assert no_contact.doubts(Booking.objects.get(), now=SESSION + timedelta(days=6)) == (Doubt.CLOCK_GAP,)
