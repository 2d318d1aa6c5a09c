"""What the public templates say with: dates and numbers in the house style, words for slots and states, banners.

Loaded with ``{% load portal %}``. Nothing here reads the database or the clock.
"""

from datetime import datetime
from typing import Any, Protocol

from django import template
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from booking.models import Booking
from booking.rules.slots import Mark, Offer, Reason
from toyooka_hw import wording

register = template.Library()

for formatter in (
    wording.ja_date,
    wording.ja_short_date,
    wording.ja_spoken_date,
    wording.ja_time,
    wording.ja_spoken_time,
    wording.ja_datetime,
    wording.ja_short_datetime,
    wording.ja_limit,
    wording.ja_short_limit,
    wording.ja_duration,
    wording.reiwa,
    wording.show_phone,
    wording.mask_phone,
    wording.mask_number,
    wording.mask_mail,
):
    register.filter(formatter.__name__, formatter)

register.filter("ja_until", wording.ja_time_span)

Words = str | Promise

MARK_WORDS: dict[Mark, Words] = {
    Mark.FREE: _("空きあり"),
    Mark.FEW: _("残りわずか"),
    Mark.CLOSED: _("受付終了"),
    Mark.NONE: _("受付なし"),
}
# Only where the reason tells more than the mark does.
REASON_WORDS: dict[Reason, Words] = {
    Reason.FULL: _("満席"),
    Reason.FIRST_TIMERS_FULL: _("初めての方の受付終了"),
    Reason.BEYOND_HORIZON: _("受付開始前"),
}
STEPS: tuple[Words, ...] = (
    _("日時の選択"),
    _("利用規約と利用環境の確認"),
    _("メールアドレスの確認"),
    _("申込者の情報"),
    _("内容の確認"),
    _("受付完了"),
)
# state → (colour of the chip, what it means for the person). The label itself belongs to the model.
STATES: dict[str, tuple[str, Words]] = {
    "requested": ("blue", _("お申込みを受け付けました。予約はまだ確定していません。")),
    "proposed": ("yellow", _("別の日時をご提案しています。ご確認ください。")),
    "confirmed": ("green", _("予約が確定しました。")),
    "completed": ("gray", _("相談は終了しました。")),
    "declined": ("red", _("ほかの日時や、窓口・お電話での相談をご利用ください。")),
    "expired": ("red", _("前日までに日程を確定できませんでした。")),
    "withdrawn": ("gray", _("お申込みの取下げを承りました。")),
    "cancelled_by_user": ("gray", _("キャンセルのご連絡を承りました。")),
    "cancelled_no_contact": (
        "red",
        _("開始時刻を過ぎてもご連絡がなかったため、キャンセルとして取り扱いました。"),
    ),
    "cancelled_by_office": ("red", _("ご迷惑をおかけして申し訳ありません。")),
    "stopped": ("gray", _("相談を途中で中止しました。")),
}
LABELS: dict[tuple[str, str], Words] = {
    ("ad_hoc", "confirmed"): _("お受けしました"),
    ("interview", "confirmed"): _("日時確定"),
    ("interview", "cancelled_by_user"): _("取りやめ"),  # whichever side called is none of the other's business
}


class Span(Protocol):
    """Anything with a start and an end, such as an Interval."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...


@register.filter
def ja_span(span: Span) -> str:
    """``2026年9月24日（木）10:00～10:30`` of an Interval; for two moments use ``start|ja_until:end``."""
    return wording.ja_time_span(span.start, span.end)


@register.filter
def selectable(offer: Offer) -> bool:
    """Whether the public page lets this start be chosen."""
    return offer.mark in (Mark.FREE, Mark.FEW)


@register.filter
def slot_words(offer: Offer) -> Words:
    """What stands beside the mark of a start: ``空きあり``, ``満席``, ``受付終了`` …"""
    if selectable(offer):
        return MARK_WORDS[offer.mark]
    return REASON_WORDS.get(offer.reasons[0], MARK_WORDS[offer.mark])


@register.filter
def state_tone(state: str) -> str:
    """The colour of a state's chip: blue, yellow, green, red or gray."""
    return STATES[state][0]


@register.filter
def state_label(booking: Booking) -> Words:
    """The state in a word, where the model's own does not fit the kind: nobody reserves an immediate session, and an interview has two sides."""
    return LABELS.get((booking.kind, booking.state)) or booking.get_state_display()


@register.filter
def state_words(state: str) -> Words:
    """What a state means for the person, in a sentence."""
    return STATES[state][1]


@register.simple_tag
def booking_steps(current: int) -> list[dict[str, Any]]:
    """The steps of an application; those before ``current`` (from 1) are done."""
    return [
        {"number": number, "label": label, "done": number < current, "current": number == current}
        for number, label in enumerate(STEPS, start=1)
    ]


@register.simple_block_tag
def notice(content: SafeString, kind: str, heading: Words = "") -> SafeString:
    """A banner of kind info, success, warning or error around rich content: ``{% notice "info" "見出し" %}…{% endnotice %}``."""
    return render_to_string("components/notice.html", {"kind": kind, "heading": heading, "body": content})
