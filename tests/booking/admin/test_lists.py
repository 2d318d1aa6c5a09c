"""The stock lists ask as many queries for two hundred rows as for one (the office's own boards are counted beside their pages)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from booking.models import Booking, Meeting
from consent.models import Consent
from tests.booking.admin.conftest import Desk
from tests.booking.admin.crowd import queries_of
from tests.cast import MORNING, Office
from toyooka_hw.accounts.models import Person, UsageRestriction
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
MANY = 199


def people() -> list[Person]:
    rows = [Person(full_name=f"利用者{n}", email=f"p{n}@example.jp", job_seeker_number="28090-1", created_at=MORNING) for n in range(MANY)]
    return Person.objects.bulk_create(rows)


def bookings(like: Booking) -> list[Booking]:
    """One of each of as many people."""
    fields = {field.attname: getattr(like, field.attname) for field in Booking._meta.concrete_fields if not field.primary_key}
    own = ({"number": f"8888-{n:04}", "applicant_id": person.pk, "draft_key": None} for n, person in enumerate(people()))
    return Booking.objects.bulk_create(Booking(**{**fields, **each}) for each in own)


def meetings(like: Booking) -> None:
    rows = [Meeting(booking=row, reference=f"r{row.pk}", next_try_at=MORNING) for row in bookings(like)]
    Meeting.objects.bulk_create(rows)


def mails(like: Booking) -> None:
    OutgoingMail.objects.bulk_create(
        OutgoingMail(
            key=f"k{n}",
            message_id=f"m{n}",
            to="a@example.jp",
            subject="件名",
            body="本文",
            written_at=MORNING,
            queued_at=MORNING,
            next_try_at=MORNING,
        )
        for n in range(MANY)
    )


def entries(like: Booking) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(
            at=MORNING, by=like.counsellor.user, what="確定", subject_type="booking.booking", subject_pk=str(row.pk), subject=row.number
        )
        for row in bookings(like)
    )


def restrictions(like: Booking) -> None:
    days = {"starts_on": date(2027, 4, 1), "ends_on": date(2027, 4, 30), "review_on": date(2027, 4, 20)}
    said = {"reason": "続けてのご連絡なし", "letter": "…", "decided_at": MORNING, "decided_by": like.counsellor.user}
    UsageRestriction.objects.bulk_create(UsageRestriction(person=person, **days, **said) for person in people())


def consents(like: Booking) -> None:
    known = Consent.objects.first()
    assert known
    fields = {field.attname: getattr(known, field.attname) for field in Consent._meta.concrete_fields if not field.primary_key}
    Consent.objects.bulk_create(Consent(**{**fields, "person_id": person.pk}) for person in people())


def one_person(like: Booking) -> None:
    people()


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("booking/booking", bookings),
        ("booking/meeting", meetings),
        ("accounts/person", one_person),
        ("accounts/usagerestriction", restrictions),
        ("mail/outgoingmail", mails),
        ("audit/auditentry", entries),
        ("consent/consent", consents),
    ],
)
def test_list_asks_the_same_for_one_row_and_for_two_hundred(
    desk: Desk, office: Office, confirmed: Booking, path: str, more: Callable[[Booking], object]
) -> None:
    UsageRestriction.objects.create(
        person=confirmed.applicant,
        reason="続けてのご連絡なし",
        starts_on=date(2027, 4, 1),
        ends_on=date(2027, 4, 2),
        review_on=date(2027, 4, 1),
        letter="…",
        decided_at=MORNING - timedelta(days=6),
        decided_by=office.staff,
    )
    address = f"/admin/{path}/"
    few = queries_of(desk, address)
    more(confirmed)
    assert queries_of(desk, address) == few
