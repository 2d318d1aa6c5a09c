"""A meeting's rooms in the simulated Zoom, seen from both sides, by hand, through pages without scripts."""

from dataclasses import dataclass

import requests

from booking.video.port import MeetingInfo
from booking.video.zoom import ZoomMeetings
from tests.surroundings import PATIENCE_SECONDS

EVENTS_OF_ROOMS = [
    "meeting.ended",
    "meeting.participant_admitted",
    "meeting.participant_jbh_waiting",
    "meeting.participant_jbh_waiting_left",
    "meeting.participant_joined",
    "meeting.participant_joined_waiting_room",
    "meeting.participant_left",
    "meeting.participant_left_waiting_room",
    "meeting.started",
    "meeting.summary_completed",
    "recording.started",
    "recording.stopped",
]


@dataclass(frozen=True)
class Room:
    """One meeting."""

    client: ZoomMeetings
    info: MeetingInfo

    @property
    def door(self) -> str:
        return self.info.join_url.partition("?")[0]

    def enter(self, name: str = "豊岡 花子", passcode: str | None = None) -> requests.Response:
        """Somebody comes to the door; the page of their own place, if they are let in."""
        carried = self.info.join_url.partition("?pwd=")[2]
        return post(self.door, name=name, pwd=carried if passcode is None else passcode)

    def leaves(self, seat: requests.Response) -> None:
        """Whoever has this place leaves."""
        post(f"{seat.url}/leave")

    def host_does(self, action: str, person: str = "", **form: str) -> requests.Response:
        table, _, key = self.client.host_link(self.info.meeting_id).partition("?zak=")
        return post(f"{table}/{action}", zak=key, person=person, **form)


def key_of(seat: requests.Response) -> str:
    """The key by which the host knows whoever has this place."""
    return seat.url.rpartition("/")[2]


def post(address: str, **form: str) -> requests.Response:
    return requests.post(address, data=form, timeout=PATIENCE_SECONDS)
