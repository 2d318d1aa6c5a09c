"""The grid of starts as the page draws it, a week at a time.

Gathering and judging happen only where the page is drawn anew: the template keeps what it drew under the grid's key.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from hashlib import sha256
from itertools import groupby

from booking.queries import facts, policy_at, situation_of
from booking.rules import slots as rule
from booking.rules.calendar import ONE_DAY, Day, tokyo_date
from booking.rules.policy import Policy
from booking.rules.slots import Applicant, Mark, Offer

BOOKABLE = (Mark.FREE, Mark.FEW)
DayOffers = tuple[Day, tuple[Offer, ...]]


@dataclass(frozen=True)
class Week:
    """A calendar week of the grid, as far as it lies within the horizon; ``judge`` is asked of a day only when somebody wants to know."""

    dates: list[date]
    judge: Callable[[date], DayOffers]

    @property
    def first(self) -> date:
        return self.dates[0]

    @property
    def last(self) -> date:
        return self.dates[-1]

    @cached_property
    def days(self) -> list[DayOffers]:
        return [self.judge(day) for day in self.dates]

    @cached_property
    def has_free(self) -> bool:
        """Whether any start can be chosen: one that can is enough to know."""
        return any(offer.mark in BOOKABLE for day in self.dates for offer in self.judge(day)[1])


@dataclass(frozen=True)
class Grid:
    """Today and all days within the horizon. ``facts``: what the situation rests on; ``asked``: days whose week is wished for, the first first."""

    facts: str
    policy: Policy
    applicant: Applicant
    asked: Sequence[date]
    now: datetime

    @cached_property
    def key(self) -> str:
        """The same for all grids that look the same."""
        seen = (self.facts, self.applicant, self.asked, rule.turns(self.now, self.policy))
        return sha256(repr(seen).encode()).hexdigest()

    @cached_property
    def weeks(self) -> list[Week]:
        days = [tokyo_date(self.now) + ONE_DAY * offset for offset in range(self.policy.horizon_days + 1)]
        seen = situation_of(self.facts, days[0], days[-1], now=self.now)

        @cache
        def judge(day: date) -> DayOffers:
            return rule.offers([day], seen, applicant=self.applicant)[0]

        return [Week(list(dates), judge) for _monday_of_them, dates in groupby(days, _monday)]

    @cached_property
    def week(self) -> Week:
        """The week that was asked for, the first with a free place, or simply the first."""
        found = [week for day in self.asked for week in self.weeks if _monday(week.first) == _monday(day)]
        return next(iter(found), None) or next((week for week in self.weeks if week.has_free), self.weeks[0])


def grid_of(applicant: Applicant, asked: Sequence[date], *, now: datetime) -> Grid:
    """What this applicant is offered at this moment. Two queries."""
    policy, today = policy_at(now), tokyo_date(now)
    return Grid(facts(today, today + ONE_DAY * policy.horizon_days, now=now), policy, applicant, asked, now)


def _monday(day: date) -> date:
    return day - ONE_DAY * day.weekday()
