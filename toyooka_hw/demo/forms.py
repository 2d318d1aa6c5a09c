"""Where the clock bar may be sent."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from toyooka_hw.demo.story import Leap


class ClockForm(forms.Form):
    """Either one of the bar's moments or a moment typed in (Tokyo time)."""

    leap = forms.ChoiceField(choices=[(leap.value, leap.name) for leap in Leap], required=False)
    moment = forms.DateTimeField(required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("leap") and not cleaned.get("moment"):
            raise forms.ValidationError(_("進める先の日時を選んでください。"))
        return cleaned

    def destination(self, ahead: dict[Leap, datetime]) -> datetime | None:
        """The moment asked for; None if it is one of the bar's that no longer lies ahead."""
        if leap := self.cleaned_data["leap"]:
            return ahead.get(Leap(leap))
        moment: datetime = self.cleaned_data["moment"]
        return moment
