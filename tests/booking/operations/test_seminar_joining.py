"""The way into a seminar, who came, who gives it (S1-1, S4-5, S8-1)."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from booking.models import Meeting, Registration, Seminar, SeminarPartner, SessionAlarm, ZoomNotice
from booking.operations.meetings import notices
from booking.operations.seminars import giving, joining, people, seats
from booking.operations.seminars.joining import KeptOut
from booking.operations.seminars.people import NotAContact, SpeakerKnown
from booking.operations.seminars.steps import SeminarChanged
from booking.operations.sessions import MeetingNotReady, TermsNotAgreed
from booking.rules.seminars import Door
from consent.models import Consent
from consent.operations import Shown, agree, withdraw
from consent.queries import SEMINAR
from tests.cast import MORNING, Office
from tests.employers import make_contact
from tests.seminars import LABEL, STARTS, drawn_up, guest, press, published, register, terms
from tests.zoom_notices import HOST, NUMBER, message, post
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
ROOM = f"https://zoom.us/j/{NUMBER}"


def ready(office: Office, **details: object) -> Seminar:
    seminar = published(office, **details)
    Meeting.objects.filter(seminar=seminar).update(
        meeting_id=NUMBER, host_email=seminar.host.email, starts_at=seminar.starts_at, join_url=ROOM, passcode="abc", outbox_state="done"
    )
    return seminar


def test_join_notes_who_came_and_the_consent_that_taking_part_implies(office: Office) -> None:
    row = register(ready(office), guest())
    assert {joining.join(row.pk, now=STARTS + MINUTE * late) for late in (0, 5)} == {ROOM}
    row.refresh_from_db()
    assert row.first_joined_at == STARTS
    explicit, implied = Consent.objects.order_by("pk")
    assert (implied.method, implied.based_on, implied.agreed_at) == ("deemed_use", explicit, STARTS)


@pytest.mark.parametrize(
    ("moment", "why"),
    [(STARTS - 10 * MINUTE - timedelta(seconds=1), Door.TOO_EARLY), (STARTS + 120 * MINUTE, Door.OVER)],
)
def test_door_opens_ten_minutes_before_and_closes_with_the_overrun(office: Office, moment: object, why: Door) -> None:
    row = register(ready(office), guest())
    with pytest.raises(KeptOut) as caught:
        joining.join(row.pk, now=moment)
    assert (caught.value.why, Registration.objects.get().first_joined_at, Consent.objects.count()) == (why, None, 1)
    assert joining.join(row.pk, now=STARTS - 10 * MINUTE) == ROOM


def test_who_waits_or_was_shut_out_is_not_let_in(office: Office) -> None:
    seminar = ready(office, capacity=1)
    seated, waiting = (register(seminar, guest(number)) for number in (1, 2))
    people.remove(seated.pk, clause=4, reason="勧誘", by=office.staff, now=STARTS, wall=STARTS)
    for row in (seated, waiting):
        with pytest.raises(KeptOut) as caught:
            joining.join(row.pk, now=STARTS)
        assert caught.value.why is Door.NO_SEAT


def test_suspended_seminar_lets_nobody_in_until_it_goes_on(office: Office) -> None:
    seminar = ready(office)
    row = register(seminar, guest())
    giving.suspend(seminar.pk, press(office, STARTS), reason="停電のため")
    with pytest.raises(KeptOut) as caught:
        joining.join(row.pk, now=STARTS)
    assert caught.value.why is Door.SUSPENDED
    giving.resume(seminar.pk, press(office, STARTS))
    assert joining.join(row.pk, now=STARTS) == ROOM


def test_presence_is_kept_where_the_meeting_is_not_ready(office: Office) -> None:
    row = register(published(office), guest())
    with pytest.raises(MeetingNotReady):
        joining.join(row.pk, now=STARTS)
    assert Registration.objects.get().first_joined_at == STARTS


def test_consent_taken_back_bars_the_way_until_it_is_given_again(office: Office) -> None:
    row = register(ready(office), guest())
    withdraw(row.person, document=SEMINAR, by=office.staff, now=MORNING + MINUTE)
    with pytest.raises(TermsNotAgreed):
        joining.join(row.pk, now=STARTS)
    agree(row.person, Shown(terms().pk, LABEL, STARTS), document=SEMINAR, now=STARTS)
    assert joining.join(row.pk, now=STARTS + MINUTE) == ROOM


def test_partner_goes_in_by_their_own_door(office: Office) -> None:
    contact = make_contact(office)
    seminar = ready(office)
    partner = people.add_partner(seminar.pk, contact, by=office.staff, now=MORNING, wall=MORNING)
    assert people.add_partner(seminar.pk, contact, by=office.staff, now=MORNING, wall=MORNING) == partner
    agree(contact, Shown(terms().pk, LABEL, MORNING), document=SEMINAR, now=MORNING)
    assert joining.join_as_partner(partner.pk, now=STARTS) == ROOM
    assert SeminarPartner.objects.get().first_joined_at == STARTS


def invitations(contact: Person) -> list[str]:
    return list(OutgoingMail.objects.filter(to=contact.email, subject__contains="催しのご案内").values_list("body", flat=True))


def test_partner_of_a_draft_reads_of_it_when_it_is_published(office: Office) -> None:
    terms()
    contact, seminar = make_contact(office), drawn_up(office)
    people.add_partner(seminar.pk, contact, by=office.staff, now=MORNING, wall=MORNING)
    assert invitations(contact) == []
    giving.publish(seminar.pk, press(office))
    assert len(invitations(contact)) == 1


def test_partner_of_what_is_public_reads_of_it_at_once_and_only_once(office: Office) -> None:
    contact, seminar = make_contact(office), published(office)
    for _twice in range(2):
        people.add_partner(seminar.pk, contact, by=office.staff, now=MORNING, wall=MORNING)
    words = invitations(contact)
    assert (len(words), seminar.title in words[0], reverse("employer") in words[0]) == (1, True, True)
    people.remove_partner(SeminarPartner.objects.get().pk, by=office.staff, now=MORNING)
    people.add_partner(seminar.pk, contact, by=office.staff, now=MORNING, wall=MORNING)
    assert len(invitations(contact)) == 2


def test_partner_of_what_stands_still_or_has_ended_is_not_invited(office: Office) -> None:
    """Whoever is added while it is suspended reads of it when it goes on; what has ended has no way in any more."""
    over, still = published(office), published(office, starts_at=STARTS + 120 * MINUTE, ends_at=STARTS + 180 * MINUTE)
    giving.suspend(still.pk, press(office), reason="停電のため")
    contact = make_contact(office)
    people.add_partner(still.pk, contact, by=office.staff, now=MORNING, wall=MORNING)
    people.add_partner(over.pk, contact, by=office.staff, now=over.ends_at, wall=over.ends_at)
    assert OutgoingMail.objects.filter(to=contact.email).count() == 0
    giving.resume(still.pk, press(office))
    assert "再開" in OutgoingMail.objects.get(to=contact.email).subject


def test_job_seeker_is_no_partner(office: Office) -> None:
    with pytest.raises(NotAContact):
        people.add_partner(published(office).pk, guest(), by=office.staff, now=MORNING, wall=MORNING)


def test_speaker_is_named_once(office: Office) -> None:
    seminar = published(office)
    people.add_speaker(seminar.pk, name="但馬 一郎", by=office.staff, now=MORNING)
    with pytest.raises(SpeakerKnown):
        people.add_speaker(seminar.pk, name=" 但馬 一郎 ", by=office.staff, now=MORNING)


def test_people_of_what_is_over_stay_as_they_were(office: Office, contact: Person) -> None:
    seminar = published(office)
    speaker = people.add_speaker(seminar.pk, name="但馬 一郎", by=office.staff, now=MORNING)
    giving.cancel(seminar.pk, press(office), reason="講師の都合により")
    press_on = {"by": office.staff, "now": MORNING}
    for attempt in (
        lambda: people.add_speaker(seminar.pk, name="城崎", **press_on),
        lambda: people.remove_speaker(speaker.pk, **press_on),
        lambda: people.record_recording_consent(speaker.pk, **press_on),
        lambda: people.add_partner(seminar.pk, contact, **press_on, wall=MORNING),
        lambda: people.write_attendance(seminar.pk, {}, **press_on),
    ):
        with pytest.raises(SeminarChanged):
            attempt()


def test_attendance_before_the_start_is_refused(office: Office) -> None:
    row = register(published(office), guest())
    with pytest.raises(SeminarChanged):
        people.write_attendance(row.seminar_id, {row.pk: "attended"}, by=office.staff, now=STARTS - MINUTE)
    assert people.write_attendance(row.seminar_id, {row.pk: "attended"}, by=office.staff, now=STARTS) == 1
    assert people.write_attendance(row.seminar_id, {row.pk: "attended"}, by=office.staff, now=STARTS) == 0


def test_withdrawn_registration_has_no_attendance(office: Office) -> None:
    row = register(published(office), guest())
    seats.withdraw(row.pk, now=MORNING, wall=MORNING)
    assert people.write_attendance(row.seminar_id, {row.pk: "attended"}, by=office.staff, now=STARTS) == 0


# --- what Zoom tells -------------------------------------------------------------------------------------------------------------------


def tell(event: str, person: dict[str, str] | None = None, at: datetime = STARTS + MINUTE) -> None:
    assert post(message(event, at, person=person), at).status_code == 200
    notices.handle_notice(ZoomNotice.objects.latest("pk").pk, now=at, wall=at)


def somebody(number: int) -> dict[str, str]:
    return {"user_id": str(number), "user_name": "2704-0001", "participant_uuid": f"GUEST{number}"}


def test_guests_are_counted_and_no_registration_is_touched(office: Office) -> None:
    """Issue 7.4: Zoom tells how many, and never who; told twice is once, the host and those at the door do not count."""
    seminar = ready(office)
    row = register(seminar, guest())
    seen = []
    told = [
        ("joined_waiting_room", somebody(1)),
        ("joined", somebody(1)),
        ("joined", somebody(1)),
        ("joined", HOST),
        ("joined", somebody(2)),
    ]
    for event, person in told:
        tell(f"meeting.participant_{event}", person)
        seen.append(Seminar.objects.get().zoom_guests)
    row.refresh_from_db()
    assert (seen, row.first_joined_at, row.attendance) == ([0, 1, 1, 1, 2], None, "")


def test_rehearsal_of_the_day_before_is_no_attendance(office: Office) -> None:
    ready(office)
    for person in (HOST, somebody(1)):
        tell("meeting.participant_joined", person, STARTS - timedelta(days=1))
    assert Seminar.objects.get().zoom_guests == 0


def test_count_stays_when_its_notices_are_forgotten_or_the_meeting_is_another(office: Office) -> None:
    seminar = ready(office)
    for number in (1, 2):
        tell("meeting.participant_joined", somebody(number))
    notices.forget(wall=STARTS + timedelta(days=40))
    assert ZoomNotice.objects.count() == 0
    tell("meeting.participant_joined", somebody(3))
    assert Seminar.objects.get().zoom_guests == 2
    seminar.audience = "どなたでも"  # looked at before anybody came
    giving.change(seminar, press(office, STARTS + MINUTE))
    assert Seminar.objects.get().zoom_guests == 2


def test_recording_that_was_announced_is_no_alarm(office: Office) -> None:
    seminar = ready(office)
    Seminar.objects.filter(pk=seminar.pk).update(will_record=True)
    tell("recording.started")
    assert SessionAlarm.objects.count() == 0


def test_recording_that_nobody_announced_is_loud(office: Office) -> None:
    seminar = ready(office)
    for _time in range(2):
        tell("recording.started")
    alarm = SessionAlarm.objects.get()
    assert (alarm.seminar, alarm.booking, alarm.kind) == (seminar, None, "recording")


def test_meeting_changed_by_hand_is_doubted(office: Office) -> None:
    ready(office)
    tell("meeting.deleted")
    assert Meeting.objects.get().in_doubt is True
