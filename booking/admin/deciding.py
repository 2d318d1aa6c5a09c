"""The forms by which a request is answered: looked up, confirmed, proposed anew, declined."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.admin.forms import NO_CHOICE, REASON_LENGTH, ActionForm, reason_field, start_field
from booking.admin.times import free_for, free_times
from booking.models import Counsellor, ZoomHost
from booking.models.bookings import Eligibility, Kind, State
from booking.rules.slots import is_late
from toyooka_hw.site import Choice

CHECKED = [choice for choice in Eligibility.choices if choice[0] != Eligibility.UNCHECKED]
DECLINE_REASONS = [
    (words, words)
    for words in (
        _("ご希望の日時に対応できる担当者がおりませんでした。"),
        _("求職登録の内容を確認できませんでした。窓口またはお電話でご相談ください。"),
        _("ご相談の内容から、窓口でお受けすることといたしました。"),
        _("同じ方からのお申込みが重なっていたため、こちらのお申込みは取り消しました。"),
    )
]
DECLINE_REASONS_NOW = [
    (words, words)
    for words in (
        _("ただいま対応できる担当者がおりません。"),
        _("ご相談の内容から、窓口でお受けすることといたしました。"),
        _("ご登録の内容を確認できませんでした。窓口またはお電話でご相談ください。"),
    )
]


def eligibility_field(*, required: bool = True) -> forms.ChoiceField:
    """What the Hello Work system shows for the session's day (C2-1a)."""
    return forms.ChoiceField(
        label=_("資格の確認（ハローワークシステムで見た結果）"),
        choices=CHECKED,
        required=required,
        widget=Choice,
        error_messages={"required": _("資格の確認の結果を選んでください。")},
    )


def taker_field(model: type[Counsellor] | type[ZoomHost], label: Any, unchanged: Any, taken: Any) -> "forms.ModelChoiceField[Any]":
    """A counsellor or a host; the form narrows the choice to those who are free. ``unchanged``: what no choice means."""
    return forms.ModelChoiceField(
        model._default_manager.filter(is_active=True).order_by("pk"),
        label=label,
        required=False,
        empty_label=unchanged,
        error_messages={"invalid_choice": taken},
    )


class EligibilityForm(ActionForm):
    """What the Hello Work system shows; what was found before is ready."""

    eligibility = eligibility_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.booking.eligibility != Eligibility.UNCHECKED:
            self.fields["eligibility"].initial = self.booking.eligibility


class ConfirmForm(EligibilityForm):
    """Eligibility is a choice that must be made; the rest is as held unless changed, and only those who are free are offered.

    The reason is asked for only where it is late, or where the request has expired.
    """

    counsellor = taker_field(
        Counsellor, _("担当者"), _("空いている担当者"), _("選んだ担当者に、別の予定が入りました。選び直してください。")
    )
    host = taker_field(
        ZoomHost, _("Zoomホスト"), _("担当者に合わせる"), _("選んだZoomホストに、別の予定が入りました。選び直してください。")
    )
    reason = reason_field(_("例外として当日確定する（理由）"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = next((hold for hold in self.booking.holds.all() if hold.kind == hold.Kind.RESERVATION), None)
        for name, ids in zip(("counsellor", "host"), free_for(self.booking, now=self.now), strict=True):
            self.fields[name].queryset = self.fields[name].queryset.filter(pk__in=ids)  # type: ignore[attr-defined]  # the stubs know only the plain Field
            self.fields[name].help_text = "" if ids else _("この時間に空いている方はいません。ほかの日時をご提案ください。")
        self.fields["counsellor"].initial = held and held.counsellor_id
        if not (is_late(self.booking.starts_at, now=self.now) or self.booking.state == State.EXPIRED):
            del self.fields["reason"]


class ProposeForm(EligibilityForm):
    """One to three other times, each held until the person answers (A13)."""

    first = start_field(_("ご提案する日時 1"))
    second = start_field(_("ご提案する日時 2（任意）"), required=False)
    third = start_field(_("ご提案する日時 3（任意）"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        times = free_times(now=self.now, without=self.booking)
        for name in ("first", "second", "third"):
            self.fields[name].choices = [*NO_CHOICE, *times]  # type: ignore[attr-defined]  # the stubs know only the plain Field


class DeclineReason(forms.Form):
    """Why a request cannot be taken: one of the usual sentences, own words, or both. It goes to the person as it stands."""

    canned = forms.ChoiceField(label=_("よくある理由"), choices=DECLINE_REASONS, required=False, widget=Choice)
    reason = reason_field(
        _("ほかの理由・補足"), _("選んだ理由とここに入力した文は、利用者へのメールに、このまま書かれます。"), required=False
    )

    def clean(self) -> dict[str, Any]:
        """Both parts are one reason, within what the history keeps."""
        given = super().clean() or {}
        whole = "".join(part for part in (given.get("canned", ""), given.get("reason", "").strip()) if part)
        if not whole and not self.errors:
            self.add_error("reason", _("理由を入力してください。よくある理由から選ぶこともできます。"))
        elif len(whole) > REASON_LENGTH:
            self.add_error("reason", _("選んだ理由とあわせて400文字以内で入力してください。"))
        return {**given, "reason": whole}


class DeclineForm(DeclineReason, ActionForm):
    """The same about one booking; of a request for a session now, nobody asked for a time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.booking.kind == Kind.AD_HOC:
            self.fields["canned"].choices = DECLINE_REASONS_NOW  # type: ignore[attr-defined]  # the stubs know only the plain Field
        if self.booking.kind == Kind.INTERVIEW:
            self.fields["reason"].help_text = _("選んだ理由とここに入力した文は、人事担当者へのメールに、このまま書かれます。")
