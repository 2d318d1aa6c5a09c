"""What an employer's request is asked for, on the contact's own page as on the staff's who write it down (A10)."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import EmployerRequest
from booking.rules.calendar import tokyo, tokyo_date
from booking.rules.employers import CANDIDATES
from booking.rules.policy import Policy
from booking.rules.slots import Situation
from toyooka_hw.accounts.fields import JobOfferNumberField, LinesField
from toyooka_hw.wording import ja_short_date

TOO_LONG = gettext_lazy("%(limit_value)d文字以内で入力してください。")
NO_CHOICE = ("", gettext_lazy("選んでください"))
MOST_PEOPLE = 20
CONSULTATION = EmployerRequest.Purpose.CONSULTATION
_STEP = timedelta(minutes=15)


class WishForm(forms.Form):
    """What for, for how many, one to three times within the office's hours, and what the office should arrange."""

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
        error_messages={"max_length": TOO_LONG},
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

    def asked(self) -> dict[str, Any]:
        """What this valid form says, as the operation takes it."""
        names = ("purpose", "job_offer_number", "people", "arrangement", "companion", "shown", "key")
        return {"candidates": tuple(self.starts().values()), **{name: self.cleaned_data[name] for name in names}}

    @property
    def wishes(self) -> list[tuple[Any, Any]]:
        """The fields of day and time, wish by wish."""
        return [(self[f"day_{number}"], self[f"time_{number}"]) for number in range(1, CANDIDATES + 1)]

    @property
    def has_more_wishes(self) -> bool:
        """Whether anything was chosen, or is wrong, beyond the first wish."""
        return any(field.value() or field.errors for wish in self.wishes[1:] for field in wish)


def _choice(label: str, choices: list[tuple[str, str]], *, required: bool) -> forms.ChoiceField:
    words = _("「%(label)s」を選んでください。") % {"label": label}
    gone = _("この日時は選べなくなりました。選び直してください。")
    errors = {"required": words, "invalid_choice": gone}
    return forms.ChoiceField(label=label, choices=[NO_CHOICE, *choices], required=required, error_messages=errors)


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
