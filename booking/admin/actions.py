"""The buttons of a booking: one table says which event, which form, which operation and what is said afterwards.

Whether a button stands follows from the table of the booking's life (``lifecycle.legal_events``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from booking.admin import deciding, forms
from booking.models import Booking
from booking.models.bookings import Kind, State
from booking.operations import access, bookings, calls, corrections, moving, outcomes, registrations, sessions
from booking.operations.bookings import Decision
from booking.operations.moving import Change
from booking.rules.calendar import tokyo_date
from booking.rules.lifecycle import CORRECTIONS, OPEN_STATES, Actor, Event, legal_events
from booking.rules.lifecycle import State as RuleState
from toyooka_hw.accounts.models import User

Filled = Mapping[str, Any]
FOLLOWED = frozenset({RuleState.CONFIRMED, RuleState.COMPLETED})  # during a session, or after it was held, the next one is made


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed a button: who, and when by both clocks."""

    by: User
    now: datetime
    wall: datetime

    @property
    def clocks(self) -> dict[str, Any]:
        return {"now": self.now, "wall": self.wall}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One button. ``tells``: the person gets a mail about it. ``listed``: it also stands in the work list.

    ``leads_to``: the address's name of a page of its own, where the button is no single press.
    """

    label: Any
    does: Any
    done: Any
    act: Callable[[Booking, Filled, Press], object] = lambda _booking, _filled, _press: None
    leads_to: str = ""
    form: type[forms.ActionForm] = forms.ActionForm
    events: frozenset[Event] = frozenset()
    where: Callable[[Booking], bool] | None = None
    from_start: bool = False
    that_day: bool = False
    tells: bool = False
    listed: bool = False
    grave: bool = False

    def stands(self, booking: Booking, *, now: datetime) -> bool:
        """Whether staff may press it now: the table of the booking's life allows it, or a fact of the booking asks for it."""
        if self.from_start and now < booking.starts_at:
            return False
        if self.that_day and tokyo_date(now) != tokyo_date(booking.starts_at):
            return False
        legal = legal_events(booking.rule_kind, booking.rule_state, Actor.STAFF)
        return not self.events.isdisjoint(legal) or (self.where is not None and self.where(booking))


def standing(booking: Booking, *, now: datetime) -> dict[str, Action]:
    """The buttons of this booking at this moment, by name."""
    return {name: action for name, action in ACTIONS.items() if action.stands(booking, now=now)}


def _decision(filled: Filled, press: Press) -> Decision:
    counsellor, host = filled["counsellor"], filled["host"]
    return Decision(filled["eligibility"], press.by, counsellor and counsellor.pk, host and host.pk, filled.get("reason", ""))


def _propose(booking: Booking, filled: Filled, press: Press) -> object:
    starts = [filled[name] for name in ("first", "second", "third") if filled[name]]
    return bookings.propose(booking.pk, starts, eligibility=filled["eligibility"], by=press.by, **press.clocks)


def _accept(booking: Booking, filled: Filled, press: Press) -> object:
    return bookings.accept(booking.pk, filled["start"], by=press.by, reason=filled.get("reason", ""), **press.clocks)


def _change(filled: Filled, press: Press) -> Change:
    counsellor, host = filled["counsellor"], filled["host"]
    return Change(press.by, filled["reason"], counsellor and counsellor.pk, host and host.pk, filled["seen"])


def _why(filled: Filled) -> dict[str, Any]:
    """The reason, and what was on the screen when it was given."""
    return {"reason": filled["reason"], "seen": filled["seen"]}


def _contact(booking: Booking, filled: Filled, press: Press) -> object:
    return sessions.record_contact(
        booking.pk,
        channel=filled["channel"],
        meaning=filled["meaning"],
        note=filled["note"],
        caller=filled["caller"],
        outcome=filled["outcome"],
        seen=filled["seen"],
        by=press.by,
        now=press.now,
        wall=press.wall,
    )


def _call(booking: Booking, filled: Filled, press: Press, *, reached: bool) -> object:
    return calls.record_call(booking.pk, reached=reached, seen=filled["seen"], note=filled["note"], by=press.by, now=press.now)


def _cancel_by_user(booking: Booking, filled: Filled, press: Press) -> object:
    said = {name: filled[name] for name in ("outcome", "channel", "caller", "note", "seen")}
    return sessions.cancel_by_user(booking.pk, **said, by=press.by, now=press.now, wall=press.wall)


def _cancel_by_office(booking: Booking, filled: Filled, press: Press) -> object:
    return sessions.cancel_by_office(booking.pk, outcome=filled["outcome"], **_why(filled), by=press.by, **press.clocks)


def _stop(booking: Booking, filled: Filled, press: Press) -> object:
    said = {name: filled[name] for name in ("outcome", "category", "note")}
    return outcomes.stop(booking.pk, **said, by=press.by, now=press.now, wall=press.wall)


def _correct(booking: Booking, filled: Filled, press: Press) -> object:
    state, outcome = filled["target"]
    if state == booking.state:
        return corrections.correct_outcome(booking.pk, outcome, **_why(filled), by=press.by, now=press.now)
    return corrections.correct(booking.pk, state, outcome=outcome, **_why(filled), by=press.by, **press.clocks)


ACTIONS: Mapping[str, Action] = {
    "confirm": Action(
        label=_("確定"),
        does=_("予約を確定し、Zoomミーティングを作成します。"),
        done=_("予約を確定しました。"),
        events=frozenset({Event.CONFIRM}),
        form=deciding.ConfirmForm,
        act=lambda booking, filled, press: bookings.confirm(booking.pk, _decision(filled, press), **press.clocks),
        tells=True,
        listed=True,
    ),
    "propose": Action(
        label=_("日時を提案"),
        does=_("ほかの日時を1～3件ご提案します。お返事があるまで、その時間を確保します。"),
        done=_("日時を提案しました。"),
        events=frozenset({Event.PROPOSE}),
        form=deciding.ProposeForm,
        act=_propose,
        tells=True,
        listed=True,
    ),
    "accept": Action(
        label=_("提案の承諾を記録"),
        does=_("利用者からお返事があった日時で、予約を確定します。"),
        done=_("予約を確定しました。"),
        events=frozenset({Event.ACCEPT}),
        form=forms.AcceptForm,
        act=_accept,
        tells=True,
        listed=True,
    ),
    "refuse": Action(
        label=_("提案の辞退を記録"),
        does=_("提案した日時の確保をやめ、申込みを未確定に戻します。"),
        done=_("提案の辞退を記録しました。ほかの日時を提案するか、お断りしてください。"),
        events=frozenset({Event.REFUSE}),
        act=lambda booking, filled, press: bookings.refuse(booking.pk, seen=filled["seen"], by=press.by, now=press.now),
        listed=True,
    ),
    "decline": Action(
        label=_("お断り"),
        does=_("お申込みをお受けできないことを、窓口・電話などほかの方法とあわせてお知らせします。"),
        done=_("お断りしました。"),
        events=frozenset({Event.DECLINE}),
        form=deciding.DeclineForm,
        act=lambda booking, filled, press: bookings.decline(booking.pk, **_why(filled), by=press.by, **press.clocks),
        tells=True,
        listed=True,
        grave=True,
    ),
    "check": Action(
        label=_("資格の確認"),
        does=_("相談の日の資格を、ハローワークシステムで見た結果のとおりに記録します。予約の状態は変わりません。"),
        done=_("資格の確認を記録しました。"),
        where=lambda booking: booking.rule_state in OPEN_STATES,
        form=deciding.EligibilityForm,
        act=lambda booking, filled, press: registrations.check_eligibility(booking.pk, filled["eligibility"], by=press.by, now=press.now),
    ),
    "adopt": Action(
        label=_("登録を申込みの内容に改める"),
        does=_("ハローワークシステムで確かめた氏名・求職番号が、申込みのとおりであるときに押してください。電話番号は変わりません。"),
        done=_("登録の氏名・求職番号を、申込みのとおりに改めました。"),
        where=lambda booking: bool(booking.stated_name or booking.stated_number),
        act=lambda booking, _filled, press: registrations.adopt_stated(booking.pk, by=press.by, now=press.now),
    ),
    "withdraw": Action(
        label=_("取下げを記録"),
        does=_("利用者からの申出により、申込みを取り下げます。キャンセルには数えません。"),
        done=_("取下げを記録しました。"),
        events=frozenset({Event.WITHDRAW}),
        act=lambda booking, filled, press: bookings.withdraw(booking.pk, seen=filled["seen"], by=press.by, **press.clocks),
        tells=True,
        grave=True,
    ),
    "reinstate": Action(
        label=_("期限切れ後に確定"),
        does=_("期限切れになった申込みを、例外として確定します。時間をもう一度確保します。"),
        done=_("予約を確定しました。"),
        events=frozenset({Event.REINSTATE}),
        form=deciding.ConfirmForm,
        act=lambda booking, filled, press: bookings.reinstate(booking.pk, _decision(filled, press), **press.clocks),
        tells=True,
    ),
    "move": Action(
        label=_("日時を変更"),
        does=_("ご本人と話し合って決めた、別の日時に変更します。Zoomミーティングと「ご予約の状況」のページも、新しい日時に変わります。"),
        done=_("日時を変更しました。"),
        events=frozenset({Event.MOVE}),
        form=forms.MoveForm,
        act=lambda booking, filled, press: moving.move(booking.pk, filled["start"], _change(filled, press), **press.clocks),
        tells=True,
        listed=True,
    ),
    "reassign": Action(
        label=_("担当者を変更"),
        does=_("同じ日時のまま、担当者かZoomホストを変更します。利用者へのお知らせは送りません。"),
        done=_("担当者を変更しました。"),
        events=frozenset({Event.REASSIGN}),
        form=forms.ReassignForm,
        act=lambda booking, filled, press: moving.reassign(booking.pk, _change(filled, press), **press.clocks),
    ),
    "release": Action(
        label=_("確保した日時を取りやめる"),
        does=_(
            "この日時では相談できなくなったときに、確保をやめます。利用者へのお知らせは送りません。続けて、ほかの日時を提案してください。"
        ),
        done=_("確保した日時を取りやめました。ほかの日時を提案するか、お断りしてください。"),
        events=frozenset({Event.RELEASE}),
        form=forms.ReasonForm,
        act=lambda booking, filled, press: moving.release(booking.pk, **_why(filled), by=press.by, **press.clocks),
        grave=True,
    ),
    "contact": Action(
        label=_("連絡を記録"),
        does=_("電話や窓口でのご連絡を記録します。記録がある予約は、待つ時間を過ぎても自動ではキャンセルになりません。"),
        done=_("連絡を記録しました。"),
        where=lambda booking: booking.rule_state in OPEN_STATES,
        form=forms.ContactForm,
        act=_contact,
        listed=True,
    ),
    "told": Action(
        label=_("電話でお知らせした"),
        does=_("いまの状態を、電話でお知らせしたと記録します。"),
        done=_("電話でお知らせしたことを記録しました。"),
        where=lambda booking: booking.rule_state in calls.TOLD_STATES,
        form=forms.CallForm,
        act=partial(_call, reached=True),
    ),
    "not_reached": Action(
        label=_("電話に出なかった"),
        does=_("お知らせの電話がつながらなかったと記録します。留守番電話に、番号などは残さないでください。"),
        done=_("つながらなかったことを記録しました。"),
        where=lambda booking: booking.rule_state in calls.TOLD_STATES,
        form=forms.CallForm,
        act=partial(_call, reached=False),
    ),
    "complete": Action(
        label=_("実施済"),
        does=_("相談を実施したことを記録します。"),
        done=_("実施済にしました。"),
        events=frozenset({Event.COMPLETE}),
        form=forms.CompleteForm,
        act=lambda booking, filled, press: sessions.complete(booking.pk, outcome=filled["outcome"], by=press.by, **press.clocks),
        from_start=True,
        listed=True,
    ),
    "cancel_by_user": Action(
        label=_("キャンセル（ご連絡あり）"),
        does=_("利用者からのご連絡により、予約をキャンセルします。"),
        done=_("キャンセル（ご連絡あり）にしました。"),
        events=frozenset({Event.CANCEL_BY_USER}),
        form=forms.CancelForm,
        act=_cancel_by_user,
        tells=True,
        listed=True,
        grave=True,
    ),
    "cancel_no_contact": Action(
        label=_("キャンセル（ご連絡なし）"),
        does=_("ご連絡がないまま、待つ時間を過ぎた予約を、キャンセルとして取り扱います。お知らせのメールは少しあとに送られます。"),
        done=_("キャンセル（ご連絡なし）にしました。"),
        events=frozenset({Event.CANCEL_NO_CONTACT}),
        form=forms.NoContactForm,
        act=lambda booking, filled, press: sessions.cancel_no_contact(booking.pk, outcome=filled["outcome"], by=press.by, **press.clocks),
        from_start=True,
        listed=True,
        grave=True,
    ),
    "cancel_by_office": Action(
        label=_("中止（ハローワークの都合）"),
        does=_("ハローワークの都合で中止します。利用者のキャンセルには数えません。"),
        done=_("中止にしました。"),
        events=frozenset({Event.CANCEL_BY_OFFICE}),
        form=forms.OfficeForm,
        act=_cancel_by_office,
        tells=True,
        listed=True,
        grave=True,
    ),
    "stop": Action(
        label=_("途中で中止"),
        does=_("相談を途中で打ち切ったことを、その事情とともに記録します。"),
        done=_("途中で中止したことを記録しました。"),
        events=frozenset({Event.STOP}),
        form=forms.StopForm,
        act=_stop,
        from_start=True,
        grave=True,
    ),
    "delay": Action(
        label=_("ハローワーク側の遅れを記録"),
        does=_("開始が遅れていることを記録します。待つ時間を過ぎても自動ではキャンセルになりません。"),
        done=_("ハローワーク側の遅れを記録しました。"),
        where=lambda booking: booking.state == State.CONFIRMED and not booking.office_delay,
        act=lambda booking, _filled, press: sessions.delay(booking.pk, by=press.by, now=press.now),
    ),
    "next": Action(
        label=_("次回の予約を入れる"),
        does=_("相談をされている方の、次回の予約を入力します。"),
        done=_("次回の予約を入力しました。"),
        where=lambda booking: booking.rule_state in FOLLOWED and booking.kind == Kind.RESERVED,
        leads_to="admin:booking_next",
        from_start=True,
        that_day=True,
        listed=True,
    ),
    "correct": Action(
        label=_("記録を訂正する"),
        does=_("結果の記録を、理由を添えて訂正します。日締めのあとでも訂正できます。"),
        done=_("記録を訂正しました。"),
        events=CORRECTIONS - {Event.REINSTATE},
        form=forms.CorrectForm,
        act=_correct,
        listed=True,
    ),
    "renew_link": Action(
        label=_("ページのリンクを送り直す"),
        does=_("「ご予約の状況」のページのリンクを新しくして、メールでお送りします。これまでのリンクは使えなくなります。"),
        done=_("リンクを新しくしました。"),
        where=lambda booking: booking.rule_state in OPEN_STATES and bool(booking.applicant.email),
        act=lambda booking, _filled, press: access.renew_link(booking.pk, by=press.by, **press.clocks),
        tells=True,
    ),
    "revoke_link": Action(
        label=_("ページのリンクを無効にする"),
        does=_("「ご予約の状況」のページのリンクを、使えないようにします。新しいリンクは送りません。"),
        done=_("リンクを無効にしました。"),
        where=lambda booking: booking.rule_state in OPEN_STATES,
        act=lambda booking, _filled, press: access.revoke_link(booking.pk, by=press.by, now=press.now),
        grave=True,
    ),
    "notice": Action(
        label=_("お知らせをすぐに送る"),
        does=_("キャンセル（ご連絡なし）のお知らせを、予定を待たずに送ります。"),
        done=_("お知らせを送ります。"),
        where=lambda booking: booking.state == State.CANCELLED_NO_CONTACT and booking.notice_due_at is not None,
        act=lambda booking, _filled, press: sessions.send_no_contact_notice(booking.pk, by=press.by, **press.clocks),
        tells=True,
    ),
}
