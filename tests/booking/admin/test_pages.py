"""The way into the meeting, trying again what was given up, and the pages of bookings."""

from datetime import timedelta

import pytest

from booking.models import Booking, Meeting
from booking.operations import meetings
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.admin.crowd import fill, queries_of
from tests.cast import MORNING, SESSION, Office
from tests.simulator import SimulatorHandle
from tests.visitor import at_time, text_of
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db


def test_counsellor_goes_in_by_a_fresh_link_and_is_noted(
    desk_of: DeskOf, office: Office, confirmed: Booking, zoom: SimulatorHandle
) -> None:
    meetings.ensure_meeting(Meeting.objects.get().pk, now=MORNING, wall=MORNING + timedelta(hours=2))
    early = SESSION - timedelta(minutes=5)
    desk = desk_of(office.staff, early)
    with at_time(early):
        response = desk.client.post(f"/admin/booking/booking/{confirmed.pk}/host/")
    confirmed.refresh_from_db()
    assert response.headers["Location"].startswith(zoom.url)
    assert confirmed.counsellor_seen_at == early


def test_counsellor_who_could_not_go_in_is_not_noted(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    words = text_of(desk_of(office.staff, SESSION).post(f"/admin/booking/booking/{confirmed.pk}/host/"))
    confirmed.refresh_from_db()
    assert ("Zoomの準備ができていないか" in words, confirmed.counsellor_seen_at) == (True, None)


def test_host_button_the_day_before_is_refused_and_notes_nobody(desk: Desk, confirmed: Booking) -> None:
    words = text_of(desk.post(f"/admin/booking/booking/{confirmed.pk}/host/"))
    confirmed.refresh_from_db()
    assert ("開始の少し前からです" in words, confirmed.counsellor_seen_at) == (True, None)


def test_host_link_is_never_opened_by_a_get(desk: Desk, confirmed: Booking) -> None:
    assert desk.get(f"/admin/booking/booking/{confirmed.pk}/host/").status_code == 405


def test_meeting_given_up_is_tried_again(desk: Desk, confirmed: Booking) -> None:
    Meeting.objects.update(outbox_state=OutboxState.FAILED, last_error="quota")
    desk.post(f"/admin/booking/booking/meeting/{Meeting.objects.get().pk}/again/")
    assert Meeting.objects.get().outbox_state == OutboxState.WANTED


def test_mail_given_up_is_sent_again(desk: Desk, requested: Booking) -> None:
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED, last_error="SMTP 550")
    desk.post(f"/admin/mail/outgoingmail/{OutgoingMail.objects.get().pk}/again/")
    assert OutgoingMail.objects.get().outbox_state == OutboxState.WANTED


def test_list_of_bookings_asks_the_same_number_of_queries_for_one_and_for_thirty(
    desk_of: DeskOf, office: Office, confirmed: Booking
) -> None:
    desk = desk_of(office.staff)
    fill(confirmed, range(1))
    one = queries_of(desk, "/admin/booking/booking/")
    fill(confirmed, range(1, 30))
    assert (one, queries_of(desk, "/admin/booking/booking/")) == (8, 8)


def test_page_of_a_booking_asks_the_same_number_of_queries_however_long_its_history(desk: Desk, confirmed: Booking) -> None:
    path = f"/admin/booking/booking/{confirmed.pk}/change/"
    asked = []
    for minute in (1, 2, 3):
        desk.press(confirmed, "contact", channel="phone", meaning="late", note=f"{minute}分")
        desk.get(path)  # the message of the button is told once
        asked.append(queries_of(desk, path))
    assert asked == [18, 18, 18]


def test_old_address_of_the_work_leads_to_today(desk: Desk) -> None:
    assert desk.get("/admin/booking/booking/worklist/").redirect_chain == [("/admin/booking/booking/today/", 302)]
