"""The rooms as people see them: the door, one's own place, the host's table. Plain pages that work without scripts."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from toyooka_hw.demo.simulator.changes import changing, deleting
from toyooka_hw.demo.simulator.fields import ACCOUNT_ZONE, as_text, start_time
from toyooka_hw.demo.simulator.happenings import Messages, admitting, ending, joining, leaving, recording, starting, summarising
from toyooka_hw.demo.simulator.state import Meeting, Participant, State
from toyooka_hw.demo.simulator.world import the_world

LONGEST_NAME = 64

rooms = Blueprint("rooms", __name__)


@rooms.after_request
def keep_private(response: Response) -> Response:
    """The addresses carry passcodes and host keys: nothing stores them, nothing passes them on."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response


class Over(Exception):
    """The meeting is not there, or no longer."""


class Refused(Exception):
    """The host cannot do this now: "busy" with another meeting, "started" already, or a start in the "past"."""


@rooms.errorhandler(Over)
def over(_: Over) -> tuple[str, int]:
    """Say kindly that nothing is to be found here."""
    return render_template("over.html"), 410


@rooms.get("/")
def index() -> str:
    """List the meetings, so that whoever tries the demo sees what the portal has made. No keys in here."""
    with the_world().looking() as state:
        standing = sorted((each for each in state.meetings.values() if not each.deleted), key=lambda each: each.starts_at)
        return render_template("index.html", meetings=standing)


@rooms.get("/j/<int:meeting_id>")
def door(meeting_id: int) -> str:
    """Ask for a name, and for the passcode where the link does not carry it."""
    return _door(_meeting(meeting_id), request.args.get("pwd", ""))


def _door(meeting: Meeting, given: str, name: str = "", error: str = "") -> str:
    return render_template("door.html", meeting=meeting, door=given if given == meeting.door else "", name=name, error=error)


@rooms.post("/j/<int:meeting_id>")
def join(meeting_id: int) -> Any:
    """Take somebody in, or say what is missing."""
    meeting, name, given = _meeting(meeting_id), request.form.get("name", "").strip(), request.form.get("pwd", "")
    if given not in (meeting.door, meeting.fields["password"]):
        return _door(meeting, given, name, error="passcode"), 422
    if not name or len(name) > LONGEST_NAME:
        return _door(meeting, given, name, error="name"), 422
    world = the_world()
    with world.changing():
        person, messages = joining(meeting, name)
    world.tell(*messages)
    return redirect(url_for("rooms.seat", meeting_id=meeting_id, key=person.key), 303)


@rooms.get("/j/<int:meeting_id>/<key>")
def seat(meeting_id: int, key: str) -> str:
    """Show one's own place: waiting, inside, or left."""
    meeting = _meeting(meeting_id)
    with the_world().looking() as state:
        busy = bool(state.in_the_way(meeting))
    return render_template("seat.html", meeting=meeting, person=_person(meeting, key), busy=busy)


@rooms.post("/j/<int:meeting_id>/<key>/leave")
def leave(meeting_id: int, key: str) -> Response:
    """Leave the room or stop waiting."""
    world = the_world()
    with world.changing():
        messages = leaving(_meeting(meeting_id), _person(_meeting(meeting_id), key))
    world.tell(*messages)
    return redirect(url_for("rooms.seat", meeting_id=meeting_id, key=key), 303)


@rooms.get("/s/<int:meeting_id>")
def host(meeting_id: int) -> str:
    """Show the host's table to whoever has the key."""
    return _table(meeting_id, _host_key(meeting_id))


def _table(meeting_id: int, key: str, refusal: str = "") -> str:
    return render_template("host.html", meeting=_meeting(meeting_id), key=key, refusal=refusal)


@rooms.post("/s/<int:meeting_id>/<any(start, end, admit, remove, record, summary, move, set, delete):action>")
def host_action(meeting_id: int, action: str) -> Any:
    """Do one thing at the host's table and show it again."""
    key, meeting, world = _host_key(meeting_id), _meeting(meeting_id), the_world()
    try:
        with world.changing() as state:
            messages = _edit(state, meeting, action) if action in ("move", "set", "delete") else _do(state, meeting, action)
    except Refused as refused:
        return _table(meeting_id, key, str(refused)), 409
    world.tell(*messages)
    return redirect(url_for("rooms.host", meeting_id=meeting_id, zak=key), 303)


def _edit(state: State, meeting: Meeting, action: str) -> Messages:
    """What a host may change by hand, beside the portal's back. While people are in it only the settings can be changed."""
    now, locked, form = the_world().now(), state.switches.locked_settings, request.form
    if action == "set":
        settings = {"waiting_room": "waiting_room" in form, "auto_recording": "cloud" if "auto_recording" in form else "none"}
        return changing(meeting, {"settings": settings}, locked, now, by=meeting.host)
    if meeting.status == "started":
        raise Refused("started")
    if action == "delete":
        return deleting(meeting, by=meeting.host)
    body = {"start_time": f"{form.get('start', '')}:00", "timezone": ACCOUNT_ZONE}
    if start_time(body, now) <= as_text(now):
        raise Refused("past")
    return changing(meeting, body, locked, now, by=meeting.host)


def _start(state: State, meeting: Meeting) -> Messages:
    """Open the meeting. Where the host runs as many as the licence allows, one of them has to be ended for it."""
    others = state.in_the_way(meeting)
    if others and "end_other" not in request.form:
        raise Refused("busy")
    return [*(ending(others[0]) if others else []), *starting(meeting)]


def _do(state: State, meeting: Meeting, action: str) -> Messages:
    person = request.form.get("person", "")
    match action:
        case "start":
            return _start(state, meeting)
        case "end":
            return ending(meeting)
        case "admit":
            return admitting(meeting, person)
        case "remove":
            return leaving(meeting, _person(meeting, person))
        case "record":
            return recording(meeting)
        case _:
            return summarising(meeting)


def _host_key(meeting_id: int) -> str:
    key = request.values.get("zak", "")
    if not _meeting(meeting_id).opens_for_host(key, the_world().now()):
        abort(403)
    return key


def _meeting(meeting_id: int) -> Meeting:
    meeting = the_world().state.standing(meeting_id)
    if meeting is None:
        raise Over
    return meeting


def _person(meeting: Meeting, key: str) -> Participant:
    person = meeting.person(key)
    if person is None:
        raise Over
    return person
