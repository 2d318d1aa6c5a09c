"""Closed days and absences over a seminar: refused until its own page has decided about so many people (A5, S8-1)."""

from datetime import timedelta

import pytest

from booking.models import Absence, Booking, Closure, Counsellor, Hold
from booking.operations import giving_way
from booking.operations.calendar import whole_day
from booking.operations.giving_way import Gap, Order, SeminarsInTheWay, Way, check_no_seminar, concerned
from booking.operations.seminars import giving
from booking.rules.interval import Interval
from tests.cast import MORNING, THURSDAY, Office, at, nobody_concerned
from tests.seminars import STARTS, drawn_up, press, published

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
AFTERNOON = Interval(at(THURSDAY, 13), at(THURSDAY, 16))


def be_away(office: Office, who: Counsellor | None = None, span: Interval = AFTERNOON) -> list[Absence]:
    return giving_way.be_away([who or office.sato], span, "", nobody_concerned(office), now=MORNING, wall=MORNING)


def test_day_of_a_seminar_is_not_closed_over_it(office: Office) -> None:
    seminar = published(office)
    with pytest.raises(SeminarsInTheWay) as caught:
        giving_way.close_day(THURSDAY, "停電", nobody_concerned(office), now=MORNING, wall=MORNING)
    assert (caught.value.seminars, Closure.objects.count(), Hold.objects.count()) == ([seminar], 0, 1)


def test_counsellor_of_a_seminar_is_not_away_from_it(office: Office) -> None:
    published(office)
    with pytest.raises(SeminarsInTheWay):
        be_away(office)
    assert Absence.objects.count() == 0
    assert len(be_away(office, office.tanaka)) == 1


def test_absence_beside_the_seminar_is_no_matter(office: Office) -> None:
    published(office)
    assert len(be_away(office, span=Interval(at(THURSDAY, 9), STARTS))) == 1


def test_day_is_closed_once_the_seminar_is_cancelled(office: Office) -> None:
    giving.cancel(published(office).pk, press(office), reason="停電のため")
    giving_way.close_day(THURSDAY, "停電", nobody_concerned(office), now=MORNING, wall=MORNING)
    assert Closure.objects.get().date == THURSDAY


def test_draft_and_what_is_over_lie_in_nobodys_way(office: Office) -> None:
    drawn_up(office, title="下書き")
    published(office)
    check_no_seminar(Gap(whole_day(THURSDAY), frozenset({office.tanaka.pk})), now=MORNING)
    check_no_seminar(Gap(whole_day(THURSDAY)), now=STARTS + HOUR)
    with pytest.raises(SeminarsInTheWay):
        check_no_seminar(Gap(whole_day(THURSDAY)), now=STARTS + HOUR / 2)


def test_bookings_are_decided_about_as_ever_beside_a_seminar(office: Office, confirmed: Booking) -> None:
    """A hold without a booking stops neither the preview nor the search for somebody who takes over."""
    published(office, counsellor=confirmed.counsellor, host=confirmed.counsellor.default_host)
    gap = Gap(whole_day(THURSDAY), frozenset({confirmed.counsellor_id}))
    (row,) = concerned(gap, now=MORNING + HOUR)
    order = Order(office.staff, {confirmed.pk: Way.REASSIGN}, frozenset({row.key}), "研修のため")
    assert (row.booking, row.ways) == (confirmed, (Way.REASSIGN, Way.CANCEL))
    with pytest.raises(SeminarsInTheWay):
        giving_way.be_away([confirmed.counsellor], gap.span, "", order, now=MORNING + HOUR, wall=MORNING)
    confirmed.refresh_from_db()
    assert (confirmed.state, Absence.objects.count()) == ("confirmed", 0)
