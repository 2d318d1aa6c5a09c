"""What staff are asked when they enter a booking: of a known person only what is missing (C6-1-2n, A9)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.deciding import eligibility_field
from booking.admin.forms import NO_CHOICE, reason_field, start_field
from booking.admin.times import free_times
from booking.models import Counsellor
from booking.models.bookings import Source
from booking.rules.slots import is_late
from consent.forms import ShownForm
from toyooka_hw.accounts.fields import JobSeekerNumberField, KanaField, MailField, PhoneField
from toyooka_hw.accounts.models import Person
from toyooka_hw.site import Choice


class EntryForm(ShownForm):
    """A request told to staff. Of a known person only what is missing is asked; a phone number on record is never changed here (A9)."""

    ticks = ("guided", "zoom")
    key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid"), gettext_lazy("画面を開き直して、もう一度入力してください。")),
    )
    starts_at = start_field(gettext_lazy("希望日時"))
    counsellor = forms.ModelChoiceField(
        Counsellor.objects.filter(is_active=True).order_by("pk"),
        label=gettext_lazy("担当者"),
        required=False,
        empty_label=gettext_lazy("空いている担当者"),
    )
    source = forms.ChoiceField(
        label=gettext_lazy("申込方法"),
        choices=[choice for choice in Source.choices if choice[0] in (Source.PHONE, Source.COUNTER)],
        initial=Source.PHONE,
        widget=Choice,
    )
    full_name = forms.CharField(
        label=gettext_lazy("氏名"), max_length=100, error_messages={"required": gettext_lazy("氏名を入力してください。")}
    )
    name_kana = KanaField(label=gettext_lazy("ふりがな（任意）"), max_length=100, required=False)
    job_seeker_number = JobSeekerNumberField(label=gettext_lazy("求職番号"), required=False)
    no_number_yet = forms.BooleanField(label=gettext_lazy("求職番号をまだ持っていない"), required=False)
    phone = PhoneField(label=gettext_lazy("求職情報として登録した電話番号"))
    email = MailField(label=gettext_lazy("連絡先メールアドレス（任意。ない方には電話でお知らせします）"), required=False)
    proxy_contact = forms.CharField(
        label=gettext_lazy("代理連絡者（ご本人以外の方からの申込みのとき）"),
        help_text=gettext_lazy("例：ご家族（母）、支援機関の職員"),
        max_length=100,
        required=False,
    )
    topic = forms.CharField(label=gettext_lazy("相談したいこと（任意）"), max_length=400, required=False)
    companion = forms.CharField(label=gettext_lazy("通訳・介助者などの同席（任意）"), max_length=400, required=False)
    environment = forms.BooleanField(label=gettext_lazy("利用環境（規約第5条）を確認した"), required=False)
    guided = forms.BooleanField(error_messages={"required": gettext_lazy("規約をご案内し、同意を得てから、チェックを入れてください。")})
    zoom = forms.BooleanField(label=gettext_lazy("Zoomの利用規約への同意も得た"), required=False)
    reason = reason_field(
        gettext_lazy("例外として当日確定する（理由）"), gettext_lazy("本日の日時を選んだときだけ、必要です。"), required=False
    )
    confirm_now = forms.BooleanField(
        label=gettext_lazy("続けて確定する"), required=False, help_text=gettext_lazy("本日の日時を選んだときは、必要です。")
    )
    eligibility = eligibility_field(required=False)

    def __init__(self, *args: Any, person: Person | None, label: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["guided"].label = label
        self.now = now
        self.fields["starts_at"].choices = [*NO_CHOICE, *free_times(now=now, override=True)]  # type: ignore[attr-defined]  # the stubs know only the plain Field
        for name in _known(person):
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        asked = "job_seeker_number" in self.fields and "job_seeker_number" not in self.errors
        if asked and not (filled["job_seeker_number"] or filled["no_number_yet"]):
            self.add_error("job_seeker_number", _("求職番号を入力するか、「まだ持っていない」にチェックを入れてください。"))
        if filled.get("job_seeker_number") and filled.get("no_number_yet"):
            self.add_error("no_number_yet", _("求職番号を入力したときは、「まだ持っていない」のチェックを外してください。"))
        if filled.get("starts_at") and is_late(filled["starts_at"], now=self.now) and not filled.get("confirm_now"):
            self.add_error("confirm_now", _("当日のご予約は、続けて確定してください。"))
        if filled.get("confirm_now") and not filled.get("eligibility"):
            self.add_error("eligibility", _("続けて確定するときは、資格の確認の結果を選んでください。"))
        return filled


class NextForm(EntryForm):
    """The next session of somebody who sits in one: who they are and how they asked is known."""

    source = None  # type: ignore[assignment]  # Django's way to leave a field out
    proxy_contact = None  # type: ignore[assignment]  # the person is there


def _known(person: Person | None) -> list[str]:
    """What need not be asked of this person."""
    if person is None:
        return []
    on_record = {
        "full_name": person.full_name,
        "name_kana": person.name_kana,
        "email": "a mailbox is proven by its owner, never changed here",
        "job_seeker_number": person.job_seeker_number,
        "no_number_yet": person.job_seeker_number,
        "phone": person.phone,
    }
    return [name for name, value in on_record.items() if value]
