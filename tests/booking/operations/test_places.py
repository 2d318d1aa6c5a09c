"""Taking places at any minute of the opening hours: what counsellor and host give, and who judges last (C6-2-1c, A18)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from booking.models import Booking, Hold
from booking.operations import places
from booking.operations.calendar import set_policy
from booking.operations.places import Wish, hold, kind_of, take, wish_of
from booking.queries import policy_at, situation
from booking.rules.policy import Policy
from booking.rules.slots import Applicant, Door, Reason, SlotRefused
from booking.rules.slots import places as free_places
from tests.cast import MORNING, SESSION, THURSDAY, TUESDAY, Office, at

pytestmark = pytest.mark.django_db
ODD = at(TUESDAY, 12, 7)
AT_ANY_MINUTE = Wish(Door.STAFF, office_hours=True)


def refused(wish: Wish, start: object = ODD) -> tuple[Reason, ...]:
    with pytest.raises(SlotRefused) as caught:
        take([start], wish, now=MORNING)
    return caught.value.reasons


def test_place_at_an_odd_minute_outside_of_starts_and_duty(office: Office) -> None:
    office.sato.duty_hours.all().delete()
    (place,) = take([ODD], Wish(Door.STAFF, office_hours=True, counsellor=office.sato.pk), now=MORNING)
    assert (place.assignment.counsellor, place.assignment.host) == (office.sato.pk, office.sato.default_host_id)
    assert (place.span.start, place.span.end, place.presence, place.host_span) == (ODD, ODD + timedelta(minutes=30), place.span, place.span)
    assert refused(Wish(Door.STAFF)) == (Reason.NOT_A_START,)


def test_place_asks_neither_for_the_limit_of_confirmation_nor_for_the_cap(office: Office) -> None:
    """Those are article 6's."""
    set_policy("capacity_per_start", "1", by=office.staff, reason="試験", now=MORNING)
    today = at(TUESDAY, 10)
    assert refused(Wish(Door.STAFF, Applicant()), today) == (Reason.CONFIRM_LIMIT,)
    taken = [take([today], Wish(Door.STAFF, office_hours=True, counsellor=each.pk), now=MORNING) for each in (office.sato, office.tanaka)]
    assert [places[0].start for places in taken] == [today, today]


@pytest.mark.parametrize(
    ("start", "reasons"),
    [
        (at(TUESDAY, 9, 29), (Reason.PAST,)),
        (at(THURSDAY, 8, 29), (Reason.OUTSIDE_HOURS,)),
        (at(THURSDAY, 16, 46), (Reason.OUTSIDE_HOURS,)),
        (at(TUESDAY + timedelta(days=4), 10), (Reason.CLOSED_DAY,)),
    ],
)
def test_place_outside_the_opening_hours_is_refused(office: Office, start: object, reasons: tuple[Reason, ...]) -> None:
    assert refused(AT_ANY_MINUTE, start) == reasons


def test_counsellor_is_held_for_the_opening_and_the_host_to_the_end(office: Office, interview: Booking) -> None:
    """A18: ``presence``; the buffer between two meetings of a host comes on top."""
    set_policy("host_buffer_minutes", "5", by=office.staff, reason="試験", now=MORNING)
    places.release(interview)
    found = take([ODD], Wish(Door.STAFF, counsellor=office.sato.pk, office_hours=True, presence=10), now=MORNING)
    hold(interview, found, Hold.Kind.INTERVIEW)
    held = Hold.objects.get()
    assert (held.span.lower, held.span.upper) == (ODD, ODD + timedelta(minutes=10))
    assert (held.host_span.lower, held.host_span.upper) == (ODD, ODD + timedelta(minutes=35))


def test_two_starts_of_one_counsellor_who_only_opens_need_two_hosts(office: Office) -> None:
    """What is found for the first start counts for the second."""
    wish = Wish(Door.STAFF, counsellor=office.sato.pk, office_hours=True, presence=10)
    first, second = take([ODD, ODD + timedelta(minutes=10)], wish, now=MORNING)
    assert (first.assignment.host, second.assignment.host) == (office.sato.default_host_id, office.tanaka.default_host_id)
    with pytest.raises(SlotRefused):
        take([ODD, ODD + timedelta(minutes=9)], wish, now=MORNING)


@pytest.mark.parametrize("minutes", [-29, -1, 0, 1, 29])
def test_constraint_is_the_last_judge_at_odd_minutes_too(office: Office, requested: Booking, interview: Booking, minutes: int) -> None:
    """C6-2-1c: over a reserved session of the same counsellor nothing is inserted, whoever looked or did not look."""
    reserved = requested.holds.get()
    start = SESSION + timedelta(minutes=minutes)
    place = places.place_of(start, places.Assignment(reserved.counsellor_id, office.tanaka.default_host_id), policy_at(MORNING))
    with pytest.raises(IntegrityError), transaction.atomic():
        hold(interview, [place], Hold.Kind.INTERVIEW)
    assert refused(Wish(Door.STAFF, counsellor=reserved.counsellor_id, office_hours=True), start) == (Reason.COUNSELLOR_TAKEN,)


def test_other_kinds_leave_the_cap_of_a_start_alone(office: Office, interview: Booking) -> None:
    """A17: with a cap of one, the colleague's place at 10:00 is still there."""
    set_policy("capacity_per_start", "1", by=office.staff, reason="試験", now=MORNING)
    assert [free_places(start, situation(TUESDAY, TUESDAY, now=MORNING)) for start in (at(TUESDAY, 10), at(TUESDAY, 10, 30))] == [1, 1]
    Hold.objects.update(kind=Hold.Kind.RESERVATION)
    assert [free_places(start, situation(TUESDAY, TUESDAY, now=MORNING)) for start in (at(TUESDAY, 10), at(TUESDAY, 10, 30))] == [0, 0]


@pytest.mark.parametrize(
    ("kind", "wish", "held"),
    [
        ("reserved", Wish(Door.STAFF), "reservation"),
        ("ad_hoc", Wish(Door.STAFF, office_hours=True), "ad_hoc"),
        ("interview", Wish(Door.STAFF, office_hours=True, presence=15), "interview"),
    ],
)
def test_each_kind_asks_for_its_place_by_its_own_rule(kind: str, wish: Wish, held: str) -> None:
    booking, policy = Booking(kind=kind), Policy(interview_presence_minutes=15)
    assert (wish_of(booking, policy), kind_of(booking).value) == (wish, held)
