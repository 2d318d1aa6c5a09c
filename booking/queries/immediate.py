"""Immediate sessions (article 6-2): whether they are taken, what bars a person, what waits."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q, QuerySet

from booking.models import Booking, Counsellor
from booking.models.bookings import Kind, State
from booking.queries.people import of_person
from booking.queries.situation import situation
from booking.rules import immediate
from booking.rules.calendar import tokyo_date
from booking.rules.immediate import Standing
from consent.queries import COUNSELLING, consent_on_record, consent_to, ministry_record, version_in_force
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.queries import restriction_of

SHOWN_FOR = timedelta(hours=2)  # how long the end of a request stays on its person's page


class Bar(StrEnum):
    """What keeps a person from an immediate session, in the order in which it is told."""

    NO_TERMS = "no_terms"
    RESTRICTED = "restricted"
    UNVERIFIED = "unverified"
    NOT_RECORDED = "not_recorded"
    TERMS_CHANGED = "terms_changed"


def standing_now(*, now: datetime) -> Standing:
    """Whether immediate sessions are taken at this moment, by whom, and when again. Seven queries."""
    today = tokyo_date(now)
    switches = dict(Counsellor.objects.filter(is_active=True).values_list("pk", "standby_since"))
    return immediate.standing(situation(today, today, now=now), switches)


def bar_of(person: Person, *, now: datetime) -> Bar | None:
    """What keeps this person (the surviving row) from an immediate session; None where nothing does (C2-1d, C6-2-1b, C6-2-2, C6-2-3c)."""
    version = version_in_force(COUNSELLING, now=now)
    if version is None:
        return Bar.NO_TERMS
    if restriction_of([person.pk], on=tokyo_date(now)):
        return Bar.RESTRICTED
    if not (person.is_verified and person.registered_phone):
        return Bar.UNVERIFIED
    if consent_on_record(COUNSELLING, person.pk) is None or ministry_record(COUNSELLING, person.pk) is None:
        return Bar.NOT_RECORDED
    return None if consent_to(version, person.pk, ad_hoc=True) else Bar.TERMS_CHANGED


def open_immediate_of(person_id: int, *, now: datetime) -> Booking | None:
    """The person's request that still waits, or their session that is not over."""
    alive = Q(state=State.REQUESTED, answer_by__gt=now) | Q(state=State.CONFIRMED, ends_at__gt=now)
    return _immediate().filter(alive, of_person(person_id)).order_by("-pk").first()


def last_immediate_of(person_id: int, *, now: datetime) -> Booking | None:
    """The person's last request of the last two hours, however it stands: what their page tells of."""
    return _immediate().filter(of_person(person_id), requested_at__gt=now - SHOWN_FOR).order_by("-pk").first()


def waiting_immediate(*, now: datetime) -> QuerySet[Booking]:
    """The requests that wait for somebody to accept them, the longest waiting first."""
    return _immediate().filter(state=State.REQUESTED, answer_by__gt=now).order_by("requested_at", "pk")


def immediate_under_way() -> QuerySet[Booking]:
    """Accepted sessions whose end nobody has recorded, the earliest first."""
    return _immediate().filter(state=State.CONFIRMED).order_by("starts_at", "pk")


def _immediate() -> QuerySet[Booking]:
    rows = Booking.objects.filter(kind=Kind.AD_HOC).select_related("applicant__establishment", "counsellor__user", "host", "meeting")
    return rows.prefetch_related("participants__code_deliveries__by")
