"""The buttons of a session that was arranged: moving it, speaking with its person, saying how it ended."""

from collections.abc import Mapping
from functools import partial

from django.utils.translation import gettext_lazy as _

from booking.admin import forms
from booking.admin.buttons import NOT_RESERVED, RESERVED, Action, Filled, why
from booking.admin.instead import INSTEAD_ACTIONS, warn_of_link, warn_of_move
from booking.models import Booking
from booking.models.bookings import State
from booking.operations import access, calls, corrections, moving, no_contact, outcomes, sessions
from booking.operations.moving import Change
from booking.operations.press import Press
from booking.rules.lifecycle import CORRECTIONS, OPEN_STATES, Event, Kind
from booking.rules.lifecycle import State as RuleState

FOLLOWED = frozenset({RuleState.CONFIRMED, RuleState.COMPLETED})  # during a session, or after it was held, the next one is made


def _change(filled: Filled, press: Press) -> Change:
    counsellor, host = filled["counsellor"], filled["host"]
    return Change(press.by, filled["reason"], counsellor and counsellor.pk, host and host.pk, filled["seen"])


def _contact(booking: Booking, filled: Filled, press: Press) -> object:
    return sessions.record_contact(
        booking.pk,
        channel=filled["channel"],
        meaning=filled["meaning"],
        note=filled["note"],
        caller=filled["caller"],
        person=filled.get("person"),
        outcome=filled["outcome"],
        seen=filled["seen"],
        by=press.by,
        now=press.now,
        wall=press.wall,
    )


def _call(booking: Booking, filled: Filled, press: Press, *, reached: bool) -> object:
    said = {"seen": filled["seen"], "note": filled["note"], "person": filled.get("person")}
    return calls.record_call(booking.pk, reached=reached, **said, by=press.by, now=press.now)


def _cancel_by_user(booking: Booking, filled: Filled, press: Press) -> object:
    said = {name: filled[name] for name in ("outcome", "channel", "caller", "note", "seen")}
    return sessions.cancel_by_user(booking.pk, **said, person=filled.get("person"), by=press.by, now=press.now, wall=press.wall)


def _cancel_by_office(booking: Booking, filled: Filled, press: Press) -> object:
    return sessions.cancel_by_office(booking.pk, outcome=filled["outcome"], **why(filled), by=press.by, **press.clocks)


def _stop(booking: Booking, filled: Filled, press: Press) -> object:
    said = {name: filled[name] for name in ("outcome", "category", "note")}
    return outcomes.stop(booking.pk, **said, by=press.by, now=press.now, wall=press.wall)


def _correct(booking: Booking, filled: Filled, press: Press) -> object:
    state, outcome = filled["target"]
    if state == booking.state:
        return corrections.correct_outcome(booking.pk, outcome, **why(filled), by=press.by, now=press.now)
    return corrections.correct(booking.pk, state, outcome=outcome, **why(filled), by=press.by, **press.clocks)


SESSION_ACTIONS: Mapping[str, Action] = {
    "code": Action(
        label=_("番号の伝達・本人確認"),
        does=_("参加される方に番号をお伝えし、本人確認を記録します。"),
        done=_("記録しました。"),
        where=lambda booking: booking.state == State.CONFIRMED,
        leads_to="admin:booking_delivery",
        kinds=NOT_RESERVED,
        listed=True,
    ),
    "move": Action(
        label=_("日時を変更"),
        does=_("ご本人と話し合って決めた、別の日時に変更します。Zoomミーティングと「ご予約の状況」のページも、新しい日時に変わります。"),
        does_of={
            Kind.INTERVIEW: _(
                "参加される方と話し合って決めた、別の日時に変更します。Zoomミーティングも新しい日時に変わり、番号はあらためてお伝えします。"
            )
        },
        done=_("日時を変更しました。"),
        events=frozenset({Event.MOVE}),
        form=forms.MoveForm,
        act=lambda booking, filled, press: moving.move(booking.pk, filled["start"], _change(filled, press), **press.clocks),
        warning=warn_of_move,
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
        warning=warn_of_link,
    ),
    **INSTEAD_ACTIONS,
    "release": Action(
        label=_("確保した日時を取りやめる"),
        does=_(
            "この日時では相談できなくなったときに、確保をやめます。利用者へのお知らせは送りません。続けて、ほかの日時を提案してください。"
        ),
        done=_("確保した日時を取りやめました。ほかの日時を提案するか、お断りしてください。"),
        events=frozenset({Event.RELEASE}),
        form=forms.ReasonForm,
        act=lambda booking, filled, press: moving.release(booking.pk, **why(filled), by=press.by, **press.clocks),
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
    "seeker": Action(
        label=_("求職者を替える"),
        does=_("面接に参加する求職者を替えます。"),
        done=_("面接の求職者を替えました。"),
        events=frozenset({Event.REPLACE}),
        leads_to="admin:booking_interview_seeker",
    ),
    "cancel_by_user": Action(
        label=_("キャンセル（ご連絡あり）"),
        does=_("利用者からのご連絡により、予約をキャンセルします。"),
        done=_("キャンセル（ご連絡あり）にしました。"),
        events=frozenset({Event.CANCEL_BY_USER}),
        form=forms.CancelForm,
        act=_cancel_by_user,
        warning=warn_of_link,
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
        act=lambda booking, filled, press: no_contact.cancel_no_contact(booking.pk, outcome=filled["outcome"], by=press.by, **press.clocks),
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
        warning=warn_of_link,
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
        kinds=RESERVED,
    ),
    "next": Action(
        label=_("次回の予約を入れる"),
        does=_("相談をされている方の、次回の予約を入力します。"),
        done=_("次回の予約を入力しました。"),
        where=lambda booking: booking.rule_state in FOLLOWED,
        leads_to="admin:booking_next",
        from_start=True,
        that_day=True,
        listed=True,
        kinds=RESERVED,
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
        kinds=RESERVED,
    ),
    "revoke_link": Action(
        label=_("ページのリンクを無効にする"),
        does=_("「ご予約の状況」のページのリンクを、使えないようにします。新しいリンクは送りません。"),
        done=_("リンクを無効にしました。"),
        where=lambda booking: booking.rule_state in OPEN_STATES,
        act=lambda booking, _filled, press: access.revoke_link(booking.pk, by=press.by, now=press.now),
        grave=True,
        kinds=RESERVED,
    ),
    "notice": Action(
        label=_("お知らせをすぐに送る"),
        does=_("キャンセル（ご連絡なし）のお知らせを、予定を待たずに送ります。"),
        done=_("お知らせを送ります。"),
        where=lambda booking: booking.state == State.CANCELLED_NO_CONTACT and booking.notice_due_at is not None,
        act=lambda booking, _filled, press: no_contact.send_no_contact_notice(booking.pk, by=press.by, **press.clocks),
        tells=True,
    ),
}
