"""Whose code the time of an application goes to, and how many statements its last press needs; in one process, cProfile's own cost included."""

from collections import Counter
from collections.abc import Callable
from cProfile import Profile
from datetime import datetime
from pathlib import Path
from pstats import Stats
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from booking.models import Booking
from booking.queries import free_starts
from booking.rules.slots import ANYBODY
from tests.cast import MORNING, Office
from tests.flows.applying import DECLARED, DETAILS
from tests.pages import submit
from tests.visitor import at_time, mailed_code

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = f"{Path(__file__).resolve().parents[2]}/"
OURS, DRAWING, DOORS = "the portal's rules, operations and views", "templates, forms, translation", "middleware, session, signing"
WHOSE = {
    "/django/db/": "Django's ORM",
    "/psycopg": "psycopg and PostgreSQL's answers",
    "/django/template/": DRAWING,
    "/django/forms/": DRAWING,
    "/django/utils/translation/": DRAWING,
    "/django/contrib/sessions/": DOORS,
    "/django/middleware/": DOORS,
    "/django/core/": DOORS,
    "/django/": "the rest of Django",
    f"{ROOT}booking/": OURS,
    f"{ROOT}consent/": OURS,
    f"{ROOT}toyooka_hw/": OURS,
}
OTHERS = "other packages and Python's library"


class Watched(Client):
    """A browser at whose requests the portal is watched: the last press, and all others."""

    def __init__(self) -> None:
        super().__init__()
        self.last, self.others, self.statements, self.requests = Profile(), Profile(), 0, 0

    def request(self, **request: Any) -> Any:
        is_last = request["REQUEST_METHOD"] == "POST" and request["PATH_INFO"].endswith("/confirm/")
        watching = self.last if is_last else self.others
        self.requests += 1

        def count(execute: Callable[..., Any], *statement: Any) -> Any:
            self.statements += is_last
            return execute(*statement)

        with connection.execute_wrapper(count), watching:
            return super().request(**request)


def test_whose_code_an_application_spends_its_time_in(office: Office, request: pytest.FixtureRequest) -> None:
    rounds: int = request.config.getoption("bench_rounds")
    watched = []
    with at_time(MORNING):
        for n, start in enumerate(free_starts(ANYBODY, now=MORNING)[: rounds + 1]):
            watched.append(Watched())
            apply(watched[-1], start, f"{n}@example.jp")
    del watched[0]  # which loaded what the others found loaded
    assert (len(watched), Booking.objects.count(), {each.requests for each in watched}) == (rounds, rounds + 1, {13})
    print(f"\nstatements of the request POST: {sorted({each.statements for each in watched})}")
    last, others = ([getattr(each, part) for each in watched] for part in ("last", "others"))
    for name, profiles in (("request POST", last), ("whole application (13 requests)", last + others)):
        print(f"\n{name}, {rounds} times", *shares(Stats(*profiles)), sep="\n  ")


def apply(phone: Client, start: datetime, email: str) -> None:
    """From the slot page to the receipt."""
    page = submit(phone, phone.get("/slots/"), action="begin", start=start.isoformat())
    page = submit(phone, page, **DECLARED)
    page = submit(phone, page, email=email)
    page = submit(phone, page, code=mailed_code(email))
    submit(phone, submit(phone, page, **DETAILS))


def shares(stats: Stats) -> list[str]:
    """Whose functions the time was spent in; what is written in C counts as whoever called it."""
    spent = Counter[str]()
    for (file, _line, name), (_calls, _primitive, own, _all, callers) in stats.stats.items():  # type: ignore[attr-defined]  # typeshed leaves it out
        if file != "~" or "psycopg" in name or not callers:
            spent[whose(file + name)] += own
        else:
            for (caller, *_place), (*_counts, own_there, _all_there) in callers.items():
                spent[whose(caller)] += own_there
    return [f"{part / spent.total():4.0%}  {who}" for who, part in spent.most_common()]


def whose(place: str) -> str:
    return next((who for part, who in WHOSE.items() if part in place), OTHERS)
