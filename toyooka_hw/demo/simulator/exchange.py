"""The last step of every API call: note what was asked and answered, and spoil the answer where that was declared."""

import contextlib
import socket
from http import HTTPStatus
from typing import Any

from flask import Response, g, request

from toyooka_hw.demo.simulator.errors import OUTAGE_PAGE
from toyooka_hw.demo.simulator.faults import AFTER, Fault
from toyooka_hw.demo.simulator.world import World, the_world

NOT_JSON = '<?xml version="1.0"?><result/>'


def finish(response: Response) -> Response:
    """Note the exchange as it was meant, let it take its time, then let it suffer."""
    world = the_world()
    response.date = world.now()
    if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:  # which has figures of its own
        response.headers.update(g.rates)
    fault = world.faults.take(AFTER, g.operation) or g.luck.of(AFTER)
    with world.looking() as state:
        world.calls.append(_note(response))
        state.note(g.operation, str(response.status_code))
        if fault:
            state.note(g.operation, fault.kind)
    world.faults.delay(g.luck.seconds)
    if fault:
        _spoil(response, fault, world)
    return response


def _note(response: Response) -> dict[str, Any]:
    return {
        "operation": g.operation,
        "method": request.method,
        "path": request.path,
        "query": request.args.to_dict(),
        "authorization": request.headers.get("Authorization", "").partition(" ")[0],
        "request": request.get_json(force=True, silent=True) if request.mimetype == "application/json" else request.form.to_dict(),
        "status": response.status_code,
        "response": response.get_json(silent=True),
    }


def _spoil(response: Response, fault: Fault, world: World) -> None:
    match fault.kind:
        case "delay":
            world.faults.delay(fault.seconds)
        case "non_json":
            response.set_data(NOT_JSON)
            response.mimetype = "application/xml"
        case "late_error":
            response.status_code, response.mimetype = HTTPStatus.INTERNAL_SERVER_ERROR, "text/html"
            response.set_data(OUTAGE_PAGE)
        case "lose_answer":
            connection: socket.socket = request.environ["werkzeug.socket"]
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
