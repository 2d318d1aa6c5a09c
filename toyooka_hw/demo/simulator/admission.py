"""The first step of every API call: chance, declared trouble, the token and the limits may turn it away."""

import time
from typing import Any

from flask import g, request

from toyooka_hw.demo.simulator.access import check_token
from toyooka_hw.demo.simulator.chance import draw
from toyooka_hw.demo.simulator.errors import declared, throttled
from toyooka_hw.demo.simulator.faults import BEFORE
from toyooka_hw.demo.simulator.limits import KINDS
from toyooka_hw.demo.simulator.state import State
from toyooka_hw.demo.simulator.world import World, the_world


def admit() -> None:
    """Turn the call away where trouble is declared or drawn, its token does not do, or too many came before it. Raises ZoomError."""
    world = the_world()
    g.operation = (request.endpoint or "").partition(".")[2]
    g.rates = {}
    with world.looking() as state:
        g.luck = draw(state.switches, g.operation, state.note(g.operation, "calls"))
        if fault := world.faults.take(BEFORE, g.operation) or g.luck.of(BEFORE):
            state.note(g.operation, fault.kind)
            raise declared(fault, world.now(), KINDS.get(g.operation, "Light"))
        if g.operation in KINDS:
            check_token(state, request.headers.get("Authorization", ""), g.operation, world.now())
            _check_limits(world, state)


def _check_limits(world: World, state: State) -> None:
    kind, a_second, a_day = KINDS[g.operation], state.switches.a_second, state.switches.a_day
    if not world.limits.admits(g.operation, a_second, time.monotonic()):
        raise throttled("second", world.now(), kind, a_second[kind])
    if kind in a_day and not state.takes(kind, world.now().date(), a_day[kind]):
        raise throttled("account_day", world.now(), kind, a_day[kind])
    if kind in a_second:
        figures: dict[str, Any] = {
            "Category": kind,
            "Type": "QPS",
            "Limit": a_second[kind],
            "Remaining": world.limits.left(g.operation, a_second),
        }
        g.rates = {f"X-RateLimit-{name}": str(value) for name, value in figures.items()}
