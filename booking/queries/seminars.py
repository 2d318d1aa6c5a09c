"""Seminars as the office's pages show them: with their seats counted, on the days on which they are, and whom no mail reaches."""

from datetime import date, datetime, time

from django.db.models import Count, Q, QuerySet

from booking.models import Registration, Seminar
from booking.models.seminars import MAIL_PREFIX
from booking.queries.calls import DELIVERY_OF
from booking.queries.situation import LOOK_BACK
from booking.queries.unreachable import LOST_FOR
from booking.rules.calendar import ONE_DAY, tokyo
from booking.rules.calls import Delivery
from booking.rules.seminars import OCCUPYING, OPEN_SEATS, TAKING, Seat, State
from toyooka_hw.accounts.models import Establishment, Person
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.queries import FATE, lost_addresses

SHOWN_ON_BOARDS = OCCUPYING | {State.HELD, State.ENDED_EARLY}


def with_counts(seminars: QuerySet[Seminar]) -> QuerySet[Seminar]:
    """Each with the seats that are ``taken``, how many wait (``waiting``), how many came (``attended``), and of how many with a seat nobody
    has said whether they came (``unwritten``). No query of its own.
    """
    unwritten = Q(registrations__seat=Seat.SEATED.value, registrations__attendance="")
    return seminars.annotate(
        taken=Count("registrations", filter=Q(registrations__seat__in=[seat.value for seat in TAKING])),
        waiting=Count("registrations", filter=Q(registrations__seat=Seat.WAITING.value)),
        attended=Count("registrations", filter=Q(registrations__attendance=Registration.Attendance.ATTENDED)),
        unwritten=Count("registrations", filter=unwritten),
    )


def seminars_between(first: date, last: date) -> QuerySet[Seminar]:
    """What is, or was, held on these Tokyo days, both included. One query."""
    begin, end = tokyo(first, time()), tokyo(last + ONE_DAY, time())
    shown = Seminar.objects.filter(starts_at__gte=begin, starts_at__lt=end, state__in=[state.value for state in SHOWN_ON_BOARDS])
    return with_counts(shown).select_related("counsellor", "host", "meeting").order_by("starts_at", "counsellor_id", "pk")


def seminars_to_close(*, now: datetime) -> QuerySet[Seminar]:
    """What is over, of the last 60 days, and was neither closed nor ended with everybody's attendance, the oldest first. One query."""
    over = with_counts(Seminar.objects.filter(ends_at__lte=now, starts_at__gte=now - LOOK_BACK)).select_related("counsellor")
    open_still = Q(state__in=[state.value for state in OCCUPYING]) | Q(state=State.ENDED_EARLY.value, unwritten__gt=0)
    return over.filter(open_still).order_by("starts_at", "pk")


def seminars_with(establishment: Establishment) -> QuerySet[Seminar]:
    """What the establishment's contacts give, or gave, with the office, the latest first; those included who were merged into one. One query."""
    theirs = Q(partners__contact__establishment=establishment) | Q(partners__contact__merged_into__establishment=establishment)
    ids = Seminar.objects.filter(theirs).values("pk")
    return with_counts(Seminar.objects.filter(pk__in=ids)).order_by("-starts_at", "-pk")


def registrations_for(seminar: Seminar) -> list[Registration]:
    """Everybody who ever registered, in the order in which they came. One query."""
    rows = seminar.registrations.select_related("person__merged_into", "by_staff", "removed_by").order_by("pk")
    for row in (found := list(rows)):
        row.seminar = seminar
    return found


def unreached(seminar: Seminar, *, now: datetime) -> list[tuple[str, Person]]:
    """Whom no mail reaches, of those with an open registration and of those who give it with the office: no address, or one that
    took none of late. Each with the number they have. Three queries.
    """
    seats = [seat.value for seat in OPEN_SEATS]
    rows = seminar.registrations.filter(seat__in=seats).select_related("person__merged_into").order_by("pk")
    people = [(row.number, row.reader) for row in rows]
    people += [(seminar.number, partner.reader) for partner in seminar.partners.select_related("contact__merged_into").order_by("pk")]
    lost = set(lost_addresses(since=now - LOST_FOR).values_list("to", flat=True))
    return [(number, person) for number, person in people if not person.email or person.email in lost]


def latest_mails(seminar: Seminar) -> dict[str, Delivery]:
    """How far the latest mail about the seminar has come, by registration. One query."""
    prefix = f"{MAIL_PREFIX}{seminar.pk}:"
    mails = OutgoingMail.objects.filter(key__startswith=prefix).annotate(fate=FATE).order_by("pk").values_list("key", "fate")
    return {key.removeprefix(prefix).partition(":")[0]: DELIVERY_OF.get(fate, Delivery.WAITING) for key, fate in mails}
