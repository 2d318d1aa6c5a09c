"""How the values of the office's policy read: ``{% load policy %}``."""

from collections.abc import Mapping

from django import template
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import NoticeText, PolicyValue

register = template.Library()

# What is chosen between two words, by its stored value.
SWITCHES: Mapping[str, Mapping[str, Promise]] = {
    PolicyValue.Key.INTERVIEWS_TAKEN: {"1": gettext_lazy("受け付ける"), "0": gettext_lazy("受け付けない")},
    PolicyValue.Key.EMPLOYERS_BOOK: {"1": gettext_lazy("選べる"), "0": gettext_lazy("選べない")},
    PolicyValue.Key.SEMINAR_WAITING_ROOM: {"1": gettext_lazy("使う"), "0": gettext_lazy("使わない")},
}
# What an empty value means, where it does not mean that there is no limit.
EMPTY: Mapping[str, Promise] = {PolicyValue.Key.INTERVIEW_PRESENCE_MINUTES: gettext_lazy("最後まで")}


def value_in_words(key: str, stored: str) -> str:
    """A stored value as staff read it."""
    if not stored:
        return str(EMPTY.get(key, _("上限なし")))
    return str(SWITCHES.get(key, {}).get(stored, stored))


@register.filter
def in_words(row: PolicyValue | NoticeText) -> str:
    """What a row of the history said, in short."""
    if isinstance(row, NoticeText):
        return Truncator(row.text).chars(40) or "－"
    return value_in_words(row.key, row.value)
