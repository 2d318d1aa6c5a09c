"""The buttons of one registration: what staff do for a person who phones, and the office's power to shut somebody out (S8-2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy

from booking.admin.buttons import Button, press_page, too_late
from booking.admin.forms import reason_field
from booking.admin.seminars.facts import crumb_of, facts_of_registration, people_page_of
from booking.models import Registration
from booking.operations.seminars import desk, people, seats
from booking.operations.seminars.seats import SeatChanged
from booking.rules.seminars import OCCUPYING, OPEN_SEATS, OVERRUN, Seat, State
from consent.models import TermsVersion
from consent.queries import SEMINAR, version_in_force
from toyooka_hw import clock
from toyooka_hw.site import Addresses, Choice, needs, return_address

FORBIDDEN_ACTS = 6  # the article
IN_ZOOM = gettext_lazy(
    "いま入室している方は、Zoomの画面でも退出していただいてください：「参加者」を開き、受付番号 %(number)s の方の「詳細」（…）から「削除」を押します。"
)


class SeatForm(forms.Form):
    """Nothing is asked; the press alone counts."""

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now


class RemoveForm(SeatForm):
    """The item of article 6 in the words of the terms in force, and what happened."""

    clause = forms.TypedChoiceField(
        label=gettext_lazy("該当する号（利用規約第6条）"),
        coerce=int,
        widget=Choice,
        error_messages={"required": gettext_lazy("該当する号を選んでください。")},
    )
    reason = reason_field(help_text=gettext_lazy("記録に残ります。ご本人には送られません。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = items_of(version_in_force(SEMINAR, now=self.now))
        self.fields["clause"].choices = [  # type: ignore[attr-defined]  # the stubs know only the plain Field
            (each.value, "：".join(filter(None, (str(each.label), words.get(each.value, ""))))) for each in Registration.Clause
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatAction(Button[Registration]):
    """One button of a registration; it stands in these seats, and where ``where`` agrees."""

    form: type[SeatForm] = SeatForm
    seats: frozenset[Seat]
    where: Callable[[Registration, datetime], bool]

    def stands(self, row: Registration, *, now: datetime) -> bool:
        return row.rule_seat in self.seats and self.where(row, now)


def _is_ahead(row: Registration, now: datetime) -> bool:
    return row.seminar.rule_state in OCCUPYING and now < row.seminar.ends_at


def _may_answer(row: Registration, now: datetime) -> bool:
    return row.seminar.rule_state is State.PUBLISHED and row.answer_by is not None and now < row.answer_by


def _may_be_there(row: Registration, now: datetime) -> bool:
    return row.seminar.rule_state in OCCUPYING and now < row.seminar.ends_at + OVERRUN


SEAT_ACTIONS: Mapping[str, SeatAction] = {
    "accept": SeatAction(
        label=gettext_lazy("席のご案内を受ける"),
        does=gettext_lazy("空席のご案内に「参加する」とのお返事があったことを記録します。参加が確定します。"),
        done=gettext_lazy("参加を確定しました。"),
        seats=frozenset({Seat.OFFERED}),
        where=_may_answer,
        act=lambda row, _filled, press: seats.answer(row.pk, accept=True, by=press.by, **press.clocks),
        tells=True,
    ),
    "decline": SeatAction(
        label=gettext_lazy("席のご案内を辞退"),
        does=gettext_lazy("空席のご案内を辞退するとのお返事を記録します。席は、次にお待ちの方へご案内します。"),
        done=gettext_lazy("辞退を記録しました。"),
        seats=frozenset({Seat.OFFERED}),
        where=_may_answer,
        act=lambda row, _filled, press: seats.answer(row.pk, accept=False, by=press.by, **press.clocks),
        tells=True,
        grave=True,
    ),
    "withdraw": SeatAction(
        label=gettext_lazy("取消し"),
        does=gettext_lazy("ご本人からのご連絡により、申込みを取り消します。席が空いたときは、次にお待ちの方へご案内します。"),
        done=gettext_lazy("申込みを取り消しました。"),
        seats=OPEN_SEATS,
        where=_is_ahead,
        act=lambda row, _filled, press: seats.withdraw(row.pk, by=press.by, **press.clocks),
        tells=True,
        grave=True,
    ),
    "link": SeatAction(
        label=gettext_lazy("参加リンクを送り直す"),
        does=gettext_lazy("参加のページのリンクを新しくして、メールでお送りします。これまでのリンクは使えなくなります。"),
        done=gettext_lazy("リンクを新しくしました。"),
        seats=OPEN_SEATS,
        where=lambda row, now: _is_ahead(row, now) and bool(row.reader.email),
        act=lambda row, _filled, press: desk.renew_link(row.pk, by=press.by, **press.clocks),
        tells=True,
    ),
    "remove": SeatAction(
        label=gettext_lazy("参加を停止する"),
        does=gettext_lazy(
            "利用規約第6条に反した方の参加を、この催しに限って停止します（第8条第2項）。参加のリンクはすぐに使えなくなります。お知らせのメールは送りません。ほかの催しや相談の利用は、制限されません。"
        ),
        done=gettext_lazy("参加を停止しました。ミーティングに入室しているときは、Zoomの画面でも退出させてください。"),
        seats=OPEN_SEATS,
        where=_may_be_there,
        form=RemoveForm,
        act=lambda row, filled, press: people.remove(row.pk, clause=filled["clause"], reason=filled["reason"], by=press.by, **press.clocks),
        grave=True,
    ),
}


def standing(row: Registration, *, now: datetime) -> dict[str, SeatAction]:
    """The buttons of this registration at this moment, by name."""
    return {name: action for name, action in SEAT_ACTIONS.items() if action.stands(row, now=now)}


@needs("booking.change_seminar")
def act(request: HttpRequest, registration_id: int, name: str) -> HttpResponse:
    """The page of one button: GET shows what it does and its form, POST does the one operation."""
    if name not in SEAT_ACTIONS:
        raise Http404
    action, now = SEAT_ACTIONS[name], clock.now()
    row = get_object_or_404(Registration.objects.select_related("person__merged_into", "seminar__counsellor"), pk=registration_id)
    back = return_address(request, people_page_of(row.seminar))
    if not action.stands(row, now=now):
        return too_late(request, row, SeatChanged(row), back)
    in_zoom = IN_ZOOM % {"number": row.number} if name == "remove" else ""
    said = f"{row.number} {row.reader}：{action.said(by_mail=bool(row.reader.email))}{in_zoom}"
    page = {"facts": facts_of_registration(row), "person": row.reader, "crumb": crumb_of(row.seminar), "warning": in_zoom}
    form = action.form(request.POST if request.method == "POST" else None, now=now)
    return press_page(request, action, row, form, now=now, back=back, said=said, **page)


def items_of(version: TermsVersion | None) -> dict[int, str]:
    """The items of article 6 by their number, as the terms in force word them; empty where they list none."""
    found = [each for each in (version.articles if version else []) if each["number"] == FORBIDDEN_ACTS and not each.get("branch")]
    items = [item for article in found for paragraph in article["paragraphs"] for item in paragraph["items"]]
    return {number: item["text"] for number, item in enumerate(items, start=1)}


ADDRESSES: Addresses = (("people/<int:registration_id>/<slug:name>/", act, "booking_seminar_seat"),)
