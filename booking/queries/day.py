"""A day and a week as the staff's boards show them. The number of queries depends on neither rows nor counsellors."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from booking.models import Booking, Counsellor, Hold, Seminar
from booking.models.bookings import State
from booking.queries.lists import on_day
from booking.queries.seminars import seminars_between
from booking.queries.situation import situation
from booking.rules.board import Vacancy, vacancies
from booking.rules.calendar import ONE_DAY, Calendar, Day, tokyo, tokyo_date
from booking.rules.policy import Policy
from booking.rules.slots import span_of, starts_on

TENTATIVE = (State.REQUESTED, State.PROPOSED)
SETTLED = (State.CONFIRMED, State.COMPLETED)


@dataclass(frozen=True, slots=True)
class DaySheet:
    """One day: who counsels, who comes when, what is asked for, and what is free."""

    day: Day
    policy: Policy
    calendar: Calendar
    counsellors: Sequence[Counsellor]
    sessions: Sequence[Booking]
    tentative: Sequence[Hold]
    seminars: Sequence[Seminar]
    vacancies: Mapping[tuple[datetime, int], Vacancy]

    @property
    def usual(self) -> Sequence[datetime]:
        """The ten starts of reservations."""
        return starts_on(self.day.date, self.policy)

    @property
    def starts(self) -> list[datetime]:
        """The starts of the day, and whatever begins where none of them covers it, in order."""
        actual = [booking.starts_at for booking in self.sessions] + [hold.span.lower for hold in self.tentative]
        actual += [seminar.starts_at for seminar in self.seminars]
        return sorted({*self.usual, *map(self.line_of, actual)})

    def line_of(self, moment: datetime) -> datetime:
        """The start under which whatever begins at this moment stands: immediate sessions and interviews begin at any minute."""
        return next((start for start in self.usual if span_of(start, self.policy).contains(moment)), moment)


@dataclass(frozen=True, slots=True)
class Tally:
    """One counsellor's day in numbers."""

    settled: int
    tentative: int
    seminars: int
    free: int


@dataclass(frozen=True, slots=True)
class WeekSheet:
    """The open weekdays of a week, the tally of each counsellor on each of them, and the week's seminars."""

    days: Sequence[Day]
    counsellors: Sequence[Counsellor]
    seminars: Sequence[Seminar]
    tallies: Mapping[tuple[int, date], Tally]

    @property
    def lines(self) -> list[tuple[Counsellor, list[tuple[Day, Tally]]]]:
        """Each counsellor with their days."""
        return [(each, [(day, self.tallies[each.pk, day.date]) for day in self.days]) for each in self.counsellors]


def day_sheet(day: date, *, now: datetime) -> DaySheet:
    """Everything of one Tokyo day. Eight queries."""
    seen = situation(day, day, now=now)
    sessions = list(on_day(day))
    tentative = list(tentative_between(day, day).select_related("booking__applicant").order_by("span", "pk"))
    seminars = list(seminars_between(day, day))
    busy = {row.counsellor_id for row in sessions} | {hold.counsellor_id for hold in tentative} | {row.counsellor_id for row in seminars}
    counsellors = _counsellors(busy)
    return DaySheet(seen.calendar.day(day), seen.policy, seen.calendar, counsellors, sessions, tentative, seminars, vacancies(day, seen))


def week_sheet(day: date, *, now: datetime) -> WeekSheet:
    """The week of this day. Five queries."""
    first, last = week_of(day)
    seen = situation(first, last, now=now)
    days = [seen.calendar.day(first + timedelta(days=offset)) for offset in range(7)]
    settled = Booking.objects.filter(state__in=SETTLED, **_starting_between(first, last)).values_list("counsellor_id", "starts_at")
    asked = tentative_between(first, last).values_list("counsellor_id", "span")
    held = Counter((counsellor, tokyo_date(start)) for counsellor, start in settled)
    wished = Counter((counsellor, tokyo_date(span.lower)) for counsellor, span in asked)
    seminars = list(seminars_between(first, last))
    given = Counter((row.counsellor_id, tokyo_date(row.starts_at)) for row in seminars)
    counsellors = _counsellors({pk for pk, _day in (*held, *wished, *given)})
    free = Counter((pk, each.date) for each in days for (_start, pk), state in vacancies(each.date, seen).items() if state is Vacancy.FREE)
    tallies = {
        (row.pk, each.date): Tally(*(counted[row.pk, each.date] for counted in (held, wished, given, free)))
        for row in counsellors
        for each in days
    }
    return WeekSheet([each for each in days if each.is_open or each.date.weekday() < 5], counsellors, seminars, tallies)


def week_of(day: date) -> tuple[date, date]:
    """The Monday and the Sunday around this day."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def tentative_between(first: date, last: date) -> QuerySet[Hold]:
    """Places held for requests and proposals that begin on these Tokyo days."""
    begin, end = tokyo(first, time()), tokyo(last + ONE_DAY, time())
    # what begins then also ends after its beginning, and the index is by the end
    return Hold.objects.filter(
        booking__state__in=TENTATIVE, span__startswith__gte=begin, span__startswith__lt=end, span__endswith__gt=begin
    )


def _starting_between(first: date, last: date) -> dict[str, datetime]:
    return {"starts_at__gte": tokyo(first, time()), "starts_at__lt": tokyo(last + ONE_DAY, time())}


def _counsellors(busy: set[int | None]) -> list[Counsellor]:
    """Whoever counsels now, and whoever has something on these days all the same."""
    return list(Counsellor.objects.filter(Q(is_active=True) | Q(pk__in=busy - {None})).order_by("pk"))
