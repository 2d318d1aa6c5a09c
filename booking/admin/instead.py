"""The buttons for when Zoom does not do: the telephone instead, and, as the last resort, a link that staff enter."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin import forms
from booking.admin.buttons import Action, Filled, why
from booking.admin.link_form import ManualLinkForm
from booking.models import Booking, Meeting
from booking.models.bookings import State
from booking.operations import manual_links, telephone
from booking.operations.delivery import is_callable
from booking.operations.manual_links import Link, NotByHand, check_lack
from booking.operations.press import Press
from booking.operations.sessions import HeldByPhone, JoinOver
from booking.queries import readers_of
from booking.rules.lifecycle import Event, Kind

BY_HAND = gettext_lazy(
    "手入力のリンクで行う予約です。日時・Zoomホストの変更や、中止・取りやめのあとは、そのリンクは使えません。Zoomのサイトで、その"
    "ミーティングを削除してください。"
)


def _warn_of_call(booking: Booking, now: datetime) -> Any:
    """Whom nobody may call yet: only the registered number is ever called back (C6-2-3c); and a link that is left over."""
    missing = [str(person) for person in readers_of(booking) if not is_callable(person.merged_into or person, now=now)]
    words = _(
        "確認済みの電話番号がないか、本日変更された方がいます：%(names)s。切り替えたあと、「本人情報の確認」をしてからおかけください。"
    )
    numbers = words % {"names": _("、").join(missing)} if missing else ""
    return f"{numbers}{warn_of_link(booking, now)}"


def warn_of_move(booking: Booking, _now: datetime) -> Any:
    """What a move takes with it: the telephone, or a link that staff entered for the former time."""
    if booking.is_by_phone:
        return gettext_lazy("電話で行うことになっている予約です。日時を変更すると、Zoomで行う予約に戻ります。")
    return warn_of_link(booking, _now)


def warn_of_link(booking: Booking, _now: datetime) -> Any:
    """What the end of a session, or another host, takes with it."""
    meeting = meeting_of(booking)
    return BY_HAND if meeting and meeting.manual_at else ""


def meeting_of(booking: Booking) -> Meeting | None:
    """The booking's meeting, where one was ever wanted."""
    return getattr(booking, "meeting", None)


def _lacks_meeting(booking: Booking, now: datetime) -> bool:
    try:
        check_lack(booking, now=now)
    except (JoinOver, HeldByPhone, manual_links.MeetingStands):
        return False
    return True


def _is_by_hand(booking: Booking) -> bool:
    meeting = meeting_of(booking)
    return booking.state == State.CONFIRMED and meeting is not None and meeting.manual_at is not None


def _is_left(booking: Booking) -> bool:
    meeting = meeting_of(booking)
    return meeting is not None and meeting.to_delete_by_hand


def _refuse_link(_booking: Booking, _now: datetime) -> None:
    raise NotByHand


def _enter(booking: Booking, filled: Filled, press: Press) -> object:
    link = Link(filled["join_url"], filled["meeting_id"], filled["passcode"])
    return manual_links.enter(booking.pk, link, by=press.by, **press.clocks)


INSTEAD_ACTIONS: Mapping[str, Action] = {
    "by_phone": Action(
        label=gettext_lazy("電話に切り替える"),
        does=gettext_lazy(
            "同じ日時のまま、Zoomではなく電話で行います。Zoomの入室とリンクはすぐに使えなくなります。登録の電話番号に、こちらからおかけください。"
        ),
        does_of={
            Kind.INTERVIEW: gettext_lazy(
                "同じ日時のまま、Zoomではなく電話で行います。Zoomはすぐに使えなくなります。参加される方それぞれの登録の電話番号に、こちらから"
                "おかけし、電話機の三者通話などでおつなぎください。番号は、お相手に伝えないでください。"
            )
        },
        done=gettext_lazy("電話で行うことにしました。"),
        events=frozenset({Event.BY_PHONE}),
        only=lambda booking, now: not booking.is_by_phone and now < booking.ends_at,
        check=lambda booking, now: telephone.refuse(booking, Event.BY_PHONE, now=now),
        warning=_warn_of_call,
        form=forms.NoteForm,
        act=lambda booking, filled, press: telephone.by_phone(booking.pk, **why(filled), by=press.by, **press.clocks),
        tells=True,
        listed=True,
    ),
    "by_zoom": Action(
        label=gettext_lazy("Zoomに戻す"),
        does=gettext_lazy("電話での実施を取りやめ、Zoomで行います。Zoomミーティングは、新しく作成します。"),
        does_of=dict.fromkeys(
            (Kind.AD_HOC, Kind.INTERVIEW),
            gettext_lazy(
                "電話での実施を取りやめ、Zoomで行います。Zoomミーティングを新しく作成しますので、番号をあらためてお伝えください。"
            ),
        ),
        done=gettext_lazy("Zoomで行うことに戻しました。"),
        events=frozenset({Event.BY_ZOOM}),
        only=lambda booking, now: booking.is_by_phone and now < booking.ends_at,
        check=lambda booking, now: telephone.refuse(booking, Event.BY_ZOOM, now=now),
        form=forms.NoteForm,
        act=lambda booking, filled, press: telephone.by_zoom(booking.pk, **why(filled), by=press.by, **press.clocks),
        tells=True,
        listed=True,
    ),
    "manual_link": Action(
        label=gettext_lazy("Zoomのリンクを手入力する"),
        does=gettext_lazy(
            "Zoomミーティングを自動で作成できないときの、最後の手段です。Zoomのサイトで、この予約のホストと日時のミーティングを作り（待機室とパスコードを"
            "付け、録画とAI機能は切る）、その内容を入力してください。予約ごとに別のミーティングを作ってください。"
        ),
        done=gettext_lazy("手入力のリンクで行うことにしました。"),
        where=lambda booking: booking.state == State.CONFIRMED,
        only=_lacks_meeting,
        check=lambda booking, now: check_lack(booking, now=now),
        form=ManualLinkForm,
        act=_enter,
    ),
    "manual_back": Action(
        label=gettext_lazy("手入力のリンクを取りやめる"),
        does=gettext_lazy("手入力のリンクを使わず、Zoomミーティングをもう一度、自動で作成します。"),
        done=gettext_lazy("手入力のリンクを取りやめました。Zoomミーティングを自動で作成します。"),
        where=_is_by_hand,
        check=_refuse_link,
        warning=warn_of_link,
        act=lambda booking, _filled, press: manual_links.take_back(booking.pk, by=press.by, **press.clocks),
    ),
    "manual_deleted": Action(
        label=gettext_lazy("Zoomのサイトで削除した"),
        does=gettext_lazy("手で作ったミーティングを、Zoomのサイトで削除したことを記録します。"),
        done=gettext_lazy("Zoomのサイトで削除したことを記録しました。"),
        where=_is_left,
        check=_refuse_link,
        act=lambda booking, _filled, press: manual_links.note_deleted(booking.pk, by=press.by, now=press.now),
    ),
}
