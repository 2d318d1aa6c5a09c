"""Puts the simulated Zoom together."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, render_template
from jinja2 import StrictUndefined

from toyooka_hw import clock
from toyooka_hw.demo.simulator.api import api
from toyooka_hw.demo.simulator.control import control
from toyooka_hw.demo.simulator.rooms import rooms
from toyooka_hw.demo.simulator.world import World

_TOKYO = ZoneInfo("Asia/Tokyo")
_WEEKDAYS = "月火水木金土日"


def create_app(state_file: Path | None) -> Flask:
    """Return the simulator. It keeps its state in ``state_file`` and finds it there at the next start; None: in memory only."""
    app = Flask("toyooka_hw.demo.simulator")
    app.extensions["world"] = World(state_file, clock.wall)
    app.register_blueprint(api)
    app.register_blueprint(control)
    app.register_blueprint(rooms)
    app.jinja_env.undefined = StrictUndefined
    app.add_template_filter(in_tokyo)
    app.add_template_filter(for_input)
    app.register_error_handler(403, lambda _: (render_template("refused.html"), 403))
    return app


def in_tokyo(moment: datetime) -> str:
    """Return a moment as people here read it."""
    local = moment.astimezone(_TOKYO)
    return f"{local.year}年{local.month}月{local.day}日（{_WEEKDAYS[local.weekday()]}） {local:%H:%M}"


def for_input(moment: datetime) -> str:
    """Return a moment as a field of dates and times holds it."""
    return f"{moment.astimezone(_TOKYO):%Y-%m-%dT%H:%M}"
