"""A notice of Zoom and the ten-minute rule at the same moment: presence beats the timer; with the guard off, it does not (A7)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from booking.models import Booking, ZoomNotice
from booking.operations import no_contact
from booking.operations.meetings import notices
from tests.booking.operations.test_notices import DUE, joined, office_did_its_part
from tests.cast import make_meeting_ready
from tests.flows.test_waiting import while_another_waits
from tests.zoom_notices import GUEST, message, post

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
CAME = DUE - timedelta(seconds=1)


@pytest.fixture
def told(confirmed: Booking) -> ZoomNotice:
    """Nothing but a stored notice speaks against closing this session."""
    make_meeting_ready(confirmed)
    office_did_its_part(confirmed)
    post(message("meeting.participant_joined", CAME, person=GUEST), CAME)
    return ZoomNotice.objects.get()


@pytest.fixture
def act(told: ZoomNotice) -> Callable[[], object]:
    return lambda: notices.handle_notice(told.pk, now=DUE, wall=DUE)


def rule() -> int:
    return no_contact.apply_no_contact_rule(now=DUE, wall=DUE)


def test_rule_that_comes_while_the_notice_is_acted_upon_finds_somebody_there(confirmed: Booking, act: Callable[[], object]) -> None:
    with while_another_waits(rule) as judging:
        act()
    confirmed.refresh_from_db()
    assert (judging.result(), confirmed.state, joined(confirmed)) == (0, "confirmed", [CAME])


def test_notice_that_comes_while_the_rule_judges_is_waited_for(confirmed: Booking, act: Callable[[], object]) -> None:
    with while_another_waits(act) as acting:
        Booking.objects.select_for_update().get(pk=confirmed.pk)
        assert rule() == 0
    acting.result()
    confirmed.refresh_from_db()
    assert (confirmed.state, joined(confirmed)) == ("confirmed", [CAME])


def test_without_the_look_at_what_was_told_the_rule_closes(
    confirmed: Booking, act: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: and what comes too late still stops the mail."""
    monkeypatch.setattr(no_contact, "may_still_tell", lambda _booking: False)
    with while_another_waits(act) as acting:
        assert rule() == 1
    acting.result()
    confirmed.refresh_from_db()
    assert (confirmed.state, confirmed.notice_due_at, joined(confirmed)) == ("cancelled_no_contact", None, [CAME])
