"""What the nursery's workers do: bookings in bulk, as the desk would enter them, and the tasks themselves."""

from datetime import datetime
from typing import Any

from booking.models import Booking, Counsellor
from booking.operations import applications, bookings, moving, sessions
from booking.operations.bookings import Decision
from booking.operations.moving import Change
from consent.models import TermsVersion
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.cast import application, make_person
from tests.flows.faults.office import the_staff
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person, User


def book(starts: list[str], emails: list[str]) -> list[int]:
    """One confirmed booking for each of these people; their ids."""
    version, staff = TermsVersion.objects.get(), the_staff()
    return [_book(datetime.fromisoformat(start), email, version, staff) for start, email in zip(starts, emails, strict=True)]


def move(starts: dict[str, str]) -> None:
    """Each booking to another time."""
    for pk, start in starts.items():
        moving.move(int(pk), datetime.fromisoformat(start), Change(the_staff(), "お電話で相談"), **_times())


def hand_over(ids: list[int]) -> None:
    """Each booking to the next counsellor, and to that one's Zoom host."""
    everybody = list(Counsellor.objects.order_by("pk"))
    for booking in Booking.objects.filter(pk__in=ids):
        place = next(place for place, each in enumerate(everybody) if each.pk == booking.counsellor_id)
        taker = everybody[(place + 1) % len(everybody)]
        moving.reassign(booking.pk, Change(the_staff(), "急な用事", taker.pk, taker.default_host_id), **_times())


def cancel(ids: list[int]) -> None:
    for pk in ids:
        sessions.cancel_by_user(pk, outcome="own_plans", channel="phone", caller="", note="", by=the_staff(), **_times())


def task(name: str, arguments: dict[str, Any]) -> None:
    """What a worker does with this message."""
    from toyooka_hw.celery import app

    app.tasks[name](**arguments)


def _book(start: datetime, email: str, version: TermsVersion, staff: User) -> int:
    person: Person = make_person(email=email)
    agree(person, Shown(version.pk, "同意します。", clock.now()), document=COUNSELLING, now=clock.now())
    booking = applications.request(person, application(version, start), **_times())
    bookings.confirm(booking.pk, Decision("registered", staff), **_times())
    return booking.pk


def _times() -> dict[str, datetime]:
    return {"now": clock.now(), "wall": clock.wall()}
