"""What people fill in about seminars: which of them they look for, and the one page of registering (S1-1, S3-7, S4-3)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.forms import AgreementForm, CompanionForm, EnvironmentForm
from booking.models import Seminar
from booking.operations.seminars.seats import Sheet
from booking.views.opened import OpenedForm
from booking.wishes import TOO_LONG
from toyooka_hw.accounts.fields import PhoneField
from toyooka_hw.accounts.models import Person


class FilterForm(forms.Form):
    """Which seminars to list. What nobody could have chosen is as good as nothing."""

    kind = forms.ChoiceField(label=_("種類"), choices=[("", _("すべて")), *Seminar.Kind.choices], required=False)
    free = forms.BooleanField(label=_("まだ席がある催しだけを表示する"), required=False)

    def chosen(self) -> dict[str, Any]:
        """What is asked for, as the query takes it."""
        answers = self.cleaned_data if self.is_valid() else {}
        return {"kind": answers.get("kind", ""), "with_seats": answers.get("free", False)}


class RegisterForm(AgreementForm, EnvironmentForm, CompanionForm, OpenedForm):
    """The one page of registering. A name that staff have verified and a phone on record are never fields; the operation judges a phone that comes along."""

    ticks = ("agree", "zoom")
    full_name = forms.CharField(
        label=_("氏名"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("ほかの参加者には表示されません。例：豊岡 花子"),
        error_messages={"required": _("氏名を入力してください。"), "max_length": TOO_LONG},
    )
    phone = PhoneField(
        label=_("電話番号"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
        help_text=_("メールが届かないときに、ハローワークからお電話します。"),
    )
    field_order = ("shown", "key", "full_name", "phone", "companion", "environment", "agree", "zoom")

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        if person.is_verified:
            del self.fields["full_name"]

    def sheet(self, *, now: datetime) -> Sheet:
        """What comes with the press, as the operation takes it."""
        answers = self.cleaned_data
        stated = {name: answers.get(name, "") for name in ("full_name", "phone", "companion")}
        return Sheet(answers["shown"], answers["key"], zoom_stated_at=now, environment_declared_at=now, **stated)
