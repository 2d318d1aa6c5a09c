"""The pages of a counsellor's day over a year of full days with eight counsellors: our own CPU and the time until the answer."""

from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time

import pytest
from django.db import connection
from django.test import Client

from booking.models import Booking
from consent.models import Consent
from tests.booking.year import A_YEAR, full_days, more_counsellors
from tests.cast import SESSION, THURSDAY, Office
from tests.visitor import at_time
from toyooka_hw.accounts.models import Person, User

pytestmark = pytest.mark.django_db
ROUNDS = 5
PAGES = ("today/", "week/", "inbox/", "tomorrow/", "calls/", "closing/", "enter/?q=5678", "")


def consent_of_everybody() -> None:
    """Each person agreed once."""
    known = Consent.objects.all()[0]
    fields = {field.attname: getattr(known, field.attname) for field in Consent._meta.concrete_fields if not field.primary_key}
    others = Person.objects.exclude(pk=known.person_id).values_list("pk", flat=True)
    Consent.objects.bulk_create(Consent(**{**fields, "person_id": pk}) for pk in others)


def test_pages_of_the_day_over_a_year(office: Office, confirmed: Booking, staff_client: Callable[[User], Client]) -> None:
    more_counsellors(6)
    rows = full_days(confirmed, THURSDAY - A_YEAR, THURSDAY)
    consent_of_everybody()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # what autovacuum does after a year; this test's transaction hides its rows from it
    print(f"\n{rows} bookings")
    with at_time(SESSION):
        client = staff_client(office.staff)
    for page in PAGES:
        spent, waited = [], []
        for _ in range(ROUNDS):
            with at_time(SESSION):
                begun, started = process_time(), perf_counter()
                answer = client.get(f"/admin/booking/booking/{page}")
                spent.append(process_time() - begun)
                waited.append(perf_counter() - started)
            assert answer.status_code == 200
        size = len(answer.content) // 1024
        print(
            f"{page or 'list':14} {median(spent) * 1000:5.0f} ms CPU {median(waited) * 1000:6.0f} ms in all {size:5} kB (median of {ROUNDS})"
        )
