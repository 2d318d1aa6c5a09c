"""Racers: processes of their own, each with several people on threads, all reaching for one place at the same moment."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from uuid import UUID

from tests.surroundings import database_url

PAUSE_WITHOUT_GUARD = 0.3  # the negative control widens the window between looking and writing


def race(people: list[int], start: datetime, now: datetime, version: int, *, processes: int, guarded: bool = True) -> list[str]:
    """Let every person request ``start``; return what each was told: "taken" or the name of the refusal."""
    context = get_context("spawn")
    barrier = context.Barrier(processes)
    shares = [people[place::processes] for place in range(processes)]
    with context.Pool(processes, initializer=_prepare, initargs=(barrier, guarded, database_url())) as pool:
        results = pool.starmap(_run_share, [(share, start, now, version) for share in shares], chunksize=1)
    return [told for result in results for told in result]


_barrier: Barrier | None = None


def _prepare(barrier: Barrier, guarded: bool, database_url: str) -> None:
    global _barrier  # noqa: PLW0603 - how a pool's initializer hands something to its process
    _barrier = barrier
    os.environ |= {"DATABASE_URL": database_url, "DATABASE_POOL": "16"}
    import django

    django.setup()
    if not guarded:
        from booking.operations import places

        places.lock_starts = lambda _starts: None
        places.lock_rows = lambda _found: time.sleep(PAUSE_WITHOUT_GUARD)
        looks = threading.local()
        find = places._find

        def look_once(*args: object, **kwargs: object) -> object:
            """Without the guard there is no second look either: the first one is believed."""
            found = getattr(looks, "found", None)
            if found is not None:
                looks.found = None
                return found
            looks.found = find(*args, **kwargs)
            return looks.found

        places._find = look_once


def _run_share(share: list[int], start: datetime, now: datetime, version: int) -> list[str]:
    assert _barrier is not None
    _barrier.wait(timeout=60)
    with ThreadPoolExecutor(max_workers=len(share)) as threads:
        return list(threads.map(lambda person: _request(person, start, now, version), share))


def _request(person_id: int, start: datetime, now: datetime, version: int) -> str:
    from django.db import connection

    from booking.operations import applications
    from booking.operations.applications import Application, Details
    from consent.operations import Shown
    from toyooka_hw.accounts.models import Person

    application = Application(
        start, Details("競争 花子", job_seeker_number="28090-1"), Shown(version, "申込みをもって同意", now), now, now, UUID(int=person_id)
    )
    try:
        applications.request(Person.objects.get(pk=person_id), application, now=now, wall=now)
    except Exception as error:  # noqa: BLE001 - whatever comes is what the person would have been told
        return type(error).__name__
    finally:
        connection.close()
    return "taken"
