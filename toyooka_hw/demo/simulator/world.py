"""The one simulated Zoom of this process: its state behind a lock, kept in a file, with the trouble declared and the calls seen."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any

from flask import current_app

from toyooka_hw.demo.simulator.faults import Faults
from toyooka_hw.demo.simulator.limits import Limits
from toyooka_hw.demo.simulator.state import State
from toyooka_hw.demo.simulator.webhooks import Messenger, target_of

CALLS_KEPT = 5000  # some 500 bookings; State.tally counts on


class World:
    """``wall`` reads the real time; ``state_file`` None keeps everything in memory only."""

    def __init__(self, state_file: Path | None, wall: Callable[[], datetime]) -> None:
        self._file = state_file
        self._wall = wall
        self._lock = RLock()
        self.state = self._load()
        self.faults = Faults()
        self.limits = Limits()
        self.messenger = Messenger()
        self.calls: deque[dict[str, Any]] = deque(maxlen=CALLS_KEPT)

    def now(self) -> datetime:
        """Return Zoom's present moment in whole seconds, UTC."""
        declared = self.state.switches.now
        moment = datetime.fromisoformat(declared) if declared else self._wall()
        return moment.astimezone(UTC).replace(microsecond=0)

    def tell(self, *messages: dict[str, Any]) -> None:
        """Have these messages sent to whoever wants to hear of such events."""
        wanted = self.state.switches.webhook_events
        for message in messages:
            if wanted is None or message["event"] in wanted:
                self.messenger.send(target_of(self.state), message)

    def turn(self, **wanted: Any) -> None:
        """Turn these switches; the others stay. Of an app that was switched off no token holds any more, not even when it comes back.

        Raises TypeError, ValueError for what there is not.
        """
        with self.changing() as state:
            state.switches = replace(state.switches, **wanted)
            if not state.switches.app_active:
                state.tokens.clear()

    @contextmanager
    def changing(self) -> Iterator[State]:
        """Give the state to one caller at a time, and keep what it became."""
        with self._lock:
            yield self.state
            self._save()

    @contextmanager
    def looking(self) -> Iterator[State]:
        """The same for those who change nothing but counts, which are kept with the next change."""
        with self._lock:
            yield self.state

    def reset(self) -> None:
        """Forget everything but the tokens: whoever holds one goes on, as with the real Zoom, and meets no refusal that nobody declared."""
        self.faults.clear()
        self.calls.clear()
        self.messenger.deliveries.clear()
        self.limits = Limits()
        with self.changing():
            self.state = State(tokens=self.state.tokens)

    def _load(self) -> State:
        if self._file is None or not self._file.exists():
            return State()
        return State.load(json.loads(self._file.read_text(encoding="utf-8")))

    def _save(self) -> None:
        if self._file is None:
            return
        # replaced in one step: a kill in the middle leaves the old file, never half a one
        draft = self._file.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(self.state.dump(), ensure_ascii=False, default=vars), encoding="utf-8")
        draft.replace(self._file)


def the_world() -> World:
    """Return the world of the application that serves this request."""
    world: World = current_app.extensions["world"]
    return world
