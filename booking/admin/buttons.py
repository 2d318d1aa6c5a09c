"""What a button of a booking is: which event, which form, which operation and what is said afterwards, and when it stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from booking.admin import forms
from booking.models import Booking
from booking.rules.calendar import tokyo_date
from booking.rules.lifecycle import Actor, Event, Kind, legal_events
from toyooka_hw.accounts.models import User

Filled = Mapping[str, Any]

RESERVED, INTERVIEWS = frozenset({Kind.RESERVED}), frozenset({Kind.INTERVIEW})
NOT_RESERVED = frozenset(Kind) - RESERVED


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed a button: who, and when by both clocks."""

    by: User
    now: datetime
    wall: datetime

    @property
    def clocks(self) -> dict[str, Any]:
        return {"now": self.now, "wall": self.wall}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One button. ``tells``: the person gets a mail about it. ``listed``: it also stands in the work list.

    ``leads_to``: the address's name of a page of its own, where the button is no single press. ``kinds``: for which sessions it is.
    ``does_of``: what it does to sessions of a kind of which ``does`` is not true. ``only``: what must hold beside the table, ``check``: the
    operation's own refusal where it does not. ``warning``: what staff should know before they press, where there is anything.
    """

    label: Any
    does: Any
    does_of: Mapping[Kind, Any] = field(default_factory=dict)
    done: Any
    act: Callable[[Booking, Filled, Press], object] = lambda _booking, _filled, _press: None
    leads_to: str = ""
    form: type[forms.ActionForm] = forms.ActionForm
    events: frozenset[Event] = frozenset()
    where: Callable[[Booking], bool] | None = None
    only: Callable[[Booking, datetime], bool] = lambda _booking, _now: True
    check: Callable[[Booking, datetime], None] = lambda _booking, _now: None
    warning: Callable[[Booking, datetime], Any] = lambda _booking, _now: ""
    kinds: frozenset[Kind] = frozenset(Kind)
    from_start: bool = False
    that_day: bool = False
    tells: bool = False
    listed: bool = False
    grave: bool = False

    def lead(self, booking: Booking) -> Any:
        """What it does to this booking."""
        return self.does_of.get(booking.rule_kind, self.does)

    def stands(self, booking: Booking, *, now: datetime) -> bool:
        """Whether staff may press it now: the table of the booking's life allows it, or a fact of the booking asks for it."""
        if booking.rule_kind not in self.kinds:
            return False
        if self.from_start and now < booking.starts_at:
            return False
        if self.that_day and tokyo_date(now) != tokyo_date(booking.starts_at):
            return False
        legal = legal_events(booking.rule_kind, booking.rule_state, Actor.STAFF)
        fits = not self.events.isdisjoint(legal) or (self.where is not None and self.where(booking))
        return fits and self.only(booking, now)


def why(filled: Filled) -> dict[str, Any]:
    """The reason, and what was on the screen when it was given."""
    return {"reason": filled["reason"], "seen": filled["seen"]}
