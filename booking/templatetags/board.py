"""What the staff's boards say with: the tabs of the day's work, and states in a word that fits a cell. Loaded with ``{% load board %}``."""

from dataclasses import dataclass

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.models import Meeting
from booking.models.bookings import Kind, State
from booking.troubles import MEETING_STEPS, why_of

register = template.Library()

# The address's name within the admin and the words; a page that is not there yet has no tab.
TABS: tuple[tuple[str, Promise], ...] = (
    ("booking_today", _("今日")),
    ("booking_week", _("週")),
    ("booking_desk", _("いますぐ")),
    ("booking_inbox", _("受付")),
    ("booking_employer_requests", _("求人者")),
    ("booking_readiness", _("明日")),
    ("booking_calls", _("電話リスト")),
    ("booking_closing", _("日締め")),
)
# Where a whole word would not fit.
SHORT_STATES: dict[str, Promise] = {
    State.REQUESTED: _("申込"),
    State.PROPOSED: _("提案中"),
    State.CONFIRMED: _("確定"),
    State.COMPLETED: _("実施済"),
    State.CANCELLED_BY_USER: _("連絡ありキャンセル"),
    State.CANCELLED_NO_CONTACT: _("連絡なし"),
    State.CANCELLED_BY_OFFICE: _("中止"),
    State.STOPPED: _("途中で中止"),
}
SHORT_KINDS: dict[str, Promise] = {Kind.AD_HOC: _("いますぐ"), Kind.INTERVIEW: _("面接")}


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of the bar."""

    label: Promise
    address: str
    is_current: bool


@register.simple_tag(takes_context=True)
def work_tabs(context: Context) -> list[Tab]:
    """The pages of the day's work, in the order of the day."""
    match = getattr(context.get("request"), "resolver_match", None)
    here = match.url_name if match else ""
    return [Tab(label, address, name == here) for name, label in TABS if (address := _address(name))]


@register.filter
def state_short(state: str) -> Promise:
    """The state of a session in a word that fits a cell of the grid."""
    return SHORT_STATES[state]


@register.filter
def kind_short(kind: str) -> Promise | str:
    """The kind of a session that nobody reserved; of a reservation there is nothing to say."""
    return SHORT_KINDS.get(kind, "")


@register.filter
def trouble(meeting: Meeting) -> str:
    """What keeps this meeting, in words."""
    return why_of(meeting)


@register.filter
def trouble_step(meeting: Meeting) -> Promise | str:
    """What staff do about it."""
    return MEETING_STEPS.get(meeting.trouble, "")


def _address(name: str) -> str:
    try:
        return reverse(f"admin:{name}")
    except NoReverseMatch:
        return ""
