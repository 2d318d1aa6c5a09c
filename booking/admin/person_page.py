"""Everything the office knows about one person, gathered for one page. The number of queries does not depend on how much there is."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from booking.models import Booking, ContactRecord, Participant, Registration
from booking.models.bookings import Eligibility, State
from booking.queries import no_contact_counts
from booking.rules.calendar import tokyo_date
from consent.models import Consent, ConsentWithdrawal, MinistryRecord
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person, UsageRestriction
from toyooka_hw.accounts.queries import Duplicate, duplicates_of, restriction_of
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

PER_PAGE = 20
MOST = 30  # of each of the other lists; their own pages have the rest


@dataclass(frozen=True, slots=True)
class Counters:
    """What happened so far. ``no_contact``: only those that count (day closed, the person's own cause)."""

    bookings: int
    held: int
    no_contact: int
    to_switch: bool


@dataclass(frozen=True, slots=True)
class PersonPage:
    """What the template shows; lists that somebody may not see are empty, and not asked for."""

    merged: list[Person]
    bookings: Page[Booking]
    counters: Counters
    contacts: list[ContactRecord]
    consents: list[Consent]
    withdrawals: list[ConsentWithdrawal]
    records: list[MinistryRecord]
    mails: list[OutgoingMail]
    restrictions: list[UsageRestriction]
    restriction: UsageRestriction | None
    duplicates: list[Duplicate]
    registrations: list[Registration]
    audit: list[AuditEntry]


def person_page(request: HttpRequest, person: Person) -> PersonPage:
    """The page of this person, rows that were merged into theirs included."""
    merged = list(person.merged.order_by("pk"))
    rows = [person, *merged]
    ids = [row.pk for row in rows]
    theirs = Q(person__in=ids)
    takes_part = Exists(Participant.objects.filter(booking=OuterRef("pk"), person__in=ids))
    bookings = Booking.objects.filter(Q(applicant__in=ids) | Q(takes_part))
    addresses = [row.email for row in rows if row.email]
    sees = Seen(request)
    return PersonPage(
        merged=merged,
        bookings=Paginator(bookings.select_related("counsellor").order_by("-starts_at", "-pk"), PER_PAGE).get_page(request.GET.get("page")),
        counters=_counters(person, bookings),
        contacts=list(
            ContactRecord.objects.filter(booking__applicant__in=ids).select_related("booking", "recorded_by").order_by("-at", "-pk")[:MOST]
        ),
        consents=sees(
            "consent.view_consent",
            Consent.objects.filter(theirs).select_related("version__document", "recorded_by").order_by("-agreed_at", "-pk"),
        ),
        withdrawals=sees(
            "consent.view_consentwithdrawal",
            ConsentWithdrawal.objects.filter(theirs).select_related("document", "recorded_by").order_by("-withdrawn_at", "-pk"),
        ),
        records=sees(
            "consent.view_ministryrecord",
            MinistryRecord.objects.filter(theirs).select_related("document", "recorded_by").order_by("-recorded_at", "-pk"),
        ),
        mails=sees("mail.view_outgoingmail", OutgoingMail.objects.filter(to__in=addresses).order_by("-written_at", "-pk")),
        restrictions=sees(
            "accounts.view_usagerestriction", UsageRestriction.objects.filter(theirs).select_related("decided_by", "lifted_by")
        ),
        restriction=restriction_of([person.pk], on=tokyo_date(clock.now())).get(person.pk),
        duplicates=duplicates_of([person]).get(person.pk, []),
        registrations=sees("booking.view_registration", Registration.objects.filter(theirs).select_related("seminar").order_by("-pk")),
        audit=sees("audit.view_auditentry", AuditEntry.objects.filter(person_pk__in=ids).select_related("by")),
    )


class Seen:
    """Lists for whoever asks: nothing is read that they may not see."""

    def __init__(self, request: HttpRequest) -> None:
        self.user = request.user

    def __call__(self, permission: str, rows: QuerySet[Any]) -> list[Any]:
        return list(rows[:MOST]) if self.user.has_perm(permission) else []


def _counters(person: Person, bookings: QuerySet[Booking]) -> Counters:
    found = list(bookings.values_list("state", "eligibility"))
    states = Counter(state for state, _eligibility in found)
    return Counters(
        bookings=len(found),
        held=states[State.COMPLETED],
        no_contact=no_contact_counts([person.pk]).get(person.pk, 0),
        to_switch=person.switched_at is None and any(eligibility == Eligibility.TO_SWITCH for _state, eligibility in found),
    )
