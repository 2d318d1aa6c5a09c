"""What waits in the inbox, and what the portal knows of the people who wait. The number of queries never depends on the number of rows."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from booking.models import Booking, ContactRecord, Participant
from booking.models.bookings import Kind, State
from booking.queries.people import no_contact_counts
from booking.rules.calendar import tokyo_date
from consent.models import Consent, ConsentWithdrawal
from consent.queries import COUNSELLING, latest, unrecorded
from toyooka_hw.accounts.models import Person, UsageRestriction
from toyooka_hw.accounts.queries import Duplicate, duplicates_of, restriction_of

RECENT = timedelta(days=60)
CAME = (State.REQUESTED, State.PROPOSED, State.CONFIRMED, State.COMPLETED)


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record about some people, by the id of their row (of a merged one, the survivor's)."""

    held: dict[int, int]
    no_contact: dict[int, int]
    duplicates: dict[int, list[Duplicate]]
    restrictions: dict[int, UsageRestriction]


def waiting() -> QuerySet[Booking]:
    """Requests for reservations and proposals in the order in which they must be answered."""
    return _shown().filter(state__in=[State.REQUESTED, State.PROPOSED], kind=Kind.RESERVED).order_by("answer_by", "starts_at", "pk")


def noticed(*, now: datetime) -> QuerySet[Booking]:
    """Confirmed sessions still to come of whose people something was heard that nobody has answered: the last word since the
    confirmation came online (A6), or somebody in it took their consent back and has not given it again (A18)."""
    said = ContactRecord.objects.filter(booking=OuterRef("pk"), at__gte=OuterRef("confirmed_at"))
    unwilling = _unwilling().filter(booking=OuterRef("pk")).order_by("-taken_back")
    rows = _shown().annotate(
        last_channel=Subquery(said.order_by("-at", "-pk").values("channel")[:1]), taken_back=Subquery(unwilling.values("taken_back")[:1])
    )
    unanswered = Q(last_channel=ContactRecord.Channel.ONLINE) | Q(taken_back__isnull=False)
    return rows.filter(unanswered, state=State.CONFIRMED, ends_at__gt=now).order_by("starts_at", "pk")


def _unwilling() -> QuerySet[Any]:
    """Whoever takes part in something and has taken their consent back since they last gave it."""
    theirs = (Q(person=OuterRef("person")), Q(person__merged_into=OuterRef("person")), Q(person=OuterRef("person__merged_into")))
    return Participant.objects.annotate(
        agreed=latest(Consent.objects.filter(version__document__code=COUNSELLING, agreed=True), "agreed_at", theirs),
        taken_back=latest(ConsentWithdrawal.objects.filter(document__code=COUNSELLING), "withdrawn_at", theirs),
    ).filter(taken_back__gte=F("agreed"))


def expired(*, now: datetime) -> QuerySet[Booking]:
    """Requests that expired while their time is still ahead: an exception may save them (A2)."""
    return _shown().filter(state=State.EXPIRED, kind=Kind.RESERVED, starts_at__gt=now).order_by("starts_at", "pk")


def to_be_recorded(*, now: datetime) -> QuerySet[Person]:
    """People whose consent stands and is not, or not as it stands now, recorded in the ministry's system (C6-2-1b, C6-2-2, A4): who agreed
    lately, wherever that was, and who came lately or will under an older consent."""
    sessions = Participant.objects.filter(booking__state__in=CAME, booking__starts_at__gte=now - RECENT)
    consents = Consent.objects.filter(version__document__code=COUNSELLING, agreed=True, based_on=None, agreed_at__gte=now - RECENT)
    came, agreed = _theirs(sessions, "person"), _theirs(consents, "person")
    stands = Q(withdrawn=None, agreed__isnull=False) | Q(agreed__gt=F("withdrawn"))
    return unrecorded(COUNSELLING).filter(came | agreed, stands, merged_into=None).order_by("pk")


def known_of(bookings: Iterable[Booking], *, now: datetime) -> Known:
    """What is on record about the people of these bookings. Four queries."""
    people = {person.pk: person for person in map(person_of, bookings)}
    return Known(
        held=_held(people),
        no_contact=no_contact_counts(people),
        duplicates=duplicates_of(people.values()),
        restrictions=restriction_of(people, on=tokyo_date(now)),
    )


def person_of(booking: Booking) -> Person:
    """Who asks: of a row that was merged into another, that other one."""
    return booking.applicant.merged_into or booking.applicant


def _held(person_ids: Collection[int]) -> dict[int, int]:
    """How many sessions each of these people has had."""
    theirs = Q(applicant__in=person_ids) | Q(applicant__merged_into__in=person_ids)
    rows = Booking.objects.filter(theirs, state=State.COMPLETED).values_list("applicant", "applicant__merged_into")
    return dict(Counter(pk for pair in rows for pk in pair if pk is not None and pk in person_ids))


def _shown() -> QuerySet[Booking]:
    return Booking.objects.select_related("applicant__merged_into", "counsellor", "meeting").prefetch_related("contacts", "holds")


def _theirs(rows: QuerySet[Any], whose: str) -> Q:
    """People of whom there is such a row, or of a row that was merged into them."""
    merged = rows.exclude(**{f"{whose}__merged_into": None})
    return Q(pk__in=rows.values(whose)) | Q(pk__in=merged.values(f"{whose}__merged_into"))
