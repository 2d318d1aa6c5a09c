"""The personal link of one reserved booking: a signed id and generation, so that it can be mailed again and revoked."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from booking.models import Booking
from booking.models.bookings import Kind

_SIGNER_SALT = "booking.personal-link"


def token_of(booking: Booking) -> str:
    """The token that names this booking in addresses."""
    return Signer(salt=_SIGNER_SALT, sep=".").sign(f"{booking.pk}-{booking.link_generation}")


def booking_of(token: str) -> Booking | None:
    """The booking of this token; None where it was never given out or has been revoked, and for kinds that have no such page."""
    try:
        pk, _, generation = Signer(salt=_SIGNER_SALT, sep=".").unsign(token).partition("-")
    except BadSignature:
        return None
    return (
        Booking.objects.select_related("applicant", "counsellor", "meeting")
        .filter(pk=int(pk), link_generation=int(generation), kind=Kind.RESERVED)
        .first()
    )


def address_of(booking: Booking) -> str:
    """The absolute address of the booking's page."""
    return settings.PORTAL_URL + reverse("booking", args=[token_of(booking)])
