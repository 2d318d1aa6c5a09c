"""A watch over the staff's pages: whatever a press in the admin changes, the audit must have a new entry (C7-1).

It reads the statements that reach the database, so nobody has to remember it: a page or an operation that writes without recording
fails in whichever test presses it.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection
from django.http import HttpRequest, HttpResponse

AUDIT = "audit_auditentry"
DJANGO_LOG = "django_admin_log"  # keeps str(row) for ever
# No business of the office: signs of life of the portal itself.
TECHNICAL = frozenset({"booking_heartbeat"})
OUR_APPS = ("accounts", "booking", "consent", "mail")
BUSINESS = frozenset(model._meta.db_table for label in OUR_APPS for model in apps.get_app_config(label).get_models()) - TECHNICAL

_WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "(?P<table>\w+)"')
_SAVEPOINT = re.compile(r'\s*(?P<verb>SAVEPOINT|ROLLBACK TO SAVEPOINT) "(?P<name>[^"]+)"')


class Unaudited(AssertionError):
    """Staff changed rows and the audit knows nothing of it."""


@contextmanager
def written() -> Iterator[list[str]]:
    """The tables in which rows are written within; what is rolled back to a savepoint was not written."""
    tables: list[str] = []
    marks: dict[str, int] = {}

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        result = execute(sql, params, many, context)
        text = str(sql)
        if (point := _SAVEPOINT.match(text)) and point["verb"] == "SAVEPOINT":
            marks[point["name"]] = len(tables)
        elif point:
            del tables[marks[point["name"]] :]
        elif (write := _WRITES.match(text)) and context["cursor"].rowcount > 0:
            tables.append(write["table"])
        return result

    with connection.execute_wrapper(watch):
        yield tables


def presses(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware of the tests, outside of all others. Raises Unaudited out of the very press.

    Stories that commit for real are left alone: what their transactions roll back cannot be seen from here.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not request.path.startswith("/admin/") or not connection.in_atomic_block:
            return get_response(request)
        with written() as tables:
            response = get_response(request)
        if DJANGO_LOG in tables:
            raise Unaudited(f"{request.path} wrote a name into {DJANGO_LOG}")
        changed = BUSINESS.intersection(tables)
        if changed and AUDIT not in tables:
            raise Unaudited(f"{request.path} wrote {', '.join(sorted(changed))} and recorded nothing")
        return response

    return middleware
