"""Many rows like one that came the whole way, straight into the tables: for faults that only ask how a row is worked off."""

import secrets
from email.utils import make_msgid

from django.db.models import Model

from booking.models import Booking, Meeting, ZoomHost
from tests.cast import make_person
from toyooka_hw import clock
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState


def more_sessions(like: Booking, count: int) -> list[int]:
    """So many more confirmed sessions of other people, each with a meeting wanted; the ids of these."""
    hosts = list(ZoomHost.objects.order_by("pk").values_list("pk", flat=True))  # each has a hundred calls a day
    return [_session(like, number, hosts[number % len(hosts)]) for number in range(count)]


def more_mails(like: OutgoingMail, count: int) -> list[int]:
    """So many more mails to other people, each to be sent; their ids."""
    return [_mail(like, number) for number in range(count)]


def dismiss(meetings: list[int]) -> None:
    """Those over whom nothing happened."""
    bookings = list(Meeting.objects.filter(pk__in=meetings).values_list("booking", flat=True))
    Meeting.objects.filter(pk__in=meetings).delete()
    Booking.objects.filter(pk__in=bookings).delete()


def _session(like: Booking, number: int, host: int) -> int:
    person = make_person(email=f"crowd{number}@example.jp")
    own = {"number": f"9999-{number:04}", "applicant_id": person.pk, "draft_key": None, "host_id": host}
    booking = Booking.objects.create(**_fields(like) | own)
    return Meeting.objects.create(booking=booking, reference=secrets.token_hex(16), next_try_at=clock.wall()).pk


def _mail(like: OutgoingMail, number: int) -> int:
    own = {"key": f"crowd:{number}", "to": f"crowd{number}@example.jp", "message_id": make_msgid(domain="portal.example.jp")}
    fresh = {"outbox_state": OutboxState.WANTED, "attempts": 0, "next_try_at": clock.wall(), "delivered_at": None}
    return OutgoingMail.objects.create(**_fields(like) | own | fresh).pk


def _fields(row: Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
