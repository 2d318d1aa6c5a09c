"""Article 6-2 through the operations: the switch, the request, its acceptance (C2-1d, C6-2-1, C6-2-2, C6-2-3c, C12-3b)."""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from pytest_django import DjangoAssertNumQueries

from booking.models import Booking, Closure, Counsellor, Hold, Meeting
from booking.operations import applications, bookings, immediate
from booking.operations.bookings import Decision
from booking.operations.calendar import set_policy
from booking.operations.immediate import AlreadyWaiting, Barred, NotTakenNow, NotYourSwitch, WaitedTooLong
from booking.operations.merging import merge
from booking.operations.registrations import PhoneDiffers
from booking.operations.transitions import StateChanged
from booking.queries import Bar, bar_of, last_immediate_of, open_immediate_of, standing_now, waiting_immediate
from booking.rules.immediate import Closed, Standing
from booking.rules.slots import Reason, SlotRefused
from consent.models import Consent, MinistryRecord, TermsVersion
from consent.operations import Shown, TermsNotInForce, agree, record_in_ministry_system, refuse, withdraw
from consent.queries import COUNSELLING
from tests.cast import (
    BEFORE_TERMS,
    MORNING,
    THURSDAY,
    TUESDAY,
    Office,
    application,
    at,
    away,
    make_person,
    make_regular,
    now_please,
    publish_terms,
)
from tests.employers import make_contact, verify
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import Sanction, restrict, verify_person
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
LIMIT = MORNING + 10 * MINUTE
ON, OFF = "いますぐの相談を受付中にする", "いますぐの相談を休止にする"


@pytest.fixture
def standby(office: Office) -> None:
    """佐藤 stands by."""
    immediate.switch(office.sato.pk, on=True, by=office.staff, now=MORNING)


def ask(person: Person, version: TermsVersion, now: datetime = MORNING, **more: str) -> Booking:
    return immediate.request(person, now_please(version, now, **more), now=now, wall=now)


def accept(booking: Booking, counsellor: Counsellor, now: datetime = MORNING, *, host: int | None = None) -> Booking:
    return immediate.accept(booking.pk, counsellor=counsellor.pk, host=host, by=counsellor.user, now=now, wall=now)


def since(counsellor: Counsellor) -> datetime | None:
    return Counsellor.objects.values_list("standby_since", flat=True).get(pk=counsellor.pk)


def colleague(office: Office, *permissions: str) -> User:
    user = User.objects.create_user("kitagawa", display_name="北川", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def subjects() -> list[str]:
    return list(OutgoingMail.objects.order_by("pk").values_list("subject", flat=True))


# --- the switch ----------------------------------------------------------------------------------------------------------


def test_switch_is_off_until_somebody_switches_it(office: Office) -> None:
    """Issue point 1."""
    assert ([since(office.sato), since(office.tanaka)], standing_now(now=MORNING).closed) == ([None, None], Closed.NOBODY)


def test_switch_is_a_row_and_a_line_of_the_audit(office: Office) -> None:
    immediate.switch(office.sato.pk, on=True, by=office.staff, now=MORNING)
    assert (since(office.sato), standing_now(now=MORNING)) == (MORNING, Standing(None, (office.sato.pk,), None))
    immediate.switch(office.sato.pk, on=False, by=office.staff, now=MORNING + MINUTE)
    lines = AuditEntry.objects.filter(what__in=[ON, OFF]).order_by("pk").values_list("what", "by", "at")
    assert (since(office.sato), list(lines)) == (None, [(ON, office.staff.pk, MORNING), (OFF, office.staff.pk, MORNING + MINUTE)])


@pytest.mark.parametrize(("on", "kept", "lines"), [(True, MORNING, 1), (False, None, 0)])
def test_switch_pressed_twice_changes_nothing(office: Office, on: bool, kept: datetime | None, lines: int) -> None:
    for minute in range(2):
        immediate.switch(office.sato.pk, on=on, by=office.staff, now=MORNING + minute * MINUTE)
    assert (since(office.sato), AuditEntry.objects.filter(what__in=[ON, OFF]).count()) == (kept, lines)


def test_switch_of_yesterday_is_off_and_is_switched_on_anew(office: Office, standby: None) -> None:
    tomorrow = MORNING + timedelta(days=1)
    assert standing_now(now=tomorrow).closed == Closed.NOBODY
    immediate.switch(office.sato.pk, on=True, by=office.staff, now=tomorrow)
    assert (since(office.sato), standing_now(now=tomorrow).free) == (tomorrow, (office.sato.pk,))


def test_switch_of_a_colleague_is_a_managers(office: Office) -> None:
    for permissions in ((), ("change_booking", "view_counsellor")):
        User.objects.filter(username="kitagawa").delete()
        with pytest.raises(NotYourSwitch):
            immediate.switch(office.sato.pk, on=True, by=colleague(office, *permissions), now=MORNING)
    User.objects.filter(username="kitagawa").delete()
    immediate.switch(office.sato.pk, on=True, by=colleague(office, "change_counsellor"), now=MORNING)
    assert since(office.sato) == MORNING


@pytest.mark.parametrize(
    ("now", "closed"),
    [
        (at(TUESDAY, 8, 29, 59), Closed.OUTSIDE_HOURS),
        (at(TUESDAY, 16, 45, 1), Closed.OUTSIDE_HOURS),
        (at(date(2027, 4, 10), 10), Closed.CLOSED_DAY),
    ],
)
def test_switch_is_not_switched_on_while_the_office_is_closed(office: Office, now: datetime, closed: Closed) -> None:
    with pytest.raises(NotTakenNow) as refusal:
        immediate.switch(office.sato.pk, on=True, by=office.staff, now=now)
    assert (refusal.value.closed, since(office.sato)) == (closed, None)
    immediate.switch(office.sato.pk, on=False, by=office.staff, now=now)


def test_switch_is_switched_on_during_a_session(office: Office, accepted: Booking) -> None:
    """Busy is not closed: the switch says what comes after."""
    immediate.switch(office.sato.pk, on=False, by=office.staff, now=MORNING + 3 * MINUTE)
    immediate.switch(office.sato.pk, on=True, by=office.staff, now=MORNING + 4 * MINUTE)
    assert standing_now(now=MORNING + 4 * MINUTE) == Standing(Closed.BUSY, (), accepted.ends_at)


def test_counsellor_no_longer_at_work_does_not_stand_by(office: Office, standby: None) -> None:
    Counsellor.objects.filter(pk=office.sato.pk).update(is_active=False)
    assert standing_now(now=MORNING).closed == Closed.NOBODY


def test_absence_and_reserved_session_take_the_switch_away_without_a_sweep(office: Office, standby: None) -> None:
    """C6-2-1c: thirty minutes and the lead before the next thing."""
    away(office, office.sato, at(TUESDAY, 11), at(TUESDAY, 12))
    assert [standing_now(now=now).closed for now in (at(TUESDAY, 10, 25), at(TUESDAY, 10, 26))] == [None, Closed.BUSY]
    assert standing_now(now=at(TUESDAY, 10, 26)).next_at == at(TUESDAY, 12)


def test_standing_is_three_queries_however_much_is_held(
    office: Office, accepted: Booking, interview: Booking, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):
        standing_now(now=MORNING)


# --- what bars ----------------------------------------------------------------------------------------------------------------


def test_nothing_bars_a_regular(office: Office, regular: Person) -> None:
    assert bar_of(regular, now=MORNING) is None


def test_before_the_first_terms_nobody_is_asked_for_anything_else(office: Office) -> None:
    assert bar_of(make_person(), now=BEFORE_TERMS) == Bar.NO_TERMS


def restricted(office: Office, person: Person) -> None:
    sanction = Sanction("妨害", TUESDAY, THURSDAY, THURSDAY, "お知らせします。")
    restrict(person.pk, sanction, by=office.staff, now=MORNING, wall=MORNING)


def unverified(office: Office, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(verified_at=None, verified_by=None)


def without_a_number(office: Office, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(registered_phone="")


def taken_back(office: Office, person: Person) -> None:
    withdraw(person, document=COUNSELLING, by=office.staff, now=MORNING)


def taken_back_and_given_again(office: Office, person: Person) -> None:
    taken_back(office, person)
    agree(person, Shown(office.version.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING + SECOND)


def terms_changed(office: Office, person: Person) -> None:
    publish_terms(number=2, effective_at=MORNING)


def terms_changed_and_refused(office: Office, person: Person) -> None:
    second = publish_terms(number=2, effective_at=MORNING)
    refuse(person, Shown(second.pk, "同意しません。", MORNING), document=COUNSELLING, now=MORNING)


def editorial_change(office: Office, person: Person) -> None:
    marked = {"editorial": True, "editorial_by": office.staff, "editorial_at": MORNING, "editorial_reason": "誤字の訂正"}
    publish_terms(number=2, effective_at=MORNING, **marked)


BARS = [
    (restricted, Bar.RESTRICTED),
    (unverified, Bar.UNVERIFIED),
    (without_a_number, Bar.UNVERIFIED),
    (taken_back, Bar.NOT_RECORDED),
    (taken_back_and_given_again, Bar.NOT_RECORDED),
    (terms_changed, Bar.TERMS_CHANGED),
    (terms_changed_and_refused, Bar.TERMS_CHANGED),
    (editorial_change, Bar.TERMS_CHANGED),
]


@pytest.mark.parametrize(("happens", "bar"), BARS)
def test_whatever_bars_a_person_refuses_the_request_and_saves_nothing(
    office: Office, regular: Person, standby: None, happens: Callable[[Office, Person], None], bar: Bar
) -> None:
    """C2-1d, C6-2-1b, C6-2-2: an editorial change opens no gate here, unlike for reservations."""
    happens(office, regular)
    regular.refresh_from_db()
    consents = Consent.objects.count()
    with pytest.raises(Barred) as refusal:
        ask(regular, TermsVersion.objects.latest("number"), MORNING + 2 * SECOND)
    assert (refusal.value.bar, Booking.objects.count(), Consent.objects.count()) == (bar, 0, consents)


def test_consent_that_is_not_in_the_ministrys_system_bars(office: Office, person: Person, standby: None) -> None:
    """C6-2-1b, A4: the web consent of a first-timer is not enough, nor is being verified."""
    verify_person(person, registered_phone=person.stated_phone, by=office.staff, now=MORNING)
    with pytest.raises(Barred) as refusal:
        ask(person, office.version)
    assert refusal.value.bar == Bar.NOT_RECORDED
    record_in_ministry_system(person, document=COUNSELLING, by=office.staff, now=MORNING)
    assert ask(person, office.version).state == "requested"


def test_record_of_any_version_keeps_the_door_open(office: Office, regular: Person, standby: None) -> None:
    """C6-2-2: agreeing to the new version is enough; staff record it meanwhile."""
    second = publish_terms(number=2, effective_at=MORNING)
    agree(regular, Shown(second.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING, bureau_confirmed_at=MORNING)
    assert (ask(regular, second).state, MinistryRecord.objects.count()) == ("requested", 1)


def test_version_in_force_before_the_consent_is_recorded_does_not_bar(office: Office, person: Person) -> None:
    """The record may be older than nothing but the last withdrawal."""
    second = publish_terms(number=2, effective_at=MORNING)
    verify_person(person, registered_phone=person.stated_phone, by=office.staff, now=MORNING)
    record_in_ministry_system(person, document=COUNSELLING, by=office.staff, now=MORNING)
    agree(person, Shown(second.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING)
    person.refresh_from_db()
    assert bar_of(person, now=MORNING) is None


def test_what_hangs_on_a_merged_row_counts(office: Office, regular: Person, standby: None) -> None:
    """Consent and record stayed with the row that went; whoever still is signed in as it asks as the survivor."""
    survivor = make_person("豊岡 花子", "hanako.new@example.jp", phone="")
    merge(regular.pk, survivor.pk, by=office.staff, now=MORNING, reason="同一の方")
    booking = ask(regular, office.version)
    assert (booking.applicant, booking.participants.get().person) == (survivor, survivor)
    with pytest.raises(AlreadyWaiting):
        ask(survivor, office.version)


@pytest.mark.parametrize(("verified", "bar"), [(False, Bar.UNVERIFIED), (True, None)])
def test_employers_contact_asks_once_staff_know_them(office: Office, standby: None, verified: bool, bar: Bar | None) -> None:
    """C2-1d."""
    contact = make_contact(office, verified=verified)
    record_in_ministry_system(contact, document=COUNSELLING, by=office.staff, now=MORNING)
    contact.refresh_from_db()
    assert bar_of(contact, now=MORNING) == bar


def test_contact_of_no_establishment_is_not_verified_by_a_number_alone(office: Office) -> None:
    """C2-1d: an account of one establishment; its own door of verification ties it."""
    contact = make_contact(office, verified=False)
    verify_person(contact, registered_phone="+81796230202", by=office.staff, now=MORNING)
    record_in_ministry_system(contact, document=COUNSELLING, by=office.staff, now=MORNING)
    contact.refresh_from_db()
    assert bar_of(contact, now=MORNING) == Bar.UNVERIFIED
    assert bar_of(verify(contact, office), now=MORNING) is None


def test_bar_costs_the_same_few_queries(office: Office, regular: Person, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(8):
        assert bar_of(regular, now=MORNING) is None


# --- the request ------------------------------------------------------------------------------------------------------------


def test_request_waits_holds_nothing_and_is_told_by_mail(office: Office, regular: Person, standby: None) -> None:
    """C6-2-1, C0-3: ten minutes; the consent it implies is tied to the explicit one."""
    booking = ask(regular, office.version, companion="手話通訳")
    assert (booking.kind, booking.state, booking.source, booking.companion) == ("ad_hoc", "requested", "web", "手話通訳")
    assert (booking.requested_at, booking.answer_by, booking.confirm_limit) == (MORNING, LIMIT, LIMIT)
    assert (booking.counsellor, booking.host, Hold.objects.count(), Meeting.objects.count()) == (None, None, 0, 0)
    participant = booking.participants.get()
    assert (participant.person, participant.role) == (regular, "job_seeker")
    assert (participant.consent.method, participant.consent.based_on) == ("deemed_application", Consent.objects.get(based_on=None))
    assert subjects() == ["【ハローワーク豊岡】いますぐの相談のお申込みを受け付けました"]


def test_employers_contact_takes_part_as_the_employer(office: Office, standby: None) -> None:
    contact = make_contact(office)
    record_in_ministry_system(contact, document=COUNSELLING, by=office.staff, now=MORNING)
    assert ask(contact, office.version).participants.get().role == "employer"


def test_wait_is_the_policys(office: Office, regular: Person, standby: None) -> None:
    set_policy("immediate_wait_minutes", "3", by=office.staff, reason="試験", now=MORNING)
    assert ask(regular, office.version).answer_by == MORNING + 3 * MINUTE


def test_second_request_from_another_tab_or_device_is_the_first_one(office: Office, waiting: Booking) -> None:
    """Issue point 2: one at a time, however often it is pressed."""
    for now in (MORNING, MORNING + SECOND, LIMIT - SECOND):
        with pytest.raises(AlreadyWaiting) as refusal:
            ask(waiting.applicant, office.version, now)
        assert refusal.value.booking == waiting
    assert (Booking.objects.count(), Consent.objects.filter(method="deemed_application").count(), len(subjects())) == (1, 1, 1)


def test_request_beside_an_accepted_session_is_that_session_until_its_end(office: Office, accepted: Booking) -> None:
    immediate.switch(office.tanaka.pk, on=True, by=office.tanaka.user, now=MORNING)
    with pytest.raises(AlreadyWaiting) as refusal:
        ask(accepted.applicant, office.version, accepted.ends_at - SECOND)
    assert refusal.value.booking == accepted
    assert ask(accepted.applicant, office.version, accepted.ends_at).state == "requested"


def test_request_nobody_took_does_not_stand_in_the_way(office: Office, waiting: Booking) -> None:
    """The sweep may be late: at its limit the old one expires with the new one, and is told."""
    again = ask(waiting.applicant, office.version, LIMIT)
    waiting.refresh_from_db()
    assert (waiting.state, again.state, list(waiting_immediate(now=LIMIT))) == ("expired", "requested", [again])
    assert len(subjects()) == 3


def test_reservation_is_no_obstacle_and_meets_none(office: Office, waiting: Booking) -> None:
    """A16 is of reservations."""
    reserved = applications.request(waiting.applicant, application(office.version), now=MORNING, wall=MORNING)
    bookings.confirm(reserved.pk, Decision("registered", office.staff), now=MORNING, wall=MORNING)
    bookings.withdraw(waiting.pk, now=MORNING, wall=MORNING)
    assert ask(waiting.applicant, office.version).state == "requested"


@pytest.mark.parametrize("waits", [False, True], ids=["first", "second"])
def test_number_that_comes_along_is_refused_logged_and_changes_nothing(
    office: Office, regular: Person, standby: None, caplog: pytest.LogCaptureFixture, waits: bool
) -> None:
    """C6-2-3c: whether a request waits already or not; the log names neither number."""
    if waits:
        ask(regular, office.version)
    with caplog.at_level(logging.WARNING), pytest.raises(PhoneDiffers):
        ask(regular, office.version, phone="+819099998888")
    regular.refresh_from_db()
    assert [record.getMessage() for record in caplog.records] == [f"booking.other_phone_refused person={regular.pk}"]
    assert (regular.registered_phone, regular.stated_phone, Booking.objects.count()) == ("+819012345678", "+819012345678", int(waits))


def test_own_number_that_comes_along_is_no_other(office: Office, regular: Person, standby: None) -> None:
    assert ask(regular, office.version, phone="+819012345678").state == "requested"


def nobody(office: Office) -> None:
    immediate.switch(office.sato.pk, on=False, by=office.staff, now=MORNING)


def all_away(office: Office) -> None:
    away(office, office.sato, at(TUESDAY, 9), at(TUESDAY, 12))


def closed_today(office: Office) -> None:
    Closure.objects.create(date=TUESDAY, label="停電")


@pytest.mark.parametrize(("happens", "closed"), [(nobody, Closed.NOBODY), (all_away, Closed.BUSY), (closed_today, Closed.CLOSED_DAY)])
def test_request_is_refused_while_none_is_taken(
    office: Office, regular: Person, standby: None, happens: Callable[[Office], None], closed: Closed
) -> None:
    happens(office)
    with pytest.raises(NotTakenNow) as refusal:
        ask(regular, office.version)
    assert (refusal.value.closed, Booking.objects.count()) == (closed, 0)


@pytest.mark.parametrize(
    ("now", "taken"),
    [
        (at(TUESDAY, 8, 29, 59), False),
        (at(TUESDAY, 8, 30), True),
        (at(TUESDAY, 16, 45), True),
        (at(TUESDAY, 16, 45, 1), False),
        (at(TUESDAY, 17, 15), False),
    ],
)
def test_request_is_taken_within_the_opening_hours(office: Office, regular: Person, now: datetime, taken: bool) -> None:
    """Issue point 1: 8:30 to 17:15, not the ten starts; a session that begins now must end before the office closes."""
    Counsellor.objects.filter(pk=office.sato.pk).update(standby_since=now)
    if taken:
        assert ask(regular, office.version, now).state == "requested"
    else:
        with pytest.raises(NotTakenNow):
            ask(regular, office.version, now)


def test_terms_that_came_into_force_since_the_page_was_read_are_read_again(office: Office, regular: Person, standby: None) -> None:
    """C6-2-2, C13-0: agreed in another tab meanwhile; this page still shows the old text."""
    second = publish_terms(number=2, effective_at=MORNING)
    agree(regular, Shown(second.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING)
    with pytest.raises(TermsNotInForce) as refusal:
        ask(regular, office.version)
    assert (refusal.value.current, Booking.objects.count()) == (second, 0)


def test_reservation_beside_a_session_of_now_leaves_that_one_alone(office: Office, accepted: Booking) -> None:
    """A16: only a reservation whose time has come is marked as begun by the next one."""
    sent = application(office.version)
    applications.request(accepted.applicant, sent, now=accepted.starts_at + MINUTE, wall=MORNING)
    accepted.refresh_from_db()
    assert accepted.begun_at is None


def test_request_expires_at_its_limit_and_is_told_kindly(office: Office, waiting: Booking) -> None:
    assert bookings.expire_unconfirmed(now=LIMIT - SECOND, wall=LIMIT) == 0
    assert (open_immediate_of(waiting.applicant_id, now=LIMIT - SECOND), open_immediate_of(waiting.applicant_id, now=LIMIT)) == (
        waiting,
        None,
    )
    assert [bookings.expire_unconfirmed(now=LIMIT, wall=LIMIT) for _look in range(2)] == [1, 0]
    waiting.refresh_from_db()
    assert (waiting.state, len(subjects())) == ("expired", 2)


def test_request_is_withdrawn_and_declined_like_any_other(office: Office, regular: Person, standby: None) -> None:
    first = ask(regular, office.version)
    assert bookings.withdraw(first.pk, now=MORNING, wall=MORNING).state == "withdrawn"
    second = ask(regular, office.version)
    assert bookings.decline(second.pk, reason="窓口が混んでいます。", by=office.staff, now=MORNING, wall=MORNING).state == "declined"
    assert (last_immediate_of(regular.pk, now=MORNING), len(subjects())) == (second, 4)


@pytest.mark.parametrize(("later", "shown"), [(timedelta(hours=2) - SECOND, True), (timedelta(hours=2), False)])
def test_end_of_a_request_is_shown_for_two_hours(office: Office, waiting: Booking, later: timedelta, shown: bool) -> None:
    assert (last_immediate_of(waiting.applicant_id, now=MORNING + later) == waiting) is shown


def test_second_person_waits_only_where_a_second_counsellor_is_free(office: Office, waiting: Booking) -> None:
    """C6-2-1c: the page and the request say the same; once the first is over, or a colleague stands by, the way is free."""
    other = make_regular(office, "但馬 太郎", "taro@example.jp", "+819011112222")
    assert standing_now(now=MORNING) == Standing(Closed.QUEUE, (), None)
    with pytest.raises(NotTakenNow) as refusal:
        ask(other, office.version)
    assert (refusal.value.closed, standing_now(now=LIMIT).closed) == (Closed.QUEUE, None)
    immediate.switch(office.tanaka.pk, on=True, by=office.tanaka.user, now=MORNING)
    assert ask(other, office.version).state == "requested"
    assert standing_now(now=MORNING).closed == Closed.QUEUE


# --- the acceptance ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "start"), [(MORNING, MORNING), (MORNING + SECOND, MORNING + MINUTE), (LIMIT - SECOND, LIMIT)], ids=["at once", "later", "last"]
)
def test_accepted_request_takes_the_next_half_hour(office: Office, waiting: Booking, now: datetime, start: datetime) -> None:
    """C6-2-1a, C6-2-1c: the same Hold, the same constraint, the same outbox."""
    booking = accept(waiting, office.sato, now)
    held = Hold.objects.get()
    assert (booking.state, booking.confirmed_at, booking.starts_at, booking.ends_at) == ("confirmed", now, start, start + 30 * MINUTE)
    assert (booking.counsellor, booking.host) == (office.sato, office.sato.default_host)
    assert (held.kind, held.booking, held.counsellor, held.host, held.span.lower, held.span.upper) == (
        "ad_hoc",
        booking,
        office.sato,
        office.sato.default_host,
        start,
        start + 30 * MINUTE,
    )
    assert (Meeting.objects.get().booking, subjects()[1:]) == (booking, ["【ハローワーク豊岡】いますぐの相談をお受けします"])


def test_accepting_is_a_line_of_history_and_audit(office: Office, waiting: Booking) -> None:
    accept(waiting, office.sato, MORNING + MINUTE)
    line, entry = waiting.events.last(), AuditEntry.objects.latest("pk")
    assert (line.event, line.by, line.at, line.from_state, line.to_state) == (
        "confirm",
        office.staff,
        MORNING + MINUTE,
        "requested",
        "confirmed",
    )
    assert (entry.by, entry.at, entry.person_pk) == (office.staff, MORNING + MINUTE, waiting.applicant_id)


@pytest.mark.parametrize("now", [LIMIT, LIMIT + MINUTE])
def test_request_at_its_limit_is_not_accepted_any_more(office: Office, waiting: Booking, now: datetime) -> None:
    """The person's clock has run out at that moment, whether the sweep came or not."""
    with pytest.raises(WaitedTooLong):
        accept(waiting, office.sato, now)
    bookings.expire_unconfirmed(now=now, wall=now)
    with pytest.raises(StateChanged):
        accept(waiting, office.sato, now)
    assert Hold.objects.count() == 0


def test_colleague_who_was_faster_is_named(office: Office, accepted: Booking) -> None:
    for counsellor in (office.tanaka, office.sato):
        with pytest.raises(StateChanged) as refusal:
            accept(accepted, counsellor, MORNING + 2 * MINUTE)
        assert refusal.value.by == "佐藤"
    assert (Hold.objects.count(), Meeting.objects.count(), len(subjects())) == (1, 1, 2)


def test_withdrawn_request_is_not_accepted(office: Office, waiting: Booking) -> None:
    bookings.withdraw(waiting.pk, now=MORNING, wall=MORNING)
    with pytest.raises(StateChanged) as refusal:
        accept(waiting, office.sato)
    assert (refusal.value.booking.state, Hold.objects.count()) == ("withdrawn", 0)


def test_reservation_is_not_accepted_by_this_door(office: Office, requested: Booking) -> None:
    with pytest.raises(StateChanged):
        accept(requested, office.sato)
    assert Hold.objects.get().kind == "reservation"


@pytest.mark.parametrize(("happens", "bar"), BARS)
def test_gate_is_asked_again_at_the_acceptance(
    office: Office, waiting: Booking, happens: Callable[[Office, Person], None], bar: Bar
) -> None:
    """C6-2-2: terms may come into force, consent may be taken back while somebody waits. The request goes on waiting."""
    happens(office, waiting.applicant)
    with pytest.raises(Barred) as refusal:
        accept(waiting, office.sato, MORNING + 2 * SECOND)
    waiting.refresh_from_db()
    assert (refusal.value.bar, waiting.state, Hold.objects.count()) == (bar, "requested", 0)


def test_terms_agreed_to_while_waiting_let_the_acceptance_through(office: Office, waiting: Booking) -> None:
    second = publish_terms(number=2, effective_at=MORNING + MINUTE)
    now = MORNING + 2 * MINUTE
    with pytest.raises(Barred):
        accept(waiting, office.sato, now)
    agree(waiting.applicant, Shown(second.pk, "同意します。", now), document=COUNSELLING, now=now)
    assert accept(waiting, office.sato, now).state == "confirmed"


@pytest.mark.parametrize("state", ["requested", "confirmed"])
def test_acceptance_never_lies_over_a_reserved_session_or_its_start(request: pytest.FixtureRequest, office: Office, state: str) -> None:
    """C6-2-1c: a reservation holds its time from the request on; what ends at its start fits, a minute later only a colleague is free."""
    reserved = request.getfixturevalue(state)
    theirs = reserved.holds.get().counsellor
    colleague = office.tanaka if theirs == office.sato else office.sato
    eve = at(THURSDAY, 9, 25)
    immediate.switch(theirs.pk, on=True, by=theirs.user, now=eve)
    immediate.switch(colleague.pk, on=True, by=colleague.user, now=eve)
    people = [make_regular(office, f"但馬 {name}", f"{name}@example.jp", f"+81901111222{name}") for name in "12"]
    first, second = [ask(each, office.version, eve) for each in people]
    with pytest.raises(SlotRefused) as refusal:
        accept(first, theirs, at(THURSDAY, 9, 30, 1))
    assert (refusal.value.reasons, Hold.objects.filter(kind="ad_hoc").count()) == ((Reason.COUNSELLOR_TAKEN,), 0)
    assert accept(first, theirs, at(THURSDAY, 9, 30)).ends_at == reserved.starts_at
    assert accept(second, colleague, at(THURSDAY, 9, 30, 1)).counsellor == colleague


def test_lead_is_for_the_public_page_and_not_for_staff(office: Office, waiting: Booking) -> None:
    """Whoever accepts sees what comes next, and may run straight into it."""
    away(office, office.sato, at(TUESDAY, 10), at(TUESDAY, 10, 30))
    assert (standing_now(now=MORNING).closed, accept(waiting, office.sato).state) == (Closed.BUSY, "confirmed")


def test_acceptance_needs_a_free_host(office: Office, waiting: Booking) -> None:
    busy = accept(waiting, office.sato, host=office.tanaka.default_host_id)
    assert busy.host == office.tanaka.default_host
    immediate.switch(office.tanaka.pk, on=True, by=office.tanaka.user, now=MORNING)
    other = make_regular(office, "但馬 太郎", "taro@example.jp", "+819011112222")
    request = ask(other, office.version)
    with pytest.raises(SlotRefused) as refusal:
        accept(request, office.tanaka, host=office.tanaka.default_host_id)
    assert refusal.value.reasons == (Reason.HOST_TAKEN,)
    assert accept(request, office.tanaka).host == office.sato.default_host


def test_request_before_closing_time_waits_no_longer_than_a_session_could_begin(office: Office, regular: Person) -> None:
    late = at(TUESDAY, 16, 45)
    immediate.switch(office.sato.pk, on=True, by=office.staff, now=late)
    booking = ask(regular, office.version, late)
    with pytest.raises(WaitedTooLong):
        accept(booking, office.sato, late + SECOND)
    assert accept(booking, office.sato, late).ends_at == at(TUESDAY, 17, 15)


def test_counsellor_may_accept_without_the_switch_and_outside_their_own_duty(office: Office, waiting: Booking) -> None:
    """The switch speaks to the public; a colleague who has time takes the request over."""
    office.tanaka.duty_hours.all().delete()
    assert accept(waiting, office.tanaka).counsellor == office.tanaka


# --- companions -----------------------------------------------------------------------------------------------------------


def test_companion_is_declared_until_the_session_begins(office: Office, accepted: Booking) -> None:
    """C12-3b."""
    before = accepted.starts_at - SECOND
    assert immediate.declare_companion(accepted.pk, "手話通訳", now=before).companion == "手話通訳"
    with pytest.raises(StateChanged):
        immediate.declare_companion(accepted.pk, "", now=accepted.starts_at)


def test_companion_of_a_reservation_has_its_own_page(requested: Booking) -> None:
    with pytest.raises(StateChanged):
        immediate.declare_companion(requested.pk, "通訳", now=MORNING)
