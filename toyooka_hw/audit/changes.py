"""What differs between a row as it is stored and as it is about to be saved, for the audit."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import BooleanField, DateTimeField, Field, Model
from django.utils.translation import gettext as _

from toyooka_hw.wording import ja_datetime

Masks = Mapping[str, Callable[[Any], str]]


def differences(row: Model, *, masks: Masks | None = None) -> dict[str, tuple[str, str]]:
    """{label of the field: (before, after)} in the words that staff read; everything is new where the row is not stored yet.

    ``masks``: how a personal value is shown, by name of the field. One query, and one more for each other row a changed field names.
    """
    stored = type(row)._default_manager.filter(pk=row.pk).first()
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    found = {}
    for field in fields:
        before, after = _value(stored, field), _value(row, field)
        if before != after:
            shown = (masks or {}).get(field.name)
            found[str(field.verbose_name)] = (_words(stored, field, shown), _words(row, field, shown))
    return found


def _value(row: Model | None, field: Field) -> Any:
    """Empty is empty, whether it is none, nothing or not there yet."""
    value = getattr(row, field.attname) if row else None
    return None if value == "" else value


def _words(row: Model | None, field: Field, shown: Callable[[Any], str] | None) -> str:
    if row is None or _value(row, field) is None:
        return ""
    if shown:
        return shown(getattr(row, field.name))
    if isinstance(field, BooleanField):
        return str(_("はい") if getattr(row, field.name) else _("いいえ"))
    if isinstance(field, DateTimeField):
        return ja_datetime(getattr(row, field.name))
    display = getattr(row, f"get_{field.name}_display", None)
    return str(display() if display else getattr(row, field.name))
