"""What employers' contacts fill in: who they are, and what they ask for."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from booking.forms import CompanionForm, DeclarationsForm
from booking.operations.applications import Application, Details
from booking.operations.employers import Ask
from booking.rules.calendar import TOKYO
from booking.views.opened import OpenedForm
from booking.wishes import NO_CHOICE, TOO_LONG, WishForm
from toyooka_hw.accounts.fields import EstablishmentNumberField, LinesField, PhoneField
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import Statement
from toyooka_hw.wording import ja_short_datetime


class StatementForm(forms.Form):
    """Who the contact is. A phone on record is never a field; a POST that carries one all the same is judged by the operation (A9)."""

    establishment_number = EstablishmentNumberField(
        label=gettext_lazy("事業所番号"),
        help_text=gettext_lazy(
            "求人票や求人申込書（控え）に書かれている番号です。全角・半角、ハイフンの有無は問いません。例：1234-123456-7"
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    establishment_name = forms.CharField(
        label=gettext_lazy("事業所名"),
        max_length=100,
        help_text=gettext_lazy("ハローワークに登録している名称を入力してください。"),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": gettext_lazy("事業所名を入力してください。"), "max_length": TOO_LONG},
    )
    department = forms.CharField(label=gettext_lazy("部署"), max_length=60, required=False, error_messages={"max_length": TOO_LONG})
    full_name = forms.CharField(
        label=gettext_lazy("ご担当者の氏名"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("氏名を入力してください。"), "max_length": TOO_LONG},
    )
    phone = PhoneField(label=gettext_lazy("電話番号"), help_text=gettext_lazy("ハローワークに登録している、事業所の番号です。"))

    def __init__(self, data: Any, *, contact: Person) -> None:
        super().__init__(data, initial=_known(contact))
        self.fields["phone"].required = not contact.phone
        self.fields["phone"].widget.attrs["autocomplete"] = "tel"

    def statement(self) -> Statement:
        """The items as the operation takes them."""
        return Statement(**self.cleaned_data)


def _known(contact: Person) -> dict[str, Any]:
    return {
        "establishment_number": contact.stated_establishment_number,
        "establishment_name": contact.stated_establishment,
        "department": contact.department,
        "full_name": contact.full_name,
    }


class SessionForm(OpenedForm, CompanionForm, DeclarationsForm):
    """What whoever asks for a session declares."""


class AskForm(WishForm, SessionForm):
    """A request, as its contact sends it."""

    def wish(self, *, now: datetime) -> Ask:
        """The request as the operation takes it."""
        return Ask(environment_declared_at=now, **self.asked())


class BookForm(SessionForm):
    """A consultation at one of the free starts of the reserved kind."""

    start = forms.ChoiceField(
        label=gettext_lazy("相談の日時"),
        error_messages={
            "required": gettext_lazy("相談の日時を選んでください。"),
            "invalid_choice": gettext_lazy("この日時は選べなくなりました。別の日時を選んでください。"),
        },
    )
    topic = LinesField(
        label=gettext_lazy("相談したいこと"),
        max_length=400,
        required=False,
        help_text=gettext_lazy("必要以上の個人情報は書かないでください。400文字まで入力できます。"),
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"max_length": TOO_LONG},
    )
    field_order = ("shown", "key", "start", "topic", "companion", "environment", "recording")

    def __init__(self, *args: Any, starts: Iterable[datetime], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [(start.astimezone(TOKYO).isoformat(), ja_short_datetime(start)) for start in starts]
        self.fields["start"].choices = [NO_CHOICE, *words]  # type: ignore[attr-defined]  # the stubs know only the plain Field

    def application(self, *, now: datetime) -> Application:
        """The application as the operation takes it."""
        answers = self.cleaned_data
        details = Details(full_name=self.person.full_name, topic=answers["topic"], companion=answers["companion"])
        start = datetime.fromisoformat(answers["start"])
        return Application(start, details, answers["shown"], environment_declared_at=now, zoom_stated_at=None, draft_key=answers["key"])
