"""What happens in a room, and the messages that Zoom sends about it. Each function does it and returns the messages, in order."""

from typing import Any

from toyooka_hw.demo.simulator.messages import about_host, about_meeting, about_person, about_summary
from toyooka_hw.demo.simulator.state import Meeting, Participant

Messages = list[dict[str, Any]]


def joining(meeting: Meeting, name: str) -> tuple[Participant, Messages]:
    """Somebody comes to the door."""
    person = meeting.join(name)
    return person, _coming(meeting, person)


def leaving(meeting: Meeting, person: Participant) -> Messages:
    """Somebody leaves, or stops waiting; who has left stays so."""
    told = _going(meeting, person)
    person.place = "left"
    return told


def starting(meeting: Meeting) -> Messages:
    """The host opens the meeting; whoever waited for that is at its waiting room now, or inside."""
    if meeting.status == "started":
        return []
    waited = [person for person in meeting.people if person.place == "waiting"]
    meeting.start()
    told = [about_meeting("meeting.started", meeting), about_host("meeting.participant_joined", meeting, "join_time")]
    return told + [message for person in waited for message in _coming(meeting, person)]


def ending(meeting: Meeting) -> Messages:
    """Everybody leaves."""
    if meeting.status != "started":
        return []
    told = [message for person in meeting.people for message in _going(meeting, person)]
    told += _recording(meeting, "recording.stopped") if meeting.recorded else []
    told.append(about_host("meeting.participant_left", meeting, "leave_time"))
    told.append(about_meeting("meeting.ended", meeting, end_time=told[-1]["payload"]["object"]["participant"]["leave_time"]))
    meeting.end()
    return told


def admitting(meeting: Meeting, key: str) -> Messages:
    """The host lets somebody in from the waiting room."""
    person = meeting.person(key)
    if person is None or person.place != "waiting" or meeting.status != "started":
        return []
    meeting.admit(key)
    events = [("meeting.participant_admitted", "date_time"), ("meeting.participant_left_waiting_room", "date_time")]
    return [about_person(event, meeting, person, moment) for event, moment in (*events, ("meeting.participant_joined", "join_time"))]


def recording(meeting: Meeting) -> Messages:
    """The host presses on record, or presses it again; only a running meeting can be recorded."""
    if meeting.status != "started":
        return []
    meeting.recorded = not meeting.recorded
    return _recording(meeting, "recording.started" if meeting.recorded else "recording.stopped")


def summarising(meeting: Meeting) -> Messages:
    """The account's AI writes down what was said."""
    return [about_summary(meeting)] if meeting.status == "started" else []


def _coming(meeting: Meeting, person: Participant) -> Messages:
    if person.place == "inside":
        return [about_person("meeting.participant_joined", meeting, person, "join_time")]
    if meeting.status == "started":
        return [about_person("meeting.participant_joined_waiting_room", meeting, person)]
    return [about_person("meeting.participant_jbh_waiting", meeting, person, "")]


def _going(meeting: Meeting, person: Participant) -> Messages:
    if person.place == "inside":
        return [about_person("meeting.participant_left", meeting, person, "leave_time")]
    if person.place == "waiting":
        started = meeting.status == "started"
        event = "meeting.participant_left_waiting_room" if started else "meeting.participant_jbh_waiting_left"
        return [about_person(event, meeting, person, "date_time" if started else "")]
    return []


def _recording(meeting: Meeting, event: str) -> Messages:
    file = {"recording_start": meeting.fields["start_time"], "recording_end": None}
    return [about_meeting(event, meeting, recording_file=file)]
