"""The next open day: is everything ready for each session?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.asked import asked_day
from booking.admin.rows import gatherings
from booking.mails import LACK_WORDS
from booking.models import Booking
from booking.models.bookings import Kind
from booking.queries import Board, SessionRow, calendar_between, next_open_day, readers_of, readiness
from booking.queries.inbox import person_of
from booking.rules.calls import Delivery
from booking.rules.readiness import PAPERWORK, Lack, SessionReadiness, Zoom
from booking.troubles import why_of
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState
from toyooka_hw.site import Addresses, needs

# The button of the booking that mends it; what is not named here is mended on the booking's own page, or by waiting.
MENDED_BY: Mapping[Lack, Sequence[tuple[str, Any]]] = {
    Lack.DAY_CLOSED: (("move", gettext_lazy("日時を変更")),),
    **dict.fromkeys(
        (Lack.COUNSELLOR_GONE, Lack.COUNSELLOR_ABSENT, Lack.OFF_DUTY, Lack.HOST_GONE, Lack.HOST_TWICE),
        (("reassign", gettext_lazy("担当者を変更")),),
    ),
    Lack.ZOOM_FAILED: (("by_phone", gettext_lazy("電話に切り替える")), ("manual_link", gettext_lazy("リンクを手入力"))),
    Lack.ELIGIBILITY: (("check", gettext_lazy("資格の確認")),),
}
BY_PHONE = frozenset({Lack.MAIL_FAILED, Lack.NOT_TOLD})
BY_ITSELF = frozenset({Lack.ZOOM_WAITING, Lack.MAIL_WAITING})
PLACE = frozenset(
    {
        Lack.DAY_CLOSED,
        Lack.NOT_HELD,
        Lack.COUNSELLOR_GONE,
        Lack.COUNSELLOR_ABSENT,
        Lack.OFF_DUTY,
        Lack.HOST_GONE,
        Lack.HOST_TWICE,
    }
)
ZOOM_CHIPS = {
    Zoom.READY: ("green", gettext_lazy("Zoom　準備済み")),
    Zoom.WAITING: ("yellow", gettext_lazy("Zoom　準備中")),
    Zoom.FAILED: ("red", gettext_lazy("Zoom　作成できず")),
    Zoom.MISSING: ("red", gettext_lazy("Zoom　なし")),
    Zoom.BY_HAND: ("green", gettext_lazy("Zoom　手入力のリンク")),
    Zoom.BY_PHONE: ("blue", gettext_lazy("電話で実施")),
}
MAIL_CHIPS = {
    Delivery.DELIVERED: ("green", gettext_lazy("メール　送信済み")),
    Delivery.WAITING: ("yellow", gettext_lazy("メール　送信待ち")),
    Delivery.FAILED: ("red", gettext_lazy("メール　送れず")),
    Delivery.NONE: ("red", gettext_lazy("お知らせ　未")),
}
Chip = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Mend:
    """Where a lack is mended: a link, or a press where ``presses``."""

    label: Any
    address: str
    presses: bool = False


@dataclass(frozen=True, slots=True)
class Todo:
    """One lack in words; paperwork and what comes by itself are not red."""

    words: Any
    is_grave: bool
    mends: Sequence[Mend]


@dataclass(frozen=True, slots=True)
class Row:
    """One session as the board shows it."""

    booking: Booking
    chips: Sequence[Chip]
    todos: Sequence[Todo]
    is_short: bool
    needs_code: bool


@needs("booking.view_booking")
def tomorrow(request: HttpRequest) -> HttpResponse:
    """The next open day, or the one that ``?day=`` names: what is missing, with the button that mends it."""
    now = clock.now()
    day = asked_day(request) or next_open_day(now=now)
    board = readiness(day, now=now)
    calendar = calendar_between(day, day)
    page = {
        "title": _("明日の準備"),
        "board": board,
        "rows": rows_of(request, board),
        "seminars": gatherings(board.seminars, board.policy, now=now),
        "before": calendar.previous_open_day(day),
        "after": calendar.next_open_day(day),
        "here": request.get_full_path(),
    }
    return TemplateResponse(request, "admin/booking/readiness.html", {**admin.site.each_context(request), **page})


def rows_of(request: HttpRequest, board: Board) -> list[Row]:
    """The board's sessions with their chips and buttons. One query, for the mails that failed."""
    keys = [row.mail_key for row in board.sessions if Lack.MAIL_FAILED in row.lacks]
    failed = dict(OutgoingMail.objects.filter(key__in=keys, outbox_state=OutboxState.FAILED).values_list("key", "pk")) if keys else {}
    return [
        Row(
            booking=row.booking,
            chips=chips_of(row),
            todos=[
                Todo(
                    words_of(row.booking, lack),
                    lack not in PAPERWORK | BY_ITSELF,
                    _mends(request, row, lack, board.day.date, failed.get(row.mail_key)),
                )
                for lack in row.lacks
            ],
            is_short=row.is_short,
            needs_code=row.booking.kind == Kind.RESERVED and not (row.booking.is_by_phone or row.booking.applicant.email),
        )
        for row in board.sessions
    ]


def words_of(booking: Booking, lack: Lack) -> Any:
    """The lack in words; of a meeting that waits or was given up also what keeps it."""
    if lack in (Lack.ZOOM_WAITING, Lack.ZOOM_FAILED) and booking.meeting.trouble:
        return _("%(lack)s（%(why)s）") % {"lack": LACK_WORDS[lack], "why": why_of(booking.meeting)}
    return LACK_WORDS[lack]


def chips_of(row: SessionRow) -> list[Chip]:
    """The four things that a session needs, each a word with a colour: meeting, news, place, and papers or people."""
    known, lacks = row.known, row.lacks
    news = ("green", _("電話でお知らせ済み")) if known.heard and known.mail is not Delivery.DELIVERED else MAIL_CHIPS[known.mail]
    place = ("red", _("担当者・ホスト　要確認")) if PLACE.intersection(lacks) else ("green", _("担当者・ホスト　確保"))
    return [ZOOM_CHIPS[known.zoom], news, place, _people(known) if row.booking.kind == Kind.INTERVIEW else _papers(known)]


def _people(known: SessionReadiness) -> Chip:
    ready = known.verified and known.agreed
    return ("green", _("本人情報・同意　確認済み")) if ready else ("red", _("本人情報・同意　要確認"))


def _papers(known: SessionReadiness) -> Chip:
    if not known.eligible:
        return "red", _("資格　未確認")
    if known.to_switch or not known.recorded:
        return "yellow", _("資格　確認済み・手続あり")
    return "green", _("資格・手続　済み")


def _mends(request: HttpRequest, row: SessionRow, lack: Lack, day: date, failed_mail: int | None) -> list[Mend]:
    """What this member of staff may press or open to mend it."""
    may = request.user.has_perm
    if lack in BY_ITSELF or not may("booking.change_booking"):
        return []
    mends = []
    if lack is Lack.ZOOM_FAILED and may("booking.change_meeting"):
        mends.append(Mend(_("もう一度作成"), reverse("admin:booking_meeting_again", args=[row.booking.meeting.pk]), presses=True))
    if lack is Lack.MAIL_FAILED and failed_mail and may("mail.change_outgoingmail"):
        mends.append(Mend(_("もう一度送信"), reverse("admin:mail_outgoingmail_again", args=[failed_mail]), presses=True))
    if lack in BY_PHONE:
        mends.append(Mend(_("電話リスト"), f"{reverse('admin:booking_calls')}?day={day.isoformat()}"))
    for name, label in MENDED_BY.get(lack, ()):
        back = f"{reverse('admin:booking_readiness')}?day={day.isoformat()}"
        mends.append(Mend(label, f"{reverse('admin:booking_act', args=[row.booking.pk, name])}?next={back}"))
    person = person_of(row.booking)
    if lack is Lack.SWITCH and may("accounts.change_person"):
        mends.append(Mend(_("切替済みにする"), reverse("admin:accounts_person_switched", args=[person.pk]), presses=True))
    if lack is Lack.NO_NUMBER and may("accounts.change_person"):
        mends += [Mend(_("本人情報の確認"), reverse("admin:accounts_person_verify", args=[each.pk])) for each in _unknown(row.booking)]
    if lack is Lack.RECORD and may("consent.add_ministryrecord"):
        mends.append(Mend(_("ハローワークシステムへ記録済"), reverse("admin:consent_ministry", args=[person.pk])))
    return mends or [Mend(_("予約を開く"), reverse("admin:booking_booking_change", args=[row.booking.pk]))]


def _unknown(booking: Booking) -> list[Person]:
    """Whose number nobody has verified."""
    people = [each.merged_into or each for each in readers_of(booking)]
    return [each for each in people if not (each.is_verified and each.registered_phone)]


ADDRESSES: Addresses = (("tomorrow/", tomorrow, "booking_readiness"),)
