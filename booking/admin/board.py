"""The day as staff see it: the grid, the next session, the clocks that run, and what was left open."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from booking.admin.rows import Gathering, Row, gatherings, rows
from booking.models import Booking, Counsellor, Hold, Meeting
from booking.models.bookings import State
from booking.operations.no_contact import doubts_of
from booking.queries import failed_mails, unclosed_before
from booking.queries.day import DaySheet, day_sheet
from booking.rules.board import Vacancy
from booking.rules.calendar import Calendar, tokyo_date
from booking.rules.lifecycle import Doubt
from booking.rules.seminars import OCCUPYING
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

MOST_FAILURES = 50


@dataclass(frozen=True, slots=True)
class Seat:
    """One counsellor at one start: who comes, who asked for it, or how the counsellor stands."""

    counsellor: Counsellor
    sessions: Sequence[Row]
    tentative: Sequence[Booking]
    seminars: Sequence[Gathering]
    vacancy: Vacancy | None

    @property
    def goes_on(self) -> bool:
        """Whether all that is here is the rest of what began under an earlier start, as immediate ones, interviews and seminars do."""
        return self.vacancy is Vacancy.TAKEN and not (self.sessions or self.tentative or self.seminars)


@dataclass(frozen=True, slots=True)
class Line:
    """One start of the day. ``is_now``: its session would be running."""

    start: datetime
    seats: Sequence[Seat]
    is_now: bool


@dataclass(frozen=True, slots=True)
class Board:
    """The grid of one day."""

    now: datetime
    sheet: DaySheet
    lines: Sequence[Line]
    sessions: Sequence[Row]
    seminars: Sequence[Gathering]
    previous_day: date | None
    next_day: date | None

    @property
    def is_today(self) -> bool:
        return self.sheet.day.date == tokyo_date(self.now)

    @property
    def at_hand(self) -> list[Row]:
        """Sessions that begin in a few minutes or have begun, are not over, and still have no outcome: those that can be entered, or phoned."""
        return [row for row in self.sessions if row.is_at_hand]

    @property
    def given(self) -> list[Gathering]:
        """The seminars of the day that are not over."""
        return [each for each in self.seminars if each.seminar.rule_state in OCCUPYING and not each.is_over]

    def next_up(self, counsellor: Counsellor | None) -> Row | None:
        """The session that runs or comes next for this counsellor; for anybody where None."""
        ours = (row for row in self.sessions if counsellor is None or row.booking.counsellor_id == counsellor.pk)
        return next((row for row in ours if row.booking.state == State.CONFIRMED and not row.is_over), None)


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What was left open: sessions without an outcome, mails and meetings that were given up, meetings that only people can delete."""

    unclosed: Sequence[Row]
    mails: Sequence[OutgoingMail]
    meetings: Sequence[Meeting]
    by_hand: Sequence[Meeting]


def board(day: date, *, now: datetime) -> Board:
    """The day at this moment."""
    sheet = day_sheet(day, now=now)
    sessions = rows(sheet.sessions, sheet.policy, now=now, doubts=_doubts(sheet, now))
    seminars = gatherings(sheet.seminars, sheet.policy, now=now)
    before, after = _neighbours(sheet.calendar, day)
    return Board(now, sheet, _lines(sheet, sessions, seminars, now), sessions, seminars, before, after)


def left_over(today: Board, *, now: datetime) -> LeftOver:
    """The lists below the grid: earlier days first, then what ended today."""
    earlier = rows(unclosed_before(tokyo_date(now)), today.sheet.policy, now=now)
    ended = [row for row in today.sessions if row.booking.state == State.CONFIRMED and row.is_over]
    left = Q(outbox_state=OutboxState.FAILED) | Q(to_delete_by_hand=True)
    found = Meeting.objects.filter(left).select_related("booking__applicant", "seminar").order_by("-pk")[:MOST_FAILURES]
    return LeftOver(
        unclosed=[*earlier, *ended],
        mails=failed_mails(now=now, most=MOST_FAILURES),
        meetings=[each for each in found if each.outbox_state == OutboxState.FAILED],
        by_hand=[each for each in found if each.to_delete_by_hand],
    )


def _doubts(sheet: DaySheet, now: datetime) -> Mapping[int, tuple[Doubt, ...]]:
    grace = timedelta(minutes=sheet.policy.no_contact_grace_minutes)
    return doubts_of([row for row in sheet.sessions if row.state == State.CONFIRMED and now >= row.starts_at + grace], now=now)


def _lines(sheet: DaySheet, sessions: Sequence[Row], seminars: Sequence[Gathering], now: datetime) -> list[Line]:
    held: dict[tuple[datetime, int], list[Row]] = defaultdict(list)
    for row in sorted(sessions, key=lambda row: row.booking.state not in {State.CONFIRMED, State.COMPLETED}):
        held[sheet.line_of(row.booking.starts_at), row.booking.counsellor_id or 0].append(row)
    given: dict[tuple[datetime, int], list[Gathering]] = defaultdict(list)
    for each in seminars:
        given[sheet.line_of(each.seminar.starts_at), each.seminar.counsellor_id].append(each)
    asked: dict[tuple[datetime, int], list[Hold]] = defaultdict(list)
    for hold in sheet.tentative:
        asked[sheet.line_of(hold.span.lower), hold.counsellor_id].append(hold)
    slot = timedelta(minutes=sheet.policy.slot_minutes)
    return [
        Line(start, [_seat(sheet, (start, each), held, asked, given) for each in sheet.counsellors], is_now=start <= now < start + slot)
        for start in sheet.starts
    ]


def _seat(
    sheet: DaySheet,
    where: tuple[datetime, Counsellor],
    held: Mapping[tuple[datetime, int], list[Row]],
    asked: Mapping[tuple[datetime, int], list[Hold]],
    given: Mapping[tuple[datetime, int], list[Gathering]],
) -> Seat:
    start, counsellor = where
    place = start, counsellor.pk
    tentative = [hold.booking for hold in asked.get(place, ()) if hold.booking]
    return Seat(counsellor, held.get(place, ()), tentative, given.get(place, ()), sheet.vacancies.get(place))


def _neighbours(calendar: Calendar, day: date) -> tuple[date | None, date | None]:
    """The open days before and after; None where the calendar knows none nearby."""
    try:
        before: date | None = calendar.previous_open_day(day)
    except ValueError:
        before = None
    try:
        after: date | None = calendar.next_open_day(day)
    except ValueError:
        after = None
    return before, after
