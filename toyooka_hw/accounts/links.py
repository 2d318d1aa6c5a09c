"""The personal link with which a member of staff sets up their own access: signed id and generation, 72 hours, one use."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from toyooka_hw.accounts.models import User

LINK_VALID = timedelta(hours=72)


def address_of(user: User) -> str:
    """The absolute address of this account's link as it stands now."""
    token = _signer().sign(f"{user.pk}-{user.link_generation}")
    return settings.PORTAL_URL + reverse("admin:staff_welcome", args=[token])


def user_of(token: str, *, wall: datetime) -> User | None:
    """The account that this link opens; None where it was used, revoked, replaced, is older than 72 hours, or was never given out."""
    try:
        pk, _, generation = _signer().unsign(token).partition("-")
    except BadSignature:
        return None
    return User.objects.filter(pk=int(pk), link_generation=int(generation), link_until__gt=wall, is_active=True).first()


def _signer() -> Signer:
    """Made when it is needed: the demo's command starts before there is a secret."""
    return Signer(salt="accounts.staff-link", sep=".")
