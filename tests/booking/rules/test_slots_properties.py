"""What holds for every situation: the page and the POST agree, and whoever is offered a place gets one."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.rules.calendar import Calendar, Day, tokyo, tokyo_date
from booking.rules.interval import Interval
from booking.rules.policy import Policy
from booking.rules.slots import (
    Applicant,
    Busy,
    Counsellor,
    Door,
    Host,
    Mark,
    Reason,
    Situation,
    SlotRefused,
    assign,
    check,
    moments,
    offers,
    places,
    refusals,
    span_of,
    starts_on,
    turns,
)

# Friday to Thursday around a long weekend: open, Saturday, Sunday, holiday, open, open, open.
WEEK = [date(2026, 11, 20) + timedelta(n) for n in range(7)]

moments_of_the_week = st.builds(
    lambda day, minute: tokyo(day, time(0)) + timedelta(minutes=minute), st.sampled_from(WEEK), st.integers(0, 1439)
)
spans = st.builds(lambda start, minutes: Interval(start, start + timedelta(minutes=minutes)), moments_of_the_week, st.integers(1, 600))
sessions = st.builds(
    lambda day, n: Busy(span_of(starts_on(day, Policy())[n], Policy()), session=True),
    st.sampled_from(WEEK),
    st.integers(0, 9),
)
absences = st.builds(Busy, spans, st.just(False))
working_days = st.sets(st.sampled_from(WEEK)).map(
    lambda days: tuple(Interval(tokyo(day, time(9)), tokyo(day, time(17))) for day in sorted(days))
)


@st.composite
def counsellors(draw: st.DrawFn) -> tuple[Counsellor, ...]:
    return tuple(
        Counsellor(
            pk,
            draw(working_days),
            (*draw(st.lists(sessions, max_size=4)), *draw(st.lists(absences, max_size=1))),
            draw(st.sampled_from([None, 1, 2])),
        )
        for pk in range(draw(st.integers(0, 3)))
    )


hosts = st.lists(st.lists(spans, max_size=2), max_size=3).map(lambda rows: tuple(Host(pk, tuple(busy)) for pk, busy in enumerate(rows)))
policies = st.builds(
    Policy,
    capacity_per_start=st.sampled_from([None, 1, 2, 3]),
    few_places=st.integers(0, 2),
    first_timers_per_day=st.sampled_from([None, 0, 2]),
    host_buffer_minutes=st.sampled_from([0, 10]),
    horizon_days=st.sampled_from([3, 28]),
)
closures = st.sets(st.sampled_from(WEEK), max_size=2).map(lambda days: Calendar({day: Day(day, is_open=False, why="閉庁") for day in days}))
situations = st.builds(
    Situation,
    policy=policies,
    calendar=closures,
    counsellors=counsellors(),
    hosts=hosts,
    first_timers=st.dictionaries(st.sampled_from(WEEK), st.integers(0, 3)),
    now=st.one_of(moments_of_the_week, st.just(tokyo(date(2026, 11, 17), time(9)))),
)
applicants = st.builds(Applicant, verified=st.booleans(), open_requests=st.integers(0, 1))
doors = st.sampled_from(Door)


def accepted(start: datetime, seen: Situation, door: Door, applicant: Applicant, override: bool) -> bool:
    try:
        check(start, seen, door=door, applicant=applicant, override=override)
    except SlotRefused:
        return False
    return True


@given(situations, doors, applicants, st.booleans())
def test_page_and_post_agree_on_every_start(seen: Situation, door: Door, applicant: Applicant, override: bool) -> None:
    for _, row in offers(WEEK, seen, door=door, applicant=applicant, override=override):
        for offer in row:
            assert offer.reasons == refusals(offer.start, seen, door=door, applicant=applicant, override=override)
            assert accepted(offer.start, seen, door, applicant, override) is (offer.reasons == ())


@given(situations, doors, applicants)
def test_start_is_marked_bookable_exactly_where_the_office_does_not_refuse(seen: Situation, door: Door, applicant: Applicant) -> None:
    for _, row in offers(WEEK, seen, door=door, applicant=applicant):
        for offer in row:
            bookable = offer.mark in (Mark.FREE, Mark.FEW)
            assert bookable is (set(offer.reasons) <= {Reason.OPEN_REQUEST})


@given(situations, doors, applicants)
def test_whoever_is_offered_a_start_gets_a_free_counsellor_and_a_free_host(seen: Situation, door: Door, applicant: Applicant) -> None:
    bookable = [offer for _, row in offers(WEEK, seen, door=door, applicant=applicant) for offer in row if not offer.reasons]
    for offer in bookable:
        assert offer.places > 0
        got = assign(offer.start, seen)
        span = span_of(offer.start, seen.policy)
        [who] = [each for each in seen.counsellors if each.id == got.counsellor]
        [host] = [each for each in seen.hosts if each.id == got.host]
        assert any(duty.covers(span) for duty in who.duty)
        assert not any(busy.span.overlaps(span) for busy in who.busy)
        assert not any(busy.overlaps(span) for busy in host.busy)


@given(situations)
def test_assign_succeeds_exactly_where_there_are_places(seen: Situation) -> None:
    for day in WEEK:
        for start in starts_on(day, seen.policy):
            try:
                assign(start, seen)
            except SlotRefused:
                assert places(start, seen) == 0
            else:
                assert places(start, seen) > 0


@given(moments_of_the_week, situations)
def test_any_moment_that_is_no_start_is_refused_for_that_alone(moment: datetime, seen: Situation) -> None:
    known = moment in starts_on(tokyo_date(moment), seen.policy)
    assert (refusals(moment, seen) == (Reason.NOT_A_START,)) is not known


@given(closures, st.sampled_from(WEEK))
def test_the_three_moments_follow_each_other(calendar: Calendar, day: date) -> None:
    found = moments(day, calendar, Policy())
    assert found.request_closes < found.answer_by < found.confirm_limit
    assert calendar.day(tokyo_date(found.request_closes)).is_open


@given(situations, st.sampled_from(list(Door)))
def test_between_two_turns_every_offer_stays(situation: Situation, door: Door) -> None:
    """What the page drew is kept as long as that (decision 45)."""
    now, day = situation.now, tokyo_date(situation.now)
    closing = (tokyo(day, situation.policy.request_closes_at), *starts_on(day, situation.policy), tokyo(day + timedelta(days=1), time(0)))
    later = replace(situation, now=min(moment for moment in closing if moment > now) - timedelta.resolution)
    assert turns(now, situation.policy) == turns(later.now, situation.policy)
    assert offers(WEEK, situation, door=door) == offers(WEEK, later, door=door)
