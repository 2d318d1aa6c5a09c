"""The personal link of one reserved booking or one registration: a signed id and generation, so that it can be mailed again and revoked."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from booking.models import Booking, Registration
from booking.models.bookings import Kind

_SALTS: dict[type[Booking | Registration], str] = {Booking: "booking.personal-link", Registration: "booking.registration-link"}


def token_of(row: Booking | Registration) -> str:
    """The token that names this booking or registration in addresses."""
    return _signer(type(row)).sign(f"{row.pk}-{row.link_generation}")


def booking_of(token: str) -> Booking | None:
    """The booking of this token; None where it was never given out or has been revoked, and for kinds that have no such page."""
    named = _named(Booking, token)
    rows = Booking.objects.select_related("applicant", "counsellor", "meeting")
    return rows.filter(kind=Kind.RESERVED, **named).first() if named else None


def registration_of(token: str) -> Registration | None:
    """The registration of this token; None where it was never given out or has been revoked."""
    named = _named(Registration, token)
    return Registration.objects.select_related("person", "seminar", "consent__version").filter(**named).first() if named else None


def address_of(row: Booking | Registration) -> str:
    """The absolute address of its page."""
    return settings.PORTAL_URL + reverse("booking" if isinstance(row, Booking) else "registration", args=[token_of(row)])


def _named(kind: type[Booking | Registration], token: str) -> dict[str, int]:
    try:
        pk, _, generation = _signer(kind).unsign(token).partition("-")
    except BadSignature:
        return {}
    return {"pk": int(pk), "link_generation": int(generation)}


def _signer(kind: type[Booking | Registration]) -> Signer:
    """Made when it is needed: a demo's first command runs before there is a key."""
    return Signer(salt=_SALTS[kind], sep=".")
