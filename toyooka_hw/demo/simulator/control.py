"""The handle for tests, under /_control and for this machine only: declare trouble, turn switches, look inside."""

import json
from copy import deepcopy
from dataclasses import asdict
from ipaddress import ip_address
from typing import Any

from flask import Blueprint, Response, abort, request

from toyooka_hw.demo.simulator.changes import changing, deleting
from toyooka_hw.demo.simulator.errors import ZoomError, no_meeting
from toyooka_hw.demo.simulator.faults import Fault
from toyooka_hw.demo.simulator.fields import checked
from toyooka_hw.demo.simulator.happenings import ending
from toyooka_hw.demo.simulator.state import Meeting, State
from toyooka_hw.demo.simulator.webhooks import challenge, target_of
from toyooka_hw.demo.simulator.world import the_world

control = Blueprint("control", __name__, url_prefix="/_control")


@control.before_request
def only_this_machine() -> None:
    """Refuse everybody else."""
    if not request.remote_addr or not ip_address(request.remote_addr).is_loopback:
        abort(403)


@control.post("/faults")
def declare_fault() -> tuple[str, int]:
    """Have a trouble happen: the JSON names the fields of Fault. It ends with this process at the latest."""
    try:
        the_world().faults.declare(Fault(**request.get_json()))
    except (TypeError, ValueError) as error:
        return str(error), 400
    return "", 204


@control.delete("/faults")
def clear_faults() -> tuple[str, int]:
    """End all trouble."""
    the_world().faults.clear()
    return "", 204


@control.post("/switches")
def turn_switches() -> tuple[str, int]:
    """Turn the switches that the JSON names; the others stay."""
    try:
        the_world().turn(**request.get_json())
    except (TypeError, ValueError) as error:
        return str(error), 400
    return "", 204


@control.delete("/tokens")
def revoke_tokens() -> tuple[str, int]:
    """Have every token given so far stop; the app gets new ones."""
    with the_world().changing() as state:
        state.tokens.clear()
    return "", 204


@control.post("/reset")
def reset() -> tuple[str, int]:
    """Forget everything."""
    the_world().reset()
    return "", 204


@control.get("/meetings")
def meetings() -> Response:
    """Show every meeting, deleted ones too."""
    with the_world().looking() as state:
        shown = [{"id": each.meeting_id, "agenda": each.fields["agenda"], **vars(each)} for each in state.meetings.values()]
        return Response(json.dumps(shown, default=vars), mimetype="application/json")


@control.patch("/meetings/<int:meeting_id>")
def change_by_hand(meeting_id: int) -> tuple[str, int]:
    """Have the host change this meeting at Zoom's own pages: the JSON is that of an update. Nothing is counted."""
    world = the_world()
    with world.changing() as state:
        meeting = _standing(state, meeting_id)
        body = checked(request.get_json())
        world.tell(*changing(meeting, body, state.switches.locked_settings, world.now(), by=meeting.host))
    return "", 204


@control.delete("/meetings/<int:meeting_id>")
def delete_by_hand(meeting_id: int) -> tuple[str, int]:
    """Have the host delete this meeting at Zoom's own pages, whatever goes on in it."""
    world = the_world()
    with world.changing() as state:
        meeting = _standing(state, meeting_id)
        world.tell(*ending(meeting), *deleting(meeting, by=meeting.host))
    return "", 204


def _standing(state: State, meeting_id: int) -> Meeting:
    meeting = state.standing(meeting_id)
    if meeting is None:
        raise no_meeting(meeting_id)
    return meeting


@control.errorhandler(ZoomError)
def refuse(error: ZoomError) -> tuple[Any, int]:
    """Say what Zoom would say."""
    return error.content, error.status


@control.post("/challenge")
def ask_for_proof() -> tuple[str, int]:
    """Have the address of the messages prove that it knows the secret: 204 where it does."""
    return "", 204 if challenge(target_of(the_world().state)) else 502


@control.get("/messages")
def messages() -> list[dict[str, Any]]:
    """Show the messages sent about the rooms, with how each delivery was answered."""
    return [asdict(each) for each in the_world().messenger.deliveries]


@control.get("/calls")
def calls() -> list[dict[str, Any]]:
    """Show the latest API calls (``?operation=``: of one kind), oldest first."""
    wanted = request.args.get("operation")
    return [call for call in the_world().calls.copy() if wanted in (None, call["operation"])]


@control.get("/tally")
def tally() -> dict[str, dict[str, int]]:
    """Show by operation how many calls there ever were ("calls"), how they were answered ("201") and what trouble they met ("outage")."""
    with the_world().looking() as state:
        return deepcopy(state.tally)
