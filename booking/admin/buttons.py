"""What a button is: which event, which form, which operation and what is said afterwards, and when it stands; and the page behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django import forms as django_forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from booking.admin import forms
from booking.admin.refusals import OVERTAKEN, REFUSALS, told
from booking.models import Booking, Registration, Seminar
from booking.operations.press import Press
from booking.rules.calendar import tokyo_date
from booking.rules.lifecycle import Actor, Event, Kind, legal_events
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import action_page

Filled = Mapping[str, Any]
Row = TypeVar("Row", Booking, Seminar, Registration)

RESERVED, INTERVIEWS = frozenset({Kind.RESERVED}), frozenset({Kind.INTERVIEW})
NOT_RESERVED = frozenset(Kind) - RESERVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Button(Generic[Row]):
    """One button of a row. ``tells``: people get a mail about it.

    ``leads_to``: the address's name of a page of its own, where the button is no single press.
    """

    label: Any
    does: Any
    done: Any = ""
    act: Callable[[Row, Filled, Press], object] = lambda _row, _filled, _press: None
    leads_to: str = ""
    form: type[django_forms.Form]
    tells: bool = False
    grave: bool = False

    def lead(self, row: Row) -> Any:
        """What it does to this row."""
        return self.does

    def said(self, *, by_mail: bool) -> str:
        """What was done, and whether somebody still has to be told by phone."""
        if not self.tells:
            return str(self.done)
        return f"{self.done}{_('メールでお知らせします。') if by_mail else _('メールアドレスがないため、電話でお知らせください。')}"

    def stands(self, row: Row, *, now: datetime) -> bool:
        """Whether staff may press it now: the table of the row's life allows it, or a fact asks for it."""
        raise NotImplementedError


def press_page(
    request: HttpRequest, button: Button[Row], row: Row, form: django_forms.Form, *, now: datetime, back: str, said: str, **page: Any
) -> HttpResponse:
    """The page of one button: GET shows what it does and its form, POST does the one operation. ``said``: once it is done."""
    if form.is_valid():
        try:
            button.act(row, form.cleaned_data, Press(staff_of(request), now, clock.wall(), form.cleaned_data.get("seen")))
        except OVERTAKEN as refusal:
            return too_late(request, row, refusal, back)
        except REFUSALS as refusal:
            form.add_error(None, told(refusal))
        else:
            messages.success(request, said)
            return redirect(back)
    words = {"title": button.label, "submit": button.label, "lead": button.lead(row), "grave": button.grave}
    return action_page(request, admin.site, form=form, back=back, **words, **page)


def too_late(request: HttpRequest, row: Row, refusal: Exception, back: str) -> HttpResponse:
    """Somebody else was faster: to where the row stands as it is now."""
    messages.error(request, f"{row.number}：{told(refusal)}")
    return redirect(back)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Button[Booking]):
    """One button of a booking. ``listed``: it also stands in the work list. ``kinds``: for which sessions it is.

    ``does_of``: what it does to sessions of a kind of which ``does`` is not true. ``only``: what must hold beside the table, ``check``: the
    operation's own refusal where it does not. ``warning``: what staff should know before they press, where there is anything.
    """

    does_of: Mapping[Kind, Any] = field(default_factory=dict)
    form: type[forms.ActionForm] = forms.ActionForm
    events: frozenset[Event] = frozenset()
    where: Callable[[Booking], bool] | None = None
    only: Callable[[Booking, datetime], bool] = lambda _booking, _now: True
    check: Callable[[Booking, datetime], None] = lambda _booking, _now: None
    warning: Callable[[Booking, datetime], Any] = lambda _booking, _now: ""
    kinds: frozenset[Kind] = frozenset(Kind)
    from_start: bool = False
    that_day: bool = False
    listed: bool = False

    def lead(self, row: Booking) -> Any:
        return self.does_of.get(row.rule_kind, self.does)

    def stands(self, row: Booking, *, now: datetime) -> bool:
        if row.rule_kind not in self.kinds:
            return False
        if self.from_start and now < row.starts_at:
            return False
        if self.that_day and tokyo_date(now) != tokyo_date(row.starts_at):
            return False
        legal = legal_events(row.rule_kind, row.rule_state, Actor.STAFF)
        fits = not self.events.isdisjoint(legal) or (self.where is not None and self.where(row))
        return fits and self.only(row, now)


def why(filled: Filled) -> dict[str, Any]:
    """The reason, and what was on the screen when it was given."""
    return {"reason": filled["reason"], "seen": filled["seen"]}
