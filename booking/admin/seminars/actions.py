"""The buttons of a seminar: one table, in the order in which they stand; whether one stands follows from the table of its states.

Suspending and ending are the office's powers of article 8; people are told all the same (S8-1).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from booking.admin.buttons import Button, press_page, too_late
from booking.admin.forms import reason_field
from booking.admin.host_way import go_in
from booking.admin.seminars.facts import crumb_of, facts_of, page_of
from booking.models import Seminar
from booking.operations.seminars import giving, joining
from booking.operations.seminars.steps import changed, last_line
from booking.queries import unreached
from booking.rules.seminars import Event, State, legal_events
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import Addresses, needs, return_address


class StepForm(forms.Form):
    """About one seminar. ``seen``: the last line of its history that the page showed."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, seminar: Seminar, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = last_line(seminar.pk)


class ToldStepForm(StepForm):
    reason = reason_field(help_text=gettext_lazy("申込みをされた方へのメールに、このまま書かれます。"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeminarAction(Button[Seminar]):
    """One button of a seminar: the step it makes, or the fact that asks for it."""

    form: type[StepForm] = StepForm
    event: Event | None = None
    where: Callable[[Seminar, datetime], bool] | None = None

    def stands(self, row: Seminar, *, now: datetime) -> bool:
        legal = legal_events(row.rule_state, begun=now >= row.starts_at)
        return self.event in legal or (self.where is not None and self.where(row, now))


ACTIONS: Mapping[str, SeminarAction] = {
    "publish": SeminarAction(
        label=gettext_lazy("公開する"),
        does=gettext_lazy(
            "だれでも見られるようにし、申込みを受け付けます。担当者とZoomホストの時間を確保し、Zoomミーティングを準備します。共催の事業所には、メールでご案内します。"
        ),
        done=gettext_lazy("公開しました。"),
        event=Event.PUBLISH,
        act=lambda seminar, _filled, press: giving.publish(seminar.pk, press),
    ),
    "attendance": SeminarAction(
        label=gettext_lazy("出欠を記録"),
        does=gettext_lazy("どなたが参加されたかを記録します。"),
        where=lambda seminar, now: seminar.rule_state in (State.PUBLISHED, State.ENDED_EARLY) and now >= seminar.starts_at,
        leads_to="admin:booking_seminar_attendance",
    ),
    "close": SeminarAction(
        label=gettext_lazy("実施済にする"),
        does=gettext_lazy("実施したことを記録します。先に、全員の出欠を記録してください。"),
        done=gettext_lazy("実施済にしました。"),
        event=Event.CLOSE,
        act=lambda seminar, _filled, press: giving.close(seminar.pk, press),
    ),
    "change": SeminarAction(
        label=gettext_lazy("内容を変更"),
        does=gettext_lazy(
            "名称・日時・使用できる機能・録画・資料を変えると、申込みをされた方にメールでお知らせします。日時や担当者を変えると、時間を確保し直します。"
        ),
        done=gettext_lazy("内容を変更しました。"),
        event=Event.CHANGE,
        leads_to="admin:booking_seminar_edit",
    ),
    "suspend": SeminarAction(
        label=gettext_lazy("一時中止"),
        does=gettext_lazy(
            "利用規約第8条第1項により、事前の周知なく中止できます。再開するまで、どなたも入室・申込みができません。申込みをされた方の全員に、理由をメールでお知らせします。"
        ),
        done=gettext_lazy("一時中止にしました。"),
        event=Event.SUSPEND,
        form=ToldStepForm,
        act=lambda seminar, filled, press: giving.suspend(seminar.pk, press, reason=filled["reason"]),
        tells=True,
        grave=True,
    ),
    "resume": SeminarAction(
        label=gettext_lazy("再開"),
        does=gettext_lazy("入室と申込みを、また受け付けます。申込みをされた方の全員に、メールでお知らせします。"),
        done=gettext_lazy("再開しました。"),
        event=Event.RESUME,
        act=lambda seminar, _filled, press: giving.resume(seminar.pk, press),
        tells=True,
    ),
    "end_early": SeminarAction(
        label=gettext_lazy("途中で終了"),
        does=gettext_lazy(
            "利用規約第8条第1項により、事前の周知なく終了できます。Zoomミーティングは終わり、再開はできません。申込みをされた方の全員に、理由をメールでお知らせします。"
        ),
        done=gettext_lazy("途中で終了しました。"),
        event=Event.END_EARLY,
        form=ToldStepForm,
        act=lambda seminar, filled, press: giving.end_early(seminar.pk, press, reason=filled["reason"]),
        tells=True,
        grave=True,
    ),
    "cancel": SeminarAction(
        label=gettext_lazy("中止"),
        does=gettext_lazy(
            "実施を取りやめます（利用規約第8条第1項）。元には戻せません。担当者とZoomホストの時間は空きます。公開していたときは、申込みをされた方の全員に、理由をメールでお知らせします。"
        ),
        done=gettext_lazy("中止にしました。"),
        event=Event.CANCEL,
        form=ToldStepForm,
        act=lambda seminar, filled, press: giving.cancel(seminar.pk, press, reason=filled["reason"]),
        tells=True,
        grave=True,
    ),
}


def standing(seminar: Seminar, *, now: datetime) -> dict[str, SeminarAction]:
    """The buttons of this seminar at this moment, by name."""
    return {name: action for name, action in ACTIONS.items() if action.stands(seminar, now=now)}


@needs("booking.change_seminar")
def act(request: HttpRequest, seminar_id: int, name: str) -> HttpResponse:
    """The page of one button: GET shows what it does and its form, POST does the one operation."""
    if name not in ACTIONS:
        raise Http404
    action, now = ACTIONS[name], clock.now()
    seminar = get_object_or_404(Seminar.objects.select_related("counsellor", "host"), pk=seminar_id)
    back = return_address(request, page_of(seminar))
    if not action.stands(seminar, now=now):
        return too_late(request, seminar, changed(seminar), back)
    if action.leads_to:
        return redirect(f"{reverse(action.leads_to, args=[seminar.pk])}?{urlencode({'next': back})}")
    form = action.form(request.POST if request.method == "POST" else None, seminar=seminar)
    page = {"facts": facts_of(seminar), "crumb": crumb_of(seminar)}
    return press_page(request, action, seminar, form, now=now, back=back, said=_said(seminar, action, now=now), **page)


@needs("booking.change_seminar")
@require_POST
def host(request: HttpRequest, seminar_id: int) -> HttpResponse:
    """The office goes in: a fresh host link is opened that is stored nowhere, and the entrance stands in the audit."""
    seminar, now = get_object_or_404(Seminar, pk=seminar_id), clock.now()
    check, note = partial(joining.check_host, seminar, now=now), partial(joining.host_entered, seminar, by=staff_of(request), now=now)
    return go_in(request, seminar, check=check, note=note, back=return_address(request, page_of(seminar)))


def _said(seminar: Seminar, action: SeminarAction, *, now: datetime) -> str:
    """What was done, and that there are people to be phoned: their list stands on the seminar's page."""
    said = f"{seminar.number}：{action.done}"
    if not action.tells or seminar.rule_state is State.DRAFT:
        return said
    by_phone = len(unreached(seminar, now=now))
    words = _("メールの届かない方が%(count)s名います。下の「電話でお知らせする方」か「電話リスト」から、お電話ください。") % {
        "count": by_phone
    }
    return f"{said}{_('メールでお知らせします。')}{words if by_phone else ''}"


ADDRESSES: Addresses = (
    ("<int:seminar_id>/act/<slug:name>/", act, "booking_seminar_act"),
    ("<int:seminar_id>/host/", host, "booking_seminar_host"),
)
