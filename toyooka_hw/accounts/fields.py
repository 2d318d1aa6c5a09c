"""Form fields for what people type about themselves. Numbers and phones are normalised silently, names never (japan.md's formats)."""

import re
import unicodedata
from typing import Any, NoReturn

import jaconv
import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, validate_email
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumberType

_HYPHENS = re.compile("[‐‑‒–—―─−ー－ｰ]")  # what people type where a hyphen is meant
_NUMBER = re.compile(r"(\d{5})-?(\d{1,8})", re.ASCII)
_ESTABLISHMENT = re.compile(r"(\d{4})-(\d{1,6})-(\d)|(\d{4})(\d{6})(\d)", re.ASCII)
_PHONE = re.compile(r"\+?[\d() .-]+")
_KANA = re.compile(r"[ァ-ヺー・\s]+")
_UNDELIVERABLE = re.compile(r"\.\.|\.@")
_OWN_LINES = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER,
}


def _half_width(text: str) -> str:
    """Full-width signs as ASCII, every kind of hyphen as one. Never for names: it changes characters."""
    return _HYPHENS.sub("-", unicodedata.normalize("NFKC", text.strip()))


class _NumberField(forms.CharField):
    """A number of the Hello Work system, in groups of digits; width, hyphens and spaces do not matter. Kept with single hyphens."""

    shape = _NUMBER

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value) or ""
        if not typed:
            return ""
        parts = self.shape.fullmatch(_half_width(typed).replace(" ", ""))
        if parts is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return "-".join(self.groups_of([part for part in parts.groups() if part]))

    def groups_of(self, parts: list[str]) -> list[str]:
        """The groups as they are kept."""
        return parts


class JobSeekerNumberField(_NumberField):
    """求職番号, five digits and up to eight, as ``28090-1234567``."""

    default_error_messages = {
        "required": _("求職番号を入力してください。"),
        "invalid": _("求職番号は、5けたの数字とハイフン、8けたまでの数字で入力してください。"),
    }


class JobOfferNumberField(_NumberField):
    """求人番号, five digits and up to eight, as ``28090-1234567``."""

    default_error_messages = {
        "required": _("求人番号を入力してください。"),
        "invalid": _("求人番号は、5けたの数字とハイフン、8けたまでの数字で入力してください。"),
    }


class EstablishmentNumberField(_NumberField):
    """事業所番号, four digits, up to six, and one, as ``1234-123456-7``; or eleven digits in one.

    The middle is kept with six digits: ``1234-1-7`` and ``12340000017`` are one establishment.
    """

    shape = _ESTABLISHMENT
    default_error_messages = {
        "required": _("事業所番号を入力してください。"),
        "invalid": _("事業所番号は、4けた・6けたまで・1けたの数字をハイフンでつないで入力してください。例：1234-123456-7"),
    }

    def groups_of(self, parts: list[str]) -> list[str]:
        first, middle, last = parts
        return [first, middle.zfill(6), last]


class PhoneField(forms.CharField):
    """A person's own phone number, in E.164. Free, shared-cost and foreign numbers are refused: nobody can be called back there."""

    widget = forms.TextInput(attrs={"type": "tel"})
    default_error_messages = {
        "required": _("電話番号を入力してください。"),
        "invalid": _("電話番号を確認してください。例：0796-00-0000、090-0000-0000"),
        "kind": _("フリーダイヤルなどの番号は登録できません。"),
        "foreign": _("海外の電話番号では、お申込みいただけません。お手数ですが、お電話でご相談ください。"),
    }

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value) or ""
        if not typed:
            return ""
        number = self._parse(_half_width(typed))
        if number.country_code != phonenumbers.country_code_for_region("JP"):
            self._refuse("foreign")
        if not phonenumbers.is_valid_number(number):
            self._refuse("invalid")
        if phonenumbers.number_type(number) not in _OWN_LINES:
            self._refuse("kind")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def _parse(self, text: str) -> phonenumbers.PhoneNumber:
        if not _PHONE.fullmatch(text):
            self._refuse("invalid")
        try:
            return phonenumbers.parse(text, "JP")
        except phonenumbers.NumberParseException:
            self._refuse("invalid")

    def _refuse(self, code: str) -> NoReturn:
        raise ValidationError(self.error_messages[code], code=code)


class KanaField(forms.CharField):
    """A reading in hiragana or katakana of any width, kept as full-width katakana."""

    default_error_messages = {"invalid": _("ひらがなまたはカタカナで入力してください。")}

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value) or ""
        if not typed:
            return ""
        kana: str = jaconv.hira2kata(jaconv.h2z(typed))
        if not _KANA.fullmatch(kana):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return kana


class MailField(forms.CharField):
    """A mail address, in lower case and half width. Old carrier addresses that no server accepts are refused with the reason."""

    widget = forms.EmailInput
    default_error_messages = {
        "required": _("メールアドレスを入力してください。"),
        "invalid": _("メールアドレスの形式を確認してください。例：hanako@example.jp"),
        "undeliverable": _(
            "「.」が続くアドレスや「@」の直前に「.」があるアドレスには、メールをお送りできません。"
            "別のアドレスを入力するか、お電話でお申し込みください。"
        ),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value) or ""
        if not typed:
            return ""
        address = unicodedata.normalize("NFKC", typed).replace(" ", "").lower()
        if _UNDELIVERABLE.search(address):
            raise ValidationError(self.error_messages["undeliverable"], code="undeliverable")
        try:
            validate_email(address)
        except ValidationError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        return address


class LinesField(forms.CharField):
    """Free text of several lines; a line break counts as one character, as it does in the browser."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class DigitsField(forms.CharField):
    """Exactly ``length`` digits of any width, such as a code or the end of a phone number."""

    def __init__(self, length: int, **kwargs: Any) -> None:
        attrs = {"inputmode": "numeric", **kwargs.pop("attrs", {})}
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)
        self.validators.append(RegexValidator(rf"\A[0-9]{{{length}}}\Z", self.error_messages["invalid"]))

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFKC", super().to_python(value) or "").replace(" ", "")
