"""The code told by phone, through the door staff use."""

from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from booking.models import Booking, CodeDelivery, Meeting
from tests.cast import MORNING, Office
from toyooka_hw.accounts.models import Person, User

pytestmark = pytest.mark.django_db


def test_code_is_shown_by_post_only_and_only_where_there_is_no_mailbox(
    office: Office, confirmed: Booking, staff_client: Callable[[User], Client]
) -> None:
    page, address = f"/admin/booking/booking/{confirmed.pk}/change/", f"/admin/booking/booking/{confirmed.pk}/codes/"
    Meeting.objects.filter(booking=confirmed).update(meeting_id=98765432101, passcode="abcdEFGH23", ready_at=MORNING)
    with time_machine.travel(MORNING, tick=False):
        client = staff_client(office.staff)
        assert "番号を電話で伝える" not in client.get(page).content.decode()
        Person.objects.update(email="")
        assert "番号を電話で伝える" in client.get(page).content.decode()
        assert client.get(address).status_code == 405
        shown = client.post(address)
    assert ("987 6543 2101" in shown.content.decode(), "abcdEFGH23" in shown.content.decode()) == (True, True)
    assert "no-store" in shown.headers["Cache-Control"]
    assert CodeDelivery.objects.count() == 1
