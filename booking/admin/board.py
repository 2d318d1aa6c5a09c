"""The day as staff see it: the grid, the next session, the clocks that run, and what was left open."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from booking.admin.rows import Row, rows
from booking.models import Booking, Counsellor, Hold, Meeting
from booking.models.bookings import State
from booking.operations.no_contact import doubts_of
from booking.queries import failed_mails, unclosed_before
from booking.queries.day import DaySheet, day_sheet
from booking.rules.board import Vacancy
from booking.rules.calendar import Calendar, tokyo_date
from booking.rules.lifecycle import Doubt
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

MOST_FAILURES = 50


@dataclass(frozen=True, slots=True)
class Seat:
    """One counsellor at one start: who comes, who asked for it, or how the counsellor stands."""

    counsellor: Counsellor
    sessions: Sequence[Row]
    tentative: Sequence[Booking]
    vacancy: Vacancy | None

    @property
    def goes_on(self) -> bool:
        """Whether all that is here is the rest of a session that began under an earlier start, as immediate ones and interviews do."""
        return self.vacancy is Vacancy.TAKEN and not self.sessions and not self.tentative


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
    previous_day: date | None
    next_day: date | None

    @property
    def is_today(self) -> bool:
        return self.sheet.day.date == tokyo_date(self.now)

    @property
    def at_hand(self) -> list[Row]:
        """Sessions that begin in a few minutes or have begun, are not over, and still have no outcome: those that can be entered, or phoned."""
        return [row for row in self.sessions if row.is_at_hand]

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
    before, after = _neighbours(sheet.calendar, day)
    return Board(now, sheet, _lines(sheet, sessions, now), sessions, before, after)


def left_over(today: Board, *, now: datetime) -> LeftOver:
    """The lists below the grid: earlier days first, then what ended today."""
    earlier = rows(unclosed_before(tokyo_date(now)), today.sheet.policy, now=now)
    ended = [row for row in today.sessions if row.booking.state == State.CONFIRMED and row.is_over]
    left = Q(outbox_state=OutboxState.FAILED) | Q(to_delete_by_hand=True)
    found = Meeting.objects.filter(left).select_related("booking__applicant").order_by("-pk")[:MOST_FAILURES]
    return LeftOver(
        unclosed=[*earlier, *ended],
        mails=failed_mails(now=now, most=MOST_FAILURES),
        meetings=[each for each in found if each.outbox_state == OutboxState.FAILED],
        by_hand=[each for each in found if each.to_delete_by_hand],
    )


def _doubts(sheet: DaySheet, now: datetime) -> Mapping[int, tuple[Doubt, ...]]:
    grace = timedelta(minutes=sheet.policy.no_contact_grace_minutes)
    return doubts_of([row for row in sheet.sessions if row.state == State.CONFIRMED and now >= row.starts_at + grace], now=now)


def _lines(sheet: DaySheet, sessions: Sequence[Row], now: datetime) -> list[Line]:
    held: dict[tuple[datetime, int], list[Row]] = defaultdict(list)
    for row in sorted(sessions, key=lambda row: row.booking.state not in {State.CONFIRMED, State.COMPLETED}):
        held[sheet.line_of(row.booking.starts_at), row.booking.counsellor_id or 0].append(row)
    asked: dict[tuple[datetime, int], list[Hold]] = defaultdict(list)
    for hold in sheet.tentative:
        asked[sheet.line_of(hold.span.lower), hold.counsellor_id].append(hold)
    slot = timedelta(minutes=sheet.policy.slot_minutes)
    return [
        Line(start, [_seat(sheet, start, each, held, asked) for each in sheet.counsellors], is_now=start <= now < start + slot)
        for start in sheet.starts
    ]


def _seat(
    sheet: DaySheet,
    start: datetime,
    counsellor: Counsellor,
    held: Mapping[tuple[datetime, int], list[Row]],
    asked: Mapping[tuple[datetime, int], list[Hold]],
) -> Seat:
    place = start, counsellor.pk
    return Seat(
        counsellor, held.get(place, ()), [hold.booking for hold in asked.get(place, ()) if hold.booking], sheet.vacancies.get(place)
    )


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
