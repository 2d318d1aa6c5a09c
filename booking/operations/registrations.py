"""What staff find in the Hello Work system about a person who asks for a session: eligibility, and what a request states differently."""

import logging
import unicodedata
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import Booking
from booking.models.bookings import Eligibility
from booking.operations.transitions import changed, locked
from booking.rules.lifecycle import OPEN_STATES
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import locked_survivor
from toyooka_hw.audit.operations import record
from toyooka_hw.wording import mask_number

logger = logging.getLogger(__name__)


class EligibilityMissing(Exception):
    """Staff have not said what the Hello Work system shows about the person (C2-1a)."""


class PhoneDiffers(Exception):
    """What was sent carries a phone number other than the one on record; nothing was changed (C6-2-3c, A9)."""


class NothingStated(Exception):
    """The request states nothing that differs from the registration, or somebody has seen to it already."""


def check_eligibility(booking_id: int, found: str, *, by: User, now: datetime) -> Booking:
    """Record what the Hello Work system shows for the session's day, without deciding anything (C2-1a).

    Raises StateChanged once the booking is over, EligibilityMissing.
    """
    with transaction.atomic():
        booking = locked(booking_id)
        if booking.rule_state not in OPEN_STATES:
            raise changed(booking)
        seen = {_("資格の確認"): (booking.get_eligibility_display(), Eligibility(found).label if found else "")}
        for field, value in looked_up(found, by, now).items():
            setattr(booking, field, value)
        booking.save(update_fields=["eligibility", "eligibility_checked_at", "eligibility_checked_by"])
        record(_("資格を確認する"), booking, by=by, now=now, changes=seen, person_pk=booking.applicant_id)
    return booking


def looked_up(found: str, by: User, now: datetime) -> dict[str, Any]:
    """The fields of a booking that say what was found, by whom and when. Raises EligibilityMissing."""
    if not found or found == Eligibility.UNCHECKED:
        raise EligibilityMissing
    return {"eligibility": found, "eligibility_checked_at": now, "eligibility_checked_by": by}


def differing(person: Person, *, name: str, number: str) -> dict[str, str]:
    """What a request states differently from a verified person's registration, as fields of the booking; nothing for anybody else."""
    if not person.is_verified:
        return {}
    return {
        "stated_name": "" if plain(name) == plain(person.full_name) else name,
        "stated_number": "" if number in ("", person.job_seeker_number) else number,
    }


def refuse_other_phone(person: Person, phone: str) -> None:
    """No number comes in by another door than the counter: one that came along (E.164; empty: none) must be the one on record.

    Raises PhoneDiffers, and leaves a line in the log that names neither.
    """
    if phone and person.phone and phone != person.phone:
        logger.warning("booking.other_phone_refused person=%s", person.pk)
        raise PhoneDiffers


def plain(name: str) -> str:
    """A name without width and spaces, which are no difference."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def adopt_stated(booking_id: int, *, by: User, now: datetime) -> Booking:
    """Staff have found that the request is right: name and number of the registration become what it states; never the phone (C6-2-3c).

    Raises NothingStated.
    """
    with transaction.atomic():
        booking = locked(booking_id)
        if not (booking.stated_name or booking.stated_number):
            raise NothingStated
        person = locked_survivor(booking.applicant_id)
        changes = {_("求職番号"): (_masked(person.job_seeker_number), _masked(booking.stated_number))} if booking.stated_number else {}
        changes |= {_("氏名"): ("…", "…")} if booking.stated_name else {}
        person.full_name = booking.stated_name or person.full_name
        person.job_seeker_number = booking.stated_number or person.job_seeker_number
        person.save(update_fields=["full_name", "job_seeker_number"])
        booking.stated_name = booking.stated_number = ""
        booking.save(update_fields=["stated_name", "stated_number"])
        record(_("登録を申込みの内容に改める"), booking, by=by, now=now, changes=changes, person_pk=person.pk)
    return booking


def _masked(number: str) -> str:
    return mask_number(number) if number else ""
