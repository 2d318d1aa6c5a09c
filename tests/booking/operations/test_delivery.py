"""Telling the access code: to whom it is shown, by which routes it goes, what each attempt leaves (C6-2-2, C6-2-3)."""

from datetime import datetime, timedelta

import pytest
from django.db import ProgrammingError, transaction

from booking.models import Booking, CodeDelivery, Meeting, Participant
from booking.operations import bookings, delivery, interviews, sessions
from booking.operations.delivery import NotInCharge, RouteClosed, TermsUnread, closing_is_proposed, is_told, routes_of
from booking.operations.immediate import Barred
from booking.operations.invitations import Lack, NotReady, Seeker
from booking.operations.sessions import JoinOver, MeetingNotReady
from booking.operations.transitions import ParticipantGone
from booking.queries import Bar
from consent.operations import Shown, agree, withdraw
from consent.queries import COUNSELLING
from consent.rules import Ground
from tests.cast import MORNING, THURSDAY, TUESDAY, Office, at, make_meeting_ready, make_person, make_regular, publish_terms
from tests.change import EFFECT, announced
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import Sanction, restrict, verify_person
from toyooka_hw.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
SEEKERS, EMPLOYERS, CALL = "job_seeker_mypage", "employer_mypage", "callback_phone"
NUMBER, OTHER_NUMBER = "+819012345678", "+819055556666"
LOOKED, TOLD = "アクセスコードを表示する", "アクセスコードの伝達を記録する"


@pytest.fixture
def ready(accepted: Booking) -> Booking:
    """An accepted session of 佐藤's whose meeting stands at Zoom."""
    make_meeting_ready(accepted)
    return accepted


@pytest.fixture
def seeker(ready: Booking) -> Participant:
    return ready.participants.get()


def tell(
    who: Participant, office: Office, route: str = SEEKERS, result: str = "told", now: datetime = MORNING + 3 * MINUTE
) -> CodeDelivery:
    return delivery.record_delivery(who.pk, route, result, by=office.staff, now=now)


def fresh(who: Participant) -> Participant:
    return Participant.objects.select_related("person__merged_into").get(pk=who.pk)


# --- who sees it ---------------------------------------------------------------------------------------------------------


def test_code_is_shown_to_the_counsellor_in_charge_and_each_look_is_a_line(office: Office, ready: Booking) -> None:
    """Issue point 4: the audit says who looked, never what was seen."""
    for _look in range(2):
        meeting = delivery.open_code(ready.pk, by=office.staff, now=ready.starts_at)
    assert (meeting.grouped_id, meeting.passcode, meeting.join_url) == ("987 6543 2101", "abcdEFGH23", "https://zoom.us/j/98765432101")
    lines = AuditEntry.objects.filter(what=LOOKED)
    assert [(line.by, line.at, line.person_pk, line.kind, line.changes) for line in lines] == [
        (office.staff, ready.starts_at, ready.applicant_id, AuditEntry.Kind.LOOK, {})
    ] * 2


def test_code_is_shown_to_no_colleague(office: Office, ready: Booking) -> None:
    """Whoever takes over is handed the session first."""
    with pytest.raises(NotInCharge):
        delivery.open_code(ready.pk, by=office.tanaka.user, now=ready.starts_at)
    with pytest.raises(NotInCharge):
        delivery.record_delivery(ready.participants.get().pk, SEEKERS, "told", by=office.tanaka.user, now=ready.starts_at)
    with pytest.raises(NotInCharge):
        delivery.check_way_in(ready.pk, by=office.tanaka.user, now=ready.starts_at)
    assert (AuditEntry.objects.filter(what=LOOKED).count(), CodeDelivery.objects.count()) == (0, 0)


def test_code_is_shown_until_the_session_ends_and_not_at_its_end(office: Office, ready: Booking) -> None:
    assert delivery.open_code(ready.pk, by=office.staff, now=ready.ends_at - SECOND) == ready.meeting
    with pytest.raises(JoinOver):
        delivery.open_code(ready.pk, by=office.staff, now=ready.ends_at)


def test_code_of_a_session_that_was_ended_is_not_shown(office: Office, ready: Booking) -> None:
    now = ready.starts_at
    sessions.cancel_by_office(ready.pk, reason="機器の故障", by=office.staff, now=now, wall=now)
    with pytest.raises(JoinOver):
        delivery.open_code(ready.pk, by=office.staff, now=now)


def test_request_has_no_code_yet(office: Office, waiting: Booking) -> None:
    with pytest.raises(JoinOver):
        delivery.open_code(waiting.pk, by=office.staff, now=MORNING)


def test_code_of_a_reservation_is_none_of_this_door(office: Office, confirmed: Booking) -> None:
    """A15: it stands on the person's own page; by phone it is told from there."""
    make_meeting_ready(confirmed)
    with pytest.raises(JoinOver):
        delivery.open_code(confirmed.pk, by=confirmed.counsellor.user, now=confirmed.starts_at)


@pytest.mark.parametrize(
    "changes",
    [
        {"meeting_id": None},
        {"removed_at": MORNING},
        {"starts_at": MORNING},
        {"host_email": "tanaka@zoom.example.jp"},
    ],
    ids=["none yet", "taken away", "of another time", "of another host"],
)
def test_code_is_shown_once_the_meeting_is_this_sessions(office: Office, ready: Booking, changes: dict[str, object]) -> None:
    Meeting.objects.filter(booking=ready).update(**changes)
    with pytest.raises(MeetingNotReady):
        delivery.open_code(ready.pk, by=office.staff, now=ready.starts_at)
    assert AuditEntry.objects.filter(what=LOOKED).count() == 0


def test_gate_is_asked_at_the_start_itself(office: Office, ready: Booking, seeker: Participant) -> None:
    """C6-2-2: a version that came into force between acceptance and start bars until it is agreed to."""
    now = MORNING + 4 * MINUTE
    second = publish_terms(number=2, effective_at=now)
    assert delivery.open_code(ready.pk, by=office.staff, now=now - SECOND) == ready.meeting
    for look in (delivery.open_code, delivery.check_way_in):
        with pytest.raises(Barred) as refusal:
            look(ready.pk, by=office.staff, now=now)
        assert refusal.value.bar == Bar.TERMS_CHANGED
    with pytest.raises(Barred):
        tell(seeker, office, now=now)
    agree(ready.applicant, Shown(second.pk, "同意します。", now), document=COUNSELLING, now=now, bureau_confirmed_at=now)
    assert (delivery.open_code(ready.pk, by=office.staff, now=now), tell(seeker, office, now=now).result) == (ready.meeting, "told")


def test_consent_taken_back_after_the_acceptance_bars(office: Office, ready: Booking) -> None:
    withdraw(ready.applicant, document=COUNSELLING, by=office.staff, now=MORNING + 3 * MINUTE)
    with pytest.raises(Barred) as refusal:
        delivery.open_code(ready.pk, by=office.staff, now=MORNING + 4 * MINUTE)
    assert refusal.value.bar == Bar.NOT_RECORDED


# --- routes --------------------------------------------------------------------------------------------------------------


def test_routes_are_the_own_my_page_and_the_registered_number(seeker: Participant, interview: Booking) -> None:
    """C6-2-3a."""
    contact, other = interview.participants.order_by("pk")
    assert [routes_of(each, now=MORNING) for each in (seeker, contact, other)] == [(SEEKERS, CALL), (EMPLOYERS, CALL), (SEEKERS, CALL)]


@pytest.mark.parametrize(
    ("changed", "now", "routes"),
    [
        (MORNING - timedelta(days=1), MORNING, (SEEKERS, CALL)),
        (MORNING - MINUTE, MORNING, (SEEKERS,)),
        (MORNING + MINUTE, MORNING + 2 * MINUTE, (SEEKERS,)),
        (MORNING, MORNING + timedelta(days=1), (SEEKERS, CALL)),
    ],
    ids=["yesterday", "before the request", "after the request", "the day after"],
)
def test_number_changed_at_the_counter_serves_no_call_that_day(
    office: Office, seeker: Participant, changed: datetime, now: datetime, routes: tuple[str, ...]
) -> None:
    """C6-2-3c: whether before or after the request; My Page stays open."""
    verify_person(seeker.person, registered_phone=OTHER_NUMBER, by=office.staff, now=changed)
    assert routes_of(fresh(seeker), now=now) == routes


def test_same_number_verified_again_is_no_change(office: Office, seeker: Participant) -> None:
    verify_person(seeker.person, registered_phone=NUMBER, by=office.staff, now=MORNING)
    assert routes_of(fresh(seeker), now=MORNING) == (SEEKERS, CALL)


def test_number_that_was_only_stated_is_never_called(office: Office, seeker: Participant) -> None:
    """C6-2-3b: only the registered one."""
    Person.objects.filter(pk=seeker.person_id).update(verified_at=None, verified_by=None)
    assert routes_of(fresh(seeker), now=MORNING) == (SEEKERS,)
    Person.objects.filter(pk=seeker.person_id).update(verified_at=MORNING, verified_by=office.staff, registered_phone="")
    assert routes_of(fresh(seeker), now=MORNING) == (SEEKERS,)


def test_number_of_a_merged_person_is_the_survivors(office: Office, seeker: Participant) -> None:
    survivor = make_person("豊岡 花子", "hanako.new@example.jp")
    verify_person(survivor, registered_phone=OTHER_NUMBER, by=office.staff, now=MORNING)
    verify_person(survivor, registered_phone=NUMBER, by=office.staff, now=MORNING)
    Person.objects.filter(pk=seeker.person_id).update(merged_into=survivor)
    assert routes_of(fresh(seeker), now=MORNING) == (SEEKERS,)


@pytest.mark.parametrize(("route", "result"), [(EMPLOYERS, "told"), (SEEKERS, "no_answer"), (SEEKERS, "wrong_person"), ("mail", "told")])
def test_route_that_is_not_the_persons_is_refused(office: Office, seeker: Participant, route: str, result: str) -> None:
    with pytest.raises(RouteClosed):
        tell(seeker, office, route, result)
    assert (CodeDelivery.objects.count(), AuditEntry.objects.filter(what=TOLD).count()) == (0, 0)


@pytest.mark.parametrize("result", ["told", "no_answer", "wrong_person"])
def test_call_to_a_number_changed_today_is_refused(office: Office, seeker: Participant, result: str) -> None:
    """C6-2-3c: the hand that forged the form gets no further than the page."""
    verify_person(seeker.person, registered_phone=OTHER_NUMBER, by=office.staff, now=MORNING + 2 * MINUTE)
    with pytest.raises(RouteClosed):
        tell(seeker, office, CALL, result)
    assert tell(seeker, office).route == SEEKERS


# --- what an attempt leaves ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "result", "words"),
    [
        (SEEKERS, "told", "求職者マイページ：お伝えした"),
        (CALL, "told", "折り返し電話：お伝えした"),
        (CALL, "no_answer", "折り返し電話：不在"),
        (CALL, "wrong_person", "折り返し電話：別の方"),
    ],
)
def test_each_attempt_is_a_row_and_a_line_without_the_code(
    office: Office, seeker: Participant, route: str, result: str, words: str
) -> None:
    """C6-2-3a, C6-2-3b: who, when, by which route, with which result."""
    made = tell(seeker, office, route, result)
    assert (made.participant, made.route, made.result, made.by, made.at) == (seeker, route, result, office.staff, MORNING + 3 * MINUTE)
    line = AuditEntry.objects.get(what=TOLD)
    assert (line.by, line.person_pk, line.changes) == (office.staff, seeker.person_id, {"アクセスコードの伝達": ["", words]})


def test_same_press_within_a_minute_is_one_attempt(office: Office, seeker: Participant) -> None:
    start = MORNING + 3 * MINUTE
    made = [tell(seeker, office, CALL, "no_answer", start + timedelta(seconds=seconds)) for seconds in (0, 59, 60)]
    assert (made[0], CodeDelivery.objects.count(), AuditEntry.objects.filter(what=TOLD).count()) == (made[1], 2, 2)
    assert [row.at for row in CodeDelivery.objects.all()] == [start, start + MINUTE]


def test_other_result_within_a_minute_is_another_attempt(office: Office, seeker: Participant) -> None:
    for result in ("no_answer", "wrong_person", "told"):
        tell(seeker, office, CALL, result)
    assert CodeDelivery.objects.count() == 3


def test_attempts_are_only_ever_added(office: Office, seeker: Participant) -> None:
    made = tell(seeker, office)
    with pytest.raises(ProgrammingError), transaction.atomic():
        CodeDelivery.objects.filter(pk=made.pk).update(result="told", route=CALL)
    with pytest.raises(ProgrammingError), transaction.atomic():
        made.delete()
    assert CodeDelivery.objects.get() == made


@pytest.mark.parametrize(
    ("attempts", "proposed", "told"),
    [
        ([], False, False),
        ([(CALL, "no_answer")], False, False),
        ([(CALL, "no_answer"), (CALL, "wrong_person")], True, False),
        ([(CALL, "no_answer"), (CALL, "wrong_person"), (SEEKERS, "told")], False, True),
        ([(SEEKERS, "told"), (CALL, "no_answer"), (CALL, "wrong_person")], False, True),
    ],
)
def test_closing_is_proposed_after_two_failures_and_no_route(
    office: Office, seeker: Participant, attempts: list[tuple[str, str]], proposed: bool, told: bool
) -> None:
    """C6-2-3b."""
    for route, result in attempts:
        tell(seeker, office, route, result)
    assert (closing_is_proposed(seeker), is_told(seeker)) == (proposed, told)


def test_code_of_a_meeting_that_was_replaced_counts_as_not_told(office: Office, seeker: Participant) -> None:
    """Handed over to another Zoom host the session has another meeting, and another code."""
    told_at = tell(seeker, office, SEEKERS, "told").at
    found = []
    for made_at in (told_at, told_at + timedelta(seconds=1)):
        Meeting.objects.filter(booking=seeker.booking).update(made_at=made_at)
        found.append(is_told(Participant.objects.get(pk=seeker.pk)))
    assert found == [True, False]


def test_failed_calls_about_a_meeting_that_was_replaced_propose_no_closing(office: Office, seeker: Participant) -> None:
    """C6-2-3b: for the new code nobody has called yet; and a code told before does not hide that nobody is reached now."""
    told_at = tell(seeker, office, SEEKERS, "told").at
    Meeting.objects.filter(booking=seeker.booking).update(made_at=told_at + SECOND)
    found = [closing_is_proposed(Participant.objects.get(pk=seeker.pk))]
    last = [tell(seeker, office, CALL, "no_answer", told_at + each * MINUTE) for each in (1, 2)][-1]
    found.append(closing_is_proposed(Participant.objects.get(pk=seeker.pk)))
    Meeting.objects.filter(booking=seeker.booking).update(made_at=last.at)
    found.append(closing_is_proposed(Participant.objects.get(pk=seeker.pk)))
    assert found == [False, True, False]


def test_attempt_after_the_end_is_refused(office: Office, seeker: Participant, ready: Booking) -> None:
    with pytest.raises(JoinOver):
        tell(seeker, office, now=ready.ends_at)


# --- interviews ----------------------------------------------------------------------------------------------------------


def test_each_side_of_an_interview_has_its_own_route(office: Office, interview: Booking) -> None:
    """Issue point 6: never the other's."""
    make_meeting_ready(interview)
    contact, seeker = interview.participants.order_by("pk")
    tell(contact, office, EMPLOYERS)
    tell(seeker, office, CALL)
    with pytest.raises(RouteClosed):
        tell(seeker, office, EMPLOYERS)
    assert [(row.participant, row.route) for row in CodeDelivery.objects.all()] == [(contact, EMPLOYERS), (seeker, CALL)]


def test_changed_terms_bar_an_interview_only_where_they_rest_on_consent(office: Office, interview: Booking) -> None:
    """A11: article 6-2's gate is not an interview's; a change that needs everybody's own consent is."""
    make_meeting_ready(interview)
    publish_terms(number=2, effective_at=MORNING)
    assert delivery.open_code(interview.pk, by=office.staff, now=MORNING + MINUTE) == interview.meeting


def test_terms_that_need_everybodys_consent_bar_until_both_sides_have_agreed(office: Office, interview: Booking) -> None:
    """A11, A18."""
    second = announced(office, ground=Ground.INDIVIDUAL_CONSENT)
    start = at(EFFECT, 10)
    Booking.objects.filter(pk=interview.pk).update(starts_at=start, ends_at=start + 30 * MINUTE)
    interview.refresh_from_db()
    make_meeting_ready(interview)
    for participant in interview.participants.all():
        with pytest.raises(TermsUnread):
            delivery.open_code(interview.pk, by=office.staff, now=start)
        agree(participant.person, Shown(second.pk, "同意します。", start), document=COUNSELLING, now=start)
    assert delivery.open_code(interview.pk, by=office.staff, now=start) == interview.meeting


def test_look_at_the_code_of_an_interview_is_a_line_about_everybody_in_it(office: Office, interview: Booking) -> None:
    """Issue point 4: either may ask who saw the way into their session."""
    make_meeting_ready(interview)
    delivery.open_code(interview.pk, by=office.staff, now=interview.starts_at)
    lines = AuditEntry.objects.filter(what=LOOKED).order_by("pk").values_list("person_pk", "kind", "changes")
    people = interview.participants.order_by("pk").values_list("person_id", flat=True)
    assert list(lines) == [(person_id, AuditEntry.Kind.LOOK, {}) for person_id in people]


@pytest.mark.parametrize("role", ["employer", "job_seeker"])
def test_restriction_begun_after_arranging_bars_the_interviews_code(office: Office, interview: Booking, role: str) -> None:
    """C6-1-4c: of either side; the counsellor decides what becomes of the session."""
    make_meeting_ready(interview)
    start, part = interview.starts_at, interview.participants.get(role=role)
    sanction = Sanction("妨害", TUESDAY, THURSDAY, THURSDAY, "お知らせします。")
    restrict(part.person_id, sanction, by=office.staff, now=MORNING, wall=MORNING)
    presses = [
        lambda: delivery.open_code(interview.pk, by=office.staff, now=start),
        lambda: delivery.check_way_in(interview.pk, by=office.staff, now=start),
        lambda: tell(part, office, delivery.mypage_of(part), now=start),
    ]
    for press in presses:
        with pytest.raises(NotReady) as refusal:
            press()
        assert (refusal.value.person, refusal.value.lack) == (part.person, Lack.RESTRICTED)
    assert (CodeDelivery.objects.count(), AuditEntry.objects.filter(what=LOOKED).count()) == (0, 0)


def test_attempt_about_somebody_who_was_replaced_is_refused_by_name(office: Office, interview: Booking) -> None:
    """A18."""
    make_meeting_ready(interview)
    gone = interview.participants.get(role="job_seeker").pk
    other = make_regular(office, "竹野 浜子", "hamako@example.jp", OTHER_NUMBER)
    interviews.replace_seeker(interview.pk, Seeker(other.pk), reason="都合", by=office.staff, now=MORNING, wall=MORNING)
    with pytest.raises(ParticipantGone):
        delivery.record_delivery(gone, SEEKERS, "told", by=office.staff, now=interview.starts_at)


def test_expired_request_leaves_nothing_to_tell(office: Office, waiting: Booking) -> None:
    bookings.expire_unconfirmed(now=waiting.answer_by, wall=waiting.answer_by)
    with pytest.raises(JoinOver):
        delivery.open_code(waiting.pk, by=office.staff, now=waiting.answer_by)
