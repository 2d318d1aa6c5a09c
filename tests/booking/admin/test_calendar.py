"""The roster and the office's calendar are saved through operations; sessions in the way are named, and nothing is saved (A5, A17)."""

from datetime import date, timedelta

import pytest

from booking.models import Absence, Booking, Closure, Counsellor, DutyHours, Hold, PolicyValue
from booking.operations.applications import request
from booking.operations.calendar import set_day
from tests.booking.admin.conftest import Desk
from tests.cast import MORNING, THURSDAY, Office, application, at
from tests.visitor import text_of
from toyooka_hw.accounts.models import Person

pytestmark = pytest.mark.django_db
ABSENCE = {"starts_at": "2027-04-08T09:00", "ends_at": "2027-04-08T12:00"}


def test_absence_occupies_the_calendar_and_gives_it_back(desk: Desk, office: Office) -> None:
    desk.post("/admin/booking/absence/add/", counsellor=office.sato.pk, reason="研修", **ABSENCE)
    absence = Absence.objects.get()
    assert (Hold.objects.get().absence, absence.reason) == (absence, "研修")
    desk.post(f"/admin/booking/absence/{absence.pk}/delete/", post="yes")
    assert (Absence.objects.count(), Hold.objects.count()) == (0, 0)


def test_absence_over_a_session_names_it_and_is_not_saved(desk: Desk, office: Office, requested: Booking) -> None:
    page = desk.post("/admin/booking/absence/add/", counsellor=requested.counsellor_id, **ABSENCE)
    words = text_of(page)
    assert ("次の予約があるため、保存できません。" in words, requested.number in words) == (True, True)
    assert (Absence.objects.count(), page.redirect_chain) == (0, [])


def test_absence_over_an_absence_is_not_saved(desk: Desk, office: Office) -> None:
    for _ in range(2):
        page = desk.post("/admin/booking/absence/add/", counsellor=office.sato.pk, **ABSENCE)
    assert "この担当者は、その時間にほかの予定があります。" in text_of(page)
    assert Absence.objects.count() == 1


def test_absence_that_ends_before_it_begins_is_refused_at_the_field(desk: Desk, office: Office) -> None:
    page = desk.post("/admin/booking/absence/add/", counsellor=office.sato.pk, **{**ABSENCE, "ends_at": "2027-04-08T08:00"})
    assert "終了は、開始より後にしてください。" in text_of(page)
    assert Absence.objects.count() == 0


def test_day_is_closed_and_left_to_the_law_again(desk: Desk) -> None:
    desk.post("/admin/booking/closure/add/", date=THURSDAY.isoformat(), label="停電")
    closure = Closure.objects.get()
    assert (closure.is_open, closure.label, closure.source) == (False, "停電", "office")
    desk.post(f"/admin/booking/closure/{closure.pk}/change/", is_open="on", label="臨時の開庁")
    closure.refresh_from_db()
    assert (closure.is_open, closure.date) == (True, THURSDAY)
    desk.post(f"/admin/booking/closure/{closure.pk}/delete/", post="yes")
    assert Closure.objects.count() == 0


def test_opening_with_sessions_is_not_left_to_the_law(desk: Desk, office: Office, person: Person) -> None:
    """C6-1-2-3: a holiday that was opened and booked stays open; the page names the booking."""
    holiday, now = date(2027, 4, 29), at(date(2027, 4, 20), 10)
    opened = set_day(holiday, is_open=True, label="特別開庁", by=office.staff, now=MORNING)
    booking = request(person, application(office.version, at(holiday, 10)), now=now, wall=now)
    words = text_of(desk.post(f"/admin/booking/closure/{opened.pk}/delete/", post="yes"))
    assert (booking.number in words, Closure.objects.count()) == (True, 1)


def test_day_with_sessions_is_not_closed(desk: Desk, requested: Booking) -> None:
    words = text_of(desk.post("/admin/booking/closure/add/", date=THURSDAY.isoformat(), label="停電"))
    assert requested.number in words
    assert Closure.objects.count() == 0


def test_duty_hours_end_but_are_never_deleted(desk: Desk, office: Office) -> None:
    hours = DutyHours.objects.filter(counsellor=office.sato).first()
    assert hours is not None
    assert desk.post(f"/admin/booking/dutyhours/{hours.pk}/delete/", post="yes").status_code == 403
    filled = {"counsellor": office.sato.pk, "weekday": 0, "starts": "08:30", "ends": "12:00", "since": "2026-01-01", "until": "2027-03-31"}
    desk.post(f"/admin/booking/dutyhours/{hours.pk}/change/", **filled)
    hours.refresh_from_db()
    assert f"{hours.ends:%H:%M} {hours.until}" == "12:00 2027-03-31"


def test_counsellor_and_host_are_switched_off(desk: Desk, office: Office) -> None:
    user, host = office.tanaka.user_id, office.tanaka.default_host_id
    desk.post(f"/admin/booking/counsellor/{office.tanaka.pk}/change/", user=user, name="田中", default_host=host)
    desk.post(f"/admin/booking/zoomhost/{host}/change/", email="tanaka@zoom.example.jp", name="ライセンス 田中")
    office.tanaka.refresh_from_db()
    assert (office.tanaka.is_active, office.tanaka.default_host.is_active) == (False, False)
    assert Counsellor.objects.count() == 2


def test_policy_value_is_added_with_who_when_and_why(desk: Desk, office: Office) -> None:
    desk.post("/admin/booking/policyvalue/add/", key="horizon_days", value=" 21 ", reason="試行")
    row = PolicyValue.objects.get(key="horizon_days")
    assert (row.value, row.set_by, row.set_at, row.holds_from, row.reason) == ("21", office.staff, MORNING, MORNING, "試行")


def test_policy_value_from_a_later_day_holds_from_then(desk: Desk) -> None:
    desk.post(
        "/admin/booking/policyvalue/add/",
        key="request_closes_at",
        value="16:00",
        reason="延長",
        holds_from="2027-04-13T00:00",
    )
    assert PolicyValue.objects.get(key="request_closes_at").holds_from == MORNING + timedelta(days=6, hours=14, minutes=30)


@pytest.mark.parametrize(
    ("key", "value"), [("request_closes_at", "三時"), ("horizon_days", "0"), ("capacity_per_start", "-1"), ("horizon_days", "")]
)
def test_value_that_does_not_fit_is_refused_at_the_field(desk: Desk, key: str, value: str) -> None:
    words = text_of(desk.post("/admin/booking/policyvalue/add/", key=key, value=value, reason="試行"))
    assert "この項目の値として使えません。" in words
    assert PolicyValue.objects.count() == 1


def test_policy_value_is_never_changed_nor_deleted(desk: Desk) -> None:
    row = PolicyValue.objects.get()
    assert [desk.post(f"/admin/booking/policyvalue/{row.pk}/{step}/", post="yes").status_code for step in ("change", "delete")] == [
        403,
        403,
    ]
