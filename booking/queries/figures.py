"""What monitoring is told of the tables: ages, sizes and quotas, as the watch measures them. A Zoom user is its row's number."""

from collections.abc import Iterator
from datetime import datetime

from booking.queries.incidents import hosts_in_use, last_notice_at, measure, open_incidents
from booking.rules.incidents import Kind
from booking.rules.quota import CALLS_A_DAY, zoom_day
from toyooka_hw.metrics import Figure


def figures(*, now: datetime, wall: datetime) -> Iterator[Figure]:
    """Every figure. What never happened has no value."""
    seen = measure(now=now, wall=wall)
    boxes = {"mails": seen.mails, "meetings": seen.meetings, "notices": seen.notices}
    ages: dict[tuple[str, ...], float] = {(name,): (wall - box.oldest).total_seconds() if box.oldest else 0 for name, box in boxes.items()}
    heard = {"beat": seen.beats[-1] if seen.beats else None, "web": seen.web, "zoom": last_notice_at()}
    open_kinds = list(open_incidents().values_list("kind", flat=True))
    hosts = list(hosts_in_use(zoom_day(wall)))
    outbox = ("outbox",)
    yield Figure("portal_outbox_waiting", "Rows that wait or are worked on.", {(name,): box.waiting for name, box in boxes.items()}, outbox)
    yield Figure("portal_outbox_oldest_seconds", "Age of the oldest of them; 0: none waits.", ages, outbox)
    yield Figure(
        "portal_outbox_given_up",
        "Rows given up that staff have not dealt with.",
        {(name,): box.given_up for name, box in boxes.items()},
        outbox,
    )
    yield Figure(
        "portal_last_heard_seconds",
        "Seconds since beat ran, since the portal answered itself, since Zoom told something.",
        {(name,): (wall - moment).total_seconds() for name, moment in heard.items() if moment},
        ("what",),
    )
    yield Figure("portal_zoom_calls", "Calls counted today for each Zoom user.", {(str(host.pk),): host.calls for host in hosts}, ("host",))
    yield Figure("portal_zoom_calls_limit", "How many a Zoom user may make a day.", {(): CALLS_A_DAY})
    yield Figure("portal_incidents_open", "Open troubles.", {(kind.value,): open_kinds.count(kind.value) for kind in Kind}, ("kind",))
