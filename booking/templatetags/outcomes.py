"""How a session ended, in words: ``{% load outcomes %}``."""

from django import template
from django.template import Context
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Booking
from booking.models.bookings import Outcome
from booking.rules.outcomes import CAUSES, Cause
from booking.rules.outcomes import Outcome as RuleOutcome

register = template.Library()

CAUSE_WORDS = {
    Cause.PERSON: gettext_lazy("本人の事情"),
    Cause.OFFICE: gettext_lazy("ハローワークの事情"),
    Cause.TECHNOLOGY: gettext_lazy("機器・通信などの事情"),
}


@register.simple_tag(takes_context=True)
def outcome(context: Context, booking: Booking) -> str:
    """The second level with its cause; that conduct was the reason is for managers only (C12-1). Empty where there is none."""
    if not booking.outcome:
        return ""
    if booking.outcome == Outcome.CONDUCT and not context["request"].user.has_perm("booking.view_stoprecord"):
        return _("管理者だけが閲覧できます")
    cause = CAUSE_WORDS.get(CAUSES[RuleOutcome(booking.outcome)])
    return f"{booking.get_outcome_display()}（{cause}）" if cause else str(booking.get_outcome_display())
