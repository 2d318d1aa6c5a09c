"""Closed days and absences over live bookings: decided one by one, done in one step or not at all (A5, C9-2)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from booking.models import Absence, Booking, Closure, DutyHours, Hold
from booking.models.bookings import Outcome
from booking.operations import applications, bookings, giving_way
from booking.operations.calendar import whole_day
from booking.operations.giving_way import AlreadyAway, Gap, MayNotClose, Order, Unforeseen, Way, concerned
from booking.rules.interval import Interval
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.cast import MORNING, SESSION, THURSDAY, TUESDAY, Office, application, at, make_person
from tests.employers import asked, make_contact
from tests.kinds import QUARTER_TO, SEVEN_PAST, immediate_session, interview
from toyooka_hw.accounts.models import User
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
NOON = MORNING + timedelta(hours=3)
DAY = Gap(whole_day(THURSDAY))
MORNING_SPAN = Interval(at(THURSDAY, 9), at(THURSDAY, 12))
CLOCKS: dict[str, Any] = {"now": NOON, "wall": NOON}


def another(office: Office, name: str = "但馬 太郎", hour: int = 11) -> Booking:
    person = make_person(name, f"{hour}@example.jp", phone="")
    agree(person, Shown(office.version.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING)
    wish = application(office.version, at(THURSDAY, hour), full_name=name)
    return applications.request(person, wish, now=MORNING, wall=MORNING)


def order(office: Office, gap: Gap, *ways: Way, now: Any = NOON) -> Order:
    rows = concerned(gap, now=now)
    chosen = dict(zip((row.booking.pk for row in rows), ways, strict=True))
    return Order(office.staff, chosen, frozenset(row.key for row in rows), "停電のため")


def away(booking: Booking) -> Gap:
    assert booking.counsellor_id is not None
    return Gap(MORNING_SPAN, frozenset({booking.counsellor_id}))


def told_since(count: int) -> list[tuple[str, str]]:
    return [(mail.to, mail.subject.split("】")[1][:5]) for mail in OutgoingMail.objects.order_by("pk")[count:]]


def test_each_booking_of_the_day_is_shown_with_what_may_become_of_it(office: Office, confirmed: Booking) -> None:
    other = another(office)
    rows = concerned(DAY, now=NOON)
    assert [(row.booking, row.ways) for row in rows] == [(confirmed, (Way.CANCEL,)), (other, (Way.RELEASE, Way.DECLINE))]


def test_colleague_who_is_free_comes_first_where_one_counsellor_is_away(office: Office, confirmed: Booking) -> None:
    (row,) = concerned(away(confirmed), now=NOON)
    free = office.tanaka if confirmed.counsellor == office.sato else office.sato
    assert (row.ways, row.taker) == ((Way.REASSIGN, Way.CANCEL), free.pk)


def test_closing_a_day_does_everything_and_mails_each_person_once(office: Office, confirmed: Booking) -> None:
    other, count = another(office), OutgoingMail.objects.count()
    giving_way.close_day(THURSDAY, "停電", order(office, DAY, Way.CANCEL, Way.DECLINE), **CLOCKS)
    confirmed.refresh_from_db()
    other.refresh_from_db()
    assert (confirmed.state, confirmed.outcome, other.state) == ("cancelled_by_office", Outcome.OFFICE_CLOSED, "declined")
    assert (Hold.objects.count(), Closure.objects.get().is_open) == (0, False)
    assert told_since(count) == [("hanako@example.jp", "相談の中止"), ("11@example.jp", "オンライン")]


def test_absence_hands_over_without_a_mail(office: Office, confirmed: Booking) -> None:
    gap, count, before = away(confirmed), OutgoingMail.objects.count(), confirmed.counsellor
    giving_way.be_away([before], MORNING_SPAN, "研修", order(office, gap, Way.REASSIGN), **CLOCKS)
    confirmed.refresh_from_db()
    held = Hold.objects.get(booking=confirmed)
    assert (confirmed.state, confirmed.starts_at, confirmed.counsellor == before) == ("confirmed", SESSION, False)
    assert (held.counsellor_id, held.host_id, Absence.objects.get().counsellor) == (confirmed.counsellor_id, confirmed.host_id, before)
    assert told_since(count) == []


def test_request_gives_its_time_up_and_waits_for_a_proposal(office: Office, requested: Booking) -> None:
    giving_way.close_day(THURSDAY, "停電", order(office, DAY, Way.RELEASE), **CLOCKS)
    requested.refresh_from_db()
    assert (requested.state, requested.holds.count()) == ("requested", 0)


def test_absence_of_one_counsellor_is_their_cause_of_everybody_the_offices(office: Office, confirmed: Booking) -> None:
    everybody = Gap(MORNING_SPAN, frozenset({office.sato.pk, office.tanaka.pk}))
    giving_way.be_away([office.sato, office.tanaka], MORNING_SPAN, "停電", order(office, everybody, Way.CANCEL), **CLOCKS)
    confirmed.refresh_from_db()
    assert (confirmed.outcome, Absence.objects.count()) == (Outcome.OFFICE_CLOSED, 2)


def test_absence_of_everybody_is_refused_to_whoever_may_not_close_the_office(office: Office, confirmed: Booking) -> None:
    member = User.objects.create_user("member", is_staff=True)
    everybody = [office.sato, office.tanaka]
    order_of_member = replace(order(office, Gap(MORNING_SPAN, frozenset(each.pk for each in everybody)), Way.CANCEL), by=member)
    with pytest.raises(MayNotClose):
        giving_way.be_away(everybody, MORNING_SPAN, "研修", order_of_member, **CLOCKS)
    confirmed.refresh_from_db()
    assert (confirmed.state, Absence.objects.count()) == ("confirmed", 0)


def test_booking_that_arrived_meanwhile_stops_everything(office: Office, confirmed: Booking) -> None:
    decided = order(office, DAY, Way.CANCEL)
    another(office)
    with pytest.raises(Unforeseen):
        giving_way.close_day(THURSDAY, "停電", decided, **CLOCKS)
    confirmed.refresh_from_db()
    assert (confirmed.state, Closure.objects.count(), Hold.objects.count()) == ("confirmed", 0, 2)


def test_booking_that_was_confirmed_meanwhile_stops_everything(office: Office, requested: Booking) -> None:
    decided = order(office, DAY, Way.DECLINE)
    bookings.confirm(requested.pk, bookings.Decision("registered", office.staff), now=NOON, wall=NOON)
    with pytest.raises(Unforeseen):
        giving_way.close_day(THURSDAY, "停電", decided, **CLOCKS)
    assert Closure.objects.count() == 0


def test_way_that_does_not_stand_for_a_booking_stops_everything(office: Office, confirmed: Booking) -> None:
    with pytest.raises(Unforeseen):
        giving_way.close_day(THURSDAY, "停電", order(office, DAY, Way.KEEP), **CLOCKS)
    assert Closure.objects.count() == 0


def test_session_under_way_goes_on_and_the_absence_begins_around_it(office: Office, confirmed: Booking) -> None:
    """Close today from 10:10 on: whoever is in their session stays in it (boundary: its last moment)."""
    now, span = SESSION + timedelta(minutes=10), Interval(SESSION + timedelta(minutes=10), at(THURSDAY, 17))
    counsellors = [office.sato, office.tanaka]
    gap = Gap(span, frozenset(each.pk for each in counsellors))
    decided = order(office, gap, Way.KEEP, now=now)
    giving_way.be_away(counsellors, span, "停電", decided, now=now, wall=now)
    begins = {row.counsellor_id: row.starts_at for row in Absence.objects.all()}
    assert begins[confirmed.counsellor_id or 0] == SESSION + timedelta(minutes=30)
    confirmed.refresh_from_db()
    assert confirmed.state == "confirmed"


def test_session_that_ends_as_the_gap_begins_is_not_concerned(office: Office, confirmed: Booking) -> None:
    assert concerned(Gap(Interval(SESSION + timedelta(minutes=30), at(THURSDAY, 17))), now=NOON) == []
    assert concerned(Gap(Interval(at(THURSDAY, 9), SESSION)), now=NOON) == []
    assert len(concerned(Gap(Interval(at(THURSDAY, 9), SESSION + timedelta(seconds=1))), now=NOON)) == 1


def test_absence_over_an_absence_is_entered_around_it_or_refused_where_nothing_is_left(office: Office) -> None:
    nothing = Order(office.staff, {}, frozenset(), "")
    giving_way.be_away([office.sato], MORNING_SPAN, "研修", nothing, **CLOCKS)
    longer = Interval(at(THURSDAY, 9), at(THURSDAY, 13))
    giving_way.be_away([office.sato], longer, "研修", nothing, **CLOCKS)
    with pytest.raises(AlreadyAway):
        giving_way.be_away([office.sato], longer, "研修", nothing, **CLOCKS)
    spans = [(row.starts_at, row.ends_at) for row in Absence.objects.order_by("starts_at")]
    assert spans == [(at(THURSDAY, 9), at(THURSDAY, 12)), (at(THURSDAY, 12), at(THURSDAY, 13))]


def test_number_of_queries_does_not_depend_on_the_number_of_bookings(
    office: Office, confirmed: Booking, django_assert_num_queries: Any
) -> None:
    gap = away(confirmed)
    with django_assert_num_queries(2):
        concerned(gap, now=NOON)
    another(office)
    both = Gap(MORNING_SPAN, frozenset({office.sato.pk, office.tanaka.pk}))
    with django_assert_num_queries(2):
        assert len(concerned(both, now=NOON)) == 2


def test_interview_goes_to_whoever_is_free_in_the_opening_hours(office: Office) -> None:
    """A18: nobody's duty is asked of; the hold stays an interview's, and nobody is written to."""
    booking, gap = interview(office), Gap(MORNING_SPAN, frozenset({office.sato.pk}))
    DutyHours.objects.filter(counsellor=office.tanaka).delete()
    count = OutgoingMail.objects.count()
    (row,) = concerned(gap, now=NOON)
    giving_way.be_away([office.sato], MORNING_SPAN, "研修", order(office, gap, Way.REASSIGN), **CLOCKS)
    held = Hold.objects.get(booking=booking)
    assert (row.ways, row.taker) == ((Way.REASSIGN, Way.CANCEL), office.tanaka.pk)
    assert (held.kind, held.counsellor, held.host, held.span.lower) == ("interview", office.tanaka, booking.host, QUARTER_TO)
    assert told_since(count) == []


def test_reservation_and_interview_do_not_find_the_same_taker_twice(office: Office, confirmed: Booking) -> None:
    """A colleague with a session at 11:00 can take over the one of 10:00, and not the interview from 10:45 to 11:15."""
    other = another(office, hour=11)
    Hold.objects.filter(booking=confirmed).update(counsellor=office.sato)
    Booking.objects.filter(pk=confirmed.pk).update(counsellor=office.sato)
    Hold.objects.filter(booking=other).update(counsellor=office.tanaka)
    booking = interview(office)
    rows = concerned(Gap(MORNING_SPAN, frozenset({office.sato.pk})), now=NOON)
    assert [(row.booking, row.taker) for row in rows] == [(confirmed, office.tanaka.pk), (booking, None)]


def test_closing_a_day_tells_both_sides_of_an_interview(office: Office) -> None:
    booking, count = interview(office), OutgoingMail.objects.count()
    giving_way.close_day(THURSDAY, "停電", order(office, DAY, Way.CANCEL), **CLOCKS)
    booking.refresh_from_db()
    assert (booking.state, booking.outcome, Hold.objects.count()) == ("cancelled_by_office", Outcome.OFFICE_CLOSED, 0)
    assert [to for to, _subject in told_since(count)] == ["jinji@example.jp", "taro@example.jp"]


def test_request_without_a_place_is_not_concerned(office: Office) -> None:
    """An employer's wish occupies nobody until it is arranged."""
    asked(make_contact(office))
    assert concerned(DAY, now=NOON) == []


def test_immediate_session_under_way_goes_on(office: Office) -> None:
    """C6-2-1c: the person is in it; the absence begins around it."""
    booking, now = immediate_session(office), at(TUESDAY, 10, 20)
    span = Interval(now, at(TUESDAY, 17))
    gap = Gap(span, frozenset({office.sato.pk}))
    (row,) = concerned(gap, now=now)
    giving_way.be_away([office.sato], span, "早退", order(office, gap, Way.KEEP, now=now), now=now, wall=now)
    assert (row.booking, row.ways) == (booking, (Way.KEEP, Way.CANCEL))
    assert Absence.objects.get().starts_at == SEVEN_PAST + timedelta(minutes=30)
