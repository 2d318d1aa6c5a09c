"""The buttons of a request: until it is confirmed, declined, withdrawn or expired."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.admin import deciding, forms
from booking.admin.buttons import INTERVIEWS, RESERVED, Action, Filled, why
from booking.models import Booking
from booking.operations import bookings, registrations
from booking.operations.bookings import Decision
from booking.operations.press import Press
from booking.rules.lifecycle import OPEN_STATES, Event


def _decision(filled: Filled, press: Press) -> Decision:
    counsellor, host = filled["counsellor"], filled["host"]
    return Decision(filled["eligibility"], press.by, counsellor and counsellor.pk, host and host.pk, filled.get("reason", ""))


def _propose(booking: Booking, filled: Filled, press: Press) -> object:
    starts = [filled[name] for name in ("first", "second", "third") if filled[name]]
    return bookings.propose(booking.pk, starts, eligibility=filled["eligibility"], by=press.by, **press.clocks)


def _accept(booking: Booking, filled: Filled, press: Press) -> object:
    return bookings.accept(booking.pk, filled["start"], by=press.by, reason=filled.get("reason", ""), **press.clocks)


REQUEST_ACTIONS: Mapping[str, Action] = {
    "arrange": Action(
        label=_("日時を決める"),
        does=_("面接の日時、求職者、担当者を決めます。"),
        done=_("面接の日時を決めました。"),
        events=frozenset({Event.CONFIRM}),
        leads_to="admin:booking_interview_arrange",
        kinds=INTERVIEWS,
    ),
    "confirm": Action(
        label=_("確定"),
        does=_("予約を確定し、Zoomミーティングを作成します。"),
        done=_("予約を確定しました。"),
        events=frozenset({Event.CONFIRM}),
        form=deciding.ConfirmForm,
        act=lambda booking, filled, press: bookings.confirm(booking.pk, _decision(filled, press), **press.clocks),
        tells=True,
        listed=True,
        kinds=RESERVED,
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
        act=lambda booking, filled, press: bookings.decline(booking.pk, **why(filled), by=press.by, **press.clocks),
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
        kinds=RESERVED,
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
}
