"""The way into a seminar: from shortly before its start until it is over, by a press on a personal page. Nobody learns who else is there."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import Meeting, Registration, Seminar, SeminarPartner
from booking.operations.seminars.steps import locked
from booking.operations.sessions import MeetingNotReady, TermsNotAgreed
from booking.queries import policy_at
from booking.rules import seminars as rule
from booking.rules.seminars import Door, Seat
from consent.models import Consent
from consent.operations import Shown, agree, deem_by_use
from consent.queries import SEMINAR, must_agree_before_use
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.audit import operations as audit


class KeptOut(Exception):
    """The way in is closed for this person now; ``why`` says what is the matter."""

    def __init__(self, why: Door) -> None:
        super().__init__(str(why))
        self.why = why


def join(registration_id: int, *, now: datetime) -> str:
    """Note who came and that taking part implies consent (S1-1); returns the meeting's address, which stands on no page.

    Raises KeptOut, TermsNotAgreed, MeetingNotReady, ConsentMissing.
    """
    with transaction.atomic():
        seminar = locked(Registration.objects.values_list("seminar_id", flat=True).get(pk=registration_id))
        row = Registration.objects.select_related("person").get(pk=registration_id)
        _check(seminar, row.rule_seat, row.person, now=now)
        Registration.objects.filter(pk=row.pk, first_joined_at=None).update(first_joined_at=now)
    return _address(seminar)


def agree_as_partner(partner_id: int, shown: Shown, *, now: datetime, zoom_stated_at: datetime | None = None) -> SeminarPartner:
    """The employer's contact agrees to the terms that were read, before they go in for the first time (S1-1, S4-3). Raises TermsNotInForce."""
    with transaction.atomic():
        partner = SeminarPartner.objects.select_for_update(of=("self",)).select_related("contact").get(pk=partner_id)
        partner.consent = agree(partner.contact, shown, document=SEMINAR, now=now, zoom_stated_at=zoom_stated_at)
        partner.save(update_fields=["consent"])
    return partner


def join_as_partner(partner_id: int, *, now: datetime) -> str:
    """The employer's contact who gives it with the office goes in; agreed to at another event, it counts for this one too. Raises as ``join``."""
    with transaction.atomic():
        seminar = locked(SeminarPartner.objects.values_list("seminar_id", flat=True).get(pk=partner_id))
        partner = SeminarPartner.objects.select_related("contact").get(pk=partner_id)
        used = _check(seminar, None, partner.contact, now=now)
        SeminarPartner.objects.filter(pk=partner_id, consent=None).update(consent=used.based_on)
        SeminarPartner.objects.filter(pk=partner_id, first_joined_at=None).update(first_joined_at=now)
    return _address(seminar)


def check_host(seminar: Seminar, *, now: datetime) -> None:
    """Whether the office's own way in is open: at the times of everybody else's, and while it is suspended too. Raises KeptOut."""
    if why := rule.host_door(seminar.rule_state, seminar.times, opens_minutes=policy_at(now).join_opens_minutes, now=now):
        raise KeptOut(why)


def host_entered(seminar: Seminar, *, by: User, now: datetime) -> None:
    """A member of staff goes in as its host: each entrance stands in the audit."""
    audit.record(_("ホスト用リンクで入室"), seminar, by=by, now=now)


def what_bars(seminar: Seminar, seat: Seat | None, *, now: datetime) -> Door | None:
    """What keeps somebody with this seat out now (None: who gives it), before any terms are asked."""
    return rule.door(seminar.rule_state, seat, seminar.times, opens_minutes=policy_at(now).join_opens_minutes, now=now)


def _check(seminar: Seminar, seat: Seat | None, person: Person, *, now: datetime) -> Consent:
    if why := what_bars(seminar, seat, now=now):
        raise KeptOut(why)
    if must_agree_before_use(person.pk, SEMINAR, now=now):
        raise TermsNotAgreed
    return deem_by_use(person, _("参加をもって、利用規約に同意したものとみなします。"), document=SEMINAR, now=now)


def _address(seminar: Seminar) -> str:
    meeting = Meeting.objects.filter(seminar=seminar).first()
    if meeting is None or not meeting.leads_into(seminar):
        raise MeetingNotReady
    return meeting.join_url
