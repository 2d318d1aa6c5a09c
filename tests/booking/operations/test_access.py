"""The ways into a session that staff hand out."""

import pytest

from booking.links import booking_of, token_of
from booking.models import Booking, CodeDelivery, Meeting
from booking.operations import access
from booking.operations.access import NoPersonalPage
from booking.operations.sessions import JoinOver, MeetingNotReady
from tests.cast import MORNING, SESSION, Office, make_meeting_ready
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db


def test_renewed_link_kills_the_old_one_and_is_mailed(office: Office, confirmed: Booking) -> None:
    old = token_of(confirmed)
    renewed = access.renew_link(confirmed.pk, by=office.staff, now=MORNING, wall=MORNING)
    assert (booking_of(old), booking_of(token_of(renewed))) == (None, confirmed)
    assert token_of(renewed) in OutgoingMail.objects.latest("pk").body


def test_revoked_link_opens_nothing(office: Office, confirmed: Booking) -> None:
    old = token_of(confirmed)
    access.revoke_link(confirmed.pk, by=office.staff, now=MORNING)
    assert booking_of(old) is None


def test_code_told_by_phone_is_a_row(office: Office, confirmed: Booking) -> None:
    """A15: whoever has no mailbox hears the code by phone; who told it and when stays."""
    with pytest.raises(MeetingNotReady):
        access.tell_code(confirmed.pk, by=office.staff, now=MORNING)
    Meeting.objects.filter(booking=confirmed).update(meeting_id=98765432101, passcode="abcdEFGH23", ready_at=MORNING)
    meeting = access.tell_code(confirmed.pk, by=office.staff, now=MORNING)
    assert (meeting.grouped_id, meeting.passcode) == ("987 6543 2101", "abcdEFGH23")
    told = CodeDelivery.objects.get()
    assert (told.participant.booking, told.by, told.at, told.route) == (confirmed, office.staff, MORNING, "callback_phone")


def test_code_of_a_session_that_is_over_is_not_told(office: Office, confirmed: Booking) -> None:
    with pytest.raises(JoinOver):
        access.tell_code(confirmed.pk, by=office.staff, now=confirmed.ends_at)
    assert (CodeDelivery.objects.count(), confirmed.ends_at > SESSION) == (0, True)


@pytest.mark.parametrize("kind", ["accepted", "interview"])
def test_sessions_of_other_kinds_have_no_page_and_no_code_to_read_out(request: pytest.FixtureRequest, office: Office, kind: str) -> None:
    """C6-2-3a: no link into them is mailed, and their code is told by the delivery alone."""
    booking = request.getfixturevalue(kind)
    make_meeting_ready(booking)
    mails = OutgoingMail.objects.count()
    with pytest.raises(NoPersonalPage):
        access.renew_link(booking.pk, by=office.staff, now=MORNING, wall=MORNING)
    with pytest.raises(NoPersonalPage):
        access.revoke_link(booking.pk, by=office.staff, now=MORNING)
    with pytest.raises(JoinOver):
        access.tell_code(booking.pk, by=office.staff, now=booking.starts_at)
    assert (booking_of(token_of(booking)), OutgoingMail.objects.count(), CodeDelivery.objects.count()) == (None, mails, 0)
