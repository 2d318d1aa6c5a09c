"""People to be told by phone, because no mail reached them or none would in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.asked import asked_day
from booking.admin.call_words import WHY_WORDS
from booking.admin.seminars.calls import rows_to_phone
from booking.models.bookings import Kind, State
from booking.queries import Call, Unreachable, calls, unreachable
from booking.rules.lifecycle import Event
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.bounces import in_words
from toyooka_hw.site import Addresses, needs

SAY_WORDS = {
    Event.PROPOSE: gettext_lazy("別の日時をご提案していること。お返事は「提案の承諾を記録」か「提案の辞退を記録」に入力してください。"),
    Event.RELEASE: gettext_lazy("ご提案した日時を取りやめたこと。おわびと、あらためて調整してご連絡すること。"),
    Event.CONFIRM: gettext_lazy("予約が確定したこと。"),
    Event.ACCEPT: gettext_lazy("ご承諾いただいた日時で、予約が確定したこと。"),
    Event.REINSTATE: gettext_lazy("期限切れになったお申込みを確定し、相談を受けられること。"),
    Event.MOVE: gettext_lazy("日時が変わったこと。"),
    Event.BY_PHONE: gettext_lazy(
        "日時はそのままで、Zoomではなく電話で行うこと。開始時刻に、登録の電話番号へこちらからおかけすること。Zoomは使えないこと。"
    ),
    Event.BY_ZOOM: gettext_lazy("電話ではなく、やはりZoomで行うこと。日時は変わらないこと。おわび。"),
    Event.DECLINE: gettext_lazy("お申込みをお受けできなかったこと。窓口・電話での相談や、ほかの日時のご案内。"),
    Event.EXPIRE: gettext_lazy("前日までに日程を確定できず、期限切れになったこと。窓口・電話での相談や、ほかの日時のご案内。"),
    Event.CANCEL_NO_CONTACT: gettext_lazy(
        "ご連絡がなかったため、キャンセルとして取り扱ったこと。行き違いのときは「記録を訂正する」に入力してください。"
    ),
    Event.CANCEL_BY_OFFICE: gettext_lazy("ハローワークの都合で中止すること。おわびと、ほかの日時のご案内。"),
    Event.CORRECT_TO_CONFIRMED: gettext_lazy("記録を訂正し、予約がそのまま有効であること。"),
    Event.CORRECT_TO_COMPLETED: gettext_lazy("記録を訂正し、相談を実施したと記録したこと。"),
    Event.CORRECT_TO_CANCELLED_BY_OFFICE: gettext_lazy(
        "記録を訂正し、ハローワークの都合による中止と記録したこと。おわびと、ほかの日時のご案内。"
    ),
    Event.CORRECT_TO_CANCELLED_BY_USER: gettext_lazy("記録を訂正し、ご連絡をいただいたキャンセルと記録したこと。"),
}
# What the same step means where nobody reserved; who was to come to an interview hears only that they are no longer expected.
SAY_NOW = {
    Event.CONFIRM: gettext_lazy("いますぐの相談をお受けすること。"),
    Event.DECLINE: gettext_lazy("いますぐの相談をお受けできなかったこと。窓口・電話での相談や、予約のご案内。"),
    Event.EXPIRE: gettext_lazy("時間内にお受けできず、いますぐの相談のお申込みを終了したこと。おわびと、予約のご案内。"),
    Event.CANCEL_BY_OFFICE: gettext_lazy("いますぐの相談を終了したこと。予約のご案内。"),
}
SAY_OF_INTERVIEWS = {
    Event.CONFIRM: gettext_lazy("日時が決まったこと。"),
    Event.REPLACE: gettext_lazy(
        "参加される求職者が変わり、日時は変わらないこと。新しく参加される方には、日時が決まったこと。どちらにも、事情はお伝えしないでください。"
    ),
    Event.DECLINE: gettext_lazy("ご依頼をお受けできなかったこと。電話での相談や、ほかの日時のご案内。"),
    Event.EXPIRE: gettext_lazy("ご希望の日時までに調整できず、ご依頼を終了したこと。おわびと、ほかの日時のご案内。"),
    Event.CANCEL_BY_USER: gettext_lazy(
        "参加される方のご連絡により、取りやめになったこと。どなたのどのような事情かは、お伝えしないでください。"
    ),
    Event.CANCEL_BY_OFFICE: gettext_lazy("中止すること。おわびと、ほかの日時のご案内。"),
    Event.CORRECT_TO_CONFIRMED: gettext_lazy("記録を訂正し、予定どおりに行うこと。"),
    Event.CORRECT_TO_COMPLETED: gettext_lazy("記録を訂正し、実施したと記録したこと。"),
    Event.CORRECT_TO_CANCELLED_BY_OFFICE: gettext_lazy("記録を訂正し、中止したと記録したこと。おわび。"),
    Event.CORRECT_TO_CANCELLED_BY_USER: gettext_lazy("記録を訂正し、ご連絡により取りやめたと記録したこと。"),
}
SAY = {Kind.RESERVED.value: SAY_WORDS, Kind.AD_HOC.value: SAY_WORDS | SAY_NOW, Kind.INTERVIEW.value: SAY_WORDS | SAY_OF_INTERVIEWS}
LEFT = gettext_lazy("面接に参加される予定を取り消したこと。事情や、どなたが参加されるかは、お伝えしないでください。")
BY_VOICE = gettext_lazy("ZoomのミーティングIDとパスコードは、当日の開始前にお電話でお伝えすること。")


@dataclass(frozen=True, slots=True)
class Row:
    """One call as the list shows it. ``replies``: the buttons for what the person may answer at once.

    ``whom``: the people of an interview, each with buttons of their own. ``reason``: where they read it, too.
    """

    call: Call
    why: Any
    say: Sequence[Any]
    whom: Sequence[Person | None]
    reason: str
    replies: Sequence[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class LostRow:
    """Somebody whom no mail reaches as the list shows them."""

    call: Unreachable
    why: Any


REPLIES: dict[str, tuple[tuple[str, Any], ...]] = {
    State.PROPOSED: (("accept", gettext_lazy("提案の承諾を記録")), ("refuse", gettext_lazy("提案の辞退を記録"))),
    State.CANCELLED_NO_CONTACT: (("correct", gettext_lazy("記録を訂正する")),),
}


@needs("booking.view_booking")
def phone_list(request: HttpRequest) -> HttpResponse:
    """Whom to phone, why, and what to say; ``?day=`` or ``?closure=`` leaves only the sessions of that day."""
    day = asked_day(request)
    now = clock.now()
    rows = [row_of(call) for call in calls(now=now, day=day)]
    lost = [] if day else unreachable(now=now, but=[row.call.booking.pk for row in rows])
    page = {
        "title": _("電話リスト"),
        "rows": rows,
        "seminars": rows_to_phone(now=now, day=day) if request.user.has_perm("booking.view_seminar") else [],
        "lost": [LostRow(each, in_words(each.mail.bounce)) for each in lost],
        "day": day,
        "here": request.get_full_path(),
    }
    return TemplateResponse(request, "admin/booking/calls.html", {**admin.site.each_context(request), **page})


def row_of(call: Call) -> Row:
    """The call in words."""
    event, kind = Event(call.event.event), call.booking.kind
    say = [LEFT if call.is_leaving else SAY[kind][event]]
    if call.booking.state == State.CONFIRMED and kind == Kind.RESERVED and not (call.booking.is_by_phone or call.booking.applicant.email):
        say.append(BY_VOICE)
    private = kind == Kind.INTERVIEW and event is not Event.DECLINE
    whom = call.people if kind == Kind.INTERVIEW else [None]
    return Row(call, WHY_WORDS[call.why], say, whom, "" if private else call.event.reason, REPLIES.get(call.booking.state, ()))


ADDRESSES: Addresses = (("calls/", phone_list, "booking_calls"),)
