"""What the public templates say of seminars and registrations. Loaded with ``{% load seminar_words %}``; reads neither database nor clock."""

from django import template
from django.utils.translation import gettext_lazy as _

from booking.models import Registration, Seminar
from booking.rules.seminars import OPEN_SEATS, Room, State
from booking.templatetags.portal import Words

register = template.Library()

ROOM: dict[Room, tuple[str, Words]] = {
    Room.FREE: ("green", _("空席あり")),
    Room.FEW: ("yellow", _("残りわずか")),
    Room.FULL: ("gray", _("満席（キャンセル待ち）")),
}
# state → (colour of the chip, what it means for whoever registered). The label itself belongs to the model.
STATES: dict[str, tuple[str, Words]] = {
    "published": ("green", _("予定どおり行います。")),
    "suspended": ("yellow", _("ただいま、この催しを一時中止しています。再開するとき、または中止するときは、メールでお知らせします。")),
    "ended_early": ("gray", _("この催しは、途中で終了しました。ご迷惑をおかけして申し訳ありません。")),
    "cancelled": ("red", _("この催しは、中止になりました。ご迷惑をおかけして申し訳ありません。")),
    "held": ("gray", _("この催しは終了しました。")),
}
SEATS: dict[str, tuple[str, Words]] = {
    "seated": ("green", _("参加が確定しています。")),
    "waiting": ("blue", _("席が空くのをお待ちいただいています。参加は、まだ確定していません。")),
    "offered": ("yellow", _("席が空きました。期限までにお返事ください。")),
    "withdrawn": ("gray", _("参加のお申込みを取り消しました。")),
    "lapsed": ("gray", _("ご案内した席は、ほかの方にお譲りしました。")),
    "removed": ("red", _("ハローワークの判断により、この催しへのご参加を停止しました。ご不明な点は、お電話でお尋ねください。")),
}


@register.filter
def room_tone(room: Room) -> str:
    """The colour of the chip that says how many seats are left."""
    return ROOM[room][0]


@register.filter
def room_label(room: Room) -> Words:
    """How many seats are left, in a word."""
    return ROOM[room][1]


@register.filter
def seminar_tone(seminar: Seminar) -> str:
    """The colour of a seminar's chip."""
    return STATES[seminar.state][0]


@register.filter
def seminar_words(seminar: Seminar) -> Words:
    """What a seminar's state means, in a sentence."""
    return STATES[seminar.state][1]


@register.filter
def standing_tone(row: Registration) -> str:
    """The colour of a registration's chip."""
    return _standing(row)[0]


@register.filter
def standing_label(row: Registration) -> Words:
    """Where a registration stands, in a word: a seat in what does not take place is no news."""
    return row.seminar.get_state_display() if _is_off(row) else row.get_seat_display()


@register.filter
def standing_words(row: Registration) -> Words:
    """What that means, in a sentence."""
    return _standing(row)[1]


def _standing(row: Registration) -> tuple[str, Words]:
    return STATES[row.seminar.state] if _is_off(row) else SEATS[row.seat]


def _is_off(row: Registration) -> bool:
    return row.rule_seat in OPEN_SEATS and row.seminar.rule_state is not State.PUBLISHED
