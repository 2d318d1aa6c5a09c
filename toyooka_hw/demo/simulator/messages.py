"""What the messages of the simulated Zoom say, in the shapes of Zoom's published examples."""

import hashlib
from datetime import datetime
from typing import Any

from toyooka_hw import clock
from toyooka_hw.demo.simulator.fields import as_text
from toyooka_hw.demo.simulator.state import Meeting, Participant, host_id

ACCOUNT = "AAAAAABBBB"


def about_meeting(event: str, meeting: Meeting, **more: Any) -> dict[str, Any]:
    """Return the message about something that happens to the meeting now. As with Zoom, recordings give its id as a number."""
    number: int | str = meeting.meeting_id if event.startswith("recording.") else str(meeting.meeting_id)
    return _message(event, {**_described(meeting), "id": number, **more})


def about_existence(event: str, meeting: Meeting, by: str, **more: Any) -> dict[str, Any]:
    """Return the message that a meeting was made, deleted or brought back by this person. Here the id is a number."""
    return _message(event, {**_described(meeting), **more}, **_operator(by), operation="single")


def about_update(meeting: Meeting, before: dict[str, Any], after: dict[str, Any], by: str) -> dict[str, Any]:
    """Return the message that this person changed a meeting: of the two states only what differs, and neither instance nor host."""
    objects = {"object": {"id": meeting.meeting_id, **after}, "old_object": {"id": meeting.meeting_id, **before}}
    told = _message("meeting.updated", {}, **_operator(by), scope="single")
    told["payload"] |= {"time_stamp": told["event_ts"], **objects}
    return told


def _described(meeting: Meeting) -> dict[str, Any]:
    named = {"id": meeting.meeting_id, "uuid": meeting.uuid, "host_id": host_id(meeting.host)}
    return named | {name: meeting.fields[name] for name in ("topic", "type", "start_time", "timezone", "duration")}


def _operator(by: str) -> dict[str, str]:
    return {"operator": by, "operator_id": host_id(by)}


def about_person(event: str, meeting: Meeting, person: Participant, moment: str = "date_time") -> dict[str, Any]:
    """Return the message about what somebody does now. ``moment``: the name under which Zoom says when; "" where it
    says neither that nor who, because the host has not opened the meeting."""
    named = {"user_name": person.name, "id": ""}
    if moment:
        number = str(int(hashlib.sha256(person.key.encode()).hexdigest()[:7], 16))
        named |= {"user_id": number, "participant_uuid": person.key, "email": "", moment: as_text(clock.wall())}
    return about_meeting(event, meeting, participant=named)


def about_host(event: str, meeting: Meeting, moment: str) -> dict[str, Any]:
    """Return the same about the host, who is signed in: id and address are known."""
    named = {"user_id": "16778240", "user_name": meeting.host, "id": host_id(meeting.host), "email": meeting.host}
    return about_meeting(event, meeting, participant={**named, "participant_uuid": host_id(meeting.host), moment: as_text(clock.wall())})


def about_summary(meeting: Meeting) -> dict[str, Any]:
    """Return the message about an AI summary, whose fields have names of their own."""
    now = as_text(clock.wall())
    return _message(
        "meeting.summary_completed",
        {
            "meeting_host_id": host_id(meeting.host),
            "meeting_host_email": meeting.host,
            "meeting_uuid": meeting.uuid,
            "meeting_id": meeting.meeting_id,
            "meeting_topic": meeting.fields["topic"],
            "meeting_start_time": meeting.fields["start_time"],
            "summary_created_time": now,
            "summary_title": meeting.fields["topic"],
            "summary_content": "## 要約",
        },
    )


def _message(event: str, described: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"event": event, "event_ts": milliseconds(clock.wall()), "payload": {"account_id": ACCOUNT, **more, "object": described}}


def milliseconds(moment: datetime) -> int:
    """Return a moment as the messages count it."""
    return int(moment.timestamp() * 1000)
