"""A day as staff enter it for hours and absences."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from booking.admin.asked import YEARS


class DayField(forms.DateField):
    """One day, by the browser's own calendar where it has one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **options)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value and value.year not in YEARS:
            raise ValidationError(_("年を確かめてください。"))
