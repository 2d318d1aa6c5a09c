"""Immediate sessions (article 6-2): whether they are taken, what bars a person, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Min, Prefetch, Q, QuerySet

from booking.models import Booking, Counsellor, Participant
from booking.models.bookings import Kind, State
from booking.queries.people import of_person
from booking.queries.situation import situation
from booking.rules import immediate
from booking.rules.calendar import tokyo_date
from booking.rules.immediate import Standing, Watch
from booking.rules.slots import Situation
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


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many requests wait, and until when the first of them does."""

    count: int
    until: datetime | None


def standing_now(*, now: datetime) -> Standing:
    """Whether immediate sessions are taken at this moment, by whom, and when again. Three queries."""
    seen, counsellors = _seen(now)
    return immediate.standing(seen, _switches(counsellors), waiting=waiting_in_short(now=now).count)


def watch_now(*, now: datetime) -> tuple[Standing, list[tuple[Counsellor, Watch]]]:
    """The same, and each counsellor's watch beside it. Three queries."""
    seen, counsellors = _seen(now)
    switches, rows = _switches(counsellors), {row.pk: row for row in counsellors}
    return immediate.standing(seen, switches, waiting=waiting_in_short(now=now).count), [
        (rows[each.counsellor], each) for each in immediate.watches(seen, switches) if each.counsellor in rows
    ]


def _seen(now: datetime) -> tuple[Situation, Sequence[Counsellor]]:
    today = tokyo_date(now)
    return situation(today, today, now=now), list(Counsellor.objects.filter(is_active=True))


def _switches(counsellors: Sequence[Counsellor]) -> dict[int, datetime | None]:
    return {row.pk: row.standby_since for row in counsellors}


def bar_of(person: Person, *, now: datetime) -> Bar | None:
    """What keeps this person (the surviving row) from an immediate session; None where nothing does (C2-1d, C6-2-1b, C6-2-2, C6-2-3c)."""
    version = version_in_force(COUNSELLING, now=now)
    if version is None:
        return Bar.NO_TERMS
    if restriction_of([person.pk], on=tokyo_date(now)):
        return Bar.RESTRICTED
    if not (person.is_known and person.registered_phone):
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


def waiting_in_short(*, now: datetime) -> Waiting:
    """What the other pages tell of the requests that wait. One query."""
    found = waiting_immediate(now=now).aggregate(count=Count("pk"), until=Min("answer_by"))
    return Waiting(found["count"], found["until"])


def immediate_under_way() -> QuerySet[Booking]:
    """Accepted sessions whose end nobody has recorded, the earliest first."""
    return _immediate().filter(state=State.CONFIRMED).order_by("starts_at", "pk")


def session_with_people(booking_id: int) -> Booking | None:
    """An immediate session or an interview with everybody in it and what was told to whom; None for a reservation. Three queries."""
    return _with_people(Booking.objects.exclude(kind=Kind.RESERVED)).filter(pk=booking_id).first()


def _immediate() -> QuerySet[Booking]:
    return _with_people(Booking.objects.filter(kind=Kind.AD_HOC))


def _with_people(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    people = Participant.objects.select_related("person__establishment", "person__merged_into__establishment", "identity_checked_by")
    told = people.prefetch_related("code_deliveries__by").order_by("pk")
    rows = rows.select_related(
        "applicant__establishment", "applicant__merged_into", "counsellor__user", "host", "meeting", "employer_request"
    )
    return rows.prefetch_related(Prefetch("participants", told))
