"""Giving a seminar: drawn up, published, changed, suspended, ended, cancelled, closed (S0-1, S8-1). The counsellor's time is a Hold like any other."""

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from booking import seminar_mails as mails
from booking.models import Counsellor, Hold, Registration, Seminar, ZoomHost
from booking.operations import places
from booking.operations.meetings import want_meeting
from booking.operations.numbers import free_number
from booking.operations.press import Press
from booking.operations.seminars import seats
from booking.operations.seminars.steps import apply, changed, locked, note
from booking.queries import policy_at
from booking.rules.interval import Interval
from booking.rules.seminars import OCCUPYING, OPEN_SEATS, TAKING, Event, Seat, State
from consent.queries import SEMINAR, version_in_force
from toyooka_hw.audit.changes import differences

IN_WORDS = {"functions": lambda names: _("、").join(str(Seminar.Function(each).label) for each in names)}  # for the audit
TOLD_OF = ("title", "starts_at", "ends_at", "functions", "will_record", "materials")  # what whoever registered has to know


class SeminarTermsMissing(Exception):
    """No version of the seminars' terms is in force: nobody could agree to anything (S1-1)."""


class RecordingNotAgreed(Exception):
    """A recording is only set once everybody who speaks has agreed to it on record; ``names``: who has not; empty where nobody is named (S4-5)."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__("recording consents are missing")
        self.names = list(names)


class SeminarOver(Exception):
    """The time that was entered has passed."""


class SeatsDecisionMissing(Exception):
    """The new capacity is smaller than the number of those who have a seat: staff say what becomes of them."""

    def __init__(self, taken: int) -> None:
        super().__init__("fewer seats than people")
        self.taken = taken


class AttendanceMissing(Exception):
    """A seminar is closed with its attendance: of these people nobody has said whether they came."""

    def __init__(self, count: int) -> None:
        super().__init__("attendance is missing")
        self.count = count


class Over(StrEnum):
    """What becomes of people when there are fewer seats than they have."""

    KEEP = "keep"
    LAST_WAIT = "last_wait"


def create(seminar: Seminar, press: Press) -> Seminar:
    """Draw up a new seminar. Nothing is held for it and nobody sees it until it is published. Raises RecordingNotAgreed: nobody speaks yet."""
    if seminar.will_record:
        raise RecordingNotAgreed([])
    with transaction.atomic():
        seminar.number, seminar.state, seminar.created_at = free_number(), State.DRAFT.value, press.now
        seminar.full_clean()
        seminar.save()
        note(seminar, Event.CREATE, before="", by=press.by, now=press.now)
    return seminar


def change(seminar: Seminar, press: Press, *, over: Over | None = None) -> Seminar:
    """Change a seminar's content. Whoever registered is told of what concerns them; another time or host takes its place anew.

    Raises SeminarChanged, EditedMeanwhile, SeatsDecisionMissing, RecordingNotAgreed, SlotRefused where counsellor or host are taken, SeminarOver.
    """
    return places.retrying(lambda: _change(seminar, press, over), start=seminar.starts_at)


def publish(seminar_id: int, press: Press) -> Seminar:
    """Show it to everybody, hold its counsellor's and host's time, want its meeting. Raises SeminarChanged, SeminarTermsMissing,
    RecordingNotAgreed, SeminarOver, SlotRefused.
    """
    start = Seminar.objects.values_list("starts_at", flat=True).get(pk=seminar_id)
    return places.retrying(lambda: _publish(seminar_id, press), start=start)


def suspend(seminar_id: int, press: Press, *, reason: str) -> Seminar:
    """Nobody is let in and nobody registers until it is resumed; everybody is told (S8-1). Raises SeminarChanged, StepNeedsReason."""
    return _step(seminar_id, Event.SUSPEND, press, reason=reason)


def resume(seminar_id: int, press: Press) -> Seminar:
    """It goes on; everybody is told, and free seats are offered. Raises SeminarChanged."""
    with transaction.atomic():
        seminar = _step(seminar_id, Event.RESUME, press)
        seats.promote(seminar, now=press.now, wall=press.wall)
    return seminar


def end_early(seminar_id: int, press: Press, *, reason: str) -> Seminar:
    """It runs no longer: the meeting ends, everybody is told (S8-1). Raises SeminarChanged, StepNeedsReason."""
    return _step(seminar_id, Event.END_EARLY, press, reason=reason)


def cancel(seminar_id: int, press: Press, *, reason: str) -> Seminar:
    """It does not take place: time and meeting are given back, everybody is told. Raises SeminarChanged, StepNeedsReason."""
    return _step(seminar_id, Event.CANCEL, press, reason=reason)


def close(seminar_id: int, press: Press) -> Seminar:
    """It was held, and who came is written down. Raises SeminarChanged, AttendanceMissing."""
    with transaction.atomic():
        seminar = locked(seminar_id, seen=press.seen)
        missing = seminar.registrations.filter(seat=Seat.SEATED.value, attendance="").count()
        if missing and seminar.rule_state is State.PUBLISHED and press.now >= seminar.starts_at:
            raise AttendanceMissing(missing)
        apply(seminar, Event.CLOSE, by=press.by, now=press.now)
        _give_back(seminar, press)
    return seminar


def _publish(seminar_id: int, press: Press) -> Seminar:
    seminar = locked(seminar_id, seen=press.seen)
    if version_in_force(SEMINAR, now=press.now) is None:
        raise SeminarTermsMissing
    _check_recording(seminar)
    _check_time(seminar, press)
    apply(seminar, Event.PUBLISH, by=press.by, now=press.now)
    _hold(seminar, press)
    want_meeting(seminar, wall=press.wall)
    mails.published(seminar, now=press.now, wall=press.wall)
    return seminar


def _change(seminar: Seminar, press: Press, over: Over | None) -> Seminar:
    before = locked(seminar.pk, seen=press.seen)
    if before.state != seminar.state:
        raise changed(before)
    seminar.zoom_guests = before.zoom_guests  # Zoom may have told of somebody since it was looked at
    seminar.full_clean()
    _check_recording(seminar)
    if before.rule_state is State.PUBLISHED:
        _check_time(seminar, press)
    told = [name for name in TOLD_OF if getattr(before, name) != getattr(seminar, name)]
    is_news = bool(told) and before.rule_state is State.PUBLISHED
    line = apply(seminar, Event.CHANGE, by=press.by, now=press.now, changes=differences(seminar, masks=IN_WORDS), tells=is_news)
    if seminar.rule_state is State.PUBLISHED:
        _follow(seminar, before, press)
        if is_news:
            mails.changed(seminar, line, now=press.now, wall=press.wall)
        _fit_seats(seminar, over, press)
    return seminar


def _check_time(seminar: Seminar, press: Press) -> None:
    if press.now >= seminar.ends_at:
        raise SeminarOver


def _check_recording(seminar: Seminar) -> None:
    speakers = list(seminar.speakers.all())
    unheard = [each.name for each in speakers if each.recording_agreed_at is None]
    if seminar.will_record and (unheard or not speakers):
        raise RecordingNotAgreed(unheard)


def _follow(seminar: Seminar, before: Seminar, press: Press) -> None:
    """Time, counsellor and host are taken as they are now; the meeting follows."""
    names = ("starts_at", "ends_at", "counsellor_id", "host_id", "title")
    if any(getattr(before, name) != getattr(seminar, name) for name in names):
        Hold.objects.filter(seminar=seminar).delete()
        _hold(seminar, press)
        want_meeting(seminar, wall=press.wall)


def _hold(seminar: Seminar, press: Press) -> None:
    """Counsellor and host are locked first, in the usual order; then the exclusion constraints speak."""
    list(Counsellor.objects.select_for_update(of=("self",)).filter(pk=seminar.counsellor_id))
    list(ZoomHost.objects.select_for_update(of=("self",)).filter(pk=seminar.host_id))
    span = Interval(seminar.starts_at, seminar.ends_at)
    buffer = timedelta(minutes=policy_at(press.now).host_buffer_minutes)
    Hold.objects.create(
        counsellor=seminar.counsellor,
        host=seminar.host,
        kind=Hold.Kind.SEMINAR,
        span=places.as_range(span),
        host_span=places.as_range(Interval(span.start, span.end + buffer)),
        seminar=seminar,
    )


def _fit_seats(seminar: Seminar, over: Over | None, press: Press) -> None:
    """More seats are offered to those who wait; fewer than are taken are a decision of staff."""
    taken = [row.pk for row in _with(seminar, TAKING)]
    if len(taken) > seminar.capacity and over is None:
        raise SeatsDecisionMissing(len(taken))
    if over is Over.LAST_WAIT:
        for row in (
            seminar.registrations.filter(pk__in=taken[seminar.capacity :]).select_related("person__merged_into", "seminar").order_by("pk")
        ):
            seats.settle(row, Seat.WAITING, now=press.now, by=press.by)
            mails.moved_down(row, now=press.now, wall=press.wall)
    seats.promote(seminar, now=press.now, wall=press.wall)


def _step(seminar_id: int, event: Event, press: Press, *, reason: str = "") -> Seminar:
    with transaction.atomic():
        seminar = locked(seminar_id, seen=press.seen)
        was_public = seminar.rule_state in OCCUPYING
        line = apply(seminar, event, by=press.by, now=press.now, reason=reason, tells=was_public)
        _give_back(seminar, press)
        if was_public:
            mails.told(seminar, line, _with(seminar, OPEN_SEATS), now=press.now, wall=press.wall)
    return seminar


def _give_back(seminar: Seminar, press: Press) -> None:
    """What is over occupies nobody, and its meeting goes."""
    if seminar.rule_state not in OCCUPYING and Hold.objects.filter(seminar=seminar).delete()[0]:
        want_meeting(seminar, wall=press.wall)


def _with(seminar: Seminar, wanted: Collection[Seat]) -> list[Registration]:
    rows = seminar.registrations.filter(seat__in=[seat.value for seat in wanted])
    return list(rows.select_related("person__merged_into", "seminar").order_by("pk"))
