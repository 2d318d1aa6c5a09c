"""What the pages about a person and their booking tell whom (C8-1, C12-1)."""

from collections.abc import Callable

import pytest

from booking.models import Booking
from booking.operations import outcomes
from tests.booking.admin.conftest import DeskOf
from tests.cast import SESSION, Office
from tests.visitor import text_of
from toyooka_hw.accounts.models import User

pytestmark = pytest.mark.django_db
Member = Callable[[str], User]


@pytest.mark.parametrize("role", ["相談員", "管理者"])
def test_conduct_is_told_to_managers_only(desk_of: DeskOf, office: Office, confirmed: Booking, member: Member, role: str) -> None:
    """C12-1: that conduct was the reason stands on no page of a counsellor."""
    outcomes.stop(confirmed.pk, outcome="conduct", category="abuse", note="怒鳴られた", by=office.staff, now=SESSION, wall=SESSION)
    confirmed.refresh_from_db()
    desk, told = desk_of(member(role), SESSION), role == "管理者"
    words = text_of(desk.get(f"/admin/accounts/person/{confirmed.applicant_id}/change/"))
    label = "".join(str(confirmed.get_outcome_display()).split())
    assert (confirmed.number in words, label in words, "管理者だけが閲覧できます" in words) == (True, told, not told)
