"""The 受付番号 of bookings, employers' requests, seminars and registrations."""

import secrets

from booking.models import Booking, EmployerRequest, Registration, Seminar

NUMBERED = (Booking, EmployerRequest, Seminar, Registration)


def free_number() -> str:
    """A 受付番号 that can be read out over the phone and tells nothing: eight random digits, of nothing else that has one."""
    while True:
        digits = f"{secrets.randbelow(10**8):08d}"
        number = f"{digits[:4]}-{digits[4:]}"
        if not any(model.objects.filter(number=number).exists() for model in NUMBERED):
            return number
