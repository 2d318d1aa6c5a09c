"""When the demo's story begins, and the moments worth going to from there. Pure: no database, no clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from booking.rules.calendar import Calendar, tokyo, tokyo_date
from booking.rules.policy import Policy
from booking.rules.slots import moments

TUESDAY = 1
OPENING = time(9, 30)
ONE_DAY = timedelta(days=1)
WEEKS_SEARCHED = 30


class Leap(StrEnum):
    """Where the clock bar can take the portal's time."""

    REQUEST_CLOSES = "request_closes"
    CONFIRM_LIMIT = "confirm_limit"
    JOIN_OPENS = "join_opens"
    BEFORE_GRACE_ENDS = "before_grace_ends"
    GRACE_ENDS = "grace_ends"
    DAY_OVER = "day_over"
    NEXT_DAY = "next_day"
    ONE_MINUTE = "one_minute"
    TEN_MINUTES = "ten_minutes"


@dataclass(frozen=True)
class Scene:
    """What the moments are reckoned from. `session` is the start of the next session that has not run out, if there is one."""

    now: datetime
    calendar: Calendar
    policy: Policy
    session: datetime | None


def story_moment(wall: datetime, calendar: Calendar) -> datetime:
    """The first Tuesday 09:30 after this moment that is open, as are the Wednesday and the Thursday; ValueError if there is none."""
    today = tokyo_date(wall)
    tuesday = today + timedelta(days=(TUESDAY - today.weekday()) % 7)
    for week in range(WEEKS_SEARCHED):
        day = tuesday + timedelta(weeks=week)
        if tokyo(day, OPENING) > wall and all(calendar.day(day + timedelta(days=n)).is_open for n in range(3)):
            return tokyo(day, OPENING)
    raise ValueError(f"no Tuesday to Thursday is open within {WEEKS_SEARCHED} weeks of {today}")


def leaps(scene: Scene) -> dict[Leap, datetime]:
    """Every moment that lies ahead, in the order of the bar."""
    return {leap: moment for leap, moment in _moments(scene).items() if moment > scene.now}


def _moments(scene: Scene) -> dict[Leap, datetime]:
    return {
        Leap.REQUEST_CLOSES: _next_request_closes(scene),
        Leap.CONFIRM_LIMIT: moments(_next_open_day(scene), scene.calendar, scene.policy).confirm_limit - timedelta(minutes=1),
        **(_moments_of_session(scene.session, scene.policy) if scene.session else {}),
        Leap.DAY_OVER: tokyo(tokyo_date(scene.now), scene.policy.blocks[-1][1]),
        Leap.NEXT_DAY: tokyo(tokyo_date(scene.now) + ONE_DAY, OPENING),
        Leap.ONE_MINUTE: scene.now + timedelta(minutes=1),
        Leap.TEN_MINUTES: scene.now + timedelta(minutes=10),
    }


def _moments_of_session(session: datetime, policy: Policy) -> dict[Leap, datetime]:
    grace_ends = session + timedelta(minutes=policy.no_contact_grace_minutes)
    return {
        Leap.JOIN_OPENS: session - timedelta(minutes=policy.join_opens_minutes),
        Leap.BEFORE_GRACE_ENDS: grace_ends - timedelta(seconds=1),
        Leap.GRACE_ENDS: grace_ends,
    }


def _next_request_closes(scene: Scene) -> datetime:
    """The next time the public form closes for a session day."""
    day = _next_open_day(scene)
    closes = moments(day, scene.calendar, scene.policy).request_closes
    return closes if closes > scene.now else moments(scene.calendar.next_open_day(day), scene.calendar, scene.policy).request_closes


def _next_open_day(scene: Scene) -> date:
    """The next session day whose limit for confirming is not about to pass this very minute."""
    day = scene.calendar.next_open_day(tokyo_date(scene.now))
    if tokyo(day, time()) - timedelta(minutes=1) > scene.now:
        return day
    return scene.calendar.next_open_day(day)
