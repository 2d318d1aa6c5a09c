"""What staff read when an operation refuses: what is the matter, and what to do next."""

from functools import singledispatch

from django.utils.translation import gettext as _

from booking.admin.seminar_refusals import SEMINAR_REFUSALS
from booking.operations.access import NoPersonalPage
from booking.operations.applications import LateEntryNeedsConfirmation, OnlineUseRestricted, PhoneDiffers
from booking.operations.bookings import ConfirmLimitPassed, NotProposed, ProposesTheWish, SameTimeTwice
from booking.operations.calls import AlreadyTold
from booking.operations.clashes import TakesPartElsewhere
from booking.operations.corrections import PlaceTaken, SessionOver
from booking.operations.delivery import ConsentWithdrawn, NotInCharge, RouteClosed, TermsUnread
from booking.operations.employers import ContactUnknown, FormOfAnother, InterviewsNotTaken, TooManyRequests
from booking.operations.identity import IdentityUnchecked
from booking.operations.immediate import Barred, NotTakenNow, NotYourSwitch, WaitedTooLong
from booking.operations.interviews import CodeUnderWay, RequestOver
from booking.operations.invitations import InvitedTwice, Lack, NotReady, SeekerWanted
from booking.operations.manual_links import MeetingStands, NotByHand, NumberInUse
from booking.operations.meetings import HostLinkUnavailable
from booking.operations.merging import LoserHasBooking
from booking.operations.moving import NothingToMove
from booking.operations.no_contact import NeverOfThisKind, OfficeWasLate, SignOfLife
from booking.operations.one_open import OpenBookingExists
from booking.operations.outcomes import ConductUnexplained, DayClosed, DayNotOver, SessionsOpen
from booking.operations.registrations import EligibilityMissing, NothingStated
from booking.operations.seminars.seats import SeatChanged
from booking.operations.seminars.steps import SeminarChanged
from booking.operations.sessions import HeldByPhone, JoinOver, MeetingNotReady, NotYet, TooEarly
from booking.operations.telephone import HeldOtherwise
from booking.operations.transitions import MovedMeanwhile, ParticipantGone, ReasonMissing, StateChanged
from booking.queries import Bar
from booking.rules.outcomes import OutcomeUnfit
from booking.rules.slots import Reason, SlotRefused
from consent.operations import TermsNotInForce
from toyooka_hw.accounts.operations import (
    ContactOver,
    EstablishmentFixed,
    MailboxKnown,
    MergedAlready,
    MergeReasonMissing,
    NotMergeable,
    NotTheName,
    NumberTaken,
)
from toyooka_hw.wording import ja_short_datetime, ja_time

REFUSALS: tuple[type[Exception], ...] = (
    *SEMINAR_REFUSALS,
    StateChanged,
    ParticipantGone,
    AlreadyTold,
    SlotRefused,
    NothingToMove,
    OpenBookingExists,
    ReasonMissing,
    EligibilityMissing,
    NothingStated,
    ConfirmLimitPassed,
    LateEntryNeedsConfirmation,
    SignOfLife,
    OfficeWasLate,
    NeverOfThisKind,
    SessionOver,
    PlaceTaken,
    IdentityUnchecked,
    NoPersonalPage,
    NotProposed,
    ProposesTheWish,
    SameTimeTwice,
    PhoneDiffers,
    TermsNotInForce,
    MailboxKnown,
    HostLinkUnavailable,
    TooEarly,
    JoinOver,
    HeldByPhone,
    MeetingNotReady,
    MeetingStands,
    NumberInUse,
    NotByHand,
    NotYet,
    OutcomeUnfit,
    ConductUnexplained,
    DayNotOver,
    SessionsOpen,
    DayClosed,
    NotReady,
    SeekerWanted,
    InvitedTwice,
    TakesPartElsewhere,
    CodeUnderWay,
    RequestOver,
    LoserHasBooking,
    MergedAlready,
    MergeReasonMissing,
    NotMergeable,
    Barred,
    NotTakenNow,
    NotYourSwitch,
    WaitedTooLong,
    NotInCharge,
    RouteClosed,
    ConsentWithdrawn,
    TermsUnread,
    NotTheName,
    NumberTaken,
    EstablishmentFixed,
    ContactOver,
    ContactUnknown,
    FormOfAnother,
    InterviewsNotTaken,
    OnlineUseRestricted,
    TooManyRequests,
)
# Somebody else was faster: there is nothing left to correct in the form.
OVERTAKEN: tuple[type[Exception], ...] = (StateChanged, SeminarChanged, SeatChanged)


@singledispatch
def told(refusal: Exception) -> str:
    """The refusal in words."""
    return {
        ReasonMissing: _("理由を入力してください。"),
        MergeReasonMissing: _("理由を入力してください。"),
        NotMergeable: _("求職者と人事担当者、別の事業所の担当者、または同じ登録どうしは統合できません。"),
        ContactUnknown: _("この方の事業所が登録されていないか、担当を外れています。先に本人情報を確認してください。"),
        FormOfAnother: _("この画面は、別の方の依頼に使われています。画面を開き直して、もう一度入力してください。"),
        InterviewsNotTaken: _("面接の依頼は、ただいま受け付けない設定です。求人についての相談として入力するか、管理者に確認してください。"),
        OnlineUseRestricted: _("この方は、オンラインでの利用をお断りしている期間です。管理者に確認してください。"),
        TooManyRequests: _("この方の依頼が5件、お返事を待っています。先にそちらの日時を決めるか、お断りしてください。"),
        ContactOver: _("この方の登録は、すでに終了しているか、事業所の入力がまだありません。最新の内容を確かめてください。"),
        NumberTaken: _("この事業所番号は、別の事業所として登録されています。番号を確かめてください。"),
        EligibilityMissing: _("資格の確認の結果を選んでください。"),
        ConfirmLimitPassed: _("前日までの確定の期限を過ぎています。例外として確定するときは、理由を入力してください。"),
        LateEntryNeedsConfirmation: _("当日のご予約は、続けて確定してください。"),
        SignOfLife: _("ご連絡または入室の記録があるため、「ご連絡なし」にはできません。"),
        OfficeWasLate: _(
            "ハローワーク側の遅れの記録があるため、「ご連絡なし」にはできません。「中止（ハローワークの都合）」で記録してください。"
        ),
        NeverOfThisKind: _(
            "いますぐの相談と面接は、「ご連絡なし」にはできません。参加されなかったときは、「中止（ハローワークの都合）」で記録してください。"
        ),
        ParticipantGone: _("参加者が変わりました。画面を開き直してください。"),
        SessionOver: _("相談の時間が終わっているため、「予約確定」には戻せません。ほかの記録を選んでください。"),
        PlaceTaken: _("この時間には、すでにほかの予定が入っています。空いている日時で、新しく予約を入力してください。"),
        NoPersonalPage: _("この予約には、ご本人用のページはありません。番号は、マイページか折り返しの電話でお伝えください。"),
        ProposesTheWish: _("ご希望の日時と同じ日時が含まれています。その日時でよければ「確定」を押してください。"),
        NothingToMove: _("いまと同じ日時・担当者です。変更するところを選んでください。"),
        NothingStated: _("申込みの内容は、登録と同じです（ほかの職員が処理したところかもしれません）。"),
        SameTimeTwice: _("同じ日時が2回選ばれています。別の日時を選ぶか、空欄にしてください。"),
        NotProposed: _("その日時は、いまは提案していません。画面を開き直して選んでください。"),
        PhoneDiffers: _("登録の電話番号と異なります。電話番号の変更は、先に窓口でお手続きいただいてください。"),
        TermsNotInForce: _("利用規約が新しくなりました。新しい規約をご案内して、もう一度入力してください。"),
        MailboxKnown: _("このメールアドレスの方は、すでに登録されています。検索して選んでください。"),
        HostLinkUnavailable: _("Zoomの準備ができていないか、Zoomから応答がありません。少し待ってから、もう一度押してください。"),
        TooEarly: _("入室できるのは、開始の少し前からです。時刻になってから、もう一度押してください。"),
        MeetingNotReady: _("Zoomミーティングの準備ができていません。少し待ってから、もう一度押してください。"),
        HeldByPhone: _("この相談は、電話で行うことになっています。登録の電話番号におかけください。"),
        MeetingStands: _("Zoomミーティングは準備できているか、作成の途中です。手入力は要りません。画面を開き直してください。"),
        NotByHand: _("手入力のリンクは、いまはありません（ほかの職員が処理したところかもしれません）。"),
        OutcomeUnfit: _("結果の内訳を選び直してください。"),
        ConductUnexplained: _("規約第12条に反する行為のときは、区分を選び、経緯を入力してください。"),
        SeekerWanted: _("面接には求職者がお一人参加します。求人についての相談には、求職者は参加しません。"),
        InvitedTwice: _(
            "この方は、同じ依頼の別の面接に参加します。もう一度参加していただくときは、チェックを入れて、理由を入力してください。"
        ),
        CodeUnderWay: _(
            "アクセスコードの伝達を始めているため、求職者を替えられません。この面接を中止して、「面接を追加」から入力してください。"
        ),
        RequestOver: _("この依頼は、取下げかお断りで終わっています。あらためて依頼していただくよう、事業所にご案内ください。"),
        JoinOver: _("この予約は、時間が終わっているか、確定していません。"),
        WaitedTooLong: _("お待ちいただく時間を過ぎたため、この申込みは終了しました。ご本人には、メールでお知らせします。"),
        NotTakenNow: _("開庁時間の外か閉庁日のため、受付中にはできません。開庁時間になってから、もう一度押してください。"),
        NotYourSwitch: _("ほかの担当者の受付を切り替えられるのは、管理者だけです。"),
        NotInCharge: _("番号を扱えるのは、この相談の担当者だけです。担当者に伝えてください。"),
        RouteClosed: _("この方には、その方法ではお伝えできません。画面に出ている方法でお伝えください。"),
        ConsentWithdrawn: _(
            "利用規約への同意を取り下げた方がいるため、番号をお伝えできません。ご意向を確かめ、あらためて同意をいただくか、面接を中止してください。"
        ),
        TermsUnread: _("利用規約が新しくなり、まだ同意していない方がいます。同意をいただいてから、もう一度押してください。"),
    }[type(refusal)]


for _refused, _words in SEMINAR_REFUSALS.items():
    told.register(_refused, _words)


@told.register
def _state_changed(refusal: StateChanged) -> str:
    state = refusal.booking.get_state_display()
    if refusal.by:
        return _("すでに%(by)sさんが「%(state)s」にしました。") % {"by": refusal.by, "state": state}
    return _("すでに「%(state)s」になっています。") % {"state": state}


@told.register
def _barred(refusal: Barred) -> str:
    return BAR_WORDS[refusal.bar]()


@told.register
def _moved_meanwhile(refusal: MovedMeanwhile) -> str:
    if refusal.by:
        return _("画面を開いたあとで、%(by)sさんがこの予約を変更しました。もう一度、内容を確かめてください。") % {"by": refusal.by}
    return _("画面を開いたあとで、この予約が変更されました。もう一度、内容を確かめてください。")


@told.register
def _held_otherwise(refusal: HeldOtherwise) -> str:
    if refusal.booking.is_by_phone:
        return _("すでに%(by)sさんが「電話で実施」にしています。") % {"by": refusal.by}
    return _("この予約は、すでにZoomで行うことになっています。")


@told.register
def _number_in_use(refusal: NumberInUse) -> str:
    known = {"number": refusal.occasion.number}
    return _("このミーティングIDは、別の予約（%(number)s）で使われています。予約ごとに、別のミーティングを作ってください。") % known


@told.register
def _identity_unchecked(refusal: IdentityUnchecked) -> str:
    named = _("、").join(str(participant.person) for participant in refusal.participants)
    return _("本人確認の記録がないため、「実施済」にはできません：%(named)s。本人確認を記録してから、もう一度押してください。") % {
        "named": named
    }


@told.register
def _already_told(refusal: AlreadyTold) -> str:
    return _("すでに%(by)sさんが、%(at)sに電話でお知らせしています。") % {"by": refusal.by, "at": ja_short_datetime(refusal.at)}


@told.register
def _not_ready(refusal: NotReady) -> str:
    words = {
        Lack.UNVERIFIED: _(
            "%(name)sさんの本人情報を確認していません。利用者のページで「本人情報の確認」をしてから、もう一度押してください。"
        ),
        Lack.RESTRICTED: _("%(name)sさんは、オンラインでの利用をお断りしている期間です。管理者に確認してください。"),
        Lack.CONSENT: _("%(name)sさんは、現在の利用規約に同意していません。規約をご案内し、同意を得てから、もう一度押してください。"),
    }
    return words[refusal.lack] % {"name": refusal.person}


@told.register
def _takes_part_elsewhere(refusal: TakesPartElsewhere) -> str:
    known = {"name": refusal.person, "booking": refusal.booking}
    return _("%(name)sさんには、その時間に別の予約（%(booking)s）があります。別の日時にするか、その予約をご案内してください。") % known


@told.register
def _loser_has_booking(refusal: LoserHasBooking) -> str:
    return _("統合される方の登録に、進行中の予約（%(number)s）があります。残す方を入れ替えるか、先にその予約の結果を記録してください。") % {
        "number": refusal.booking.number
    }


@told.register
def _not_the_name(refusal: NotTheName) -> str:
    return _("この事業所番号は「%(name)s」として登録されています。番号と事業所名を確かめてください。") % {"name": refusal.establishment}


@told.register
def _establishment_fixed(refusal: EstablishmentFixed) -> str:
    return _(
        "この方は「%(name)s」の担当者として確認済みです。別の事業所の担当になった方には、別のメールアドレスで登録していただいてください。"
    ) % {"name": refusal.establishment}


@told.register
def _merged_already(refusal: MergedAlready) -> str:
    return _("%(name)sさんの登録（利用者 %(pk)s）は、すでに統合されています。") % {"name": refusal.person, "pk": refusal.person.pk}


@told.register
def _not_yet(refusal: NotYet) -> str:
    return _("まだ記録できません。%(at)sを過ぎてから、もう一度押してください。") % {"at": ja_short_datetime(refusal.at)}


@told.register
def _day_not_over(refusal: DayNotOver) -> str:
    return _("この日は、%(at)sを過ぎてから締めることができます。") % {"at": ja_short_datetime(refusal.at)}


@told.register
def _sessions_open(refusal: SessionsOpen) -> str:
    named = _("、").join(f"{ja_time(booking.starts_at)} {booking.applicant}" for booking in refusal.bookings)
    return _("結果の記録がない予約があるため、締められません：%(named)s") % {"named": named}


@told.register
def _day_closed(refusal: DayClosed) -> str:
    return _("すでに%(by)sさんが%(at)sに締めました。") % {
        "by": refusal.closing.closed_by,
        "at": ja_short_datetime(refusal.closing.closed_at),
    }


@told.register
def _slot_refused(refusal: SlotRefused) -> str:
    reasons = "".join(SLOT_WORDS[reason]() for reason in refusal.reasons)
    return f"{ja_short_datetime(refusal.start)}：{reasons}"


@told.register
def _open_booking(refusal: OpenBookingExists) -> str:
    known = {"number": refusal.booking.number if refusal.booking else ""}
    return _("この方には、進行中の予約（%(number)s）があります。先にそちらを終えてください。") % known


BAR_WORDS = {
    Bar.NO_TERMS: lambda: _("いま効力のある利用規約がないため、始められません。管理者に伝えてください。"),
    Bar.RESTRICTED: lambda: _("この方は、オンラインの利用を制限中です。窓口・電話での相談をご案内してください。"),
    Bar.UNVERIFIED: lambda: _("この方の本人情報が、未確認になっています。先に本人情報を確認してください。"),
    Bar.NOT_RECORDED: lambda: _(
        "この方の同意が、ハローワークシステムに記録されていないか、取り消されています。予約・窓口・電話での相談をご案内してください。"
    ),
    Bar.TERMS_CHANGED: lambda: _(
        "利用規約が新しくなり、この方はまだ同意していません。ご本人の画面に新しい規約が出ています。同意されたら、もう一度押してください。"
    ),
}
SLOT_WORDS = {
    Reason.NOT_A_START: lambda: _("相談の開始時刻ではありません。"),
    Reason.CLOSED_DAY: lambda: _("閉庁日です。"),
    Reason.REQUEST_CLOSED: lambda: _("ウェブの受付は終了しています。"),
    Reason.CONFIRM_LIMIT: lambda: _("前日までの確定の期限を過ぎています。例外とするときは、理由を入力してください。"),
    Reason.PAST: lambda: _("開始時刻を過ぎています。"),
    Reason.OUTSIDE_HOURS: lambda: _("開庁時間のうちに、相談の時間が収まりません。時間内に収まる日時を選んでください。"),
    Reason.BEYOND_HORIZON: lambda: _("受け付ける期間より先の日です。"),
    Reason.NOBODY_ON_DUTY: lambda: _("担当者がいない時間です。"),
    Reason.FULL: lambda: _("空きがありません（担当者かZoomホストがふさがっています）。"),
    Reason.COUNSELLOR_TAKEN: lambda: _("選んだ担当者は、この時間に空いていません。空いている担当者を選んでください。"),
    Reason.HOST_TAKEN: lambda: _("選んだZoomホストは、この時間に空いていません。空いているZoomホストを選んでください。"),
    Reason.FIRST_TIMERS_FULL: lambda: _("初めての方の1日の上限に達しています。"),
    Reason.OPEN_REQUEST: lambda: _("この方には、進行中の予約があります。"),
    Reason.ELSEWHERE: lambda: _("この方には、その時間に面接の予定があります。別の日時を選んでください。"),
}
