"""The clock bar above every public page of a demo."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from booking.models import Booking
from booking.queries import calendar_between, policy_at
from booking.rules.calendar import tokyo_date
from booking.rules.lifecycle import Kind, State
from toyooka_hw import clock
from toyooka_hw.demo.story import Leap, Scene, leaps

DEMO_CLOCK = "toyooka_hw.demo.clock.now"
DAYS_AROUND = timedelta(days=70)
LABELS = {
    Leap.REQUEST_CLOSES: _("次の申込締切（前の開庁日の15:00）"),
    Leap.CONFIRM_LIMIT: _("次の確定期限の1分前"),
    Leap.JOIN_OPENS: _("次の予約に入室できる時刻（開始10分前）"),
    Leap.BEFORE_GRACE_ENDS: _("次の予約の開始から9分59秒後"),
    Leap.GRACE_ENDS: _("次の予約の開始から10分後"),
    Leap.DAY_OVER: _("この日の相談がすべて終わった時刻"),
    Leap.NEXT_DAY: _("翌日の9:30"),
    Leap.ONE_MINUTE: _("1分進める"),
    Leap.TEN_MINUTES: _("10分進める"),
}


@dataclass(frozen=True)
class Destination:
    """One button of the bar."""

    code: str
    label: Any
    moment: datetime


class ClockBar:
    """What the bar shows; asked of the database only where a page draws it."""

    @property
    def zoom_url(self) -> str:
        return str(settings.ZOOM_WEB_URLS[0])

    @cached_property
    def now(self) -> datetime:
        return clock.now()

    @cached_property
    def destinations(self) -> list[Destination]:
        return [Destination(leap.value, LABELS[leap], moment) for leap, moment in leaps(scene(self.now)).items()]


def demo(request: HttpRequest) -> dict[str, Any]:
    """``demo_bar`` where the demo's clock rules; elsewhere the site's own context leaves it empty."""
    return {"demo_bar": ClockBar()} if settings.CLOCK_SOURCE == DEMO_CLOCK else {}


def scene(now: datetime) -> Scene:
    """What the bar's moments are reckoned from."""
    today = tokyo_date(now)
    policy = policy_at(now)
    sessions = Booking.objects.filter(
        kind=Kind.RESERVED, state=State.CONFIRMED, starts_at__gt=now - timedelta(minutes=policy.no_contact_grace_minutes)
    )
    session = sessions.order_by("starts_at").values_list("starts_at", flat=True).first()
    return Scene(now, calendar_between(today - DAYS_AROUND, today + DAYS_AROUND), policy, session)
