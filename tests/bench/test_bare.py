"""The bare pages do what the portal's do: what is measured beside it must be the same work."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from booking.models import Booking
from booking.operations import bookings
from booking.operations.bookings import Decision
from tests.bench import bare
from tests.cast import MORNING, Office, make_person
from tests.visitor import Visitor, at_time

pytestmark = pytest.mark.django_db
WRITES = re.compile(r'(INSERT INTO|UPDATE|DELETE FROM) "?(\w+)')


def written_by(deed: Callable[[], Any]) -> Counter[str]:
    """How many statements insert, change or delete rows of which table; those that find none are not counted."""
    done: Counter[str] = Counter()

    def listen(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        answer = execute(sql, params, many, context)
        found = WRITES.match(sql)
        if found and context["cursor"].cursor.rowcount:
            done[" ".join(found.groups())] += 1
        return answer

    with connection.execute_wrapper(listen):
        deed()
    return done


def test_bare_slot_page_has_the_same_bytes_and_queries(office: Office) -> None:
    with at_time(MORNING):
        page = Client().get("/slots/").content
        request = RequestFactory().get("/slots/")
        request.session, request.person = {}, None  # type: ignore[attr-defined]  # middleware sets them, and none runs here
        bare.rehearsed.clear()
        first, second = bare.slots(request), bare.slots(request)
    bare.rehearsed.clear()
    token = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')
    assert token.sub(b"", second.content) == token.sub(b"", first.content) == token.sub(b"", page)


def test_bare_writes_are_those_of_the_portal(office: Office) -> None:
    visitor = Visitor()
    visitor.choose()
    visitor.agree()
    visitor.prove()
    visitor.fill()
    shown = visitor.shown("confirm")
    asked = written_by(lambda: visitor.post(visitor.step("confirm"), {"shown": shown}))
    known = Booking.objects.get()
    other = make_person("城崎 太郎", "taro@example.jp")
    copied = written_by(lambda: bare.write_request(known.pk, person=other.pk, start=known.starts_at + timedelta(days=7)))
    assert copied == asked
    second = Booking.objects.exclude(pk=known.pk).get()
    confirmed = written_by(lambda: bookings.confirm(known.pk, Decision("registered", office.staff), now=MORNING, wall=MORNING))
    copied = written_by(lambda: bare.write_confirmation(known.pk, booking=second.pk))
    assert copied == confirmed
