"""What staff read when an operation on a seminar or a registration refuses: what is the matter, and what to do next."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from booking.operations.giving_way import SeminarsInTheWay
from booking.operations.merging import RegisteredTwice
from booking.operations.seminars.calls import NothingToTell
from booking.operations.seminars.giving import (
    AttendanceMissing,
    RecordingNotAgreed,
    SeatsDecisionMissing,
    SeminarOver,
    SeminarTermsMissing,
)
from booking.operations.seminars.joining import KeptOut
from booking.operations.seminars.people import NotAContact, OnlySpeakerRecorded, RecordedAlready, RemovalUnexplained, SpeakerKnown
from booking.operations.seminars.seats import AlreadyRegistered, RegistrationClosed, RegistrationRestricted, RemovedBefore, SeatChanged
from booking.operations.seminars.steps import EditedMeanwhile, SeminarChanged, StepNeedsReason
from booking.rules.seminars import Closed, Door


def _changed(refusal: SeminarChanged) -> str:
    state = refusal.seminar.get_state_display()
    if refusal.by:
        return _("すでに%(by)sさんが「%(state)s」にしました。") % {"by": refusal.by, "state": state}
    return _("すでに「%(state)s」になっています。") % {"state": state}


def _edited(refusal: EditedMeanwhile) -> str:
    return _("画面を開いたあとで、%(by)sさんがこの催しを変更しました。いまの内容と見比べて、もう一度押してください。") % {"by": refusal.by}


def _not_agreed(refusal: RecordingNotAgreed) -> str:
    if not refusal.names:
        return _(
            "「録画する」は、講師・出演者を登録し、全員の録画への同意を記録してから付けられます。「録画する」を外して保存し、催しのページの「講師・出演者を加える」を押してください。"
        )
    words = _(
        "録画への同意の記録がない方がいます：%(names)s。「録画する」を外して保存し、催しのページで「同意を記録」を押してから、もう一度付けてください。"
    )
    return words % {"names": _("、").join(refusal.names)}


def _fewer_seats(refusal: SeatsDecisionMissing) -> str:
    return _("席のある方が%(taken)s名いて、変更後の定員より多くなります。席のある方をどうするか、選んでください。") % {
        "taken": refusal.taken
    }


def _attendance_missing(refusal: AttendanceMissing) -> str:
    return _("出欠を記録していない方が%(count)s名います。先に「出欠を記録」から、全員の出欠を記録してください。") % {"count": refusal.count}


def _registered_already(refusal: AlreadyRegistered) -> str:
    row = refusal.registration
    return _("この方は、すでに申込みをされています（%(number)s　%(seat)s）。") % {"number": row.number, "seat": row.get_seat_display()}


def _registration_closed(refusal: RegistrationClosed) -> str:
    return {
        Closed.NOT_YET: _("申込みの開始前です。受け付けるときは、先に「内容を変更」で申込みの開始を早めてください。"),
        Closed.OVER: _("申込みの締切りを過ぎています。受け付けるときは、先に「内容を変更」で締切りを延ばしてください。"),
        Closed.FULL: _(
            "満席で、キャンセル待ちも上限です。受け付けるときは、先に「内容を変更」で定員かキャンセル待ちの上限を増やしてください。"
        ),
        Closed.NOT_OPEN: _("公開していないため、申込みを受け付けられません。"),
    }[refusal.why]


def _seat_changed(refusal: SeatChanged) -> str:
    words = _("この申込みは、いまは「%(seat)s」です。画面を開き直して、もう一度確かめてください。")
    return words % {"seat": refusal.registration.get_seat_display()}


def _kept_out(refusal: KeptOut) -> str:
    return {
        Door.TOO_EARLY: _("入室できるのは、開始の少し前からです。時刻になってから、もう一度押してください。"),
        Door.OVER: _("この催しは、終わっているか、公開していません。"),
        Door.SUSPENDED: _("この催しは、一時中止しています。"),
        Door.NO_SEAT: _("この方には、席がありません。"),
    }[refusal.why]


def _registered_twice(refusal: RegisteredTwice) -> str:
    row = refusal.registration
    words = _(
        "どちらの登録にも、同じ催し「%(title)s」の申込みがあります（統合される登録の受付番号 %(number)s）。先に「参加申込みの一覧」で、どちらかを取り消してください。"
    )
    return words % {"title": row.seminar.title, "number": row.number}


def _in_the_way(refusal: SeminarsInTheWay) -> str:
    named = _("、").join(f"{seminar.number} {seminar}" for seminar in refusal.seminars)
    return _("この時間には催しがあります（%(named)s）。先に催しを移すか、中止（始まっているときは途中で終了）してください。") % {
        "named": named
    }


SEMINAR_REFUSALS: Mapping[type[Exception], Callable[[Any], str]] = {
    SeminarChanged: _changed,
    EditedMeanwhile: _edited,
    StepNeedsReason: lambda _refusal: _("理由を入力してください。"),
    SeminarTermsMissing: lambda _refusal: _(
        "セミナー・企業見学会の利用規約が公表されていないため、公開できません。管理者に確認してください。"
    ),
    RecordingNotAgreed: _not_agreed,
    SeminarOver: lambda _refusal: _("終了の日時を過ぎています。日時を確かめてください。"),
    SeatsDecisionMissing: _fewer_seats,
    AttendanceMissing: _attendance_missing,
    SpeakerKnown: lambda _refusal: _("同じ氏名・所属の方が、すでに登録されています。"),
    RecordedAlready: lambda _refusal: _(
        "「録画する」としているため、講師・出演者を加えられません。先に「内容を変更」で「録画する」を外してください。加えて、同意を記録したら、もう一度付けられます。"
    ),
    OnlySpeakerRecorded: lambda _refusal: _(
        "「録画する」としているため、ただ一人の講師・出演者は外せません。先に「内容を変更」で「録画する」を外してください。"
    ),
    NotAContact: lambda _refusal: _("共催にできるのは、本人情報を確認済みの人事担当者だけです。先に本人情報を確認してください。"),
    RemovalUnexplained: lambda _refusal: _("利用規約第6条の該当する号を選び、理由を入力してください。"),
    AlreadyRegistered: _registered_already,
    RegistrationClosed: _registration_closed,
    RemovedBefore: lambda _refusal: _("この方は、この催しへの参加を停止されています。"),
    RegistrationRestricted: lambda _refusal: _("この方は、オンラインでの利用をお断りしている期間です。管理者に確認してください。"),
    SeatChanged: _seat_changed,
    KeptOut: _kept_out,
    SeminarsInTheWay: _in_the_way,
    RegisteredTwice: _registered_twice,
    NothingToTell: lambda _refusal: _(
        "この方にお電話でお伝えすることは、いまはありません。画面を開き直して、最新の内容を確かめてください。"
    ),
}
