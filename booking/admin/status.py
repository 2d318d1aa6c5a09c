"""How the machinery is: what is wrong and what to do, how old the oldest of everything is, what waits, the Zoom users. Real time throughout.

Every member of staff may look, also whoever sees no booking: nothing here names or counts people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from booking.admin.today import POLLED
from booking.models import Incident, ZoomCheck, ZoomHost
from booking.queries import closed_incidents, hosts_in_use, last_check, last_notice_at, measure, open_incidents
from booking.rules.incidents import Kind, Measured, Trouble, troubles
from booking.rules.quota import CALLS_A_DAY, goes_on_at, zoom_day
from booking.troubles import ADVICE, Advice, how_much
from toyooka_hw import clock
from toyooka_hw.site import Addresses
from toyooka_hw.wording import ja_duration

CLOSED_SHOWN = 10
FINDING_TONES: dict[str, str] = {
    ZoomHost.Finding.UNSEEN: "gray",
    ZoomHost.Finding.LICENSED: "green",
    ZoomHost.Finding.BASIC: "red",
    ZoomHost.Finding.INACTIVE: "red",
    ZoomHost.Finding.UNKNOWN: "red",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One trouble as the page tells it. ``is_calm``: not seen at this moment; ``is_noted``: an incident of it is open."""

    label: Any
    host: str
    much: str
    advice: Advice
    is_noted: bool
    is_calm: bool


@dataclass(frozen=True, slots=True)
class Age:
    """One line of the ages. ``is_late``: a trouble says so; ``is_known``: what should have happened by now has been heard of."""

    label: Any
    words: str
    is_late: bool
    is_known: bool


@dataclass(frozen=True, slots=True)
class HostLine:
    """One Zoom user with the meter of Zoom's day."""

    host: ZoomHost
    tone: str
    checked: str
    calls: int
    is_spent: bool


@never_cache
def status(request: HttpRequest) -> HttpResponse:
    """The page; a poll gets only the parts that change."""
    now, wall = clock.now(), clock.wall()
    seen, hosts = measure(now=now, wall=wall), list(hosts_in_use(zoom_day(wall)))
    found, check = troubles(seen), last_check()
    context = {
        **admin.site.each_context(request),
        "title": _("システムの状態"),
        "here": request.path,
        "now": now,
        "problems": list(_problems(found, list(open_incidents()), _names(hosts), wall=wall)),
        "ages": _ages(seen, found, check, wall=wall),
        "queues": ((_("メール"), seen.mails), (_("Zoomミーティング"), seen.meetings), (_("Zoomからの通知"), seen.notices)),
        "check": check,
        "seen": seen,
        "hosts": [_line(host, wall=wall) for host in hosts],
        "most": CALLS_A_DAY,
        "left": ja_duration(goes_on_at(wall) - wall),
        "closed": [
            (each, _names(hosts).get(each.subject, each.subject), *_lasted(each, wall=wall)) for each in closed_incidents(CLOSED_SHOWN)
        ],
    }
    if POLLED not in request.headers:
        return TemplateResponse(request, "admin/booking/status.html", context)
    return TemplateResponse(request, "admin/booking/status_parts.html", context, headers={POLLED: "1"})


def ago(moment: datetime | None, *, wall: datetime, nothing: Any) -> str:
    """``3分前``; less than a minute is ``たったいま``."""
    if moment is None:
        return str(nothing)
    age = wall - moment
    return _("%(age)s前") % {"age": ja_duration(age)} if age.total_seconds() >= 60 else _("たったいま")


def _names(hosts: Sequence[ZoomHost]) -> dict[str, str]:
    return {host.email: host.name for host in hosts}


def _problems(found: Sequence[Trouble], noted: Sequence[Incident], names: dict[str, str], *, wall: datetime) -> Iterator[Problem]:
    """What is seen now, and what is open though it is not seen: it may come back. In the order of the rule."""
    known = {(each.kind, each.subject): each for each in noted}
    present = {each.name for each in found}
    for each in found:
        yield _problem(each, names, is_noted=each.name in known, is_calm=False, wall=wall)
    for name, incident in known.items():
        if name not in present:
            yield _problem(incident, names, is_noted=True, is_calm=True, wall=wall)


def _problem(trouble: Trouble | Incident, names: dict[str, str], *, is_noted: bool, is_calm: bool, wall: datetime) -> Problem:
    kind = Kind(trouble.kind)
    much = "" if is_calm else how_much(trouble, wall=wall)
    return Problem(Incident.Kind(kind.value).label, names.get(trouble.subject, trouble.subject), much, ADVICE[kind], is_noted, is_calm)


def _ages(seen: Measured, found: Sequence[Trouble], check: ZoomCheck | None, *, wall: datetime) -> list[Age]:
    late = {trouble.kind for trouble in found}
    none, never = _("なし"), _("まだ記録がありません")
    lines: Sequence[tuple[Any, datetime | None, str, set[Kind]]] = (
        (_("いちばん古い未送信メール"), seen.mails.oldest, none, {Kind.MAIL_WAITS}),
        (_("いちばん古い準備待ちのZoomミーティング"), seen.meetings.oldest, none, {Kind.MEETING_WAITS}),
        (_("いちばん古い未処理のZoomからの通知"), seen.notices.oldest, none, {Kind.NOTICE_WAITS}),
        (_("定期処理が最後に動いたとき"), seen.beats[-1] if seen.beats else None, never, {Kind.BEAT}),
        (_("ポータルが最後に応答したとき"), seen.web, never, {Kind.WEB}),
        (_("Zoomから最後に通知が来たとき"), last_notice_at(), never, set()),
        (_("Zoomを最後に点検したとき"), check.at if check else None, never, {Kind.NOT_AUTHORISED, Kind.SCOPES, Kind.STRANGERS}),
    )
    return [
        Age(label, ago(moment, wall=wall, nothing=nothing), bool(late & kinds), bool(moment) or nothing == none)
        for label, moment, nothing, kinds in lines
    ]


def _line(host: Any, *, wall: datetime) -> HostLine:
    never = gettext_lazy("まだ確認していません")
    is_spent = host.spent or host.calls >= CALLS_A_DAY
    return HostLine(host, FINDING_TONES[host.finding], ago(host.checked_at, wall=wall, nothing=never), host.calls, is_spent)


def _lasted(incident: Incident, *, wall: datetime) -> tuple[str, str]:
    """When it was noticed, and how long it was seen."""
    return ago(incident.opened_at, wall=wall, nothing=""), ja_duration(incident.seen_at - incident.opened_at)


ADDRESSES: Addresses = (("status/", status, "booking_status"),)
