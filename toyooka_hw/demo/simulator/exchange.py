"""The last step of every API call: note what was asked and answered, and spoil the answer where that was declared."""

import contextlib
import socket
from typing import Any

from flask import Response, g, request

from toyooka_hw.demo.simulator.faults import AFTER
from toyooka_hw.demo.simulator.world import World, the_world

NOT_JSON = '<?xml version="1.0"?><result/>'


def finish(response: Response) -> Response:
    """Note the exchange as it was meant, then let it suffer."""
    world = the_world()
    world.calls.append(_note(response))
    if fault := world.faults.take(AFTER, g.operation):
        _spoil(response, fault.kind, fault.seconds, world)
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


def _spoil(response: Response, kind: str, seconds: float, world: World) -> None:
    match kind:
        case "delay":
            world.faults.delay(seconds)
        case "non_json":
            response.set_data(NOT_JSON)
            response.mimetype = "application/xml"
        case "lose_answer":
            connection: socket.socket = request.environ["werkzeug.socket"]
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
