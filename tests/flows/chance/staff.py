"""What staff may do in a scene from their desks, drawn with whatever it needs; None where the scene has nothing for it."""

from copy import copy
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from booking.models import Booking, Seminar
from booking.models.bookings import Source
from booking.operations import applications, bookings, calendar, employers, giving_way, immediate, interviews, moving, sessions, telephone
from booking.operations.applications import Details, Entry
from booking.operations.bookings import Decision
from booking.operations.corrections import correct
from booking.operations.giving_way import Gap, Order, concerned
from booking.operations.interviews import Arrangement
from booking.operations.invitations import Seeker
from booking.operations.moving import Change
from booking.operations.press import Press as StaffPress
from booking.operations.seminars import giving
from booking.operations.transitions import last_line
from booking.rules.interval import Interval
from consent.operations import Shown
from tests.flows.chance.scene import CAP, CAPS, HALF_HOUR, Scene
from tests.flows.racing import Press

LIVE = ("requested", "proposed", "confirmed")
SESSIONS = ("reserved", "interview")


def confirms(scene: Scene) -> Press | None:
    booking = scene.in_state("requested")
    decision = Decision("registered", scene.user(), _anybody(scene), _any_host(scene), scene.reason)
    return booking and partial(bookings.confirm, booking.pk, decision, **scene.clocks)


def reinstates(scene: Scene) -> Press | None:
    booking = scene.in_state("expired")
    decision = Decision("registered", scene.user(), _anybody(scene), None, "連絡がついたため")
    return booking and partial(bookings.reinstate, booking.pk, decision, **scene.clocks)


def enters(scene: Scene) -> Press | None:
    """Somebody phones."""
    person = scene.dice.choice(scene.ground.people)
    decision = Decision("registered", scene.user(), reason=scene.reason) if scene.is_morning else None
    entry = Entry(
        scene.dice.choice(scene.starts),
        Details(person.full_name),
        Source.PHONE,
        Shown(scene.ground.version.pk, "口頭で説明", scene.now),
        scene.reason,
        decision=decision,
        key=UUID(int=scene.dice.getrandbits(128)),
    )
    return partial(applications.enter, person, entry, by=scene.user(), **scene.clocks)


def proposes(scene: Scene) -> Press | None:
    booking = scene.in_state("requested")
    starts = scene.dice.sample(_others(scene, booking), scene.dice.randint(1, 2))
    return booking and partial(bookings.propose, booking.pk, starts, eligibility="registered", by=scene.user(), **scene.clocks)


def declines(scene: Scene) -> Press | None:
    booking = scene.in_state("requested", "proposed", kinds=("reserved", "ad_hoc"))
    return booking and partial(
        bookings.decline, booking.pk, reason="担当者の都合", by=scene.user(), seen=_seen(scene, booking), **scene.clocks
    )


def moves(scene: Scene) -> Press | None:
    booking = scene.in_state("confirmed", kinds=SESSIONS)
    start = scene.dice.choice(_others(scene, booking))
    return booking and partial(moving.move, booking.pk, start, _change(scene, booking), **scene.clocks)


def hands_over(scene: Scene) -> Press | None:
    booking = scene.in_state(*LIVE) or scene.in_state("confirmed", kinds=("interview", "ad_hoc"))
    return booking and partial(moving.reassign, booking.pk, _change(scene, booking), **scene.clocks)


def releases(scene: Scene) -> Press | None:
    booking = scene.in_state("requested", "proposed")
    return booking and partial(
        moving.release, booking.pk, reason="担当者の都合", by=scene.user(), seen=_seen(scene, booking), **scene.clocks
    )


def cancels_for_the_person(scene: Scene) -> Press | None:
    booking = scene.in_state("confirmed", kinds=SESSIONS)
    return booking and partial(sessions.cancel_by_user, booking.pk, by=scene.user(), seen=_seen(scene, booking), **scene.clocks)


def cancels(scene: Scene) -> Press | None:
    booking = scene.in_state("confirmed", kinds=SESSIONS)
    return booking and partial(
        sessions.cancel_by_office, booking.pk, reason="停電のため", by=scene.user(), seen=_seen(scene, booking), **scene.clocks
    )


def corrects(scene: Scene) -> Press | None:
    booking = scene.in_state("cancelled_by_user", "cancelled_by_office")
    return booking and partial(correct, booking.pk, "confirmed", reason="取り違え", by=scene.user(), **scene.clocks)


def switches_to_phone(scene: Scene) -> Press | None:
    booking = scene.in_state("confirmed", kinds=SESSIONS)
    return booking and partial(telephone.by_phone, booking.pk, by=scene.user(), **scene.clocks)


def takes_now(scene: Scene) -> Press | None:
    booking = scene.in_state("requested", kinds=("ad_hoc",))
    who = scene.dice.choice(scene.counsellors)
    return booking and partial(immediate.accept, booking.pk, counsellor=who.pk, host=_any_host(scene), by=who.user, **scene.clocks)


def arranges(scene: Scene) -> Press | None:
    booking = scene.in_state("requested", kinds=("interview",))
    start = scene.dice.choice(scene.starts) + timedelta(minutes=scene.dice.choice((0, 0, 10)))
    wanted = Arrangement(start, Seeker(scene.dice.choice(scene.ground.people).pk), counsellor=_anybody(scene), host=_any_host(scene))
    return booking and partial(interviews.arrange, booking.pk, wanted, by=scene.user(), **scene.clocks)


def declines_the_employer(scene: Scene) -> Press | None:
    decline = partial(employers.decline_request, reason="求人の内容を確認中のため", by=scene.user(), **scene.clocks)
    return partial(decline, scene.dice.choice(scene.requests).pk) if scene.requests else None


def publishes(scene: Scene) -> Press | None:
    seminar = _seminar(scene, "draft")
    return seminar and partial(giving.publish, seminar.pk, _press(scene))


def puts_off(scene: Scene) -> Press | None:
    """A seminar gets another time, or another counsellor."""
    seminar = _seminar(scene, "published")
    if seminar is None:
        return None
    later = seminar.starts_at + scene.dice.choice((-HALF_HOUR, HALF_HOUR))
    changed = copy(seminar)
    changed.starts_at, changed.ends_at, changed.counsellor = later, later + 2 * HALF_HOUR, scene.dice.choice(scene.counsellors)
    return partial(giving.change, changed, _press(scene))


def calls_off(scene: Scene) -> Press | None:
    seminar = _seminar(scene, "published")
    return seminar and partial(giving.cancel, seminar.pk, _press(scene), reason="講師の都合")


def closes(scene: Scene) -> Press | None:
    """The whole day, over whatever lay there when it was looked at."""
    gap = Gap(calendar.whole_day(scene.day))
    return partial(giving_way.close_day, scene.day, "停電", _order(scene, gap), **scene.clocks)


def is_away(scene: Scene) -> Press | None:
    who, start = scene.dice.choice(scene.counsellors), scene.dice.choice(scene.starts)
    gap = Gap(Interval(start, start + HALF_HOUR * scene.dice.randint(1, 2)), frozenset({who.pk}))
    return partial(giving_way.be_away, [who], gap.span, "研修", _order(scene, gap), **scene.clocks)


def is_back(scene: Scene) -> Press | None:
    """Each page has read the row for itself."""
    if not scene.absences:
        return None
    return partial(calendar.remove_absence, copy(scene.dice.choice(scene.absences)), by=scene.user(), now=scene.now)


def sets_the_cap(scene: Scene) -> Press | None:
    return partial(calendar.set_policy, CAP, scene.dice.choice(CAPS), by=scene.user(), reason="試験", now=scene.now)


# --- what they need -----------------------------------------------------------------------------------------------------------


def _seen(scene: Scene, booking: Booking) -> int | None:
    """The line of its history that was on the screen, or none."""
    return scene.dice.choice((None, last_line(booking.pk)))


def _anybody(scene: Scene) -> int | None:
    return scene.dice.choice((None, *(each.pk for each in scene.counsellors)))


def _any_host(scene: Scene) -> int | None:
    return scene.dice.choice((None, None, *(each.pk for each in scene.hosts)))


def _others(scene: Scene, booking: Booking | None) -> list[datetime]:
    """The starts that are not the booking's own, and one more."""
    return [start for start in (*scene.starts, scene.starts[-1] + HALF_HOUR) if booking is None or start != booking.starts_at]


def _change(scene: Scene, booking: Booking) -> Change:
    """Somebody else, or anybody who is free."""
    others = [each.pk for each in scene.counsellors if each.pk != booking.counsellor_id]
    return Change(scene.user(), "担当者の都合", scene.dice.choice((*others, None)), _any_host(scene), _seen(scene, booking))


def _order(scene: Scene, gap: Gap) -> Order:
    """What staff decide about the bookings that they see in the gap."""
    rows = concerned(gap, now=scene.now)
    ways = {row.booking.pk: scene.dice.choice(row.ways) for row in rows}
    return Order(scene.user(), ways, frozenset(row.key for row in rows), "停電のため")


def _press(scene: Scene) -> StaffPress:
    return StaffPress(scene.user(), **scene.clocks)


def _seminar(scene: Scene, state: str) -> Seminar | None:
    return next((each for each in scene.seminars if each.state == state), None)
