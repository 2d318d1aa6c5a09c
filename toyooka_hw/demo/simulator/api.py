"""Zoom's HTTP API as far as the portal uses it: the token, a host's meetings, one meeting, its end, the host."""

import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from toyooka_hw.demo.simulator import fields, listing
from toyooka_hw.demo.simulator.access import check_client, issue
from toyooka_hw.demo.simulator.admission import admit
from toyooka_hw.demo.simulator.changes import changing, deleting, making, recovering
from toyooka_hw.demo.simulator.errors import ZoomError, invalid, no_meeting, refused, throttled
from toyooka_hw.demo.simulator.exchange import finish
from toyooka_hw.demo.simulator.faults import DURING
from toyooka_hw.demo.simulator.happenings import ending
from toyooka_hw.demo.simulator.hosts import check_host, check_known, described
from toyooka_hw.demo.simulator.state import Meeting, State
from toyooka_hw.demo.simulator.world import the_world

api = Blueprint("api", __name__)
api.before_request(admit)
api.after_request(finish)


@api.errorhandler(ZoomError)
def refuse(error: ZoomError) -> Response:
    """Send a refusal the way Zoom words it; an outage is a page, not JSON."""
    response = jsonify(error.content) if isinstance(error.content, dict) else Response(error.content, mimetype="text/html")
    response.status_code = error.status
    response.headers.update(error.headers)
    return response


@api.post("/oauth/token", endpoint="token")
def token() -> dict[str, Any]:
    """Give a token to whoever names a client, a secret and an account. Wrong credentials are a fault to be declared."""
    world = the_world()
    with world.looking() as state:
        check_client(state, request)
    with world.changing() as state:
        return {**issue(state, world.now()), "api_url": request.host_url.rstrip("/")}


@api.get("/v2/users/<host>", endpoint="user")
def user(host: str) -> dict[str, Any]:
    """Describe a host."""
    with the_world().looking() as state:
        check_known(host, state.switches)
        return described(host, state.switches)


@api.post("/v2/users/<host>/meetings", endpoint="create")
def create(host: str) -> tuple[dict[str, Any], int]:
    """Make a meeting. Asked twice, Zoom makes two; asked wrongly, the request counts all the same."""
    world = the_world()
    with world.changing() as state:
        check_host(host, state.switches)
        _count(state, host)
        meeting = _new_meeting(state, host, fields.checked(_json()))
        state.meetings[meeting.meeting_id] = meeting
        world.tell(*making(meeting, listing.join_url(meeting, request.host_url)))
        return listing.full(meeting, world.now(), request.host_url), 201


def _new_meeting(state: State, host: str, body: dict[str, Any]) -> Meeting:
    now = the_world().now()
    password = body.get("password", "")
    settings = fields.settings(body.get("settings", {}), fields.ACCOUNT_DEFAULTS, password, _forced(state))
    return Meeting(
        meeting_id=_free_number(state),
        host=host,
        created_at=fields.as_text(now),
        fields={
            "type": fields.SCHEDULED,
            "topic": body.get("topic", "My Meeting"),
            "agenda": body.get("agenda", ""),
            "start_time": fields.start_time(body, now),
            "timezone": body.get("timezone", fields.ACCOUNT_ZONE),
            "duration": body.get("duration", 60),
            "password": password,
        },
        settings=settings,
    )


def _free_number(state: State) -> int:
    while (number := 80_000_000_000 + secrets.randbelow(10_000_000_000)) in state.meetings:
        pass
    return number


def _forced(state: State) -> dict[str, Any]:
    fault = the_world().faults.take(DURING, g.operation)
    return {**state.switches.locked_settings, **(fault.settings if fault else {})}


@api.get("/v2/users/<host>/meetings", endpoint="list")
def list_meetings(host: str) -> dict[str, Any]:
    """List a host's meetings, page by page."""
    world = the_world()
    with world.looking() as state:
        check_host(host, state.switches)
        theirs = [each for each in state.meetings.values() if each.host.lower() == host.lower() and not each.deleted]
        if lag := state.switches.list_lag:
            theirs = [each for each in theirs if each.created_at <= fields.as_text(world.now() - timedelta(seconds=lag))]
        return listing.page(theirs, request.args, world.now(), request.host_url)


@api.get("/v2/meetings/<int:meeting_id>", endpoint="get")
def get(meeting_id: int) -> dict[str, Any]:
    """Describe one meeting, with a fresh host link."""
    world = the_world()
    with world.looking() as state:
        return listing.full(_meeting(state, meeting_id), world.now(), request.host_url)


@api.patch("/v2/meetings/<int:meeting_id>", endpoint="update")
def update(meeting_id: int) -> tuple[str, int]:
    """Change what was sent; this too counts, whatever comes of it."""
    world = the_world()
    with world.changing() as state:
        meeting = _meeting(state, meeting_id)
        _count(state, meeting.host)
        if meeting.status == "started":
            raise refused(400, 3000, "You cannot update or delete meetings that have started using this method.")
        world.tell(*changing(meeting, fields.checked(_json()), _forced(state), world.now()))
    return "", 204


@api.delete("/v2/meetings/<int:meeting_id>", endpoint="delete")
def delete(meeting_id: int) -> tuple[str, int]:
    """Take a meeting away, unless people are in it."""
    world = the_world()
    with world.changing() as state:
        meeting = _meeting(state, meeting_id)
        if meeting.status == "started":
            raise refused(400, 3002, "Sorry, you cannot delete this meeting since it is in progress.")
        world.tell(*deleting(meeting))
    return "", 204


@api.put("/v2/meetings/<int:meeting_id>/status", endpoint="end")
def set_status(meeting_id: int) -> tuple[str, int]:
    """End a meeting, or bring back a deleted one."""
    action, world = _json().get("action"), the_world()
    with world.changing() as state:
        if action == "end":
            world.tell(*ending(_meeting(state, meeting_id)))
        elif action != "recover":
            raise invalid("action")
        elif meeting_id not in state.meetings:
            raise no_meeting(meeting_id)
        else:
            world.tell(*recovering(state.meetings[meeting_id]))
    return "", 204


def _json() -> dict[str, Any]:
    content = request.get_json(force=True, silent=True)
    if not isinstance(content, dict):
        raise refused(400, 300, "Request Body should be a valid JSON object.")
    return content


def _count(state: State, host: str) -> None:
    today = the_world().now()
    if not state.takes(host.lower(), today.date(), state.switches.host_day):
        raise throttled("host_day", today)


def _meeting(state: State, meeting_id: int) -> Meeting:
    meeting = state.standing(meeting_id)
    if meeting is None:
        raise no_meeting(meeting_id)
    return meeting
