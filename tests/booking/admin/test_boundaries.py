"""The boundary examples of the terms at the doors of staff: the last second before and the moment itself, by page and by operation.

The public doors' boundaries stand in test_views_slots.py and test_bookings.py, the race for the last place in tests/flows.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from booking.models import Booking, DayClosing
from booking.models.bookings import Source
from booking.operations import applications, bookings, moving, no_contact
from booking.operations.applications import Details, Entry, Newcomer
from booking.operations.bookings import ConfirmLimitPassed, Decision
from booking.operations.moving import Change
from booking.operations.no_contact import SignOfLife
from booking.operations.sessions import NotYet
from booking.rules.calendar import tokyo_date
from booking.rules.slots import Reason, SlotRefused
from consent.operations import Shown
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.operations.test_sessions import (
    absent_counsellor,
    joined,
    kept,
    late_meeting,
    standing_beat,
    state_after_sweep,
)
from tests.cast import MORNING, SESSION, THURSDAY, Office, application, at
from tests.visitor import Visitor, field_value, text_of
from toyooka_hw.accounts.models import Person

pytestmark = pytest.mark.django_db
__all__ = ["kept"]
NEW_YEAR = at(date(2027, 1, 4), 10)  # the first open day after 12-29 … 01-03
LAST_SECOND, MIDNIGHT = at(date(2027, 1, 3), 23, 59, 59), at(date(2027, 1, 4), 0)
REGISTERED = {"eligibility": "registered"}
TEN_PAST = SESSION + timedelta(minutes=10)
BOOKINGS = "/admin/booking/booking/"


@pytest.fixture
def after_new_year(office: Office, person: Person) -> Booking:
    """Asked for on the last open day of the year, a minute before the public form closed."""
    asked = at(date(2026, 12, 28), 14, 59)
    Person.objects.update(created_at=asked)
    return applications.request(
        person, replace(application(office.version, NEW_YEAR), environment_declared_at=asked), now=asked, wall=asked
    )


# --- A1, A2: confirmed by the end of the day before, whatever days lie between --------------------------------------------------


@pytest.mark.parametrize(("now", "state"), [(LAST_SECOND, "confirmed"), (MIDNIGHT, "requested")])
def test_request_over_new_year_is_confirmed_without_a_reason_until_midnight(
    desk_of: DeskOf, office: Office, after_new_year: Booking, now: datetime, state: str
) -> None:
    words = desk_of(office.staff, now).press(after_new_year, "confirm", **REGISTERED)
    assert (after_new_year.state, "理由を入力してください。" in words) == (state, state == "requested")


def test_operation_draws_the_same_line_and_keeps_the_reason(office: Office, after_new_year: Booking) -> None:
    with pytest.raises(ConfirmLimitPassed):
        bookings.confirm(after_new_year.pk, Decision("registered", office.staff), now=MIDNIGHT, wall=MIDNIGHT)
    reasoned = Decision("registered", office.staff, reason="本人が急ぎ")
    made = bookings.confirm(after_new_year.pk, reasoned, now=MIDNIGHT, wall=MIDNIGHT)
    assert (made.state, made.events.get(event="confirm").override) == ("confirmed", True)


@pytest.mark.parametrize(("now", "state"), [(LAST_SECOND, "requested"), (MIDNIGHT, "expired")])
def test_request_over_new_year_expires_at_midnight_and_not_before(after_new_year: Booking, now: datetime, state: str) -> None:
    bookings.expire_unconfirmed(now=now, wall=now)
    after_new_year.refresh_from_db()
    assert after_new_year.state == state


# --- C6-1-2-3, A5: starts and days that are none, posted by hand through every door of staff --------------------------------------

NO_STARTS = [
    at(THURSDAY, 12),
    at(THURSDAY, 12, 30),
    at(THURSDAY, 16),
    at(THURSDAY, 10, 15),
    at(date(2027, 4, 29), 10),  # 昭和の日
    at(date(2027, 4, 10), 10),  # a Saturday
]


@pytest.mark.parametrize("start", NO_STARTS)
def test_start_that_is_none_is_taken_by_no_page(desk: Desk, office: Office, requested: Booking, start: datetime) -> None:
    desk.press(requested, "propose", first=start.isoformat(), **REGISTERED)
    assert requested.state == "requested"
    desk.press(requested, "confirm", **REGISTERED)
    desk.press(requested, "move", start=start.isoformat(), reason="試験", seen=requested.events.latest("pk").pk)
    form = desk.get(f"{BOOKINGS}enter/new/")
    carried = {name: field_value(form, name) for name in ("shown", "key")}
    stranger = {"full_name": "但馬 太郎", "no_number_yet": "on", "phone": "0796-23-0101", "source": "phone", "guided": "on"}
    desk.post(f"{BOOKINGS}enter/new/", **carried, **stranger, starts_at=start.isoformat())
    assert (requested.starts_at, requested.state, Booking.objects.count()) == (SESSION, "confirmed", 1)


@pytest.mark.parametrize("start", NO_STARTS)
def test_start_that_is_none_is_taken_by_no_operation(office: Office, confirmed: Booking, start: datetime) -> None:
    entry = Entry(start, Details("但馬 太郎", no_number_yet=True), Source.PHONE, Shown(office.version.pk, "口頭で説明", MORNING))
    press = {"now": MORNING, "wall": MORNING}
    refused = []
    for attempt in (
        lambda: moving.move(confirmed.pk, start, Change(office.staff, "試験"), **press),
        lambda: applications.enter(Newcomer("但馬 太郎"), entry, by=office.staff, **press),
    ):
        with pytest.raises(SlotRefused) as refusal:
            attempt()
        refused.append(refusal.value.reasons[0])
    expected = Reason.NOT_A_START if tokyo_date(start) == THURSDAY else Reason.CLOSED_DAY
    assert (refused, Booking.objects.count()) == ([expected, expected], 1)


# --- C6-1-4b, A7: the ten minutes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("now", "state"), [(TEN_PAST - timedelta(seconds=1), "confirmed"), (TEN_PAST, "cancelled_no_contact")])
def test_hand_closes_without_contact_at_the_same_second_as_the_rule(
    desk_of: DeskOf, office: Office, kept: Booking, now: datetime, state: str
) -> None:
    words = desk_of(office.staff, now).press(kept, "cancel_no_contact")
    assert (kept.state, "キャンセル（ご連絡なし）にしました。" in words) == (state, state != "confirmed")


def test_operation_waits_for_the_same_second(office: Office, kept: Booking) -> None:
    early = TEN_PAST - timedelta(seconds=1)
    with pytest.raises(NotYet):
        no_contact.cancel_no_contact(kept.pk, by=office.staff, now=early, wall=early)
    assert no_contact.cancel_no_contact(kept.pk, by=office.staff, now=TEN_PAST, wall=TEN_PAST).state == "cancelled_no_contact"


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (late_meeting, "開始までにZoomの準備ができていませんでした"),
        (absent_counsellor, "担当者の入室の記録がありません"),
        (standing_beat, "システムが止まっていた時間があります"),
        (joined, "利用者が入室しています"),
    ],
)
def test_doubt_is_shown_where_the_rule_closes_nothing(
    desk_of: DeskOf, office: Office, kept: Booking, happens: Callable[[Booking, Office], None], words: str
) -> None:
    happens(kept, office)
    assert state_after_sweep(kept, TEN_PAST) == "confirmed"
    later = SESSION + timedelta(minutes=31)  # when it is over, the day's end asks for it too
    page = text_of(desk_of(office.staff, later).get(f"{BOOKINGS}closing/"))
    assert ("要確認" in page, words in page) == (True, True)


def test_whoever_pressed_join_at_five_past_is_closed_neither_by_the_rule_nor_by_hand(
    desk_of: DeskOf, office: Office, kept: Booking
) -> None:
    joined(kept, office)
    with pytest.raises(SignOfLife):
        no_contact.cancel_no_contact(kept.pk, by=office.staff, now=TEN_PAST, wall=TEN_PAST)
    desk_of(office.staff, TEN_PAST).press(kept, "cancel_no_contact")
    assert kept.state == "confirmed"


def test_call_at_eight_past_entered_on_the_page_is_a_cancellation_with_notice(desk_of: DeskOf, office: Office, kept: Booking) -> None:
    desk_of(office.staff, SESSION + timedelta(minutes=8)).press(kept, "contact", channel="phone", meaning="cannot_come")
    assert (kept.state, state_after_sweep(kept, TEN_PAST)) == ("cancelled_by_user", "cancelled_by_user")


def test_third_cancellation_without_contact_is_seen_by_staff_and_bars_nobody(desk: Desk, office: Office, requested: Booking) -> None:
    """C6-1-4c: a count for people to decide by; she applied for this very session through the public pages' rule."""
    fields = {field.attname: getattr(requested, field.attname) for field in Booking._meta.concrete_fields if not field.primary_key}
    for number in range(3):
        start = SESSION - timedelta(days=7 * (number + 1))
        missed = {"state": "cancelled_no_contact", "outcome": "not_reached", "starts_at": start, "ends_at": start + timedelta(minutes=30)}
        Booking.objects.create(**{**fields, **missed, "number": f"7777-{number:04}", "draft_key": None})
        DayClosing.objects.create(day=tokyo_date(start), closed_at=MORNING, closed_by=office.staff)
    assert "ご連絡なしのキャンセル3回" in text_of(desk.get(f"{BOOKINGS}inbox/"))
    bookings.withdraw(requested.pk, now=MORNING, wall=MORNING)
    Visitor().apply(at(THURSDAY, 11))
    assert Booking.objects.filter(applicant=requested.applicant, state="requested", starts_at=at(THURSDAY, 11)).count() == 1
