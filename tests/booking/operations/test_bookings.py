"""From the request to the confirmation, through the operations: C6-1-1b, C6-1-2, C6-1-3, C6-2-3c (A9), A1, A2, A13, A16."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Event

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from booking.models import Booking, BookingEvent, Hold, Meeting, Participant
from booking.models.bookings import State
from booking.operations import applications, bookings, sessions
from booking.operations.applications import Details, OpenBookingExists, PhoneDiffers
from booking.operations.bookings import ConfirmLimitPassed, Decision, NotProposed, ProposesTheWish, SameTimeTwice
from booking.operations.calendar import set_policy
from booking.operations.registrations import EligibilityMissing
from booking.operations.transitions import ReasonMissing, StateChanged
from booking.rules.slots import Reason, SlotRefused
from consent.models import Consent, Method
from consent.operations import ConsentMissing, Shown, TermsNotInForce, agree
from consent.queries import COUNSELLING
from tests.cast import MORNING, SESSION, THURSDAY, Office, application, at, make_person, publish_terms
from tests.surroundings import PATIENCE_SECONDS
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import verify_person
from toyooka_hw.mail.models import OutgoingMail

FRIDAY = date(2027, 4, 9)
EVE = at(date(2027, 4, 7), 23, 59, 59)
pytestmark = pytest.mark.django_db


def test_session_whose_time_has_come_is_not_confirmed_any_more(office: Office, requested: Booking) -> None:
    """Where the sweep has not run: the place is still held, yet nobody is told of a session that was."""
    decision = Decision("registered", office.staff, reason="遅れた")
    with pytest.raises(SlotRefused) as refusal:
        bookings.confirm(requested.pk, decision, now=SESSION, wall=SESSION)
    assert (refusal.value.reasons, Booking.objects.get().state, OutgoingMail.objects.count()) == ((Reason.PAST,), "requested", 1)
    early = SESSION - timedelta(seconds=1)
    assert bookings.confirm(requested.pk, decision, now=early, wall=early).state == "confirmed"


def history(booking: Booking) -> list[tuple[str, str, str, str]]:
    rows = BookingEvent.objects.filter(booking=booking)
    return [(row.event, row.from_state, row.to_state, row.actor) for row in rows]


def another(version_id: int, number: int = 1) -> Person:
    person = make_person(f"城崎 {number}", f"p{number}@example.jp", f"+8190555500{number:02}")
    agree(person, Shown(version_id, "同意します。", MORNING), document=COUNSELLING, now=MORNING)
    return person


def test_request_holds_the_place_and_tells_the_person(office: Office, requested: Booking) -> None:
    assert (requested.state, requested.starts_at, requested.ends_at) == ("requested", SESSION, SESSION + timedelta(minutes=30))
    assert requested.answer_by == at(date(2027, 4, 7), 17, 15)
    assert requested.confirm_limit == at(THURSDAY, 0)
    held = Hold.objects.get(booking=requested)
    assert (held.counsellor_id, held.host_id, held.span.lower) == (office.sato.pk, office.sato.default_host_id, SESSION)
    assert history(requested) == [("request", "", "requested", "person")]
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject) == (
        "hanako@example.jp",
        "【ハローワーク豊岡】オンライン職業相談のお申込みを受け付けました（予約は未確定です）",
    )
    assert requested.number in mail.body
    assert "2027年4月7日（水）17:15まで" in mail.body


def test_request_records_the_deemed_consent_tied_to_the_explicit_one(requested: Booking) -> None:
    deemed = Participant.objects.get(booking=requested).consent
    assert deemed.method == Method.DEEMED_APPLICATION
    assert deemed.based_on == Consent.objects.get(method=Method.CHECKBOX)


def test_request_sent_ten_times_is_one_request(office: Office, person: Person) -> None:
    draft = application(office.version)
    made = {applications.request(person, draft, now=MORNING, wall=MORNING).pk for _ in range(10)}
    assert (len(made), Booking.objects.count(), OutgoingMail.objects.count(), Hold.objects.count()) == (1, 1, 1, 1)


def test_second_open_request_is_refused_with_the_first(office: Office, person: Person, requested: Booking) -> None:
    with pytest.raises(OpenBookingExists) as refusal:
        applications.request(person, application(office.version, SESSION + timedelta(minutes=30)), now=MORNING, wall=MORNING)
    assert refusal.value.booking == requested


def test_request_after_the_last_session_was_held_is_taken(office: Office, person: Person, confirmed: Booking) -> None:
    during = SESSION + timedelta(minutes=20)
    again = applications.request(person, application(office.version, at(date(2027, 4, 13), 10)), now=during, wall=during)
    assert again.state == "requested"


def test_request_for_a_full_start_is_refused_and_leaves_nothing(office: Office, requested: Booking) -> None:
    applications.request(another(office.version.pk, 1), application(office.version), now=MORNING, wall=MORNING)
    third = another(office.version.pk, 2)
    with pytest.raises(SlotRefused) as refusal:
        applications.request(third, application(office.version), now=MORNING, wall=MORNING)
    assert refusal.value.reasons == (Reason.FULL,)
    assert (Booking.objects.count(), Participant.objects.count(), Consent.objects.filter(person=third).count()) == (2, 2, 1)


@pytest.mark.parametrize(
    ("now", "start", "refused"),
    [
        (at(date(2026, 12, 28), 14, 59), at(date(2027, 1, 4), 10), ()),
        (at(date(2026, 12, 28), 15, 0), at(date(2027, 1, 4), 10), (Reason.REQUEST_CLOSED,)),
        (MORNING, at(THURSDAY, 12), (Reason.NOT_A_START,)),
        (MORNING, at(THURSDAY, 12, 30), (Reason.NOT_A_START,)),
        (MORNING, at(THURSDAY, 16), (Reason.NOT_A_START,)),
        (MORNING, at(THURSDAY, 10, 15), (Reason.NOT_A_START,)),
    ],
)
def test_request_boundaries_of_the_web_door(
    office: Office, person: Person, now: datetime, start: datetime, refused: tuple[Reason, ...]
) -> None:
    """The boundary examples of the terms (A1, C6-1-2-3) through the operation."""
    if not refused:
        assert applications.request(person, application(office.version, start), now=now, wall=now).starts_at == start
        return
    with pytest.raises(SlotRefused) as refusal:
        applications.request(person, application(office.version, start), now=now, wall=now)
    assert refusal.value.reasons == refused


def test_request_with_another_phone_is_refused_and_changes_nothing(office: Office, person: Person) -> None:
    """C6-2-3c, A9: the number on record stays, whatever is posted."""
    with pytest.raises(PhoneDiffers):
        applications.request(person, application(office.version, phone="+819000000000"), now=MORNING, wall=MORNING)
    person.refresh_from_db()
    assert (person.stated_phone, Booking.objects.count()) == ("+819012345678", 0)


def test_request_under_a_superseded_version_records_nothing(office: Office, person: Person) -> None:
    publish_terms(number=2, effective_at=MORNING)
    with pytest.raises(TermsNotInForce):
        applications.request(person, application(office.version), now=MORNING, wall=MORNING)
    assert (Booking.objects.count(), Consent.objects.filter(method=Method.DEEMED_APPLICATION).count()) == (0, 0)


def test_request_without_consent_is_refused(office: Office) -> None:
    with pytest.raises(ConsentMissing):
        applications.request(make_person(), application(office.version), now=MORNING, wall=MORNING)


def test_confirm_wants_one_meeting_and_tells_the_person(office: Office, requested: Booking) -> None:
    booking = bookings.confirm(requested.pk, Decision("registered", office.staff), now=MORNING, wall=MORNING)
    assert (booking.state, booking.eligibility, booking.eligibility_checked_by) == ("confirmed", "registered", office.staff)
    assert Meeting.objects.filter(booking=booking).count() == 1
    mail = OutgoingMail.objects.get(subject="【ハローワーク豊岡】予約が確定しました（4月8日（木）10:00）")
    assert mail.calendar_method == "PUBLISH"
    assert "zoom.us" not in mail.body
    assert f"UID:booking-{booking.number}@" in mail.calendar


def test_confirm_needs_the_eligibility(office: Office, requested: Booking) -> None:
    with pytest.raises(EligibilityMissing):
        bookings.confirm(requested.pk, Decision("unchecked", office.staff), now=MORNING, wall=MORNING)


def test_confirm_twice_tells_the_second_by_whom(office: Office, confirmed: Booking) -> None:
    with pytest.raises(StateChanged) as refusal:
        bookings.confirm(confirmed.pk, Decision("registered", office.tanaka.user), now=MORNING, wall=MORNING)
    assert (refusal.value.by, refusal.value.booking.state) == ("佐藤", "confirmed")
    assert (Meeting.objects.count(), OutgoingMail.objects.filter(subject__contains="確定しました").count()) == (1, 1)


def test_confirm_at_the_last_second_of_the_eve_needs_no_override(office: Office, requested: Booking) -> None:
    booking = bookings.confirm(requested.pk, Decision("registered", office.staff), now=EVE, wall=EVE)
    assert booking.events.latest("pk").override is False


def test_confirm_on_the_day_itself_needs_a_reason(office: Office, requested: Booking) -> None:
    """C6-1-1b, A2: 00:00 of the session's day is too late without a reason, which the history keeps."""
    midnight = at(THURSDAY, 0)
    with pytest.raises(ConfirmLimitPassed):
        bookings.confirm(requested.pk, Decision("registered", office.staff), now=midnight, wall=midnight)
    booking = bookings.confirm(requested.pk, Decision("registered", office.staff, reason="本人から強い希望"), now=midnight, wall=midnight)
    last = booking.events.latest("pk")
    assert (last.override, last.reason) == (True, "本人から強い希望")


def test_confirm_with_another_counsellor_moves_the_hold(office: Office, requested: Booking) -> None:
    booking = bookings.confirm(requested.pk, Decision("registered", office.staff, counsellor=office.tanaka.pk), now=MORNING, wall=MORNING)
    held = Hold.objects.get(booking=booking)
    assert (booking.counsellor, held.counsellor_id, held.host_id) == (office.tanaka, office.tanaka.pk, office.tanaka.default_host_id)


def test_confirm_with_an_occupied_counsellor_is_refused(office: Office, requested: Booking) -> None:
    applications.request(another(office.version.pk), application(office.version), now=MORNING, wall=MORNING)
    with pytest.raises(SlotRefused):
        bookings.confirm(requested.pk, Decision("registered", office.staff, counsellor=office.tanaka.pk), now=MORNING, wall=MORNING)
    assert Hold.objects.get(booking=requested).counsellor_id == office.sato.pk


def test_propose_replaces_the_place_by_the_proposed_ones(office: Office, requested: Booking) -> None:
    times = [at(FRIDAY, 10), at(FRIDAY, 13), at(date(2027, 4, 12), 15, 30)]
    booking = bookings.propose(requested.pk, times, eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    assert booking.state == "proposed"
    assert [held.span.lower for held in Hold.objects.filter(booking=booking).order_by("span")] == times
    assert booking.confirm_limit == at(date(2027, 4, 12), 0)
    mail = OutgoingMail.objects.get(subject="【ハローワーク豊岡】日時のご相談")
    assert "2027年4月9日（金）10:00" in mail.body


@pytest.mark.parametrize("count", [0, 4])
def test_propose_takes_one_to_three_times(office: Office, requested: Booking, count: int) -> None:
    times = [at(FRIDAY, 10) + timedelta(minutes=30 * place) for place in range(count)]
    with pytest.raises(ValueError, match="one to three"):
        bookings.propose(requested.pk, times, eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)


def test_propose_of_the_very_time_asked_for_is_refused(office: Office, requested: Booking) -> None:
    with pytest.raises(ProposesTheWish):
        bookings.propose(requested.pk, [SESSION], eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)


def test_accept_confirms_the_chosen_time_and_frees_the_others(office: Office, requested: Booking) -> None:
    times = [at(FRIDAY, 10), at(FRIDAY, 13)]
    bookings.propose(requested.pk, times, eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    booking = bookings.accept(requested.pk, times[1], now=MORNING, wall=MORNING)
    assert (booking.state, booking.starts_at) == ("confirmed", times[1])
    held = Hold.objects.get(booking=booking)
    assert (held.kind, held.span.lower) == ("reservation", times[1])
    assert history(booking)[-1] == ("accept", "proposed", "confirmed", "person")
    assert Meeting.objects.filter(booking=booking).exists()


def test_propose_of_one_time_twice_is_refused(office: Office, requested: Booking) -> None:
    with pytest.raises(SameTimeTwice):
        bookings.propose(requested.pk, [at(FRIDAY, 10)] * 2, eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    assert Hold.objects.get(booking=requested).span.lower == SESSION


def test_confirm_with_a_colleague_who_is_not_free_names_it(office: Office, requested: Booking) -> None:
    applications.request(another(office.version.pk), application(office.version), now=MORNING, wall=MORNING)
    decision = Decision("registered", office.staff, counsellor=office.tanaka.pk)
    with pytest.raises(SlotRefused) as refusal:
        bookings.confirm(requested.pk, decision, now=MORNING, wall=MORNING)
    assert (refusal.value.reasons, refusal.value.start) == ((Reason.COUNSELLOR_TAKEN,), SESSION)


@pytest.mark.django_db(transaction=True)
def test_confirm_that_never_gets_the_row_names_the_session_not_the_moment(office: Office, requested: Booking) -> None:
    """However often it is tried: the refusal is about the session's start."""
    held, done = Event(), Event()

    def hold_the_row() -> None:
        with transaction.atomic():
            Booking.objects.select_for_update().get(pk=requested.pk)
            held.set()
            done.wait(timeout=PATIENCE_SECONDS)
        connection.close()

    with ThreadPoolExecutor(1) as threads:
        threads.submit(hold_the_row)
        held.wait(timeout=PATIENCE_SECONDS)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1ms'")
            with pytest.raises(SlotRefused) as refusal:
                bookings.confirm(requested.pk, Decision("registered", office.staff), now=MORNING, wall=MORNING)
            cursor.execute("RESET lock_timeout")
        done.set()
    assert refusal.value.start == SESSION


def test_accept_of_a_time_that_was_not_proposed_is_refused(office: Office, requested: Booking) -> None:
    bookings.propose(requested.pk, [at(FRIDAY, 10)], eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    with pytest.raises(NotProposed):
        bookings.accept(requested.pk, at(FRIDAY, 11), now=MORNING, wall=MORNING)


def test_accept_once_that_day_has_begun_is_refused(office: Office, requested: Booking) -> None:
    bookings.propose(requested.pk, [at(FRIDAY, 10)], eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    with pytest.raises(ConfirmLimitPassed):
        bookings.accept(requested.pk, at(FRIDAY, 10), now=at(FRIDAY, 0), wall=MORNING)


def test_refuse_reopens_the_request_without_a_place(office: Office, requested: Booking) -> None:
    bookings.propose(requested.pk, [at(FRIDAY, 10)], eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    booking = bookings.refuse(requested.pk, now=MORNING)
    assert (booking.state, Hold.objects.count()) == ("requested", 0)
    again = bookings.confirm(booking.pk, Decision("registered", office.staff), now=MORNING, wall=MORNING)
    assert (again.state, Hold.objects.get(booking=again).span.lower) == ("confirmed", SESSION)


def test_decline_needs_a_reason_and_frees_the_place(office: Office, requested: Booking) -> None:
    with pytest.raises(ReasonMissing):
        bookings.decline(requested.pk, reason=" ", by=office.staff, now=MORNING, wall=MORNING)
    booking = bookings.decline(requested.pk, reason="担当者の都合がつかないため", by=office.staff, now=MORNING, wall=MORNING)
    assert (booking.state, Hold.objects.count()) == ("declined", 0)
    assert "担当者の都合がつかないため" in OutgoingMail.objects.latest("pk").body


def test_withdraw_is_no_cancellation_and_frees_the_place(requested: Booking) -> None:
    booking = bookings.withdraw(requested.pk, now=MORNING, wall=MORNING)
    assert (booking.state, Hold.objects.count()) == ("withdrawn", 0)
    with pytest.raises(StateChanged):
        bookings.withdraw(requested.pk, now=MORNING, wall=MORNING)
    assert OutgoingMail.objects.filter(subject__contains="お申込みの取下げを承りました").count() == 1


def test_expiry_at_midnight_of_the_day_and_not_a_second_before(requested: Booking) -> None:
    assert bookings.expire_unconfirmed(now=EVE, wall=EVE) == 0
    midnight = at(THURSDAY, 0)
    assert bookings.expire_unconfirmed(now=midnight, wall=midnight) == 1
    assert bookings.expire_unconfirmed(now=midnight, wall=midnight) == 0
    requested.refresh_from_db()
    assert (requested.state, Hold.objects.count()) == ("expired", 0)
    assert OutgoingMail.objects.filter(subject__contains="日程を確定できませんでした").count() == 1


def test_reinstate_takes_the_place_again_with_a_reason(office: Office, requested: Booking) -> None:
    morning = at(THURSDAY, 9)
    bookings.expire_unconfirmed(now=morning, wall=morning)
    with pytest.raises(ConfirmLimitPassed):
        bookings.reinstate(requested.pk, Decision("registered", office.staff), now=morning, wall=morning)
    booking = bookings.reinstate(
        requested.pk, Decision("registered", office.staff, reason="所の都合で遅れたため"), now=morning, wall=morning
    )
    assert (booking.state, Hold.objects.get().span.lower) == ("confirmed", SESSION)


def test_capacity_of_one_is_kept_although_two_counsellors_are_free(office: Office, requested: Booking) -> None:
    """A17: the policy caps parallel sessions."""
    set_policy("capacity_per_start", "1", by=office.staff, reason="試験", now=MORNING - timedelta(hours=1))
    with pytest.raises(SlotRefused):
        applications.request(another(office.version.pk), application(office.version), now=MORNING, wall=MORNING)


def test_cap_of_first_timers_holds_for_the_unverified_only(office: Office, requested: Booking) -> None:
    """The office may cap, per day, the bookings of people whom nobody has verified; verified people are still served."""
    set_policy("first_timers_per_day", "1", by=office.staff, reason="試験", now=MORNING - timedelta(hours=1))
    newcomer = another(office.version.pk)
    with pytest.raises(SlotRefused) as refusal:
        applications.request(newcomer, application(office.version, at(THURSDAY, 11)), now=MORNING, wall=MORNING)
    assert refusal.value.reasons == (Reason.FIRST_TIMERS_FULL,)
    verify_person(newcomer, registered_phone="+819055550001", by=office.staff, now=MORNING)
    assert applications.request(newcomer, application(office.version, at(THURSDAY, 11)), now=MORNING, wall=MORNING).state == "requested"


def test_history_cannot_be_changed_even_in_sql(requested: Booking) -> None:
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE booking_bookingevent SET reason = 'x'")


def test_office_cancellation_tells_the_reason(office: Office, confirmed: Booking) -> None:
    booking = sessions.cancel_by_office(confirmed.pk, reason="停電のため", by=office.staff, now=MORNING, wall=MORNING)
    assert (booking.state, Hold.objects.count()) == ("cancelled_by_office", 0)
    mail = OutgoingMail.objects.latest("pk")
    assert ("停電のため" in mail.body, mail.calendar_method) == (True, "CANCEL")


def test_details_of_an_application_are_remembered(office: Office, person: Person) -> None:
    plain = application(office.version)
    sent = replace(plain, details=Details("豊岡 花子（旧姓 但馬）", job_seeker_number="28090-7654321", name_kana="トヨオカ ハナコ"))
    applications.request(person, sent, now=MORNING, wall=MORNING)
    person.refresh_from_db()
    assert (person.full_name, person.job_seeker_number, person.name_kana) == ("豊岡 花子（旧姓 但馬）", "28090-7654321", "トヨオカ ハナコ")
    assert Booking.objects.get().state == State.REQUESTED


def test_reinstate_beside_another_open_booking_is_refused_with_it(office: Office, person: Person, requested: Booking) -> None:
    """A16: what expired cannot come back while the person has a new one."""
    morning = at(THURSDAY, 8)
    bookings.expire_unconfirmed(now=morning, wall=morning)
    new = applications.request(person, application(office.version, at(date(2027, 4, 12), 10)), now=morning, wall=morning)
    with pytest.raises(OpenBookingExists) as refusal:
        bookings.reinstate(requested.pk, Decision("registered", office.staff, reason="所の都合"), now=morning, wall=morning)
    assert refusal.value.booking == new


def test_reinstate_after_a_session_that_was_held_stands_beside_it(office: Office, person: Person, requested: Booking) -> None:
    morning = at(THURSDAY, 8)
    bookings.expire_unconfirmed(now=morning, wall=morning)
    Booking.objects.create(
        number="0000-0001",
        state="confirmed",
        source="web",
        applicant=person,
        starts_at=at(date(2027, 4, 7), 10),
        ends_at=at(date(2027, 4, 7), 10, 30),
        counsellor=office.sato,
        host=office.sato.default_host,
        requested_at=MORNING,
        answer_by=MORNING,
        confirm_limit=MORNING,
        confirmed_at=MORNING,
    )
    decision = Decision("registered", office.staff, reason="所の都合")
    assert bookings.reinstate(requested.pk, decision, now=morning, wall=morning).state == "confirmed"


@pytest.mark.parametrize(
    ("now", "reply_by"),
    [
        (at(date(2027, 4, 6), 17, 14, 59), at(date(2027, 4, 6), 17, 15)),
        (at(date(2027, 4, 6), 17, 15), at(date(2027, 4, 7), 0)),
    ],
)
def test_propose_never_asks_for_a_reply_by_a_moment_that_has_passed(
    office: Office, requested: Booking, now: datetime, reply_by: datetime
) -> None:
    wednesday = at(date(2027, 4, 7), 10)
    booking = bookings.propose(requested.pk, [wednesday], eligibility="registered", by=office.staff, now=now, wall=now)
    assert booking.answer_by == reply_by


def test_refuse_promises_an_answer_in_time_and_is_judged_by_its_own_day_again(office: Office, requested: Booking) -> None:
    """C6-1-1b: however late the proposed times were, the request for Thursday ends as Thursday begins."""
    monday, evening = at(date(2027, 4, 12), 10), at(date(2027, 4, 7), 18)
    bookings.propose(requested.pk, [monday], eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    booking = bookings.refuse(requested.pk, now=evening)
    assert (booking.answer_by, booking.confirm_limit) == (at(THURSDAY, 0), at(THURSDAY, 0))


def test_refuse_once_its_own_day_has_come_leaves_staff_the_time_of_the_proposal(office: Office, requested: Booking) -> None:
    monday, morning = at(date(2027, 4, 12), 10), at(THURSDAY, 9)
    bookings.propose(requested.pk, [monday], eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    booking = bookings.refuse(requested.pk, now=morning)
    assert (booking.answer_by, booking.confirm_limit) == (at(date(2027, 4, 12), 0), at(date(2027, 4, 12), 0))
    with pytest.raises(ConfirmLimitPassed):
        bookings.confirm(booking.pk, Decision("registered", office.staff), now=morning, wall=morning)
    decision = Decision("registered", office.staff, reason="本人から強い希望")
    assert bookings.confirm(booking.pk, decision, now=morning, wall=morning).events.latest("pk").override is True


def test_accept_on_the_day_is_for_staff_with_a_reason(office: Office, requested: Booking) -> None:
    """A2: the history keeps the reason; the person alone cannot."""
    start, morning = at(FRIDAY, 10), at(FRIDAY, 9)
    times = [start, at(date(2027, 4, 12), 10)]
    bookings.propose(requested.pk, times, eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    with pytest.raises(ConfirmLimitPassed):
        bookings.accept(requested.pk, start, now=morning, wall=morning, reason="急ぎ")
    with pytest.raises(ConfirmLimitPassed):
        bookings.accept(requested.pk, start, now=morning, wall=morning, by=office.staff, reason=" ")
    with pytest.raises(SlotRefused) as refusal:
        bookings.accept(requested.pk, start, now=start, wall=start, by=office.staff, reason="急ぎ")
    assert refusal.value.reasons == (Reason.PAST,)
    booking = bookings.accept(requested.pk, start, now=morning, wall=morning, by=office.staff, reason="急ぎ")
    last = booking.events.latest("pk")
    assert (booking.starts_at, last.override, last.reason) == (start, True, "急ぎ")


@pytest.mark.parametrize("state", ["requested", "expired"])
def test_request_of_another_kind_is_confirmed_by_its_own_door(office: Office, waiting: Booking, state: str) -> None:
    """C6-2-2: no way past the gate of article 6-2."""
    Booking.objects.filter(pk=waiting.pk).update(state=state)
    confirm = bookings.confirm if state == "requested" else bookings.reinstate
    with pytest.raises(StateChanged):
        confirm(waiting.pk, Decision("registered", office.staff, reason="試験"), now=MORNING, wall=MORNING)
    assert (Booking.objects.get().state, Hold.objects.count()) == (state, 0)
