"""The way into a seminar's meeting, for whoever registered and for whoever gives it with the office: how it stands, and the press."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Seminar
from booking.operations.seminars import joining
from booking.operations.seminars.joining import KeptOut
from booking.operations.sessions import MeetingNotReady, TermsNotAgreed
from booking.queries import policy_at
from booking.rules.seminars import Door, Seat
from consent.operations import ConsentMissing

KEPT_OUT = {
    Door.TOO_EARLY: gettext_lazy("まだ入室できません。開始時刻が近づいてから、もう一度お試しください。"),
    Door.OVER: gettext_lazy("この催しには、現在は入室できません。"),
    Door.SUSPENDED: gettext_lazy("ただいま、催しを一時中止しています。再開まで、お待ちください。"),
    Door.NO_SEAT: gettext_lazy("このお申込みでは、入室できません。お申込みの状況をご確認ください。"),
}


def doorway(seminar: Seminar, seat: Seat | None, *, now: datetime) -> dict[str, Any]:
    """How the way in stands at this moment: ``phase`` is "open", or what bars it. ``seat`` None: somebody who gives it."""
    minutes = policy_at(now).join_opens_minutes
    why = joining.what_bars(seminar, seat, now=now)
    return {"phase": why.value if why else "open", "opens_at": seminar.starts_at - timedelta(minutes=minutes), "opens_minutes": minutes}


def go_in(request: HttpRequest, enter: Callable[[], str], *, page: str, terms: str) -> HttpResponse:
    """To the meeting; whatever bars the way is told on ``page``, in words, and terms that must be agreed to first on ``terms``."""
    try:
        return HttpResponseRedirect(enter(), status=303)
    except KeptOut as refusal:
        messages.warning(request, KEPT_OUT[refusal.why])
    except (TermsNotAgreed, ConsentMissing):
        messages.warning(request, _("入室の前に、利用規約をご確認ください。"))
        return redirect(terms)
    except MeetingNotReady:
        messages.warning(
            request,
            _(
                "Zoomの準備に時間がかかっています。1分ほどたってから、もう一度お試しください。開始時刻を過ぎても入室できないときは、お電話ください。"
            ),
        )
    return redirect(page)
