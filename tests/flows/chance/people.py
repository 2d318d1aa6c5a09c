"""What people may do in a scene from the portal's pages; None where the scene has nothing for it."""

from functools import partial

from booking.operations import applications, bookings, employers, immediate
from tests.cast import application, now_please
from tests.flows.chance.scene import Scene
from tests.flows.racing import Press


def requests(scene: Scene) -> Press | None:
    """Anybody, also those who have a booking; on the day itself the form is closed."""
    if scene.is_morning:
        return None
    person = scene.dice.choice(scene.ground.people)
    wish = application(scene.ground.version, scene.dice.choice(scene.starts), full_name=person.full_name)
    return partial(applications.request, person, wish, **scene.clocks)


def withdraws(scene: Scene) -> Press | None:
    booking = scene.in_state("requested", "proposed", kinds=("reserved", "ad_hoc"))
    return booking and partial(bookings.withdraw, booking.pk, **scene.clocks)


def accepts(scene: Scene) -> Press | None:
    booking = scene.in_state("proposed")
    if booking is None:
        return None
    start = scene.dice.choice([hold.span.lower for hold in booking.holds.all()])
    by, reason = (scene.user(), scene.reason) if scene.is_morning else (None, "")  # then only staff answer for whoever phones
    return partial(bookings.accept, booking.pk, start, **scene.clocks, by=by, reason=reason)


def refuses(scene: Scene) -> Press | None:
    booking = scene.in_state("proposed")
    return booking and partial(bookings.refuse, booking.pk, now=scene.now)


def asks_for_now(scene: Scene) -> Press | None:
    if not scene.is_morning:
        return None
    return partial(immediate.request, scene.dice.choice(scene.ground.people), now_please(scene.ground.version, scene.now), **scene.clocks)


def employer_withdraws(scene: Scene) -> Press | None:
    return partial(employers.withdraw_request, scene.dice.choice(scene.requests).pk, **scene.clocks) if scene.requests else None
