"""Two members of staff press at the same moment, through the page: one wins, the other is told by whom; one meeting, one mail."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from booking.models import Booking
from booking.operations import bookings, transitions
from tests.cast import Office
from tests.flows.applying import HANAKO, apply
from tests.stories import Story
from tests.surroundings import PATIENCE_SECONDS
from tests.visitor import text_of
from toyooka_hw.accounts.models import User
from toyooka_hw.mail.models import OutgoingMail

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
INBOX = "/admin/booking/booking/inbox/"
Seats = Callable[[User], Client]


def press_at_once(clients: list[Client], booking: Booking, answers: list[dict[str, str]]) -> list[str]:
    """Each client sends its own answer to its own button at the same moment; the words of the pages that follow."""
    barrier = Barrier(len(clients))

    def press(client: Client, answer: dict[str, str]) -> str:
        barrier.wait(timeout=PATIENCE_SECONDS)
        try:
            name = answer["button"]
            return text_of(client.post(f"/admin/booking/booking/{booking.pk}/act/{name}/", {**answer, "next": INBOX}, follow=True))
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as threads:
        return list(threads.map(press, clients, answers))


def seats(office: Office, staff_client: Seats, times: int) -> list[Client]:
    return [staff_client(user) for user in (office.sato.user, office.tanaka.user) for _press in range(times)]


def test_one_confirmation_one_meeting_one_mail(story: Story, office_at_work: Office, staff_client: Seats) -> None:
    booking = apply(Client(), story)
    story.settle()
    clients = seats(office_at_work, staff_client, 2)
    told = press_at_once(clients, booking, [{"button": "confirm", "eligibility": "registered"}] * len(clients))
    story.settle()
    winner = booking.events.get(event="confirm").by
    kinds = Counter("won" if "予約を確定しました。" in page else f"すでに{winner}さんが「予約確定」にしました。" in page for page in told)
    assert kinds == {"won": 1, True: len(clients) - 1}
    assert len(story.zoom.control.meetings()) == 1
    assert len([subject for subject in story.subjects_to(HANAKO) if "確定しました" in subject]) == 1


def test_confirmation_and_refusal_at_once_leave_one_of_the_two(story: Story, office_at_work: Office, staff_client: Seats) -> None:
    booking = apply(Client(), story)
    story.settle()
    clients = seats(office_at_work, staff_client, 1)
    told = press_at_once(
        clients, booking, [{"button": "confirm", "eligibility": "registered"}, {"button": "decline", "reason": "担当者の都合"}]
    )
    story.settle()
    booking.refresh_from_db()
    decided = booking.events.exclude(event="request").get()
    assert [f"すでに{decided.by}さんが" in page for page in told].count(True) == 1
    meetings = {"confirmed": 1, "declined": 0}
    assert len(story.zoom.control.meetings()) == meetings[booking.state]


def test_without_the_guard_both_win(story: Story, office_at_work: Office, staff_client: Seats, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: no lock and no condition on the state – two confirmations, two mails, so the tests above can fail."""
    booking = apply(Client(), story)
    story.settle()
    clients = seats(office_at_work, staff_client, 1)
    seen = Barrier(len(clients))

    def look(booking_id: int) -> Booking:
        found = Booking.objects.select_related("applicant").get(pk=booking_id)
        seen.wait(timeout=PATIENCE_SECONDS)
        return found

    def anyhow(pk: int, **_state: Any) -> Any:
        return Booking.objects.filter(pk=pk)

    monkeypatch.setattr(bookings, "locked", look)
    monkeypatch.setattr(transitions, "Booking", SimpleNamespace(objects=SimpleNamespace(filter=anyhow)))
    press_at_once(clients, booking, [{"button": "confirm", "eligibility": "registered"}] * len(clients))
    story.settle()
    assert booking.events.filter(event="confirm").count() == len(clients)
    assert OutgoingMail.objects.filter(to=HANAKO, subject__contains="確定しました").count() == len(clients)
