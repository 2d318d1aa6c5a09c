"""What employers' contacts fill in: who they are, and what they ask for. Whose form it is travels signed with it: browsers are shared."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.forms import CompanionForm, DeclarationsForm, storable
from booking.models import EmployerRequest
from booking.operations.applications import Application, Details
from booking.operations.employers import Ask
from booking.rules.calendar import TOKYO, tokyo, tokyo_date
from booking.rules.employers import CANDIDATES
from booking.rules.policy import Policy
from booking.rules.slots import Situation
from consent.forms import ShownForm
from toyooka_hw.accounts.fields import EstablishmentNumberField, JobOfferNumberField, LinesField, PhoneField
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import Statement
from toyooka_hw.wording import ja_short_date, ja_short_datetime

_SALT = "booking.employer-ask"
_TOO_LONG = gettext_lazy("%(limit_value)d文字以内で入力してください。")
_STEP = timedelta(minutes=15)
_NO_CHOICE = ("", gettext_lazy("選んでください"))
MOST_PEOPLE = 20
CONSULTATION = EmployerRequest.Purpose.CONSULTATION


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
        error_messages={"required": gettext_lazy("事業所名を入力してください。"), "max_length": _TOO_LONG},
    )
    department = forms.CharField(label=gettext_lazy("部署"), max_length=60, required=False, error_messages={"max_length": _TOO_LONG})
    full_name = forms.CharField(
        label=gettext_lazy("ご担当者の氏名"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("氏名を入力してください。"), "max_length": _TOO_LONG},
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


class OpenedForm(ShownForm, CompanionForm, DeclarationsForm):
    """What whoever asks for a session declares, in a form that belongs to the contact who opened it."""

    key = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, contact: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contact = contact

    def clean_key(self) -> uuid.UUID:
        owner, key = opened_by(self.cleaned_data["key"])
        if key is None or owner != self.contact.pk:
            raise ValidationError(_("画面を開き直してから、もう一度お試しください。"))
        return key


class AskForm(OpenedForm):
    """A request: what for, for how many, one to three times within the office's hours, and what the office should arrange."""

    purpose = forms.ChoiceField(
        label=gettext_lazy("ご用件"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("ご用件を選んでください。"),
            "invalid_choice": gettext_lazy("このご用件は、ただいま受け付けていません。ほかのご用件を選ぶか、お電話でご相談ください。"),
        },
    )
    job_offer_number = JobOfferNumberField(
        label=gettext_lazy("求人番号"),
        required=False,
        help_text=gettext_lazy("求人票に書かれている番号です。「求人についての相談」では、なくてもかまいません。例：12345-12345678"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    people = forms.TypedChoiceField(
        label=gettext_lazy("面接する人数"),
        coerce=int,
        choices=[(number, gettext_lazy("%d人") % number) for number in range(1, MOST_PEOPLE + 1)],
        help_text=gettext_lazy("お一人30分ずつ、続けて行います。「求人についての相談」では、そのままにしてください。"),
        error_messages={"required": gettext_lazy("人数を選んでください。"), "invalid_choice": gettext_lazy("人数を選んでください。")},
    )
    arrangement = LinesField(
        label=gettext_lazy("ハローワークに依頼したいこと"),
        max_length=400,
        required=False,
        help_text=gettext_lazy("例：応募者への連絡、面接の進め方。応募者の個人情報は書かないでください。400文字まで入力できます。"),
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"max_length": _TOO_LONG},
    )

    def __init__(self, *args: Any, situation: Situation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        purposes = EmployerRequest.Purpose.choices if situation.policy.interviews_taken else [(CONSULTATION.value, CONSULTATION.label)]
        self.fields["purpose"].choices = purposes  # type: ignore[attr-defined]  # the stubs know only the plain Field
        days, times = _days(situation), _times(situation.policy)
        for number in range(1, CANDIDATES + 1):
            self.fields[f"day_{number}"] = _choice(_("第%d希望の日") % number, days, required=number == 1)
            self.fields[f"time_{number}"] = _choice(_("第%d希望の開始時刻") % number, times, required=number == 1)
        wishes = [f"{part}_{number}" for number in range(1, CANDIDATES + 1) for part in ("day", "time")]
        self.order_fields(["shown", "key", "purpose", "job_offer_number", "people", *wishes, "arrangement", "companion", "environment"])

    def clean(self) -> None:
        answers = self.cleaned_data
        is_interview = answers.get("purpose") not in (None, CONSULTATION)
        if is_interview and not answers.get("job_offer_number") and "job_offer_number" not in self.errors:
            self.add_error("job_offer_number", self.fields["job_offer_number"].error_messages["required"])
        for number in range(2, CANDIDATES + 1):
            for given, missing in ((f"day_{number}", f"time_{number}"), (f"time_{number}", f"day_{number}")):
                if answers.get(given) and not answers.get(missing) and missing not in self.errors:
                    self.add_error(missing, self.fields[missing].error_messages["required"])

    def starts(self) -> dict[int, datetime]:
        """The wishes of this valid form, by their number."""
        answers = self.cleaned_data
        given = {number: (answers[f"day_{number}"], answers[f"time_{number}"]) for number in range(1, CANDIDATES + 1)}
        return {number: tokyo(date.fromisoformat(day), time.fromisoformat(at)) for number, (day, at) in given.items() if day}

    def wish(self, *, now: datetime) -> Ask:
        """The request as the operation takes it."""
        names = ("purpose", "job_offer_number", "people", "arrangement", "companion", "shown", "key")
        given = {name: self.cleaned_data[name] for name in names}
        return Ask(candidates=tuple(self.starts().values()), environment_declared_at=now, **given)

    @property
    def wishes(self) -> list[tuple[Any, Any]]:
        """The fields of day and time, wish by wish."""
        return [(self[f"day_{number}"], self[f"time_{number}"]) for number in range(1, CANDIDATES + 1)]

    @property
    def has_more_wishes(self) -> bool:
        """Whether anything was chosen, or is wrong, beyond the first wish."""
        return any(field.value() or field.errors for wish in self.wishes[1:] for field in wish)


class BookForm(OpenedForm):
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
        error_messages={"max_length": _TOO_LONG},
    )
    field_order = ("shown", "key", "start", "topic", "companion", "environment", "recording")

    def __init__(self, *args: Any, starts: Iterable[datetime], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [(start.astimezone(TOKYO).isoformat(), ja_short_datetime(start)) for start in starts]
        self.fields["start"].choices = [_NO_CHOICE, *words]  # type: ignore[attr-defined]  # the stubs know only the plain Field

    def application(self, *, now: datetime) -> Application:
        """The application as the operation takes it."""
        answers = self.cleaned_data
        details = Details(full_name=self.contact.full_name, topic=answers["topic"], companion=answers["companion"])
        start = datetime.fromisoformat(answers["start"])
        return Application(start, details, answers["shown"], environment_declared_at=now, zoom_stated_at=None, draft_key=answers["key"])


def typed(data: Mapping[str, str]) -> dict[str, str]:
    """What was typed, right or wrong, to be shown again."""
    return {name: storable(text) for name, text in data.items() if name not in ("shown", "key", "csrfmiddlewaretoken")}


def opened_for(contact: Person) -> str:
    """The key of a form that this contact opens, signed with whose it is."""
    return signing.dumps([contact.pk, str(uuid.uuid4())], salt=_SALT)


def opened_by(signed: str) -> tuple[int | None, uuid.UUID | None]:
    """Whose form this is, and its key; nothing where nobody of ours has signed it."""
    try:
        owner, key = signing.loads(signed, salt=_SALT)
    except signing.BadSignature:
        return None, None
    return int(owner), uuid.UUID(key)


def _choice(label: str, choices: list[tuple[str, str]], *, required: bool) -> forms.ChoiceField:
    words = _("「%(label)s」を選んでください。") % {"label": label}
    gone = _("この日時は選べなくなりました。選び直してください。")
    errors = {"required": words, "invalid_choice": gone}
    return forms.ChoiceField(label=label, choices=[_NO_CHOICE, *choices], required=required, error_messages=errors)


def _days(situation: Situation) -> list[tuple[str, str]]:
    """The open days from today to the horizon."""
    today = tokyo_date(situation.now)
    open_days = situation.calendar.open_days(today, today + timedelta(days=situation.policy.horizon_days))
    return [(day.isoformat(), ja_short_date(day)) for day in open_days]


def _times(policy: Policy) -> list[tuple[str, str]]:
    """Every quarter of an hour at which a session fits into the office's hours."""
    day = date(2000, 1, 3)
    start, last = datetime.combine(day, policy.office_opens_at), datetime.combine(day, policy.office_closes_at)
    found = []
    while start + timedelta(minutes=policy.slot_minutes) <= last:
        found.append((f"{start:%H:%M}", f"{start.hour}:{start:%M}"))
        start += _STEP
    return found
