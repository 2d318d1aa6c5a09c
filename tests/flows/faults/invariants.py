"""What must hold whatever struck, read from the database, the simulated Zoom and the mail server."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any

from django.db.models import Count

from booking import mails
from booking.models import Booking, BookingEvent, Meeting
from booking.models.bookings import State
from booking.operations.evidence import NEWS_TO_NOBODY
from booking.video.meeting import reference_in
from tests.flows.faults.town import OUTBOXES, Town
from toyooka_hw import clock
from toyooka_hw.demo.mailbox import Mail
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState


@dataclass(frozen=True)
class Window:
    """A time in which a repeated mail has its excuse: its worker was killed, or its way to the mail server or the database was cut."""

    since: datetime
    until: datetime
    why: str = ""


@dataclass
class Findings:
    """What was found: whatever should not be, and the mails that came more than once, with how often more."""

    wrong: list[str] = field(default_factory=list)
    repeats: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass
class Ledger:
    """One look at everything. ``refused``: whose mails a test has refused on purpose."""

    town: Town
    refused: Collection[str] = ()
    windows: Sequence[Window] = ()

    @cached_property
    def bookings(self) -> list[Booking]:
        return list(Booking.objects.select_related("host", "meeting", "applicant").order_by("pk"))

    @cached_property
    def live(self) -> dict[str, list[dict[str, Any]]]:
        """The meetings that stand at Zoom, by our reference."""
        found = defaultdict(list)
        for each in self.town.zoom.standing():
            found[reference_in(each) or ""].append(each)
        return found

    @cached_property
    def arrived(self) -> dict[str, list[Mail]]:
        """The mails that really arrived, by Message-ID."""
        found = defaultdict(list)
        for mail in self.town.mailbox.mails():
            found[mail.message_id].append(mail)
        return found

    def findings(self) -> Findings:
        looks = (
            self.meetings(),
            self.orphans(),
            self.stuck(),
            self.confirmations(),
            self.letters(),
            self.order(),
            self.closings(),
            self.twice(),
        )
        wrong = [each for look in looks for each in look]
        repeats = {key: len(copies) - 1 for key, copies in self.arrived.items() if len(copies) > 1}
        states = Counter(str(booking.state) for booking in self.bookings)
        counts = {**states, "mails": sum(map(len, self.arrived.values())), "meetings": sum(map(len, self.live.values()))}
        return Findings(wrong, repeats, counts)

    # --- Zoom ---------------------------------------------------------------------------------------------------------------

    def meetings(self) -> Iterator[str]:
        """Every confirmed session has exactly one live meeting, as its row says; every other booking has none."""
        for booking in self.bookings:
            row: Meeting | None = getattr(booking, "meeting", None)
            live = self.live.get(row.reference, []) if row else []
            wanted = booking.state == State.CONFIRMED and clock.now() < booking.ends_at
            if len(live) != int(wanted):
                yield f"{booking.number} {booking.state}: {len(live)} live meetings"
            if wanted and row and live:
                yield from _as_written(booking, row, live[0])

    def orphans(self) -> Iterator[str]:
        """No meeting stands that no row knows."""
        known = {booking.meeting.reference for booking in self.bookings if hasattr(booking, "meeting")}
        for reference, live in self.live.items():
            if reference not in known:
                yield f"{len(live)} live meetings nobody knows"

    # --- the outboxes -------------------------------------------------------------------------------------------------------

    def stuck(self) -> Iterator[str]:
        """Nothing waits, nothing is in work, and nothing was given up but what a test refused."""
        for model in OUTBOXES:
            for row in model.objects.exclude(outbox_state=OutboxState.DONE):
                if not (row.outbox_state == OutboxState.FAILED and getattr(row, "to", "") in self.refused):
                    yield f"{model.__name__} {row.pk} is {row.outbox_state}: {row.last_error} ({row.attempts} attempts)"

    # --- mails --------------------------------------------------------------------------------------------------------------

    def confirmations(self) -> Iterator[str]:
        """Whoever has a session was told so."""
        told = set(OutgoingMail.objects.filter(message_id__in=self.arrived).values_list("key", flat=True))
        confirmed = BookingEvent.objects.filter(to_state=State.CONFIRMED).exclude(event__in=NEWS_TO_NOBODY)
        for event in confirmed.select_related("booking__applicant"):
            if mails.key_of(event) not in told and event.booking.applicant.email not in self.refused:
                yield f"{event.booking.number}: nobody was told of {event.event}"

    def letters(self) -> Iterator[str]:
        """What is written down as sent has arrived; what arrived is written down; what arrived twice has its excuse."""
        rows = {row.message_id: row for row in OutgoingMail.objects.all()}
        for message_id, row in rows.items():
            if row.outbox_state == OutboxState.DONE and not row.dropped and message_id not in self.arrived:
                yield f"mail {row.key} is lost"
        for message_id, copies in self.arrived.items():
            if message_id not in rows:
                yield f"a mail {copies[0].subject} that nobody wrote"
            if any(not self._excused(*pair) for pair in pairwise(copies)):
                yield f"mail {copies[0].subject} came {len(copies)} times without a reason"

    def order(self) -> Iterator[str]:
        """What somebody reads last is what was written last."""
        rows = {row.message_id: row for row in OutgoingMail.objects.filter(in_order=True, passed_from=None)}
        inboxes = defaultdict(list)
        for mail in self.town.mailbox.mails():
            if row := rows.get(mail.message_id):
                inboxes[row.to].append(row.pk)
        for address, read in inboxes.items():
            if read != sorted(read):
                yield f"{address} read in the wrong order: {read}"

    # --- people -------------------------------------------------------------------------------------------------------------

    def closings(self) -> Iterator[str]:
        """Nobody was closed by the ten-minute rule."""
        for booking in self.bookings:
            if booking.state == State.CANCELLED_NO_CONTACT:
                yield f"{booking.number} was closed without contact"

    def twice(self) -> Iterator[str]:
        """Nobody has two bookings who asked for one."""
        for each in Booking.objects.values("applicant__email").annotate(count=Count("pk")).filter(count__gt=1):
            yield f"{each['applicant__email']} has {each['count']} bookings"

    def _excused(self, first: Mail, second: Mail) -> bool:
        return any(window.since <= second.received_at and first.received_at <= window.until for window in self.windows)


def _as_written(booking: Booking, row: Meeting, live: dict[str, Any]) -> Iterator[str]:
    """The meeting, its row and its booking say the same."""
    host = booking.host.email if booking.host else ""
    start = datetime.fromisoformat(live["fields"]["start_time"])
    found = {
        "number": (live["id"], row.meeting_id),
        "start": (start, row.starts_at, booking.starts_at),
        "host": (live["host"], row.host_email, host),
    }
    for name, said in found.items():
        if len(set(said)) > 1:
            yield f"{booking.number}: {name} is {' / '.join(map(str, said))}"
    if row.removed_at or not row.ready_at or not row.join_url:
        yield f"{booking.number}: its row does not say that the meeting is there"
