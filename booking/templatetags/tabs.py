"""What the staff's own pages share: the tabs of the day's work. Loaded with ``{% load tabs %}``."""

from dataclasses import dataclass

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

# The address's name within the admin and the words; a page that is not there yet has no tab.
TABS: tuple[tuple[str, Promise], ...] = (
    ("booking_today", _("今日")),
    ("booking_week", _("週")),
    ("booking_inbox", _("受付")),
    ("booking_readiness", _("明日")),
    ("booking_calls", _("電話リスト")),
    ("booking_closing", _("日締め")),
)


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


def _address(name: str) -> str:
    try:
        return reverse(f"admin:{name}")
    except NoReverseMatch:
        return ""
