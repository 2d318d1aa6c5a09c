"""Eligibility without a decision, and requests that state something else than the registration (C2-1a, C6-2-3c, A9)."""

from datetime import timedelta

import pytest

from booking.models import Booking
from booking.operations import applications, bookings
from booking.operations.declining import decline_many
from booking.operations.registrations import EligibilityMissing, NothingStated, adopt_stated, check_eligibility
from booking.operations.transitions import ReasonMissing, StateChanged
from tests.cast import MORNING, Office, application
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import verify_person
from toyooka_hw.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(hours=1)


@pytest.fixture
def verified(office: Office, person: Person) -> Person:
    verify_person(person, registered_phone="+819012345678", by=office.staff, now=MORNING)
    return person


def test_check_records_what_was_found_and_moves_nothing(office: Office, requested: Booking) -> None:
    booking = check_eligibility(requested.pk, "to_register", by=office.staff, now=LATER)
    assert (booking.state, booking.eligibility, booking.eligibility_checked_at, booking.eligibility_checked_by) == (
        "requested",
        "to_register",
        LATER,
        office.staff,
    )
    assert booking.events.count() == 1


def test_check_of_a_confirmed_session_is_looked_up_again(office: Office, confirmed: Booking) -> None:
    """C2-1a: a registration lapses."""
    assert check_eligibility(confirmed.pk, "to_register", by=office.tanaka.user, now=LATER).eligibility_checked_by == office.tanaka.user


@pytest.mark.parametrize("found", ["", "unchecked"])
def test_check_without_a_finding_is_refused(office: Office, requested: Booking, found: str) -> None:
    with pytest.raises(EligibilityMissing):
        check_eligibility(requested.pk, found, by=office.staff, now=LATER)
    assert AuditEntry.objects.count() == 0


def test_check_of_what_is_over_names_who_ended_it(office: Office, requested: Booking) -> None:
    bookings.decline(requested.pk, reason="都合", by=office.tanaka.user, now=MORNING, wall=MORNING)
    with pytest.raises(StateChanged) as refusal:
        check_eligibility(requested.pk, "registered", by=office.staff, now=LATER)
    assert refusal.value.by == "田中"


def test_request_of_a_verified_person_keeps_apart_what_it_states(office: Office, verified: Person) -> None:
    sent = application(office.version, full_name="城崎 花子", job_seeker_number="28090-7654321", name_kana="キノサキ")
    booking = applications.request(verified, sent, now=MORNING, wall=MORNING)
    verified.refresh_from_db()
    assert (booking.stated_name, booking.stated_number) == ("城崎 花子", "28090-7654321")
    assert (verified.full_name, verified.job_seeker_number, verified.name_kana) == ("豊岡 花子", "28090-1234567", "")


def test_request_as_registered_states_nothing_apart(office: Office, verified: Person) -> None:
    sent = application(office.version, full_name="豊岡　花子", job_seeker_number="")
    booking = applications.request(verified, sent, now=MORNING, wall=MORNING)
    assert (booking.stated_name, booking.stated_number) == ("", "")


def test_adopt_changes_name_and_number_and_never_the_phone(office: Office, verified: Person) -> None:
    sent = application(office.version, full_name="城崎 花子", job_seeker_number="28090-7654321")
    booking = applications.request(verified, sent, now=MORNING, wall=MORNING)
    adopt_stated(booking.pk, by=office.staff, now=LATER)
    verified.refresh_from_db()
    assert (verified.full_name, verified.job_seeker_number, verified.registered_phone) == ("城崎 花子", "28090-7654321", "+819012345678")
    with pytest.raises(NothingStated):
        adopt_stated(booking.pk, by=office.staff, now=LATER)
    assert AuditEntry.objects.filter(what="登録を申込みの内容に改める").count() == 1


def test_decline_many_without_a_reason_declines_nobody(office: Office, requested: Booking) -> None:
    with pytest.raises(ReasonMissing):
        decline_many({requested.pk: None}, reason=" ", by=office.staff, now=LATER, wall=LATER)
    requested.refresh_from_db()
    assert requested.state == "requested"


def test_decline_many_goes_on_after_one_that_was_taken(office: Office, requested: Booking, confirmed: Booking) -> None:
    (missed,) = decline_many({confirmed.pk: None}, reason="都合", by=office.tanaka.user, now=LATER, wall=LATER)
    assert (missed.booking, missed.by) == (confirmed, "佐藤")
