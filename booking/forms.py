"""What people fill in on the public pages. Every message is ours and says what to do next (japan.md's copy)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from booking.models import ContactRecord
from booking.operations.applications import Details
from booking.rules.calendar import TOKYO
from consent.forms import ShownForm, agreement_label
from consent.models import TermsVersion
from toyooka_hw.accounts.fields import DigitsField, JobSeekerNumberField, KanaField, LinesField, MailField, PhoneField
from toyooka_hw.accounts.models import Person
from toyooka_hw.wording import ja_short_datetime, ja_time

_TOO_LONG = _("%(limit_value)d文字以内で入力してください。")
NONE_FITS = "none"
# What a person says, in a person's words; the model's own are those of the office.
CONTACT_WORDS = {
    ContactRecord.Meaning.CANNOT_COME.value: _("参加できません（キャンセルします）"),
    ContactRecord.Meaning.LATE.value: _("遅れます"),
    ContactRecord.Meaning.UNCLEAR.value: _("そのほかのご連絡"),
}
_FAR = timedelta(days=366)  # the calendar is not asked about centuries
_STORED = 4000  # characters of one input, more than any field takes


def storable(typed: str) -> str:
    """What was typed as a draft can keep it: PostgreSQL takes no NUL, and nobody types a book."""
    return typed.replace("\0", "")[:_STORED]


class StartField(forms.DateTimeField):
    """A moment as the slot page posts it; whatever else comes along is answered in one way."""

    def to_python(self, value: Any) -> datetime | None:
        try:
            return super().to_python(value)
        except (ValidationError, OverflowError) as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class StartForm(forms.Form):
    """The chosen start, and the draft whose start it changes, if any. Moments of another year than ours are no choice of anybody's."""

    start = StartField(
        label=_("希望日時"),
        error_messages={"required": _("希望日時を選んでください。"), "invalid": _("希望日時を選んでください。")},
    )
    draft = forms.UUIDField(
        required=False, widget=forms.HiddenInput, error_messages={"invalid": _("画面を開き直してから、もう一度お試しください。")}
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean_start(self) -> datetime:
        start: datetime = self.cleaned_data["start"]
        if abs(start - self.now) > _FAR:
            raise ValidationError(self.fields["start"].error_messages["invalid"], code="invalid")
        return start


class AgreementForm(ShownForm):
    """The agreement to a version, and to Zoom's terms (C0-2, C4-2)."""

    agree = forms.BooleanField(error_messages={"required": _("利用規約に同意いただける場合は、チェックを入れてください。")})
    zoom = forms.BooleanField(error_messages={"required": _("Zoomの利用規約に同意いただける場合は、チェックを入れてください。")})

    def __init__(self, *args: Any, version: TermsVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agree"].label = agreement_label(version)
        self.fields["zoom"].label = format_html(
            '{} <a href="{}" target="_blank" rel="noopener noreferrer">{}</a>',
            _("Zoomの利用規約にも同意します。"),
            settings.ZOOM_TERMS_URL,
            _("Zoomの利用規約を開く（新しいタブ）"),
        )


class EnvironmentForm(forms.Form):
    """What everybody declares who takes part in anything online (C5, S3)."""

    environment = forms.BooleanField(
        label=_("利用環境を確認しました。個室など、周りに人がいない場所で利用します。"),
        error_messages={"required": _("利用環境を確認し、チェックを入れてください。")},
    )


class DeclarationsForm(EnvironmentForm):
    """What everybody declares besides who asks for a session (C12-2)."""

    recording = forms.BooleanField(
        label=_("相談の録画・録音（AIによる文字起こしなどを含む）を行いません。"),
        error_messages={"required": _("録画・録音を行わないことを確認し、チェックを入れてください。")},
    )
    field_order: tuple[str, ...] = ("recording", "environment")


class TermsForm(AgreementForm, DeclarationsForm):
    """The agreement and the declarations; whoever agreed to this version before is not asked again for that."""

    registration = forms.BooleanField(
        label=_("オンライン登録者の場合は、ハローワーク利用登録者に切り替わることを確認しました。"),
        error_messages={"required": _("登録の切替えについて確認し、チェックを入れてください。")},
    )

    TICKS = ("agree", "zoom", "recording", "environment", "registration")
    field_order = ("shown", *TICKS)

    def __init__(self, *args: Any, agreed_before: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if agreed_before:
            del self.fields["agree"]

    def ticked(self) -> list[str]:
        """The boxes that were ticked, whether or not the rest was."""
        return [name for name in self.TICKS if self.data.get(name)]


class EmailForm(forms.Form):
    """The mailbox to be proven."""

    email = MailField(label=_("連絡先メールアドレス"))

    def __init__(self, *args: Any, domain: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _("%(domain)s からのメールを受信できるように設定してください。") % {"domain": domain}
        self.fields["email"].widget.attrs["autocomplete"] = "email"


class CodeForm(forms.Form):
    """The six digits that were mailed."""

    code = DigitsField(
        6,
        label=_("メールでお送りした6けたの番号"),
        help_text=_("10分以内に入力してください。"),
        attrs={"autocomplete": "one-time-code"},
        error_messages={"required": _("番号を入力してください。"), "invalid": _("6けたの数字で入力してください。")},
    )


class LastDigitsForm(forms.Form):
    """The end of the phone number on record, asked before the way into a session is opened."""

    digits = DigitsField(
        4,
        label=_("登録の電話番号の下4けた"),
        help_text=_("ご本人の確認のため、ハローワークに登録している電話番号の最後の4けたを入力してください。"),
        attrs={"maxlength": 4, "autocomplete": "off"},
        error_messages={"required": _("電話番号の下4けたを入力してください。"), "invalid": _("4けたの数字で入力してください。")},
    )


class AnswerToTermsForm(AgreementForm):
    """The answer to a version in force: ``answer`` agree or refuse. Whoever refuses need not tick anything."""

    AGREE, REFUSE = "agree", "refuse"
    answer = forms.ChoiceField(
        choices=[(AGREE, _("同意する")), (REFUSE, _("同意しない"))],
        error_messages={"required": _("「同意する」か「同意しない」を押してください。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get("answer") == self.REFUSE:
            for field in self.fields.values():
                field.required = field.required and not isinstance(field, forms.BooleanField)

    @property
    def refuses(self) -> bool:
        return bool(self.cleaned_data["answer"] == self.REFUSE)


class RenewalForm(AnswerToTermsForm, LastDigitsForm):
    """The answer to a version that came into force after the application, and who answers (A11)."""

    field_order = ("shown", "agree", "zoom", "digits", "answer")  # as they stand on the page, and so in the summary of what is missing

    def __init__(self, *args: Any, known: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            del self.fields["digits"]


class GateForm(AnswerToTermsForm):
    """The answer before an immediate session, after a look at the labour bureau's page (C6-2-2)."""

    field_order = ("shown", "bureau", "agree", "zoom", "answer")
    bureau = forms.BooleanField(
        label=_("兵庫労働局ホームページで最新の利用規約を確認しました。"),
        error_messages={"required": _("兵庫労働局ホームページで最新の利用規約を確認し、チェックを入れてください。")},
    )


class CompanionForm(forms.Form):
    """Who else takes part, which is to be said beforehand (C12-3b)."""

    companion = forms.CharField(
        label=_("通訳・介助者などの同席"),
        max_length=200,
        required=False,
        help_text=_("同席が必要な方は、あらかじめお知らせください。"),
        error_messages={"max_length": _TOO_LONG},
    )


class DetailsForm(CompanionForm):
    """The five items of C6-1-2 less the time and the mailbox, and the optional ones.

    A number on record is shown masked and only replaced where another is typed. A phone on record is never a field; a POST that
    carries one all the same is passed on, to be judged by the operation (C6-2-3c, A9).
    """

    full_name = forms.CharField(
        label=_("氏名"),
        max_length=100,
        help_text=_("ハローワークに登録しているお名前を入力してください。例：豊岡 花子"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("氏名を入力してください。"), "max_length": _TOO_LONG},
    )
    name_kana = KanaField(
        label=_("ふりがな"),
        max_length=100,
        required=False,
        help_text=_("お電話の際の確認に使います。"),
        error_messages={"max_length": _TOO_LONG},
    )
    job_seeker_number = JobSeekerNumberField(
        label=_("求職番号"),
        required=False,
        help_text=_(
            "ハローワーク受付票（ハローワークカード）に書かれている番号です。全角・半角、ハイフンの有無は問いません。例：12345-12345678"
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    no_number_yet = forms.BooleanField(
        label=_("求職番号をまだ持っていません"),
        required=False,
        help_text=_("お申込み後、登録の手続についてハローワークからお電話します。"),
    )
    phone = PhoneField(label=_("求職情報として登録した電話番号"), help_text=_("ハローワークに登録している番号です。"))
    topic = LinesField(
        label=_("相談したいこと"),
        max_length=400,
        required=False,
        help_text=_("必要以上の個人情報は書かないでください。400文字まで入力できます。"),
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"max_length": _TOO_LONG},
    )
    field_order = ("full_name", "name_kana", "job_seeker_number", "no_number_yet", "phone", "topic", "companion")

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["phone"].widget.attrs["autocomplete"] = "tel"
        self.fields["phone"].required = not person.phone
        if person.job_seeker_number:
            self.fields["job_seeker_number"].label = _("別の求職番号")
            del self.fields["no_number_yet"]

    def clean(self) -> None:
        answers = self.cleaned_data
        known = self.person.job_seeker_number or answers.get("job_seeker_number") or answers.get("no_number_yet")
        if not known and "job_seeker_number" not in self.errors:
            self.add_error("job_seeker_number", self.fields["job_seeker_number"].error_messages["required"])

    @classmethod
    def typed(cls, data: Mapping[str, str]) -> dict[str, str]:
        """What was typed, right or wrong, to be shown again."""
        return {name: storable(data.get(name, "")) for name in cls.base_fields}

    def details(self) -> Details:
        """The items as the operation takes them."""
        return Details(**{"no_number_yet": False, **self.cleaned_data})


class ConfirmForm(ShownForm):
    """The last press. A phone number has no business here; one that comes along is judged, not ignored (C6-2-3c)."""

    phone = PhoneField(required=False, widget=forms.HiddenInput)


class ImmediateForm(ConfirmForm, DeclarationsForm, CompanionForm):
    """The request for a session now, in one press; no phone number is asked for (C6-2-3c)."""

    field_order = ("shown", "phone", "environment", "recording", "companion")


class AnswerForm(forms.Form):
    """The person's answer to the proposed times."""

    choice = forms.ChoiceField(
        label=_("ご都合のよい日時"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("日時を選んでください。"),
            "invalid_choice": _("この日時は選べなくなりました。ほかの日時を選んでください。"),
        },
    )

    def __init__(self, *args: Any, times: Iterable[tuple[datetime, datetime]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = [  # type: ignore[attr-defined]  # the stubs know only the plain Field
            *((start.astimezone(TOKYO).isoformat(), f"{ja_short_datetime(start)}～{ja_time(end)}") for start, end in times),
            (NONE_FITS, _("どの日時も都合がつかない（ほかの日時を相談する）")),
        ]


class ContactForm(forms.Form):
    """The short notice of those who cannot phone; it counts as 連絡 (A6)."""

    meaning = forms.ChoiceField(
        label=_("ご連絡の内容"),
        widget=forms.RadioSelect,
        choices=list(CONTACT_WORDS.items()),
        error_messages={"required": _("ご連絡の内容を選んでください。"), "invalid_choice": _("ご連絡の内容を選んでください。")},
    )
    note = LinesField(
        label=_("補足"),
        max_length=200,
        required=False,
        help_text=_("例：10分ほど遅れます。200文字まで入力できます。"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _TOO_LONG},
    )
