"""A whole application without the portal: what its requests asked of the database, written down once, and what they answered.

The statements are carried out again in a transaction that is taken back, so that they can be as often as wished; nothing is built,
judged or drawn.
"""

import os
import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.views.decorators.csrf import csrf_exempt

from tests.flows.applying import DECLARED, DETAILS
from tests.pages import submit
from tests.visitor import mailed_code

WRITTEN_DOWN_IN = "BENCH_FLOW"  # the environment's name of the file
STATEMENT = re.compile(r"SELECT|INSERT|UPDATE|DELETE")


@dataclass(frozen=True)
class Step:
    """One request: its statements with their parameters, and its answer's bytes."""

    method: str
    path: str
    statements: list[tuple[str, Any]]
    content: bytes


class Recorder(Client):
    """A browser that notes what each of its requests asks of the database."""

    def __init__(self) -> None:
        super().__init__(headers={"X-Forwarded-Proto": "https", "Origin": "https://testserver"})
        self.steps: list[Step] = []

    def request(self, **asked: Any) -> Any:
        statements: list[tuple[str, Any]] = []

        def listen(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
            if STATEMENT.match(sql):
                statements.append((sql, params))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(listen):
            answer = super().request(**{**asked, "wsgi.url_scheme": "https"})
        self.steps.append(Step(asked["REQUEST_METHOD"], asked["PATH_INFO"], statements, answer.content))
        return answer


def write_down(start: datetime, file: Path) -> list[Step]:
    """Apply for this start, from the slot page to the receipt, keep each step in the file, and leave no trace in the database."""
    browser, email = Recorder(), "replayed@example.jp"
    with transaction.atomic():
        page = submit(browser, browser.get("/slots/"), action="begin", start=start.isoformat())
        page = submit(browser, page, **DECLARED)
        page = submit(browser, page, email=email)
        page = submit(browser, page, code=mailed_code(email))
        page = submit(browser, page, **DETAILS)
        page = submit(browser, page)
        assert page.request["PATH_INFO"].endswith("/done/"), page.content.decode()
        transaction.set_rollback(True)
    file.write_bytes(pickle.dumps(browser.steps))
    return browser.steps


known: list[Step] = []  # in each process


@csrf_exempt
def step(_request: HttpRequest, number: int) -> HttpResponse:
    """The statements of this step again, and its answer."""
    if not known:
        known.extend(pickle.loads(Path(os.environ[WRITTEN_DOWN_IN]).read_bytes()))
    with transaction.atomic():
        with connection.cursor() as cursor:
            for sql, params in known[number].statements:
                cursor.execute(sql, params)
                if cursor.description:
                    cursor.fetchall()
        transaction.set_rollback(True)
    return HttpResponse(known[number].content)
