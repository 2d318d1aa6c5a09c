"""The town's office: two dozen counsellors, so that hundreds of people find a place."""

from datetime import UTC, datetime

from booking.models import Counsellor, PolicyValue
from tests.cast import make_counsellor, publish_terms
from toyooka_hw.accounts.models import User

COUNSELLORS = 24


def found_office() -> None:
    """Terms in force, and as many places at each start as there are counsellors."""
    for number in range(1, COUNSELLORS + 1):
        make_counsellor(f"soudan{number:02}", f"相談員{number:02}")
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    PolicyValue.objects.create(
        key="capacity_per_start", value=str(COUNSELLORS), holds_from=long_ago, set_at=long_ago, set_by=the_staff(), reason="試験"
    )
    publish_terms()


def the_staff() -> User:
    """Whoever presses at the desk."""
    return Counsellor.objects.select_related("user").earliest("pk").user
