"""The 受付番号 of bookings, employers' requests, seminars and registrations."""

import secrets

from django.db import connection

from booking.models import Booking, EmployerRequest, Registration, Seminar

NUMBERED = (Booking, EmployerRequest, Seminar, Registration)
_IS_TAKEN = " UNION ALL ".join(f'SELECT FROM "{model._meta.db_table}" WHERE number = %(number)s' for model in NUMBERED)


def free_number() -> str:
    """A 受付番号 that can be read out over the phone and tells nothing: eight random digits, of nothing else that has one."""
    while True:
        digits = f"{secrets.randbelow(10**8):08d}"
        number = f"{digits[:4]}-{digits[4:]}"
        if not _is_taken(number):
            return number


def _is_taken(number: str) -> bool:
    """One query for all four."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_TAKEN, {"number": number})
        return cursor.fetchone() is not None
