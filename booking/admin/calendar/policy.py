"""The office's numbers and texts, each in words: what holds now, what was the default, who set it, what comes, what was."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import NoticeText, PolicyValue
from booking.operations import calendar
from booking.operations.calendar import BOUNDS, MAY_BE_EMPTY, ClosesAfterAnswer, HoursTooShort, NotAPolicyValue, stored_form
from booking.queries import policy_history, text_history
from booking.rules.policy import Policy
from booking.templatetags.policy import SWITCHES, value_in_words
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import Choice, action_page, needs

PAGE = "admin:booking_policy"
DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(Policy)}
# What the office should know before it sets one of these (C0-1, S8-2, A10, A18).
NOTES: dict[str, Any] = {
    PolicyValue.Key.INTERVIEWS_TAKEN: gettext_lazy(
        "日時を決めて行う面接・管理選考は、規約の第6条（予約・求職者）にも第6条の2（いますぐ）にもあたりません。サービスの種類として挙げられているだけです。受け付けるかどうかは、所で決めてください。"
    ),
    PolicyValue.Key.EMPLOYERS_BOOK: gettext_lazy(
        "規約の第6条の予約は、求職者の方だけのものです。求人者の方にも選んでいただくときは、所で決めてから切り替えてください。"
    ),
    PolicyValue.Key.SEMINAR_WAITING_ROOM: gettext_lazy(
        "待機室を使うと、担当者が受付番号を確かめて、お一人ずつ（またはまとめて）入室を許可します。使わないと、リンクを知っている方は、参加を停止した方（第8条第2項）も含めて、許可なしに入室できます。開始の日時に適用されている値が、その催しに使われます。公開中の催しのZoomにも、数分のうちに反映されます。"
    ),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of the page; ``now`` is the row that holds, ``coming`` what is scheduled, ``past`` what held before."""

    key: str
    label: Any
    note: Any
    value: str
    default: str
    now: Any
    coming: Sequence[Any]
    past: Sequence[Any]


class Moment(forms.DateTimeInput):
    """Day and time in one labelled field of the browser's own."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class SetForm(forms.Form):
    """A new value, from when it holds, and why."""

    holds_from = forms.DateTimeField(
        label=gettext_lazy("適用開始"),
        required=False,
        widget=Moment,
        help_text=gettext_lazy("空欄のときや過去の日時のときは、いますぐから適用します。"),
    )
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=200,
        widget=forms.TextInput(attrs={"size": 60}),
        error_messages={"required": gettext_lazy("理由を入力してください。")},
    )


class ValueForm(SetForm):
    field_order = ("value", "holds_from", "reason")
    value = forms.CharField(label=gettext_lazy("新しい値"), max_length=20, required=False)


class TextForm(SetForm):
    """``read``: the text that was shown as people will see it."""

    field_order = ("value", "holds_from", "reason")
    value = forms.CharField(
        label=gettext_lazy("文"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "cols": 60}),
        help_text=gettext_lazy("400文字まで。書式や画像は使えません。空欄にすると、表示をやめます。"),
        error_messages={"max_length": gettext_lazy("400文字以内で入力してください。")},
    )
    read = forms.CharField(required=False, widget=forms.HiddenInput)


@needs("booking.view_policyvalue")
def overview(request: HttpRequest) -> HttpResponse:
    """Everything on one page. Two queries."""
    now = clock.now()
    values, texts = list(policy_history()), list(text_history())
    page = {
        "title": _("運用の設定"),
        "values": [_entry(key, label, [row for row in values if row.key == key], now) for key, label in PolicyValue.Key.choices],
        "texts": [_entry(key, label, [row for row in texts if row.key == key], now) for key, label in NoticeText.Key.choices],
    }
    return TemplateResponse(request, "admin/booking/calendar/policy.html", {**admin.site.each_context(request), **page})


@needs("booking.add_policyvalue")
def value(request: HttpRequest, key: str) -> HttpResponse:
    """Set one number."""
    if key not in PolicyValue.Key.values:
        raise Http404
    label, now = PolicyValue.Key(key).label, clock.now()
    entry = _entry(key, label, list(policy_history().filter(key=key)), now)
    form = _value_form(request, key, entry)
    if form.is_valid():
        filled = form.cleaned_data
        try:
            calendar.set_policy(
                key, filled["value"], by=staff_of(request), reason=filled["reason"], now=now, holds_from=filled["holds_from"]
            )
        except ClosesAfterAnswer as refusal:
            form.add_error("value", _closes_too_late(refusal))
        except HoursTooShort as refusal:
            form.add_error("value", _hours_too_short(refusal))
        except NotAPolicyValue:
            form.add_error("value", _("この値は使えません。%(bounds)s") % {"bounds": bounds_in_words(key)})
        else:
            messages.success(request, _("%(label)sを設定しました。") % {"label": label})
            return redirect(PAGE)
    facts = [(_("いまの値"), entry.value), (_("初めの値"), entry.default)]
    about = {"lead": entry.note, "facts": facts}
    return action_page(request, admin.site, title=label, form=form, submit=_("設定する"), back=reverse(PAGE), **about)


@needs("booking.add_policyvalue")
def text(request: HttpRequest, key: str) -> HttpResponse:
    """Set one text: shown first as people will see it, set when that was read."""
    if key not in NoticeText.Key.values:
        raise Http404
    label, now = NoticeText.Key(key).label, clock.now()
    entry = _entry(key, label, list(text_history().filter(key=key)), now)
    form = TextForm(request.POST or None, initial={"value": entry.now.text if entry.now else ""})
    shown = None
    if form.is_valid():
        filled = form.cleaned_data
        if filled["read"] == filled["value"] and "read" in request.POST and request.POST.get("step") == "set":
            calendar.set_text(key, filled["value"], by=staff_of(request), reason=filled["reason"], now=now, holds_from=filled["holds_from"])
            messages.success(request, _("%(label)sを設定しました。") % {"label": label})
            return redirect(PAGE)
        shown = filled["value"]
        form.data = {**request.POST.dict(), "read": shown}
    page = {
        "title": label,
        "form": form,
        "shown": shown,
        "is_shown": shown is not None,
        "back": reverse(PAGE),
        "is_mail": key == "mail_closing",
    }
    return TemplateResponse(request, "admin/booking/calendar/text.html", {**admin.site.each_context(request), **page})


def _closes_too_late(refusal: ClosesAfterAnswer) -> str:
    times = {"closes": f"{refusal.closes:%H:%M}", "answer": f"{refusal.answer_by:%H:%M}"}
    return (
        _(
            "Web受付の締切は、回答の期限と同じ時刻か、それより前にしてください（締切%(closes)s・回答の期限%(answer)sになります）。両方を変えるときは、順番と適用開始を確かめてください。"
        )
        % times
    )


def _hours_too_short(refusal: HoursTooShort) -> str:
    hours = {"opens": f"{refusal.opens:%H:%M}", "closes": f"{refusal.closes:%H:%M}", "minutes": refusal.minutes}
    return (
        _(
            "開庁から閉庁までは、相談1回分（%(minutes)s分）より長くしてください（開庁%(opens)s・閉庁%(closes)sになります）。両方を変えるときは、順番と適用開始を確かめてください。"
        )
        % hours
    )


def _value_form(request: HttpRequest, key: str, entry: Entry) -> ValueForm:
    """The form for this key: two words to choose from, or a number within its bounds."""
    form = ValueForm(request.POST or None)
    if key in SWITCHES:
        present = next(stored for stored, words in SWITCHES[key].items() if str(words) == entry.value)
        form.fields["value"] = forms.ChoiceField(label=_("新しい値"), choices=list(SWITCHES[key].items()), initial=present, widget=Choice)
        form.order_fields(form.field_order)
    else:
        form.fields["value"].help_text = bounds_in_words(key)
    return form


def bounds_in_words(key: str) -> str:
    """What may be entered for this key."""
    if key.endswith("_at"):
        return _("時刻を「15:00」のように入力してください。")
    least, most = BOUNDS[key]
    words = _("%(least)dから%(most)dまでの数字を入力してください。") % {"least": least, "most": most}
    return words + _("空欄にすると、%(empty)sです。") % {"empty": value_in_words(key, "")} if key in MAY_BE_EMPTY else words


def _entry(key: str, label: Any, rows: Sequence[Any], now: datetime) -> Entry:
    held = [row for row in rows if row.holds_from <= now]
    current = held[0] if held else None
    default = value_in_words(key, stored_form(DEFAULTS[key])) if key in DEFAULTS else ""
    value = (value_in_words(key, current.value) if isinstance(current, PolicyValue) else current.text) if current else default
    return Entry(key, label, NOTES.get(key, ""), value, default, current, [row for row in rows if row.holds_from > now][::-1], held[1:])
