"""What the office's templates show masked: a phone number, a job seeker number, an address, a free text; each opened by a press.

Loaded with ``{% load office %}``. ``here`` in the context is the page to return to, where that is not the present one.
"""

from typing import Any

from django import template
from django.db.models import Model
from django.template import Context
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from booking.models import Booking, EmployerRequest, Registration
from toyooka_hw import clock
from toyooka_hw.accounts.looks import is_open
from toyooka_hw.accounts.models import Person
from toyooka_hw.wording import mask_mail, mask_number, mask_phone, show_phone

register = template.Library()

# what → (its field, how it is masked, how it is shown, the name of its button)
CONTACTS: dict[str, tuple[str, Any, Any, Any]] = {
    "phone": ("phone", mask_phone, show_phone, _("電話番号を表示")),
    "number": ("job_seeker_number", mask_number, str, _("求職番号を表示")),
    "email": ("email", mask_mail, str, _("メールアドレスを表示")),
}

_COMPANION = _("通訳・介助者などの同席")
# whose → (what, the name of its button, its fields)
TEXTS: dict[type[Model], tuple[str, Any, dict[str, Any]]] = {
    Booking: ("text", _("相談したいこと・同席を表示"), {"topic": _("相談したいこと"), "companion": _COMPANION}),
    EmployerRequest: ("ask", _("依頼したいこと・同席を表示"), {"arrangement": _("ハローワークに依頼したいこと"), "companion": _COMPANION}),
    Registration: ("companion", _("同席を表示"), {"companion": _COMPANION}),
}


@register.inclusion_tag("admin/masked.html", takes_context=True)
def contact(context: Context, person: Person, what: str = "phone") -> dict[str, Any]:
    """The person's ``phone``, ``number`` or ``email``: masked with a button, in full once this member of staff has opened it."""
    field, mask, show, label = CONTACTS[what]
    value = getattr(person, field)
    opened = is_open(context["request"], f"{what}:{person.pk}", wall=clock.wall())
    may = bool(value) and not opened and context["request"].user.has_perm("accounts.open_contact")
    words = (show if opened else mask)(value) if value else ""
    return {**_closed(context, what, person.pk, label if may else "", str(person)), "words": words, "opened": opened}


@register.inclusion_tag("admin/free_text_body.html", takes_context=True)
def free_text(context: Context, subject: Booking | EmployerRequest | Registration) -> dict[str, Any]:
    """What the person wrote with it: only that there is something, in full once this member of staff has opened it."""
    what, label, fields = TEXTS[type(subject)]
    opened = is_open(context["request"], f"{what}:{subject.pk}", wall=clock.wall())
    may = not opened and context["request"].user.has_perm("booking.open_free_text")
    lines = [(words, text) for field, words in fields.items() if (text := getattr(subject, field))]
    return {**_closed(context, what, subject.pk, label if may else "", subject.number), "lines": lines, "opened": opened}


def _closed(context: Context, what: str, pk: int, label: Any, whose: str) -> dict[str, Any]:
    """What the button needs; without a ``label`` there is none."""
    return {
        "request": context["request"],
        "action": reverse("admin:booking_look", args=[what, pk]),
        "label": label,
        "whose": whose,
        "here": context.get("here") or context["request"].get_full_path(),
    }
