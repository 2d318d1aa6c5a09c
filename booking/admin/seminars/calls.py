"""Those whom no mail brings the news of a seminar: what to tell them, and that they were told (S8-1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from booking.admin.call_words import WHY_WORDS
from booking.admin.refusals import REFUSALS, told
from booking.admin.seminars.facts import page_of
from booking.admin.seminars.seat_actions import SeatAction, standing
from booking.models import RegistrationEvent, Seminar, SeminarCall
from booking.operations.seminars import calls
from booking.queries import ToPhone, calls_about, people_to_phone, unreached
from booking.rules.seminars import Event, Seat
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.models import Person
from toyooka_hw.site import Addresses, needs, return_address

SAY_OF_SEMINAR = {
    Event.PUBLISH: gettext_lazy("催しを公開したこと。当日は、求人者のページから入室できること。"),
    Event.CHANGE: gettext_lazy("日時や内容が変わったこと。いまの日時は左のとおりです。ほかの内容は、催しのページでお確かめください。"),
    Event.SUSPEND: gettext_lazy("一時中止にしたこと。再開するときは、あらためてお知らせすること。おわび。"),
    Event.RESUME: gettext_lazy("再開したこと。"),
    Event.END_EARLY: gettext_lazy("途中で終了したこと。おわび。"),
    Event.CANCEL: gettext_lazy("中止になったこと。おわびと、ほかの催しのご案内。"),
}
SAY_OF_PLACE = {
    Seat.SEATED: gettext_lazy("参加が確定したこと。入室のしかた（メールアドレスを登録すると、参加のページのリンクを送れること）。"),
    Seat.WAITING: gettext_lazy("キャンセル待ちであること。席が空いたら、ご案内すること。"),
    Seat.OFFERED: gettext_lazy("席が空いたこと。参加されるかどうか。お返事は、右のボタンで入力してください。"),
}
REPLIES = ("accept", "decline")
OUTCOMES = {
    "told": (True, gettext_lazy("電話でお知らせしたことを記録しました。")),
    "not_reached": (False, gettext_lazy("つながらなかったことを記録しました。")),
}


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call as the lists show it. ``replies``: the buttons for what the person may answer at once; ``reason``: where they read it, too."""

    call: ToPhone
    why: Any
    say: Any
    reason: str
    replies: Sequence[tuple[str, SeatAction]]


@dataclass(frozen=True, slots=True)
class KnownRow:
    """Somebody whom no mail reaches, and who has nothing to be told now; ``last``: the last call in which they were."""

    number: str
    person: Person
    last: SeminarCall | None


def rows_to_phone(*, now: datetime, day: date | None = None, only: int | None = None) -> list[CallRow]:
    """The calls in words. As many queries as ``people_to_phone``."""
    return [_row(call, now=now) for call in people_to_phone(now=now, day=day, only=only)]


def rows_known(seminar: Seminar, due: Sequence[CallRow], *, now: datetime) -> list[KnownRow]:
    """Whom the next news will not reach either, without those who are to be phoned anyway. Four queries."""
    talks = calls_about([seminar.pk]).get(seminar.pk, [])
    last = {call.person_id: call for call in talks if call.reached}
    phoned = {row.call.person.pk for row in due}
    return [KnownRow(number, person, last.get(person.pk)) for number, person in unreached(seminar, now=now) if person.pk not in phoned]


@needs("booking.change_seminar")
@require_POST
def record(request: HttpRequest, seminar_id: int, person_id: int, name: str) -> HttpResponse:
    """電話でお知らせした, or 出なかった: one press beside somebody in the list. ``about``: the news that was on the screen."""
    if name not in OUTCOMES:
        raise Http404
    seminar, person = get_object_or_404(Seminar, pk=seminar_id), get_object_or_404(Person, pk=person_id)
    reached, done = OUTCOMES[name]
    try:
        calls.record_call(seminar.pk, person.pk, request.POST.get("about", ""), reached=reached, by=staff_of(request), now=clock.now())
    except REFUSALS as refusal:
        messages.error(request, f"{seminar.number}　{person}：{told(refusal)}")
    else:
        messages.success(request, f"{seminar.number}　{person}：{done}")
    return redirect(return_address(request, page_of(seminar)))


def _row(call: ToPhone, *, now: datetime) -> CallRow:
    if isinstance(call.line, RegistrationEvent):
        say: Any = SAY_OF_PLACE[Seat(call.line.to_seat)]
        if call.line.to_seat == Seat.WAITING and call.line.from_seat == Seat.SEATED:
            say = _("定員の変更により、キャンセル待ちになったこと。おわび。")
        buttons = standing(call.registration, now=now) if call.registration else {}
        return CallRow(call, WHY_WORDS[call.why], say, "", [(each, buttons[each]) for each in REPLIES if each in buttons])
    return CallRow(call, WHY_WORDS[call.why], SAY_OF_SEMINAR[Event(call.line.event)], call.line.reason, [])


ADDRESSES: Addresses = (("<int:seminar_id>/calls/<int:person_id>/<slug:name>/", record, "booking_seminar_call"),)
