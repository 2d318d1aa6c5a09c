"""Giving a seminar: drafts, publishing, changes, the office's powers of article 8, closing (S0-1, S4-5, S8-1)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from booking.models import Hold, Meeting, Seminar
from booking.operations import applications, meetings
from booking.operations.seminars import giving, people, seats
from booking.operations.seminars.giving import (
    AttendanceMissing,
    Over,
    RecordingNotAgreed,
    SeatsDecisionMissing,
    SeminarOver,
    SeminarTermsMissing,
)
from booking.operations.seminars.steps import SeminarChanged, StepNeedsReason
from booking.queries import situation
from booking.rules.slots import SlotRefused, offers
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.cast import MORNING, THURSDAY, Office, application, at, make_person
from tests.seminars import STARTS, drawn_up, guest, press, published, recorded, register, seats_of, terms
from tests.simulator import SimulatorHandle
from toyooka_hw.accounts.models import Person
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def told() -> list[str]:
    """The subjects written so far, without the office's name."""
    return [mail.subject.partition("】")[2].partition("（")[0] for mail in OutgoingMail.objects.order_by("pk")]


def test_draft_holds_nothing_and_wants_no_meeting(office: Office) -> None:
    seminar = drawn_up(office)
    assert (seminar.state, Hold.objects.count(), Meeting.objects.count()) == ("draft", 0, 0)
    assert [(line.event, line.by) for line in seminar.events.all()] == [("create", office.staff)]


def test_draft_with_moments_out_of_order_is_not_saved(office: Office) -> None:
    with pytest.raises(ValidationError):
        drawn_up(office, closes_at=STARTS + HOUR)
    assert Seminar.objects.count() == 0


def test_publishing_takes_the_counsellors_time_and_wants_a_meeting(office: Office, zoom: SimulatorHandle) -> None:
    seminar = published(office)
    hold = Hold.objects.get()
    assert (seminar.state, hold.kind, hold.counsellor, hold.host, hold.span.lower) == (
        "published", "seminar", office.sato, office.sato.default_host, STARTS,
    )  # fmt: skip
    meetings.sweep_meetings(now=MORNING, wall=MORNING + HOUR)
    (made,) = zoom.control.standing()
    assert (made["fields"]["topic"], made["fields"]["duration"], made["settings"]["mute_upon_entry"]) == (seminar.title, 60, True)
    assert (made["settings"]["waiting_room"], made["settings"]["auto_recording"]) == (True, "none")


def test_publishing_without_terms_in_force_is_refused(office: Office) -> None:
    seminar = drawn_up(office)
    with pytest.raises(SeminarTermsMissing):
        giving.publish(seminar.pk, press(office))
    assert (Seminar.objects.get().state, Hold.objects.count()) == ("draft", 0)


def test_publishing_twice_is_refused_and_names_who_was_faster(office: Office) -> None:
    seminar = published(office)
    with pytest.raises(SeminarChanged) as caught:
        giving.publish(seminar.pk, press(office))
    assert (caught.value.by, Hold.objects.count()) == ("佐藤", 1)


def test_publishing_over_a_booking_of_the_counsellor_is_refused(office: Office) -> None:
    """One occupation at a time, whatever it is: the same Hold guards every door."""
    terms()
    applications.request(_agreed(office), application(office.version, at(THURSDAY, 14)), now=MORNING, wall=MORNING)
    taken = Hold.objects.get()
    counsellor = taken.counsellor
    seminar = drawn_up(office, counsellor=counsellor, host=counsellor.default_host)
    with pytest.raises(SlotRefused):
        giving.publish(seminar.pk, press(office))
    assert (Seminar.objects.get().state, Hold.objects.count()) == ("draft", 1)


def _agreed(office: Office) -> Person:
    person = make_person()
    agree(person, Shown(office.version.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING)
    return person


def test_published_time_is_no_longer_offered(office: Office) -> None:
    published(office)
    (row,) = (row for _day, row in offers([THURSDAY], situation(THURSDAY, THURSDAY, now=MORNING)))
    places = {f"{offer.start.astimezone(STARTS.tzinfo):%H:%M}": offer.places for offer in row}
    assert (places["13:30"], places["14:00"], places["14:30"], places["15:00"]) == (2, 1, 1, 2)


# --- recording (S4-5) ------------------------------------------------------------------------------------------------------------------


def test_new_seminar_is_not_recorded_yet(office: Office) -> None:
    """Nobody speaks yet, so nobody can have agreed."""
    with pytest.raises(RecordingNotAgreed) as caught:
        drawn_up(office, will_record=True)
    assert (caught.value.names, Seminar.objects.count()) == ([], 0)


def test_draft_is_not_recorded_until_every_speaker_has_agreed(office: Office) -> None:
    seminar = drawn_up(office)
    seminar.will_record = True

    def refused() -> list[str]:
        with pytest.raises(RecordingNotAgreed) as caught:
            giving.change(seminar, press(office))
        return caught.value.names

    assert refused() == []
    first = people.add_speaker(seminar.pk, name="但馬 一郎", by=office.staff, now=MORNING)
    second = people.add_speaker(seminar.pk, name="城崎 二郎", affiliation="城崎製作所", by=office.staff, now=MORNING)
    assert refused() == ["但馬 一郎", "城崎 二郎"]
    people.record_recording_consent(first.pk, by=office.staff, now=MORNING)
    assert (refused(), Seminar.objects.get().will_record) == (["城崎 二郎"], False)
    people.record_recording_consent(second.pk, by=office.staff, now=MORNING)
    giving.change(seminar, press(office))
    assert Seminar.objects.get().will_record is True


def test_recording_that_came_in_by_another_way_is_not_published(office: Office) -> None:
    """The last door looks again."""
    terms()
    seminar = drawn_up(office)
    Seminar.objects.update(will_record=True)
    with pytest.raises(RecordingNotAgreed):
        giving.publish(seminar.pk, press(office))
    assert (Seminar.objects.get().state, Hold.objects.count()) == ("draft", 0)


def test_recording_cannot_be_switched_on_over_a_speaker_who_did_not_agree(office: Office) -> None:
    seminar = published(office)
    people.add_speaker(seminar.pk, name="但馬 一郎", by=office.staff, now=MORNING)
    seminar.will_record = True
    with pytest.raises(RecordingNotAgreed):
        giving.change(seminar, press(office))
    assert Seminar.objects.get().will_record is False


@pytest.mark.parametrize("is_public", [False, True])
def test_speaker_cannot_join_a_recording_without_consent(office: Office, *, is_public: bool) -> None:
    terms()
    seminar = recorded(office)
    if is_public:
        giving.publish(seminar.pk, press(office))
    with pytest.raises(people.RecordedAlready):
        people.add_speaker(seminar.pk, name="城崎", by=office.staff, now=MORNING)
    assert seminar.speakers.count() == 1


def test_recording_does_not_lose_its_only_speaker(office: Office) -> None:
    """Without anybody's consent nothing is recorded; one of two may go, and whoever is alone may once the recording is off."""
    seminar = drawn_up(office)
    two = [people.add_speaker(seminar.pk, name=name, by=office.staff, now=MORNING) for name in ("但馬", "城崎")]
    for each in two:
        people.record_recording_consent(each.pk, by=office.staff, now=MORNING)
    seminar.will_record = True
    giving.change(seminar, press(office))
    people.remove_speaker(two[0].pk, by=office.staff, now=MORNING)
    with pytest.raises(people.OnlySpeakerRecorded):
        people.remove_speaker(two[1].pk, by=office.staff, now=MORNING)
    seminar.will_record = False
    giving.change(seminar, press(office))
    people.remove_speaker(two[1].pk, by=office.staff, now=MORNING)
    assert seminar.speakers.count() == 0


# --- changes ---------------------------------------------------------------------------------------------------------------------------


def test_another_time_takes_its_place_and_is_told_once(office: Office) -> None:
    seminar = published(office)
    register(seminar, guest())
    seminar.starts_at, seminar.ends_at = STARTS + HOUR, STARTS + 2 * HOUR
    giving.change(seminar, press(office))
    assert (Hold.objects.get().span.lower, told()) == (STARTS + HOUR, ["参加が確定しました", "内容が変わりました"])
    mail = OutgoingMail.objects.latest("pk")
    assert (mail.calendar_method, "SEQUENCE:4" in mail.calendar) == ("PUBLISH", True)


def test_change_that_concerns_nobody_is_not_told(office: Office) -> None:
    seminar = published(office)
    register(seminar, guest())
    seminar.audience = "どなたでも"
    giving.change(seminar, press(office))
    assert told() == ["参加が確定しました"]
    assert AuditEntry.objects.latest("pk").changes == {"対象の方": ["", "どなたでも"]}


def test_time_over_another_occupation_changes_nothing(office: Office) -> None:
    seminar = published(office)
    published(office, starts_at=STARTS + 2 * HOUR, ends_at=STARTS + 3 * HOUR)
    seminar.starts_at, seminar.ends_at = STARTS + 2 * HOUR, STARTS + 3 * HOUR
    with pytest.raises(SlotRefused):
        giving.change(seminar, press(office))
    seminar.refresh_from_db()
    assert (seminar.starts_at, seminar.hold.span.lower) == (STARTS, STARTS)


def test_more_seats_are_offered_in_order(office: Office) -> None:
    seminar = published(office)
    for number in range(4):
        register(seminar, guest(number))
    seminar.capacity = 3
    giving.change(seminar, press(office))
    assert seats_of(seminar) == ["seated", "seated", "offered", "waiting"]


def test_fewer_seats_than_people_ask_what_to_do(office: Office) -> None:
    seminar = published(office)
    for number in range(3):
        register(seminar, guest(number))
    seminar.capacity = 1
    with pytest.raises(SeatsDecisionMissing) as caught:
        giving.change(seminar, press(office))
    assert (caught.value.taken, Seminar.objects.get().capacity, seats_of(seminar)) == (2, 2, ["seated", "seated", "waiting"])


def test_fewer_seats_may_leave_everybody_seated(office: Office) -> None:
    seminar = published(office)
    for number in range(3):
        register(seminar, guest(number))
    seminar.capacity = 1
    giving.change(seminar, press(office), over=Over.KEEP)
    assert seats_of(seminar) == ["seated", "seated", "waiting"]


def test_fewer_seats_may_send_the_last_back_into_the_line(office: Office) -> None:
    seminar = published(office)
    for number in range(3):
        register(seminar, guest(number))
    seminar.capacity = 1
    giving.change(seminar, press(office), over=Over.LAST_WAIT)
    assert seats_of(seminar) == ["seated", "waiting", "waiting"]
    mail = OutgoingMail.objects.latest("pk")
    assert (mail.to, mail.calendar_method, told()[-1]) == ("guest1@example.jp", "CANCEL", "定員の変更により、キャンセル待ちになりました")


# --- the office's powers (S8-1), closing -----------------------------------------------------------------------------------------------


def test_suspending_and_resuming_is_told_to_everybody(office: Office) -> None:
    seminar = published(office)
    for number in range(3):
        register(seminar, guest(number))
    giving.suspend(seminar.pk, press(office), reason="停電のため")
    giving.resume(seminar.pk, press(office))
    assert told()[3:] == ["一時中止のお知らせ"] * 3 + ["再開のお知らせ"] * 3
    assert "理由：停電のため" in OutgoingMail.objects.filter(subject__contains="一時中止")[0].body
    assert Hold.objects.count() == 1


def test_seat_that_came_free_while_suspended_is_offered_on_resuming(office: Office) -> None:
    seminar = published(office)
    rows = [register(seminar, guest(number)) for number in range(3)]
    giving.suspend(seminar.pk, press(office), reason="停電のため")
    seats.withdraw(rows[0].pk, now=MORNING, wall=MORNING)
    assert seats_of(seminar) == ["withdrawn", "seated", "waiting"]
    giving.resume(seminar.pk, press(office))
    assert seats_of(seminar) == ["withdrawn", "seated", "offered"]


def test_cancelling_gives_time_and_meeting_back(office: Office, zoom: SimulatorHandle) -> None:
    seminar = published(office)
    register(seminar, guest())
    meetings.sweep_meetings(now=MORNING, wall=MORNING + HOUR)
    giving.cancel(seminar.pk, press(office), reason="講師の都合により")
    meetings.sweep_meetings(now=MORNING, wall=MORNING + 2 * HOUR)
    assert (Hold.objects.count(), zoom.control.standing(), told()[-1]) == (0, [], "中止のお知らせ")
    assert OutgoingMail.objects.latest("pk").calendar_method == "CANCEL"


def test_what_runs_is_ended_and_its_meeting_goes(office: Office, zoom: SimulatorHandle) -> None:
    seminar = published(office)
    register(seminar, guest())
    meetings.sweep_meetings(now=MORNING, wall=MORNING + HOUR)
    running = STARTS + timedelta(minutes=5)
    with pytest.raises(SeminarChanged):
        giving.cancel(seminar.pk, press(office, running), reason="停電のため")
    giving.end_early(seminar.pk, press(office, running), reason="停電のため")
    meetings.sweep_meetings(now=running, wall=running)
    assert (Seminar.objects.get().state, zoom.control.standing(), told()[-1]) == ("ended_early", [], "終了のお知らせ")


@pytest.mark.parametrize("step", [giving.suspend, giving.cancel])
def test_power_needs_a_reason(office: Office, step: object) -> None:
    seminar = published(office)
    with pytest.raises(StepNeedsReason):
        step(seminar.pk, press(office), reason=" ")
    assert Seminar.objects.get().state == "published"


def test_draft_is_cancelled_without_a_word(office: Office) -> None:
    giving.cancel(drawn_up(office).pk, press(office), reason="別の日に行うため")
    assert (Seminar.objects.get().state, told()) == ("cancelled", [])


def test_meeting_stands_an_hour_beyond_the_end(office: Office, zoom: SimulatorHandle) -> None:
    """Nobody of many is sent out in the middle of a sentence."""
    published(office)
    meetings.sweep_meetings(now=MORNING, wall=MORNING)
    for end, standing in ((STARTS + 2 * HOUR - timedelta(seconds=1), 1), (STARTS + 2 * HOUR, 0)):
        meetings.sweep_meetings(now=end, wall=end)
        assert len(zoom.control.standing()) == standing


def test_over_is_over(office: Office) -> None:
    terms()
    seminar = drawn_up(office)
    with pytest.raises(SeminarOver):
        giving.publish(seminar.pk, press(office, STARTS + HOUR))


def test_closing_needs_the_attendance_of_everybody_seated(office: Office) -> None:
    seminar = published(office)
    rows = [register(seminar, guest(number)) for number in range(3)]
    after = STARTS + 2 * HOUR
    with pytest.raises(AttendanceMissing) as caught:
        giving.close(seminar.pk, press(office, after))
    assert caught.value.count == 2
    people.write_attendance(seminar.pk, {rows[0].pk: "attended", rows[1].pk: "absent"}, by=office.staff, now=after)
    assert giving.close(seminar.pk, press(office, after)).state == "held"
    assert Hold.objects.count() == 0
