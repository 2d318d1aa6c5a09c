"""A session is held by telephone instead: the way in is closed, people are told, nothing closes it by itself; and the way back (C6-2-3c)."""

from datetime import timedelta

import pytest

from booking import mails
from booking.models import Booking, Meeting, Participant
from booking.operations import (
    access,
    corrections,
    delivery,
    meetings,
    moving,
    no_contact,
    presence,
    reminders,
    sessions,
    telephone,
)
from booking.operations.evidence import gather
from booking.operations.sessions import HeldByPhone, JoinOver
from booking.operations.telephone import HeldOtherwise
from booking.operations.transitions import MovedMeanwhile, StateChanged
from booking.queries import calls, due_for_no_contact, meetings_that_differ, policy_at
from booking.rules.calls import Why
from tests.cast import MORNING, SESSION, THURSDAY, Office, at, make_meeting_ready
from tests.kinds import interview
from tests.simulator import SimulatorHandle
from toyooka_hw.accounts.models import Person
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
NOON = MORNING + timedelta(hours=3)
MINUTE = timedelta(minutes=1)


def switch(booking: Booking, office: Office, now: object = NOON, **more: object) -> Booking:
    return telephone.by_phone(booking.pk, by=office.staff, now=now, wall=now, **more)


def back(booking: Booking, office: Office, now: object = NOON + MINUTE, **more: object) -> Booking:
    return telephone.by_zoom(booking.pk, by=office.staff, now=now, wall=now, **more)


def ensure(booking: Booking, *, hours: int) -> Meeting:
    meeting = Meeting.objects.get(booking=booking)
    meetings.ensure_meeting(meeting.pk, now=NOON, wall=MORNING + timedelta(hours=hours))
    meeting.refresh_from_db()
    return meeting


def calendar_of(mail: OutgoingMail) -> dict[str, str]:
    return dict(line.split(":", 1) for line in mail.calendar.replace("\r\n ", "").split("\r\n") if ":" in line)


# --- the switch ----------------------------------------------------------------------------------------------------------


def test_switch_leaves_the_session_and_its_place_and_writes_down_who_did_it(office: Office, confirmed: Booking) -> None:
    switched = switch(confirmed, office, reason="Zoomの障害")
    line = switched.events.last()
    assert (switched.state, switched.starts_at, switched.host_id) == ("confirmed", SESSION, confirmed.host_id)
    assert (switched.is_by_phone, switched.phone_at, switched.phone_by) == (True, NOON, office.staff)
    assert (line.event, line.from_state, line.to_state, line.by, line.reason) == (
        "by_phone",
        "confirmed",
        "confirmed",
        office.staff,
        "Zoomの障害",
    )
    assert AuditEntry.objects.latest("pk").what == "電話への切替"


def test_person_is_told_once_with_the_same_calendar_entry_and_without_a_number(office: Office, confirmed: Booking) -> None:
    switch(confirmed, office)
    before, told = OutgoingMail.objects.filter(key__startswith="booking-event:").order_by("pk")[1:]
    first, second = calendar_of(before), calendar_of(told)
    assert told.subject == "【ハローワーク豊岡】相談はお電話で行います（4月8日（木）10:00）"
    assert (second["UID"], second["METHOD"], int(second["SEQUENCE"]) > int(first["SEQUENCE"])) == (first["UID"], "PUBLISH", True)
    assert (second["SUMMARY"], second["DTSTART"]) == ("オンライン職業相談（ハローワーク豊岡・電話で実施）", first["DTSTART"])
    assert [digits for digits in ("12345678", "1234-5678", "5678") if digits in told.body] == []


def test_meeting_is_taken_away_and_another_one_comes_with_the_way_back(office: Office, confirmed: Booking, zoom: SimulatorHandle) -> None:
    first = ensure(confirmed, hours=1).meeting_id
    switch(confirmed, office)
    assert (ensure(confirmed, hours=4).exists, zoom.control.standing()) == (False, [])
    returned = back(confirmed, office)
    second = ensure(confirmed, hours=5)
    assert (returned.phone_at, returned.phone_by, returned.events.last().event) == (None, None, "by_zoom")
    assert (len(zoom.control.standing()), second.leads_into(returned), second.meeting_id == first) == (1, True, False)


def test_meeting_made_while_the_session_was_switched_is_taken_away_by_the_sweep(
    office: Office, confirmed: Booking, zoom: SimulatorHandle
) -> None:
    """The worker read the booking before the switch and settles after it."""
    meeting = Meeting.objects.get(booking=confirmed)
    claimed = Meeting.objects.claim(meeting.pk, lease=meetings.LEASE, wall=NOON)
    made = meetings.ensuring._act(claimed, meetings.zoom(wall=NOON), now=NOON)
    switch(confirmed, office)
    assert claimed.settle("done", attempts=0, **made) is True
    assert (len(zoom.control.standing()), list(meetings_that_differ(now=NOON))) == (1, [meeting])
    meetings.sweep_meetings(now=NOON, wall=NOON + MINUTE)
    assert (zoom.control.standing(), list(meetings_that_differ(now=NOON))) == ([], [])


def test_without_the_mark_the_sweep_would_leave_that_meeting(office: Office, confirmed: Booking, zoom: SimulatorHandle) -> None:
    """The control of the above: it is the mark on the booking that takes the meeting away, not the press alone."""
    claimed = Meeting.objects.claim(Meeting.objects.get().pk, lease=meetings.LEASE, wall=NOON)
    made = meetings.ensuring._act(claimed, meetings.zoom(wall=NOON), now=NOON)
    switch(confirmed, office)
    Booking.objects.update(phone_at=None, phone_by=None)
    claimed.settle("done", attempts=0, **made)
    meetings.sweep_meetings(now=NOON, wall=NOON + MINUTE)
    assert len(zoom.control.standing()) == 1


def test_switch_while_the_session_runs_says_that_the_call_is_near(office: Office, confirmed: Booking) -> None:
    switch(confirmed, office, now=SESSION + 12 * MINUTE)
    assert "これから、ハローワークから" in OutgoingMail.objects.latest("pk").body


@pytest.mark.parametrize("later", [0, 1])
def test_second_press_is_refused_by_name_and_tells_nobody(office: Office, confirmed: Booking, later: int) -> None:
    switch(confirmed, office)
    told = OutgoingMail.objects.count()
    with pytest.raises(HeldOtherwise) as refusal:
        switch(confirmed, office, now=NOON + later * MINUTE)
    assert (refusal.value.by, refusal.value.booking.is_by_phone, OutgoingMail.objects.count()) == ("佐藤", True, told)
    assert confirmed.events.filter(event="by_phone").count() == 1


def test_of_two_who_saw_the_same_page_the_second_is_told_who_was_faster(office: Office, confirmed: Booking) -> None:
    seen = confirmed.events.last().pk
    switch(confirmed, office, seen=seen)
    with pytest.raises(MovedMeanwhile) as refusal:
        telephone.by_phone(confirmed.pk, by=office.tanaka.user, now=NOON, wall=NOON, seen=seen)
    assert refusal.value.by == "佐藤"


def test_way_back_of_what_was_never_switched_is_refused(office: Office, confirmed: Booking) -> None:
    with pytest.raises(HeldOtherwise):
        back(confirmed, office)


def test_session_that_was_cancelled_or_never_confirmed_is_not_switched(office: Office, confirmed: Booking) -> None:
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=office.staff, now=NOON, wall=NOON)
    for press in (switch, back):
        with pytest.raises(StateChanged) as refusal:
            press(confirmed, office)
        assert type(refusal.value) is StateChanged


def test_request_is_not_switched(office: Office, requested: Booking) -> None:
    with pytest.raises(StateChanged):
        switch(requested, office)


def test_session_whose_time_is_over_is_not_switched(office: Office, confirmed: Booking) -> None:
    switch(confirmed, office, now=confirmed.ends_at - timedelta(seconds=1))
    with pytest.raises(JoinOver):
        back(confirmed, office, now=confirmed.ends_at)


# --- the way in ----------------------------------------------------------------------------------------------------------


def test_nobody_joins_and_no_code_is_told(office: Office, confirmed: Booking) -> None:
    make_meeting_ready(confirmed)
    switch(confirmed, office)
    with pytest.raises(HeldByPhone):
        sessions.join(confirmed.pk, confirmed.applicant_id, now=SESSION)
    with pytest.raises(HeldByPhone):
        access.tell_code(confirmed.pk, by=office.staff, now=SESSION)
    with pytest.raises(HeldByPhone):
        presence.note_arrival(confirmed.pk, by=office.staff, now=SESSION)
    assert Participant.objects.get().first_joined_at is None


def test_code_of_an_immediate_session_is_neither_shown_nor_told(office: Office, accepted: Booking) -> None:
    make_meeting_ready(accepted)
    now = accepted.starts_at
    switch(accepted, office, now=now)
    part = accepted.participants.get()
    with pytest.raises(HeldByPhone):
        delivery.open_code(accepted.pk, by=office.staff, now=now)
    with pytest.raises(HeldByPhone):
        delivery.check_way_in(accepted.pk, by=office.staff, now=now)
    with pytest.raises(HeldByPhone):
        delivery.record_delivery(part.pk, "job_seeker_mypage", "told", by=office.staff, now=now)
    mail = OutgoingMail.objects.latest("pk")
    assert (mail.subject, mail.calendar) == ("【ハローワーク豊岡】いますぐの相談は、お電話で行います", "")


def test_everybody_in_an_interview_is_told_and_nobody_of_the_others_number(office: Office) -> None:
    booking = interview(office)
    told = OutgoingMail.objects.count()
    switch(booking, office)
    written = OutgoingMail.objects.order_by("pk")[told:]
    assert {mail.to for mail in written} == {"jinji@example.jp", "taro@example.jp"}
    assert [mail.subject for mail in written] == ["【ハローワーク豊岡】オンライン面接はお電話で行います（4月8日（木）10:45）"] * 2
    numbers = [person.phone[-8:] for person in Person.objects.exclude(registered_phone="")]
    assert [number for number in numbers for mail in written if number in mail.body] == []


# --- what follows --------------------------------------------------------------------------------------------------------


def test_ten_minute_rule_leaves_the_session_to_people(office: Office, confirmed: Booking) -> None:
    switch(confirmed, office)
    late = SESSION + 15 * MINUTE
    assert list(due_for_no_contact(now=late, grace=10 * MINUTE)) == []
    assert no_contact.apply_no_contact_rule(now=late, wall=late) == 0
    confirmed.refresh_from_db()
    assert (confirmed.state, no_contact.doubts(confirmed, now=late)) == ("confirmed", ())


def test_without_the_switch_the_same_minutes_are_judged(office: Office, confirmed: Booking) -> None:
    """The control of the above."""
    late = SESSION + 15 * MINUTE
    assert list(due_for_no_contact(now=late, grace=10 * MINUTE)) == [confirmed]
    assert no_contact.doubts(confirmed, now=late) != ()


def test_confirmation_by_which_zoom_counts_again_is_the_mail_of_the_way_back(office: Office, confirmed: Booking) -> None:
    OutgoingMail.objects.update(delivered_at=MORNING)
    switch(confirmed, office)
    returned = back(confirmed, office)
    facts = gather([returned], policy_at(NOON))[returned.pk]
    assert (facts.by_phone, facts.confirmation_delivered_at) == (False, None)


@pytest.mark.parametrize(("chosen", "outcome"), [("", "held_by_phone"), ("held_short", "held_short")])
def test_session_was_held_by_phone_unless_staff_say_otherwise(office: Office, confirmed: Booking, chosen: str, outcome: str) -> None:
    switch(confirmed, office)
    held = sessions.complete(confirmed.pk, outcome=chosen, by=office.staff, now=SESSION, wall=SESSION)
    assert (held.state, held.outcome) == ("completed", outcome)


def test_move_begins_anew_in_zoom(office: Office, confirmed: Booking) -> None:
    switch(confirmed, office)
    moved = moving.move(confirmed.pk, at(THURSDAY, 14), moving.Change(office.staff, "通院"), now=NOON, wall=NOON)
    assert (moved.phone_at, moved.phone_by) == (None, None)


def test_handing_over_keeps_the_telephone(office: Office, confirmed: Booking, zoom: SimulatorHandle) -> None:
    switch(confirmed, office)
    change = moving.Change(office.staff, "研修", counsellor=office.tanaka.pk, host=office.tanaka.default_host_id)
    moved = moving.reassign(confirmed.pk, change, now=NOON, wall=NOON)
    assert (moved.is_by_phone, ensure(moved, hours=4).exists, zoom.control.meetings()) == (True, False, [])


def test_correction_back_to_confirmed_tells_of_the_telephone(office: Office, confirmed: Booking) -> None:
    switch(confirmed, office)
    sessions.cancel_by_office(confirmed.pk, reason="誤り", by=office.staff, now=NOON, wall=NOON)
    corrections.correct(confirmed.pk, "confirmed", reason="押し間違い", by=office.staff, now=NOON + MINUTE, wall=NOON)
    body = OutgoingMail.objects.latest("pk").body
    assert ("お電話で行います。" in body, "入室できます" in body) == (True, False)


def test_reminders_of_the_telephone_say_so_and_never_zoom(office: Office, confirmed: Booking) -> None:
    switch(confirmed, office)
    for now in (at(THURSDAY - timedelta(days=1), 18), SESSION - 30 * MINUTE):
        reminders.remind(now=now, wall=now)
    eve, soon = OutgoingMail.objects.filter(key__startswith="reminder:").order_by("pk")
    assert [key for key in (eve.key, soon.key) if "+phone:" not in key] == []
    for mail in (eve, soon):
        assert ("おかけします。" in mail.body, "入室できます" in mail.body, "キャンセルとみなします" in mail.body) == (True, False, False)


@pytest.mark.parametrize("begins_by_phone", [False, True])
def test_reminder_of_the_other_way_is_not_sent(office: Office, confirmed: Booking, begins_by_phone: bool) -> None:
    """Written before the switch, and still waiting for a mail server that is down."""
    if begins_by_phone:
        switch(confirmed, office)
    soon = SESSION - 60 * MINUTE
    reminders.remind(now=soon, wall=soon)
    (mail,) = OutgoingMail.objects.filter(key__startswith="reminder:")
    assert mails.why_not_sent(mail, soon) == ""
    (back if begins_by_phone else switch)(confirmed, office, now=soon + MINUTE)
    assert mails.why_not_sent(mail, soon + MINUTE) == "Zoomと電話の別が変わったため"
    assert reminders.remind(now=soon + 2 * MINUTE, wall=soon) == 0  # who was told just now needs none


def test_person_without_an_address_is_to_be_phoned_about_it(office: Office, confirmed: Booking) -> None:
    Person.objects.update(email="")
    switch(confirmed, office)
    (call,) = calls(now=NOON)
    assert (call.event.event, call.why, call.booking) == ("by_phone", Why.NO_ADDRESS, confirmed)


def test_way_back_on_short_notice_is_told_by_phone_too(office: Office, confirmed: Booking) -> None:
    OutgoingMail.objects.update(outbox_state="done")
    eve = at(THURSDAY - timedelta(days=1), 16)
    switch(confirmed, office, now=eve)
    OutgoingMail.objects.update(outbox_state="done")
    assert calls(now=eve) == []
    back(confirmed, office, now=eve + MINUTE)
    OutgoingMail.objects.update(outbox_state="done")
    assert [(call.event.event, call.why) for call in calls(now=eve + MINUTE)] == [("by_zoom", Why.SHORT_NOTICE)]
