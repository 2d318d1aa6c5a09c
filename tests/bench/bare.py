"""What Django and PostgreSQL alone need for the same answers: the same template, bytes, queries and inserts, without any rule of the portal's.

The pages stand behind the portal's own middleware, in the same server.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.core.cache import caches
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import Context, Engine
from django.views.decorators.csrf import csrf_exempt

from booking.models import Booking, BookingEvent, Hold, Meeting, Participant
from booking.views import slots as portal
from consent.models import Consent
from tests.explained import asked_by
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

HALF_AN_HOUR = timedelta(minutes=30)
PLAIN = Engine().from_string("<!doctype html><title>bare</title>" + "<p>職業相談</p>\n" * 1000 + "{{ counsellors }}")


class Rehearsal:
    """What the portal's slot page asked of the database before it drew anything, and what it drew."""

    def __init__(self, request: HttpRequest) -> None:
        with patch.object(portal, "render", self._keep):
            self.queries = asked_by(lambda: portal.slots(request))

    def _keep(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        self.template, self.context = template, context
        return HttpResponse()


rehearsed: list[Rehearsal] = []  # one in each process


def slots(request: HttpRequest) -> HttpResponse:
    """The slot page: its queries, whose rows are only fetched, and its template with what it had to say the first time."""
    if not rehearsed:
        rehearsed.append(Rehearsal(request))
    with connection.cursor() as cursor:
        for sql, params in rehearsed[0].queries:
            cursor.execute(sql, params)
            cursor.fetchall()
    return render(request, rehearsed[0].template, dict(rehearsed[0].context))


def plain(_request: HttpRequest) -> HttpResponse:
    """What a machine can do at all: one SELECT and a page of 20 KB that only has a number in it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM booking_counsellor")
        (counsellors,) = cursor.fetchone()
    return HttpResponse(PLAIN.render(Context({"counsellors": counsellors})))


def anew(page: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The page as it costs whoever looks first after something has changed: nothing that was drawn before is kept."""

    def view(request: HttpRequest) -> HttpResponse:
        caches["template_fragments"].clear()
        return page(request)

    return view


@csrf_exempt
def request(asked: HttpRequest) -> HttpResponse:
    """The application's last step: what it writes, copied from a request that came in by the portal."""
    write_request(int(asked.POST["like"]), person=int(asked.POST["person"]), start=datetime.fromisoformat(asked.POST["start"]))
    return redirect("slots")


@csrf_exempt
def confirm(asked: HttpRequest) -> HttpResponse:
    """Staff's confirmation: what it writes, copied from one that was made in the portal."""
    write_confirmation(int(asked.POST["like"]), booking=int(asked.POST["booking"]))
    return redirect("slots")


def write_request(like: int, *, person: int, start: datetime) -> int:
    """The rows of a request like that booking, of another person at another time; the new booking's id."""
    span = DateTimeTZRange(start, start + HALF_AN_HOUR, "[)")
    with transaction.atomic():
        consent = _copy(Consent, "id = (SELECT consent_id FROM booking_participant WHERE booking_id = %s)", like, person_id=person)
        times = {"starts_at": start, "ends_at": start + HALF_AN_HOUR}
        booking = _copy(Booking, "id = %s", like, number=uuid.uuid4().hex[:12], draft_key=uuid.uuid4(), applicant_id=person, **times)
        _copy(Hold, "booking_id = %s", like, booking_id=booking, span=span, host_span=span)
        _copy(Participant, "booking_id = %s", like, booking_id=booking, person_id=person, consent_id=consent)
        _change("UPDATE accounts_person SET name_kana = '', job_seeker_number = '28090-1234567' WHERE id = %s", person)
        _told(like, "request", booking)
    return booking


def write_confirmation(like: int, *, booking: int) -> None:
    """The rows of a confirmation like that booking's."""
    with transaction.atomic():
        _change(
            "UPDATE booking_booking mine SET state = 'confirmed', confirmed_at = other.confirmed_at, eligibility = other.eligibility,"
            " eligibility_checked_at = other.eligibility_checked_at, eligibility_checked_by_id = other.eligibility_checked_by_id"
            " FROM booking_booking other WHERE other.id = %s AND mine.id = %s",
            like,
            booking,
        )
        _told(like, "confirm", booking)
        _copy(Meeting, "booking_id = %s", like, booking_id=booking, reference=uuid.uuid4().hex)
        _copy(AuditEntry, "id = (SELECT max(id) FROM audit_auditentry WHERE %s > 0)", like)


def _told(like: int, event: str, booking: int) -> None:
    """The step in the history, and the mail about it."""
    known = "SELECT id FROM booking_bookingevent WHERE booking_id = %s AND event = '" + event + "'"
    step = _copy(BookingEvent, f"id = ({known})", like, booking_id=booking)
    mail = f"key = 'booking-event:' || ({known})"
    _copy(OutgoingMail, mail, like, key=f"booking-event:{step}", message_id=f"<{uuid.uuid4()}@portal.example.jp>")


def _copy(model: type[Model], which: str, like: int, **otherwise: Any) -> int:
    """One row more like the one that is meant, in one statement; its id."""
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    said = [column for column in columns if column in otherwise]
    values = ", ".join("%s" if column in otherwise else f'"{column}"' for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    sql = f'INSERT INTO {model._meta.db_table} ({names}) SELECT {values} FROM {model._meta.db_table} WHERE {which} RETURNING "id"'
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(otherwise[column] for column in said), like])
        row: tuple[int] = cursor.fetchone()
    return row[0]


def _change(sql: str, *said: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, said)
