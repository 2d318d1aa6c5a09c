"""What an event of the video service means for a session."""

from datetime import datetime, timedelta

import pytest

from booking.rules.notices import EARLY, Meaning, begins, is_about, meaning, portal_time
from tests.cast import SESSION

END = SESSION + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("event", "is_host", "meant"),
    [
        ("meeting.participant_joined", False, Meaning.GUEST_CAME),
        ("meeting.participant_joined", True, Meaning.HOST_CAME),
        ("meeting.participant_joined_waiting_room", False, Meaning.GUEST_CAME),
        ("meeting.participant_put_in_waiting_room", False, Meaning.GUEST_CAME),
        ("meeting.participant_admitted", False, Meaning.GUEST_CAME),
        ("meeting.participant_jbh_waiting", False, Meaning.GUEST_CAME),
        ("meeting.participant_jbh_joined", False, Meaning.GUEST_CAME),
        ("meeting.started", False, Meaning.HOST_CAME),
        ("meeting.participant_left", False, Meaning.NOTHING),
        ("meeting.participant_left", True, Meaning.NOTHING),
        ("meeting.participant_left_waiting_room", False, Meaning.NOTHING),
        ("meeting.participant_jbh_waiting_left", False, Meaning.NOTHING),
        ("meeting.ended", False, Meaning.NOTHING),
        ("recording.started", False, Meaning.RECORDED),
        ("recording.stopped", False, Meaning.RECORDED),
        ("recording.transcript_completed", False, Meaning.RECORDED),
        ("meeting.summary_completed", False, Meaning.LISTENED_TO),
        ("meeting.ai_companion_started", False, Meaning.LISTENED_TO),
        ("meeting.aic_transcript_completed", False, Meaning.LISTENED_TO),
        ("meeting.created", False, Meaning.NOTHING),
        ("meeting.updated", False, Meaning.CHANGED),
        ("meeting.deleted", False, Meaning.CHANGED),
        ("meeting.permanently_deleted", False, Meaning.CHANGED),
        ("meeting.recovered", False, Meaning.CHANGED),
        ("user.created", False, Meaning.NOTHING),
    ],
)
def test_meaning(event: str, is_host: bool, meant: Meaning) -> None:
    assert meaning(event, is_host=is_host) is meant


def test_beginnings() -> None:
    told = ["recording.started", "recording.resumed", "meeting.ai_companion_started", "recording.stopped", "meeting.summary_completed"]
    assert [begins(event) for event in told] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("moment", "about"),
    [
        (SESSION - EARLY - timedelta(seconds=1), False),
        (SESSION - EARLY, True),
        (END - timedelta(seconds=1), True),
        (END, False),
        (SESSION + timedelta(days=1), False),
    ],
)
def test_what_happened_an_hour_before_until_the_end_is_about_the_session(moment: datetime, about: bool) -> None:
    assert is_about(SESSION, END, moment) is about


def test_moment_follows_the_portals_clock_and_never_runs_ahead_of_it() -> None:
    wall = SESSION + timedelta(days=400)
    told = [portal_time(wall + timedelta(seconds=each), now=SESSION, wall=wall) for each in (-60, 0, 5)]
    assert told == [SESSION - timedelta(minutes=1), SESSION, SESSION]
