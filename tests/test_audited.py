"""The watch over the staff's presses notices what it is there for, and nothing else."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from booking.models import Booking
from tests.audited import Unaudited, presses
from tests.cast import MORNING, Office
from toyooka_hw.audit.operations import record

pytestmark = pytest.mark.django_db


def answered(view: object, path: str = "/admin/booking/somewhere/", method: str = "post") -> HttpResponse:
    return presses(view)(getattr(RequestFactory(), method)(path))


def writes(request: HttpRequest) -> HttpResponse:
    Booking.objects.update(topic="変更")
    return HttpResponse()


def takes_back(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        Booking.objects.update(topic="変更")
        transaction.set_rollback(True)
    return HttpResponse()


def misses(request: HttpRequest) -> HttpResponse:
    Booking.objects.filter(number="nobody's").update(topic="変更")
    return HttpResponse()


def test_press_that_writes_and_records_nothing_is_noticed(requested: Booking) -> None:
    with pytest.raises(Unaudited, match=r"/admin/booking/somewhere/ wrote booking_booking and recorded nothing"):
        answered(writes)


def test_press_that_records_passes(office: Office, requested: Booking) -> None:
    def both(request: HttpRequest) -> HttpResponse:
        record("試験", requested, by=office.staff, now=MORNING)
        return writes(request)

    assert answered(both).status_code == 200


@pytest.mark.parametrize("view", [takes_back, misses])
def test_press_that_changes_nothing_passes(requested: Booking, view: object) -> None:
    assert answered(view).status_code == 200


@pytest.mark.parametrize(("path", "method"), [("/withdraw/", "post"), ("/admin/booking/", "get")])
def test_only_presses_of_staff_are_watched(requested: Booking, path: str, method: str) -> None:
    assert answered(writes, path, method).status_code == 200


def test_line_in_the_log_of_django_is_noticed(office: Office, requested: Booking) -> None:
    def logs(request: HttpRequest) -> HttpResponse:
        LogEntry.objects.log_actions(office.staff.pk, [requested], 2, "変更", single_object=True)
        return HttpResponse()

    with pytest.raises(Unaudited, match="wrote a name into django_admin_log"):
        answered(logs)
