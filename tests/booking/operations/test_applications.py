"""What staff enter for somebody who phones or stands at the counter: C6-1-1b, C6-1-2n, A1, A2, A16."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from booking.models import Booking, Hold, Meeting, Participant
from booking.models.bookings import Source
from booking.operations import applications, bookings
from booking.operations.applications import Details, Entry, LateEntryNeedsConfirmation, Newcomer
from booking.operations.bookings import Decision
from booking.operations.registrations import EligibilityMissing
from booking.rules.slots import Reason, SlotRefused
from consent.models import Method
from consent.operations import Shown
from tests.cast import MORNING, SESSION, THURSDAY, Office, at, make_person
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import MailboxKnown
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
ON_THE_DAY = at(THURSDAY, 9)
TARO = Newcomer("但馬 太郎", "taro@example.jp")


def entry(office: Office, now: datetime, reason: str = "") -> Entry:
    return Entry(
        SESSION,
        Details("但馬 太郎", phone="+819055550000", no_number_yet=True),
        Source.PHONE,
        Shown(office.version.pk, "口頭で説明", now),
        reason=reason,
    )


def entered(office: Office, wish: Entry, now: datetime, person: Person | Newcomer = TARO) -> Booking:
    return applications.enter(person, wish, by=office.staff, now=now, wall=now)


def test_entry_by_phone_goes_by_the_confirm_limit_not_by_the_web_deadline(office: Office) -> None:
    """A1: at 16:00 of the eve the web is closed; staff still enter until midnight."""
    evening = at(date(2027, 4, 7), 16)
    booking = entered(office, entry(office, evening), evening, make_person("但馬 太郎", "", ""))
    assert (booking.state, booking.source) == ("requested", "phone")
    consent = Participant.objects.get(booking=booking).consent
    assert (consent.method, consent.recorded_by) == (Method.STAFF_PHONE, office.staff)
    assert OutgoingMail.objects.count() == 0  # no address, no promise of a mail


def test_entry_after_the_evening_promises_an_answer_by_midnight(office: Office) -> None:
    """The promise is never a moment that has passed."""
    evening = at(date(2027, 4, 7), 18)
    assert entered(office, entry(office, evening), evening).answer_by == at(THURSDAY, 0)


def test_entry_on_the_day_needs_a_reason(office: Office) -> None:
    with pytest.raises(SlotRefused) as refusal:
        entered(office, entry(office, ON_THE_DAY), ON_THE_DAY)
    assert refusal.value.reasons == (Reason.CONFIRM_LIMIT,)


def test_entry_on_the_day_is_not_taken_without_its_confirmation(office: Office) -> None:
    """C6-1-1b: a request of the same day would expire at the next look."""
    with pytest.raises(LateEntryNeedsConfirmation):
        entered(office, entry(office, ON_THE_DAY, "窓口で強い希望"), ON_THE_DAY)
    assert (Booking.objects.count(), Person.objects.count(), Hold.objects.count()) == (0, 0, 0)


def test_entry_confirmed_on_the_day_outlives_the_sweep_with_its_reason(office: Office) -> None:
    wish = replace(entry(office, ON_THE_DAY, "窓口で強い希望"), decision=Decision("to_register", office.staff))
    booking = entered(office, wish, ON_THE_DAY)
    assert bookings.expire_unconfirmed(now=ON_THE_DAY + timedelta(minutes=1), wall=ON_THE_DAY) == 0
    booking.refresh_from_db()
    told = [(row.event, row.override, row.reason) for row in booking.events.all()]
    assert booking.state == "confirmed"
    assert told == [("request", True, "窓口で強い希望"), ("confirm", True, "窓口で強い希望")]


def test_entry_that_is_confirmed_at_once_sends_one_mail(office: Office) -> None:
    booking = entered(office, replace(entry(office, MORNING), decision=Decision("to_register", office.staff)), MORNING)
    assert (booking.state, Meeting.objects.filter(booking=booking).count()) == ("confirmed", 1)
    assert OutgoingMail.objects.get().subject == "【ハローワーク豊岡】予約が確定しました（4月8日（木）10:00）"


def test_entry_confirmed_with_a_wanted_counsellor_holds_that_place(office: Office) -> None:
    decision = Decision("to_register", office.staff, counsellor=office.tanaka.pk)
    booking = entered(office, replace(entry(office, MORNING), decision=decision), MORNING)
    assert (booking.counsellor, Hold.objects.get().counsellor_id) == (office.tanaka, office.tanaka.pk)


def test_entry_confirmed_without_the_eligibility_leaves_nothing(office: Office) -> None:
    with pytest.raises(EligibilityMissing):
        entered(office, replace(entry(office, MORNING), decision=Decision("", office.staff)), MORNING)
    assert (Booking.objects.count(), Person.objects.count()) == (0, 0)


def test_entry_sent_twice_is_one_booking_of_one_newcomer(office: Office) -> None:
    wish = replace(entry(office, MORNING), key=UUID(int=1))
    assert entered(office, wish, MORNING) == entered(office, wish, MORNING)
    assert (Booking.objects.count(), Person.objects.count(), OutgoingMail.objects.count()) == (1, 1, 1)


def test_newcomer_with_the_mailbox_of_another_is_refused(office: Office) -> None:
    make_person("城崎 太郎", TARO.email)
    with pytest.raises(MailboxKnown):
        entered(office, entry(office, MORNING), MORNING)
    assert Booking.objects.count() == 0


def test_what_is_entered_for_somebody_stands_in_the_audit_without_names(office: Office) -> None:
    """The person, the consent that was spoken, the request: each by whom, and none with a name or a number (C6-1-2n, C0-2)."""
    booking = applications.enter(TARO, entry(office, MORNING), by=office.staff, now=MORNING, wall=MORNING)
    found = AuditEntry.objects.order_by("pk").values_list("what", "subject_type", "person_pk", "by", "changes")
    who = (booking.applicant_id, office.staff.pk, {})
    assert list(found) == [
        ("利用者を登録する", "accounts.person", *who),
        ("口頭での同意を記録", "consent.consent", *who),
        ("申込み", "booking.booking", *who),
    ]


def test_consent_given_by_the_person_is_no_deed_of_staff(office: Office, requested: Booking) -> None:
    assert AuditEntry.objects.count() == 0
