"""Racers: processes of their own, each with several hands on threads, all pressing at the same moment."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from multiprocessing import get_context
from multiprocessing.pool import Pool
from multiprocessing.synchronize import Barrier
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet

from tests.surroundings import PATIENCE_SECONDS, database_url

PAUSE_WITHOUT_GUARD = 5.0  # the negative control widens the window between looking and writing
HEAD_START = 0.05  # so much earlier may one hand be than another: about as long as an operation takes, so that either may come first
Press = Callable[[], object]  # a ``partial`` of an operation, so that it can travel to another process


@dataclass(frozen=True)
class Racers:
    """Processes that wait for the word."""

    pool: Pool
    processes: int
    unguarded: Callable[[], None] | None

    def run(self, presses: Sequence[Press], dice: Random | None = None) -> list[str]:
        """Let every press happen at the same moment; what each was told, in their order: "taken" or the name of the refusal.

        ``dice``: which hands are a little slower, so that many rounds meet in many ways.
        """
        late = [(dice.uniform(0, HEAD_START) if dice else 0.0, press) for press in presses]
        shares = [late[place :: self.processes] for place in range(self.processes)]
        told = self.pool.starmap(_run_share, [(share, self.unguarded) for share in shares], chunksize=1)
        return [told[place % self.processes][place // self.processes] for place in range(len(presses))]


@contextmanager
def racers(processes: int, *, unguarded: Callable[[], None] | None = None) -> Iterator[Racers]:
    """The processes, on the test's own database; what they wrote to their log tells of nobody afterwards.

    ``unguarded``: how a negative control takes the guards away in each of them.
    """
    from tests.discretion import secrets_of_tables, whoever_is_told_of

    context = get_context("spawn")
    barrier = context.Barrier(processes)
    with TemporaryDirectory(prefix="racers-") as folder:
        log = Path(folder) / "racers.log"
        with context.Pool(processes, initializer=_prepare, initargs=(barrier, database_url(), log)) as pool:
            yield Racers(pool, processes, unguarded)
        told = whoever_is_told_of({"log of the racers": log.read_text()}, secrets_of_tables())
        assert told == [], told


def race(people: list[int], start: datetime, now: datetime, version: int, *, processes: int, guarded: bool = True) -> list[str]:
    """Let every person request ``start``."""
    with racers(processes, unguarded=None if guarded else places_unguarded) as ready:
        return ready.run(requests(people, start, now, version))


def requests(people: list[int], start: datetime, now: datetime, version: int, *, round_: int = 0) -> list[Press]:
    """Every person's press for this start; ``round_``: which of their forms it is."""
    return [partial(_request, person, start, now, version, UUID(int=person * 1000 + round_)) for person in people]


@contextmanager
def without_constraints(model: type[Model], named: str, *, mend: Callable[[], object]) -> Iterator[None]:
    """The last judges are away: the constraints whose name has this part. ``mend`` takes out what they would not have let in."""
    constraints = [item for item in model._meta.constraints if named in item.name]
    with connection.schema_editor() as editor:
        for constraint in constraints:
            editor.remove_constraint(model, constraint)
    try:
        yield
    finally:
        mend()
        with connection.schema_editor() as editor:
            for constraint in constraints:
                editor.add_constraint(model, constraint)


_barrier: Barrier | None = None


def _prepare(barrier: Barrier, database_url: str, log: Path) -> None:
    global _barrier  # noqa: PLW0603 - how a pool's initializer hands something to its process
    _barrier = barrier
    with log.open("ab") as written:
        os.dup2(written.fileno(), 2)  # stderr is where the portal's log goes
    os.environ["DATABASE_URL"] = database_url
    import django

    django.setup()


@cache
def _take_away(guards: Callable[[], None]) -> None:
    """Once in each process; not in its initializer, where a failure would have the pool try for ever."""
    guards()


def _run_share(share: Sequence[tuple[float, Press]], unguarded: Callable[[], None] | None) -> list[str]:
    assert _barrier is not None
    if unguarded:
        _take_away(unguarded)
    _barrier.wait(timeout=PATIENCE_SECONDS)
    with ThreadPoolExecutor(max_workers=len(share)) as threads:
        return list(threads.map(_told, *zip(*share, strict=True)))


def _told(late: float, press: Press) -> str:
    """What whoever pressed was told."""
    try:
        time.sleep(late)  # the dice say who comes a little later, so that both orders are met; nothing is waited for
        press()
    except Exception as error:  # noqa: BLE001 - whatever comes is what the person would have been told
        return type(error).__name__
    finally:
        connection.close()
    return "taken"


def _request(person_id: int, start: datetime, now: datetime, version: int, draft: UUID) -> None:
    from booking.operations import applications
    from booking.operations.applications import Application, Details
    from consent.operations import Shown
    from toyooka_hw.accounts.models import Person

    application = Application(
        start, Details("競争 花子", job_seeker_number="28090-1"), Shown(version, "申込みをもって同意", now), now, now, draft
    )
    applications.request(Person.objects.get(pk=person_id), application, now=now, wall=now)


def places_unguarded() -> None:
    """No lock on starts, counsellors and hosts, and no second look."""
    from booking.operations import places

    places.lock_starts = lambda _starts: None
    places.lock_rows = lambda _found: time.sleep(PAUSE_WITHOUT_GUARD)  # widens the window between looking and writing
    looks = threading.local()
    find = places.find

    def look_once(*args: object, **kwargs: object) -> object:
        """Without the guard there is no second look either: the first one is believed."""
        found = getattr(looks, "found", None)
        if found is not None:
            looks.found = None
            return found
        looks.found = find(*args, **kwargs)
        return looks.found

    places.find = look_once


def states_unguarded() -> None:
    """No lock on the booking, and no condition on the state it leaves."""
    from types import SimpleNamespace

    from booking.models import Booking
    from booking.operations import bookings, immediate, transitions

    def look(booking_id: int, **_seen: object) -> Booking:
        found = Booking.objects.select_related("applicant", "counsellor", "host").get(pk=booking_id)
        time.sleep(PAUSE_WITHOUT_GUARD)  # as above
        return found

    def anyhow(pk: int, **_state: object) -> QuerySet[Booking]:
        return Booking.objects.filter(pk=pk)

    immediate.locked = bookings.locked = look
    transitions.Booking = SimpleNamespace(objects=SimpleNamespace(filter=anyhow))


def requests_unguarded() -> None:
    """No lock on the person who asks for a session now, nor on the day whose queue they join."""
    from booking.operations import immediate
    from booking.rules.immediate import Standing
    from toyooka_hw.accounts.models import Person

    queue = immediate.standing_now

    def look(*, now: datetime) -> Standing:
        found = queue(now=now)
        time.sleep(PAUSE_WITHOUT_GUARD)  # as above
        return found

    immediate.locked_survivor = lambda person_id: Person.objects.get(pk=person_id)
    immediate.open_immediate_of = lambda _person_id, **_now: None
    immediate.places.lock_days = lambda _days: None
    immediate.standing_now = look
