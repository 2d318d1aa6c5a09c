"""The tests' side of the nursery."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from booking.rules.calendar import Calendar, tokyo, tokyo_date
from tests.flows.faults.town import Town
from tests.stories import ROOT
from toyooka_hw import clock
from toyooka_hw.demo.processes import tied

HOURS = (time(10), time(10, 30), time(11), time(11, 30), time(13), time(13, 30), time(14), time(14, 30), time(15), time(15, 30))


@dataclass
class Nursery:
    """Workers of one deed each."""

    process: subprocess.Popen[str]
    town: Town

    def work(self, deed: str, *, die_at: int = 0, **arguments: Any) -> dict[str, Any]:
        """Let one do this deed of ``deeds``, and kill it at this step; what became of it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"deed": f"tests.flows.faults.deeds.{deed}", "arguments": arguments, "die_at": die_at}
        order["database_port"] = self.town.wires["postgres"].target  # many short lives: without the detour of a wire
        print(json.dumps(order), file=self.process.stdin, flush=True)
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert told.get("code", 0) == 0, f"{deed} failed"
        return told

    def do(self, deed: str, **arguments: Any) -> Any:
        """The deed, undisturbed; what it brought back."""
        return self.work(deed, **arguments)["result"]


@contextmanager
def nursery(town: Town) -> Iterator[Nursery]:
    """The nursery, on the town's servers."""
    program = tied([sys.executable, "-m", "tests.flows.faults.nursery"])
    log = town.log("nursery")
    environment = town.environment | {"DJANGO_SETTINGS_MODULE": "toyooka_hw.settings"}
    with (
        log.open("a") as said,
        subprocess.Popen(
            program, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process,
    ):
        yield Nursery(process, town)
        process.communicate()


def book(nursery: Nursery, count: int, *, name: str = "person") -> list[int]:
    """So many people have a session, confirmed, each at another time; the ids."""
    emails = [f"{name}{number}@example.jp" for number in range(1, count + 1)]
    ids: list[int] = nursery.do("book", starts=[start.isoformat() for start in starts(count)], emails=emails)
    return ids


def starts(count: int, *, after: date | None = None, at_once: int = 1) -> list[datetime]:
    """So many starts on the open days after that day (or after tomorrow), each so often as people may come at once."""
    calendar = Calendar()
    day, found = after or calendar.next_open_day(tokyo_date(clock.now())), []
    while len(found) < count:
        day = calendar.next_open_day(day)
        found += [tokyo(day, hour) for hour in HOURS for _place in range(at_once)]
    return found[:count]
