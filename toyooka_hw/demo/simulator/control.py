"""The handle for tests, under /_control and for this machine only: declare trouble, turn switches, look inside."""

from dataclasses import asdict, fields
from ipaddress import ip_address
from typing import Any

from flask import Blueprint, abort, request

from toyooka_hw.demo.simulator.faults import Fault
from toyooka_hw.demo.simulator.state import Switches
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
    """Have a trouble happen: the JSON names the fields of Fault."""
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
    wanted: dict[str, Any] = request.get_json()
    if unknown := wanted.keys() - {each.name for each in fields(Switches)}:
        return f"no such switch: {', '.join(sorted(unknown))}", 400
    with the_world().changing() as state:
        state.switches = Switches(**{**asdict(state.switches), **wanted})
    return "", 204


@control.post("/reset")
def reset() -> tuple[str, int]:
    """Forget everything."""
    the_world().reset()
    return "", 204


@control.get("/meetings")
def meetings() -> list[dict[str, Any]]:
    """Show every meeting, deleted ones too."""
    with the_world().changing() as state:
        return [{"id": each.meeting_id, "agenda": each.fields["agenda"], **asdict(each)} for each in state.meetings.values()]


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
    """Show the API calls seen, oldest first."""
    return list(the_world().calls)
