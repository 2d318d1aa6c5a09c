"""A member of staff at their desk: signed in with the second factor, pressing buttons at a moment of the story."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from booking.models import Booking
from booking.operations import immediate
from tests.cast import MORNING, Office, make_regular, now_please
from tests.visitor import at_time, text_of
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import ensure_roles

DeskOf = Callable[..., "Desk"]


@dataclass
class Desk:
    """One member of staff's browser; ``now`` is the moment at which they press."""

    client: Client
    now: datetime

    def get(self, path: str, **asked: Any) -> Any:
        with at_time(self.now):
            return self.client.get(path, asked, follow=True)

    def post(self, path: str, **values: Any) -> Any:
        with at_time(self.now):
            return self.client.post(path, values, follow=True)

    def press(self, booking: Booking, name: str, **values: Any) -> str:
        """Fill in the page of one button and send it; the words of the page that follows. The booking is read again."""
        words = text_of(self.post(f"/admin/booking/booking/{booking.pk}/act/{name}/", **values))
        booking.refresh_from_db()
        return words


@pytest.fixture
def desk_of(office: Office, staff_client: Callable[[User], Client]) -> DeskOf:
    """Desks by who sits there and when."""

    def sit(user: User, now: datetime = MORNING) -> Desk:
        with at_time(now):
            return Desk(staff_client(user), now)

    return sit


@pytest.fixture
def desk(office: Office, desk_of: DeskOf) -> Desk:
    """佐藤's desk on the story's first morning."""
    return desk_of(office.sato.user)


@pytest.fixture
def member(office: Office) -> Callable[[str], User]:
    """A member of staff in one of the groups."""
    ensure_roles()

    def make(group: str) -> User:
        user = User.objects.create_user(f"in-{group}", password="correct horse battery", display_name=group, is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        return user

    return make


@pytest.fixture
def waiting(office: Office) -> Booking:
    """豊岡さん, whom the office knows, asks for a session now; 佐藤 stands by (article 6-2)."""
    immediate.switch(office.sato.pk, on=True, by=office.sato.user, now=MORNING)
    return immediate.request(make_regular(office), now_please(office.version), now=MORNING, wall=MORNING)
