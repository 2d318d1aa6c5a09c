"""What employers' contacts ask of the office, through the operations: C0-1, C0-3, C2-1d, A9, A10, A18."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from booking.models import Booking, BookingEvent, EmployerRequest, Hold, Participant, PolicyValue
from booking.operations import bookings, employers
from booking.operations.applications import OnlineUseRestricted
from booking.operations.employers import ContactUnknown, FormOfAnother, InterviewsNotTaken, SelfBookingClosed, TooManyRequests
from booking.operations.merging import LoserHasBooking, merge
from booking.operations.transitions import ReasonMissing, StateChanged
from booking.queries import is_own, requests_seen_by, unverified_contacts
from booking.rules.slots import Reason, SlotRefused
from consent.models import Method
from consent.operations import ConsentMissing, TermsNotInForce, withdraw
from consent.queries import COUNSELLING
from tests.cast import MORNING, THURSDAY, TUESDAY, Office, application, at, closed, publish_terms
from tests.employers import CONTACT, employer_ask, make_contact, verify
from tests.surroundings import PATIENCE_SECONDS
from toyooka_hw.accounts.models import Person, Role
from toyooka_hw.accounts.operations import Sanction, person_of_mailbox, restrict
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

FRIDAY = date(2027, 4, 9)
LATER = MORNING + timedelta(hours=1)
pytestmark = pytest.mark.django_db


def ask(contact: Person, office: Office, **wanted: Any) -> EmployerRequest:
    return employers.ask(contact, employer_ask(office.version, **wanted), now=MORNING, wall=MORNING)


def mails() -> list[tuple[str, str]]:
    return [(mail.key.partition(":")[2].partition(":")[2], mail.subject) for mail in OutgoingMail.objects.order_by("pk")]


def set_policy(office: Office, key: str, value: str) -> None:
    PolicyValue.objects.create(
        key=key, value=value, holds_from=datetime(2026, 1, 1, tzinfo=UTC), set_at=MORNING, set_by=office.staff, reason="試験"
    )


def test_request_becomes_a_session_for_everybody_without_a_place(office: Office, contact: Person) -> None:
    request = ask(contact, office, arrangement="応募者への連絡", companion="手話通訳")
    sessions = list(request.sessions.order_by("pk"))
    kept = (request.purpose, request.job_offer_number, request.people, request.candidates, request.arrangement, request.companion)
    starts = [at(THURSDAY, 9), at(THURSDAY, 13, 15)]
    assert kept == ("managed_selection", "28090-12345678", 2, starts, "応募者への連絡", "手話通訳")
    facts = {(row.kind, row.state, row.source, row.starts_at, row.ends_at, row.companion, row.counsellor_id) for row in sessions}
    assert facts == {("interview", "requested", "web", starts[0], at(THURSDAY, 9, 30), "手話通訳", None)}
    limits = {(row.requested_at, row.answer_by, row.confirm_limit, row.environment_declared_at) for row in sessions}
    assert limits == {(MORNING, at(date(2027, 4, 7), 17, 15), starts[1], MORNING)}
    assert (len(sessions), len({request.number, *(row.number for row in sessions)}), Hold.objects.count()) == (2, 3, 0)


def test_contact_takes_part_with_a_consent_by_application(office: Office, contact: Person) -> None:
    """C0-3."""
    ask(contact, office)
    parts = Participant.objects.select_related("consent__based_on")
    found = {(part.person_id, part.role, part.consent.method, part.consent.based_on.method) for part in parts}
    assert found == {(contact.pk, "employer", Method.DEEMED_APPLICATION, Method.CHECKBOX)}
    assert set(BookingEvent.objects.values_list("event", "from_state", "to_state", "actor")) == {("request", "", "requested", "person")}


def test_contact_is_told_once_of_the_whole_request(office: Office, contact: Person) -> None:
    request = ask(contact, office)
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.key, mail.calendar) == (CONTACT, f"employer-request:{request.pk}:received", "")
    assert mail.subject == "【ハローワーク豊岡】ご依頼を受け付けました（日時は未確定です）"
    told = ("2027年4月7日（水）17:15までに", request.number, "管理選考", "28090-12345678", "人数：2人", "・2027年4月8日（木）13:15")
    assert [words for words in told if words not in mail.body] == []


def test_consultation_is_one_session(office: Office, contact: Person) -> None:
    request = ask(contact, office, purpose="consultation", job_offer_number="", people=7)
    assert (request.people, request.sessions.count()) == (1, 1)


def test_same_wish_twice_is_one(office: Office, contact: Person) -> None:
    assert ask(contact, office, candidates=(at(FRIDAY, 10), at(THURSDAY, 9), at(FRIDAY, 10))).candidates == [
        at(THURSDAY, 9),
        at(FRIDAY, 10),
    ]


@pytest.mark.parametrize("count", [0, 4])
def test_number_of_wishes_is_one_to_three(office: Office, contact: Person, count: int) -> None:
    with pytest.raises(ValueError, match="one to three"):
        ask(contact, office, candidates=tuple(at(THURSDAY, 9 + each) for each in range(count)))


def test_same_form_sent_twice_is_one_request(office: Office, contact: Person) -> None:
    key = uuid4()
    assert ask(contact, office, key=key) == ask(contact, office, key=key)
    assert (EmployerRequest.objects.count(), Booking.objects.count(), OutgoingMail.objects.count()) == (1, 2, 1)


def test_form_of_somebody_else_is_no_request(office: Office, contact: Person) -> None:
    """Browsers are shared."""
    key = uuid4()
    ask(contact, office, key=key)
    with pytest.raises(FormOfAnother):
        ask(make_contact(office, "但馬 四郎", "shiro@example.jp", verified=False), office, key=key)
    assert EmployerRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_same_form_sent_at_the_same_moment_is_one_request(office: Office, contact: Person) -> None:
    wish, together = employer_ask(office.version), Barrier(4)

    def press(_each: int) -> int:
        try:
            together.wait(timeout=PATIENCE_SECONDS)
            return employers.ask(contact, wish, now=MORNING, wall=MORNING).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        made = set(threads.map(press, range(4)))
    assert (made, Booking.objects.count()) == ({EmployerRequest.objects.get().pk}, 2)
    assert OutgoingMail.objects.filter(key__startswith="employer-request:").count() == 1


@pytest.mark.django_db(transaction=True)
def test_withdrawal_and_decline_at_the_same_moment_are_one_of_them(office: Office, contact: Person) -> None:
    request, together = ask(contact, office), Barrier(2)

    def end(by_staff: bool) -> str:
        try:
            together.wait(timeout=PATIENCE_SECONDS)
            if by_staff:
                employers.decline_request(request.pk, reason="担当者がおりません。", by=office.staff, now=LATER, wall=LATER)
            else:
                employers.withdraw_request(request.pk, now=LATER, wall=LATER)
        except StateChanged as refusal:
            return refusal.booking.state
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(end, (True, False)))
    (state,) = set(states(request))
    assert sorted(found) == ["", state]
    assert OutgoingMail.objects.filter(key__startswith="employer-request:").count() == 2  # received, and one end


@pytest.mark.parametrize(
    ("candidates", "start", "reason"),
    [
        ((at(TUESDAY, 9),), at(TUESDAY, 9), Reason.PAST),
        ((at(THURSDAY, 9), at(date(2027, 4, 10), 9)), at(date(2027, 4, 10), 9), Reason.CLOSED_DAY),
        ((at(THURSDAY, 8, 29),), at(THURSDAY, 8, 29), Reason.OUTSIDE_HOURS),
        ((at(THURSDAY, 17),), at(THURSDAY, 17), Reason.OUTSIDE_HOURS),
        ((at(date(2027, 6, 1), 9),), at(date(2027, 6, 1), 9), Reason.BEYOND_HORIZON),
    ],
)
def test_wish_that_cannot_be_is_named(
    office: Office, contact: Person, candidates: tuple[datetime, ...], start: datetime, reason: Reason
) -> None:
    with pytest.raises(SlotRefused) as refused:
        ask(contact, office, candidates=candidates)
    assert (refused.value.start, refused.value.reasons, EmployerRequest.objects.count()) == (start, (reason,), 0)


def test_closing_day_of_the_office_is_no_wish(office: Office, contact: Person) -> None:
    closed(office, THURSDAY)
    with pytest.raises(SlotRefused) as refused:
        ask(contact, office)
    assert refused.value.reasons == (Reason.CLOSED_DAY,)


@pytest.mark.parametrize("purpose", ["interview", "managed_selection"])
def test_interviews_that_are_not_taken_are_refused(office: Office, contact: Person, purpose: str) -> None:
    """A10."""
    set_policy(office, "interviews_taken", "0")
    with pytest.raises(InterviewsNotTaken):
        ask(contact, office, purpose=purpose)
    assert ask(contact, office, purpose="consultation").sessions.count() == 1


def test_restricted_contact_is_served_otherwise(office: Office, contact: Person) -> None:
    """C6-1-4c."""
    sanction = Sanction("理由", TUESDAY, THURSDAY, THURSDAY, "お知らせ")
    restrict(contact.pk, sanction, by=office.staff, now=MORNING, wall=MORNING)
    with pytest.raises(OnlineUseRestricted):
        ask(contact, office)


def test_contact_without_a_statement_asks_for_nothing(office: Office) -> None:
    """C2-1d."""
    unknown = person_of_mailbox("neu@example.jp", now=MORNING, role=Role.EMPLOYER_CONTACT)
    with pytest.raises(ContactUnknown):
        ask(unknown, office)


def test_request_needs_an_explicit_consent(office: Office, contact: Person) -> None:
    """C0-2."""
    withdraw(contact, document=COUNSELLING, by=office.staff, now=MORNING)
    with pytest.raises(ConsentMissing):
        ask(contact, office)
    assert (EmployerRequest.objects.count(), OutgoingMail.objects.count()) == (0, 0)


def test_request_carries_the_version_that_was_read(office: Office, contact: Person) -> None:
    """C13-0."""
    read = employer_ask(office.version)
    publish_terms(number=2, effective_at=MORNING)
    with pytest.raises(TermsNotInForce):
        employers.ask(contact, read, now=MORNING, wall=MORNING)


def test_sixth_request_that_waits_is_refused_until_one_is_answered(office: Office, contact: Person) -> None:
    first, *_others = [ask(contact, office) for _each in range(5)]
    with pytest.raises(TooManyRequests):
        ask(contact, office)
    employers.decline_request(first.pk, reason="担当者がおりません。", by=office.staff, now=LATER, wall=LATER)
    assert ask(contact, office).sessions.count() == 2


# --- a free start of the reserved kind ---------------------------------------------------------------------------------------


def test_start_is_taken_only_where_the_office_has_opened_it_to_whom_it_knows(office: Office, contact: Person) -> None:
    """A10."""
    wanted = application(office.version)
    with pytest.raises(SelfBookingClosed):
        employers.book(verify(contact, office), wanted, now=MORNING, wall=MORNING)
    set_policy(office, "employers_book", "1")
    stranger = make_contact(office, "但馬 四郎", "shiro@example.jp", verified=False)
    with pytest.raises(SelfBookingClosed):
        employers.book(stranger, wanted, now=MORNING, wall=MORNING)
    contact.refresh_from_db()
    booking = employers.book(contact, wanted, now=MORNING, wall=MORNING)
    assert (booking.kind, booking.participants.get().role, Hold.objects.count()) == ("reserved", "employer", 1)


# --- withdrawn, declined, expired ------------------------------------------------------------------------------------------


def states(request: EmployerRequest) -> list[str]:
    return list(request.sessions.order_by("pk").values_list("state", flat=True))


def test_withdrawal_ends_all_that_waits_and_is_told_once(office: Office, contact: Person) -> None:
    request = ask(contact, office)
    employers.withdraw_request(request.pk, now=LATER, wall=LATER)
    last = BookingEvent.objects.latest("pk")
    assert states(request) == ["withdrawn", "withdrawn"]
    assert mails()[1:] == [(str(last.pk), "【ハローワーク豊岡】ご依頼の取下げを承りました")]
    assert AuditEntry.objects.filter(what="申込みの取下げ").count() == 0


def test_second_withdrawal_finds_nothing(office: Office, contact: Person) -> None:
    request = ask(contact, office)
    employers.withdraw_request(request.pk, now=LATER, wall=LATER)
    with pytest.raises(StateChanged) as refused:
        employers.withdraw_request(request.pk, now=LATER, wall=LATER)
    assert (refused.value.booking.state, OutgoingMail.objects.count()) == ("withdrawn", 2)


def test_staff_withdraw_for_one_who_phones(office: Office, contact: Person) -> None:
    request = ask(contact, office)
    employers.withdraw_request(request.pk, by=office.staff, now=LATER, wall=LATER)
    assert list(AuditEntry.objects.values_list("what", "by", "person_pk")) == [("申込みの取下げ", office.staff.pk, contact.pk)] * 2


def test_decline_names_who_was_faster(office: Office, contact: Person) -> None:
    request = ask(contact, office)
    employers.decline_request(request.pk, reason="担当者がおりません。", by=office.staff, now=LATER, wall=LATER)
    with pytest.raises(StateChanged) as refused:
        employers.decline_request(request.pk, reason="別の理由", by=office.tanaka.user, now=LATER, wall=LATER)
    assert (refused.value.by, states(request)) == ("佐藤", ["declined", "declined"])
    assert [mail.body.count("理由：担当者がおりません。") for mail in OutgoingMail.objects.order_by("pk")] == [0, 1]


def test_decline_needs_a_reason(office: Office, contact: Person) -> None:
    request = ask(contact, office)
    with pytest.raises(ReasonMissing):
        employers.decline_request(request.pk, reason=" ", by=office.staff, now=LATER, wall=LATER)
    assert states(request) == ["requested", "requested"]


def test_single_session_goes_its_own_way(office: Office, contact: Person) -> None:
    request = ask(contact, office, people=3)
    first = request.sessions.earliest("pk")
    Booking.objects.filter(pk=first.pk).update(
        state="confirmed", confirmed_at=LATER, counsellor=office.sato, host=office.sato.default_host, starts_at=at(THURSDAY, 9)
    )
    employers.decline_request(request.pk, reason="残りはお受けできません。", by=office.staff, now=LATER, wall=LATER)
    assert states(request) == ["confirmed", "declined", "declined"]


def test_all_sessions_expire_with_the_last_wish_and_one_mail(office: Office, contact: Person) -> None:
    request, limit = ask(contact, office), at(THURSDAY, 13, 15)
    assert bookings.expire_unconfirmed(now=limit - timedelta(seconds=1), wall=limit) == 0
    assert bookings.expire_unconfirmed(now=limit, wall=limit) == 2
    assert bookings.expire_unconfirmed(now=limit, wall=limit) == 0
    assert states(request) == ["expired", "expired"]
    assert mails()[1:] == [(f"expired:{limit.timestamp():.0f}", "【ハローワーク豊岡】ご依頼の日時を決められませんでした")]


def test_mails_keep_the_width_of_a_phone(office: Office, contact: Person) -> None:
    """At most 35 full-width characters a line (japan.md's copy)."""
    declined, withdrawn, _expired = (ask(contact, office) for _each in range(3))
    employers.decline_request(declined.pk, reason="担当者がおりません。", by=office.staff, now=LATER, wall=LATER)
    employers.withdraw_request(withdrawn.pk, now=LATER, wall=LATER)
    bookings.expire_unconfirmed(now=at(FRIDAY, 9), wall=LATER)
    lines = [line for mail in OutgoingMail.objects.all() for line in mail.body.splitlines()]
    wide = {line for line in lines if sum(1 if character.isascii() else 2 for character in line) > 70}
    assert (len({mail.subject for mail in OutgoingMail.objects.all()}), wide) == (4, set())


# --- who sees what -------------------------------------------------------------------------------------------------------


def seen_by(contact: Person) -> list[int]:
    return sorted(request.pk for request in requests_seen_by(contact))


def test_colleagues_see_each_others_requests_once_verified(office: Office, contact: Person) -> None:
    """C2-1d."""
    colleague = make_contact(office, "城崎 三郎", "saburo@example.jp", verified=False)
    mine, theirs = ask(contact, office), ask(colleague, office)
    assert (seen_by(contact), seen_by(colleague)) == ([mine.pk], [theirs.pk])
    verified = verify(contact, office)
    assert (seen_by(verified), seen_by(colleague)) == ([mine.pk], [theirs.pk])
    both = [mine.pk, theirs.pk]
    assert (seen_by(verify(colleague, office)), seen_by(verified)) == (both, both)
    assert [is_own(request, verified) for request in (mine, theirs)] == [True, False]


def test_nobody_sees_another_employers_requests(office: Office, contact: Person) -> None:
    verified, stranger = verify(contact, office), make_contact(office, "但馬 四郎", "shiro@example.jp", verified=False)
    ask(verified, office)
    assert seen_by(stranger) == []
    assert seen_by(verify(stranger, office, number="2809-9-9", works="但馬牛舎")) == []


def test_merged_contact_sees_and_owns_what_either_row_asked(office: Office, contact: Person) -> None:
    other = make_contact(office, "城崎 次郎", "jiro@example.jp", verified=False)
    request = ask(other, office)
    with pytest.raises(LoserHasBooking):
        merge(other.pk, contact.pk, by=office.staff, now=MORNING, reason="同じ方")
    employers.withdraw_request(request.pk, now=LATER, wall=LATER)
    kept = merge(other.pk, contact.pk, by=office.staff, now=MORNING, reason="同じ方")
    request.refresh_from_db()
    assert (seen_by(kept), is_own(EmployerRequest.objects.get(), kept)) == ([request.pk], True)


def test_contacts_to_verify_are_those_who_said_where_they_work(office: Office, contact: Person) -> None:
    person_of_mailbox("neu@example.jp", now=MORNING, role=Role.EMPLOYER_CONTACT)
    assert list(unverified_contacts()) == [contact]
    verify(contact, office)
    assert list(unverified_contacts()) == []


# --- what is forgotten -----------------------------------------------------------------------------------------------------


def test_free_text_is_deleted_thirty_days_after_the_last_wish(office: Office, contact: Person) -> None:
    request = ask(contact, office, arrangement="応募者への連絡", companion="手話通訳")
    day = at(THURSDAY, 13, 15) + timedelta(days=30)
    assert employers.forget(now=day) == 0
    assert employers.forget(now=day + timedelta(seconds=1)) == 1
    request.refresh_from_db()
    assert (request.arrangement, request.companion, employers.forget(now=day + timedelta(days=1))) == ("", "", 0)


def test_free_text_stays_while_a_session_of_the_request_is_near(office: Office, contact: Person) -> None:
    request = ask(contact, office, arrangement="応募者への連絡")
    moved = request.sessions.latest("pk")
    Booking.objects.filter(pk=moved.pk).update(starts_at=at(date(2027, 5, 6), 9), ends_at=at(date(2027, 5, 6), 9, 30))
    assert employers.forget(now=at(date(2027, 6, 1), 0)) == 0
