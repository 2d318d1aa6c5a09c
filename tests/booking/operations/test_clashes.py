"""Nobody sits in two sessions at once, whichever of them came first and by whichever door the other comes (A18, C6-2-1c)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from booking.models import Booking
from booking.operations import applications, bookings, corrections, immediate, interviews, sessions
from booking.operations.applications import Details, Entry
from booking.operations.bookings import Decision
from booking.operations.clashes import TakesPartElsewhere
from booking.operations.interviews import Arrangement
from booking.operations.invitations import Seeker
from booking.rules.slots import Reason, SlotRefused
from consent.models import Consent
from consent.operations import Shown
from tests.cast import MORNING, SESSION, THURSDAY, TUESDAY, Office, application, at, make_person, make_regular, now_please
from tests.employers import asked, make_contact
from tests.kinds import interview as met
from toyooka_hw.accounts.models import Person

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
NOON = at(TUESDAY, 12)


def has_interview(office: Office, person: Person, start: datetime = SESSION) -> Booking:
    """An interview of theirs with 田中."""
    waiting = asked(make_contact(office)).sessions.get()
    wanted = Arrangement(start, Seeker(person.pk), counsellor=office.tanaka.pk)
    return interviews.arrange(waiting.pk, wanted, by=office.staff, now=MORNING, wall=MORNING)


def ask_now(office: Office, person: Person, now: datetime) -> Booking:
    immediate.switch(office.sato.pk, on=True, by=office.staff, now=now)
    return immediate.request(person, now_please(office.version, now), now=now, wall=now)


def accept(office: Office, waiting: Booking, now: datetime) -> Booking:
    return immediate.accept(waiting.pk, counsellor=office.sato.pk, by=office.staff, now=now, wall=now)


# --- a session of now ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "refused"), [(40, True), (41, False)])
def test_session_of_now_is_not_asked_for_shortly_before_another(office: Office, regular: Person, before: int, refused: bool) -> None:
    """The ten minutes of the wait and the half hour after it; the person is led to the session they have."""
    theirs, now = has_interview(office, regular), SESSION - before * MINUTE + timedelta(seconds=1)
    if not refused:
        assert ask_now(office, regular, now).state == "requested"
        return
    with pytest.raises(TakesPartElsewhere) as refusal:
        ask_now(office, regular, now)
    assert (refusal.value.booking, Booking.objects.filter(kind="ad_hoc").count()) == (theirs, 0)


def test_session_of_now_is_not_accepted_over_an_interview_arranged_meanwhile(office: Office, regular: Person) -> None:
    """A18: staff read why, and the request goes on waiting."""
    waiting = ask_now(office, regular, NOON)
    theirs = has_interview(office, regular, NOON + 30 * MINUTE)
    with pytest.raises(TakesPartElsewhere) as refusal:
        accept(office, waiting, NOON + MINUTE)
    waiting.refresh_from_db()
    assert (refusal.value.person, refusal.value.booking, waiting.state) == (regular, theirs, "requested")
    assert accept(office, waiting, NOON).ends_at == theirs.starts_at


def test_session_of_a_merged_row_counts(office: Office, regular: Person) -> None:
    theirs = has_interview(office, regular)
    survivor = make_person("豊岡 花子", "hanako.new@example.jp")
    Person.objects.filter(pk=regular.pk).update(merged_into=survivor)
    with pytest.raises(SlotRefused) as refusal:
        applications.request(survivor, application(office.version), now=MORNING, wall=MORNING)
    assert (refusal.value.reasons, theirs.participants.filter(person=regular).count()) == ((Reason.ELSEWHERE,), 1)


# --- a reservation ----------------------------------------------------------------------------------------------------------


def test_reservation_over_ones_own_interview_is_refused_kindly(office: Office, regular: Person) -> None:
    """The next start is theirs, and nothing of the refused one is left."""
    has_interview(office, regular, SESSION + 15 * MINUTE)
    for start in (SESSION, SESSION + 30 * MINUTE):
        with pytest.raises(SlotRefused) as refusal:
            applications.request(regular, application(office.version, start), now=MORNING, wall=MORNING)
        assert (refusal.value.reasons, refusal.value.start) == ((Reason.ELSEWHERE,), start)
    assert (Booking.objects.filter(kind="reserved").count(), Consent.objects.filter(method="deemed_application").count()) == (0, 1)
    assert applications.request(regular, application(office.version, SESSION + 60 * MINUTE), now=MORNING, wall=MORNING).state == "requested"


def test_staff_enter_no_reservation_over_an_interview(office: Office, regular: Person) -> None:
    theirs = has_interview(office, regular)
    entry = Entry(SESSION, Details("豊岡 花子"), applications.Source.PHONE, Shown(office.version.pk, "同意します。", MORNING))
    with pytest.raises(TakesPartElsewhere) as refusal:
        applications.enter(regular, entry, by=office.staff, now=MORNING, wall=MORNING)
    assert (refusal.value.booking, Booking.objects.filter(kind="reserved").count()) == (theirs, 0)


def decide(booking: Booking, office: Office) -> Booking:
    return bookings.confirm(booking.pk, Decision("registered", office.staff), now=MORNING, wall=MORNING)


def offer(booking: Booking, office: Office) -> Booking:
    return bookings.propose(
        booking.pk, [SESSION, SESSION + 30 * MINUTE], eligibility="registered", by=office.staff, now=MORNING, wall=MORNING
    )


def test_request_for_which_nothing_is_held_is_not_confirmed_over_an_interview(office: Office, regular: Person) -> None:
    """A request counts as being at its time, a proposal does not: the interview was arranged while the person thought about it."""
    reserved = applications.request(regular, application(office.version, SESSION + 60 * MINUTE), now=MORNING, wall=MORNING)
    offer(reserved, office)
    theirs = has_interview(office, regular, SESSION)
    with pytest.raises(TakesPartElsewhere) as refusal:
        bookings.accept(reserved.pk, SESSION, now=MORNING, wall=MORNING)
    reserved.refresh_from_db()
    assert (refusal.value.booking, reserved.state) == (theirs, "proposed")
    assert bookings.accept(reserved.pk, SESSION + 30 * MINUTE, now=MORNING, wall=MORNING).state == "confirmed"


def test_expired_request_is_not_reinstated_over_an_interview(office: Office, regular: Person) -> None:
    reserved = applications.request(regular, application(office.version), now=MORNING, wall=MORNING)
    bookings.expire_unconfirmed(now=reserved.confirm_limit, wall=reserved.confirm_limit)
    theirs = has_interview(office, regular)
    early = at(THURSDAY, 8, 30)
    decision = Decision("registered", office.staff, reason="お電話があったため")
    with pytest.raises(TakesPartElsewhere) as refusal:
        bookings.reinstate(reserved.pk, decision, now=early, wall=early)
    assert refusal.value.booking == theirs


# --- a correction ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [sessions.cancel_by_user, sessions.cancel_by_office])
def test_cancelled_session_is_not_put_back_over_another(office: Office, regular: Person, end: Callable[..., Booking]) -> None:
    """A18: the interview took the time that was free by then."""
    reserved = decide(applications.request(regular, application(office.version), now=MORNING, wall=MORNING), office)
    reason = {"reason": "都合"} if end is sessions.cancel_by_office else {}
    end(reserved.pk, by=office.staff, now=MORNING, wall=MORNING, **reason)
    theirs = has_interview(office, regular)
    with pytest.raises(TakesPartElsewhere) as refusal:
        corrections.correct(reserved.pk, "confirmed", reason="押し間違い", by=office.staff, now=MORNING, wall=MORNING)
    reserved.refresh_from_db()
    assert (refusal.value.booking, reserved.state == "confirmed") == (theirs, False)


def test_cancelled_interview_is_not_put_back_over_its_contacts_next_one(office: Office, regular: Person) -> None:
    """Either side counts."""
    contact = make_contact(office)
    first = met(office, SESSION, seeker=regular, contact=contact)
    sessions.cancel_by_office(first.pk, reason="都合", by=office.staff, now=MORNING, wall=MORNING)
    other = make_regular(office, "竹野 浜子", "hamako@example.jp", "+819055556666")
    waiting = asked(contact).sessions.get()
    wanted = Arrangement(SESSION + 15 * MINUTE, Seeker(other.pk), counsellor=office.tanaka.pk)
    second = interviews.arrange(waiting.pk, wanted, by=office.staff, now=MORNING, wall=MORNING)
    with pytest.raises(TakesPartElsewhere) as refusal:
        corrections.correct(first.pk, "confirmed", reason="押し間違い", by=office.staff, now=MORNING, wall=MORNING)
    assert (refusal.value.person, refusal.value.booking) == (contact, second)
