"""Run the simulator: ``python -m toyooka_hw.demo.simulator --port P --data-dir D``."""

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from toyooka_hw.demo.simulator.app import create_app
from toyooka_hw.demo.simulator.server import make_simulator_server

# Without these variables the switches stay as an earlier run left them.
NAMED = {"ZOOM_WEBHOOK_URL": "webhook_url", "ZOOM_WEBHOOK_SECRET": "webhook_secret"}


def main() -> None:
    """Serve until told to stop. Every change is on disk already, so stopping needs no farewell."""
    options = _options()
    options.data_dir.mkdir(parents=True, exist_ok=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    app = create_app(options.data_dir / "zoom.json")
    app.extensions["world"].turn(**{name: os.environ[variable] for variable, name in NAMED.items() if variable in os.environ})
    server = make_simulator_server(app, options.port, options.host)
    sys.stdout.write(f"Zoom simulator on http://{options.host}:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m toyooka_hw.demo.simulator", description="A simulated Zoom for demo and tests.")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--data-dir", type=Path, required=True, help="the state is kept here")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    return parser.parse_args()


def _stop(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
