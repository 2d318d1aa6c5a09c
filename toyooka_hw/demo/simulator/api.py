"""Zoom's HTTP API as far as the portal uses it: the token, a host's meetings, one meeting, its end, the host."""

import secrets
import time
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from toyooka_hw.demo.simulator import fields, listing
from toyooka_hw.demo.simulator.errors import ZoomError, declared, invalid, no_meeting, refused, throttled
from toyooka_hw.demo.simulator.exchange import finish
from toyooka_hw.demo.simulator.faults import BEFORE, DURING
from toyooka_hw.demo.simulator.happenings import ending
from toyooka_hw.demo.simulator.limits import KINDS
from toyooka_hw.demo.simulator.state import Meeting, State, Token, host_id
from toyooka_hw.demo.simulator.world import the_world

SCOPES = {
    "create": "meeting:write:meeting:admin",
    "list": "meeting:read:list_meetings:admin",
    "get": "meeting:read:meeting:admin",
    "update": "meeting:update:meeting:admin",
    "delete": "meeting:delete:meeting:admin",
    "end": "meeting:update:status:admin",
    "user": "user:read:user:admin",
}

api = Blueprint("api", __name__)
api.after_request(finish)


@api.before_request
def admit() -> None:
    """Turn the call away where trouble is declared or its token does not do."""
    g.operation = (request.endpoint or "").partition(".")[2]
    world = the_world()
    if fault := world.faults.take(BEFORE, g.operation):
        raise declared(fault, world.now())
    if g.operation != "token":
        _check_token(world.state, g.operation)
    if not world.limits.admits(g.operation, world.state.switches.per_second, time.monotonic()):
        raise throttled("second", world.now(), KINDS[g.operation])


def _check_token(state: State, operation: str) -> None:
    token = state.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
    if token is None:
        raise refused(401, 124, "Invalid access token.")
    if token.until <= the_world().now().isoformat():
        raise refused(401, 124, "Access token is expired.")
    if SCOPES[operation] not in token.scopes:
        raise refused(400, 4711, f"Invalid access token, does not contain scopes:[{SCOPES[operation]}].")


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
    _check_client()
    world, value = the_world(), secrets.token_urlsafe(32)
    with world.changing() as state:
        life = state.switches.token_seconds
        scopes = [scope for scope in SCOPES.values() if scope not in state.switches.missing_scopes]
        now = world.now()
        state.tokens = {old: each for old, each in state.tokens.items() if each.until > now.isoformat()}
        state.tokens[value] = Token((now + timedelta(seconds=life)).isoformat(), scopes)
    scope, address = " ".join(scopes), request.host_url.rstrip("/")
    return {"access_token": value, "token_type": "bearer", "expires_in": life, "scope": scope, "api_url": address}


def _check_client() -> None:
    client = request.authorization
    if client is None or client.type != "basic" or not client.username or not client.password:
        raise ZoomError(400, {"reason": "Invalid client_id or client_secret", "error": "invalid_client"})
    if request.values.get("grant_type") != "account_credentials":
        raise ZoomError(400, {"reason": "unsupported grant type", "error": "unsupported_grant_type"})
    if not request.values.get("account_id"):
        raise ZoomError(400, {"reason": "Bad request", "error": "invalid_request"})


@api.get("/v2/users/<host>", endpoint="user")
def user(host: str) -> dict[str, Any]:
    """Describe a host: everybody is licensed unless declared unknown."""
    _check_host(host)
    return {"id": host_id(host), "email": host, "type": 2, "status": "active", "timezone": fields.ACCOUNT_ZONE}


@api.post("/v2/users/<host>/meetings", endpoint="create")
def create(host: str) -> tuple[dict[str, Any], int]:
    """Make a meeting. Asked twice, Zoom makes two."""
    _check_host(host)
    body, world = _body(), the_world()
    with world.changing() as state:
        _count(state, host)
        meeting = _new_meeting(state, host, body)
        state.meetings[meeting.meeting_id] = meeting
        return listing.full(meeting, world.now(), request.host_url), 201


def _new_meeting(state: State, host: str, body: dict[str, Any]) -> Meeting:
    now = the_world().now()
    password = body.get("password", "")
    settings = fields.settings(body.get("settings", {}), fields.ACCOUNT_DEFAULTS, password)
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
        settings=_overridden(settings),
    )


def _free_number(state: State) -> int:
    while (number := 80_000_000_000 + secrets.randbelow(10_000_000_000)) in state.meetings:
        pass
    return number


def _overridden(settings: dict[str, Any]) -> dict[str, Any]:
    fault = the_world().faults.take(DURING, g.operation)
    return {**settings, **fault.settings} if fault else settings


@api.get("/v2/users/<host>/meetings", endpoint="list")
def list_meetings(host: str) -> dict[str, Any]:
    """List a host's meetings, page by page."""
    _check_host(host)
    world = the_world()
    with world.changing() as state:
        theirs = [each for each in state.meetings.values() if each.host.lower() == host.lower() and not each.deleted]
        return listing.page(theirs, request.args, world.now(), request.host_url)


@api.get("/v2/meetings/<int:meeting_id>", endpoint="get")
def get(meeting_id: int) -> dict[str, Any]:
    """Describe one meeting, with a fresh host link."""
    world = the_world()
    with world.changing() as state:
        return listing.full(_meeting(state, meeting_id), world.now(), request.host_url)


@api.patch("/v2/meetings/<int:meeting_id>", endpoint="update")
def update(meeting_id: int) -> tuple[str, int]:
    """Change what was sent; a start in the past is passed over in silence."""
    body, world = _body(), the_world()
    with world.changing() as state:
        meeting = _meeting(state, meeting_id)
        if meeting.status == "started":
            raise refused(400, 3000, "You cannot update or delete meetings that have started using this method.")
        _count(state, meeting.host)
        _change(meeting, body)
    return "", 204


def _change(meeting: Meeting, body: dict[str, Any]) -> None:
    now = the_world().now()
    if fields.start_time(body, now) > fields.as_text(now):
        meeting.fields["start_time"] = fields.start_time(body, now)
    meeting.fields |= {name: body[name] for name in ("topic", "agenda", "timezone", "duration") if name in body}
    if body.get("password", meeting.fields["password"]) != meeting.fields["password"]:
        meeting.change_password(body["password"])
    meeting.settings = _overridden(fields.settings(body.get("settings", {}), meeting.settings, meeting.fields["password"]))


@api.delete("/v2/meetings/<int:meeting_id>", endpoint="delete")
def delete(meeting_id: int) -> tuple[str, int]:
    """Take a meeting away, unless people are in it."""
    with the_world().changing() as state:
        meeting = _meeting(state, meeting_id)
        if meeting.status == "started":
            raise refused(400, 3002, "Sorry, you cannot delete this meeting since it is in progress.")
        meeting.deleted = True
    return "", 204


@api.put("/v2/meetings/<int:meeting_id>/status", endpoint="end")
def set_status(meeting_id: int) -> tuple[str, int]:
    """End a meeting, or bring back a deleted one."""
    action = _json().get("action")
    with the_world().changing() as state:
        if action == "recover" and meeting_id in state.meetings:
            state.meetings[meeting_id].deleted = False
        elif action == "end":
            the_world().tell(*ending(_meeting(state, meeting_id)))
        else:
            raise invalid("action")
    return "", 204


def _json() -> dict[str, Any]:
    content = request.get_json(force=True, silent=True)
    if not isinstance(content, dict):
        raise refused(400, 300, "Request Body should be a valid JSON object.")
    return content


def _body() -> dict[str, Any]:
    return fields.checked(_json())


def _check_host(host: str) -> None:
    if "@" not in host or host in the_world().state.switches.unknown_hosts:
        raise refused(404, 1001, f"User does not exist: {host}.")


def _count(state: State, host: str) -> None:
    world = the_world()
    counter = f"{host.lower()} {world.now().date()}"
    limit = state.switches.daily_limit
    if limit is not None and state.counted.get(counter, 0) >= limit:
        raise throttled("host_day", world.now())
    state.counted[counter] = state.counted.get(counter, 0) + 1


def _meeting(state: State, meeting_id: int) -> Meeting:
    meeting = state.meetings.get(meeting_id)
    if meeting is None or meeting.deleted:
        raise no_meeting(meeting_id)
    return meeting
