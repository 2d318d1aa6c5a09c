"""Whom to phone about a seminar, and that each is told once, by whom and when (S8-1, issue 7.5)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from booking.models import Registration, Seminar, SeminarCall
from booking.operations.calls import AlreadyTold
from booking.operations.seminars import giving, people, seats
from booking.operations.seminars.calls import NothingToTell, record_call
from booking.queries import people_to_phone
from booking.rules.calls import Why
from consent.models import Method
from tests.cast import MORNING, Office, make_person
from tests.employers import make_contact
from tests.seminars import STARTS, drawn_up, guest, press, published, register, sheet, terms
from tests.surroundings import PATIENCE_SECONDS
from toyooka_hw.accounts.models import Person
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LATER = MORNING + 60 * MINUTE


def delivered() -> None:
    """Everything that was written has arrived."""
    OutgoingMail.objects.filter(outbox_state="wanted").update(outbox_state="done", delivered_at=MORNING)


def by_phone(number: int = 9) -> Person:
    """Somebody without a mailbox."""
    return make_person(f"電話 {number}", email="", phone=f"+8190444455{number:02}")


def enter(seminar: Seminar, person: Person, office: Office) -> Registration:
    """Staff register whoever phones: they hear at once how it stands."""
    return seats.register(person, seminar.pk, sheet(), by=office.staff, method=Method.STAFF_PHONE, now=MORNING, wall=MORNING)


def due(now: object = LATER, **asked: object) -> list[tuple[str, str, Why]]:
    """Who is to be phoned, of which news, and why."""
    return [(call.person.full_name, call.line.about.partition(":")[0], call.why) for call in people_to_phone(now=now, **asked)]


@pytest.fixture
def seminar(office: Office) -> Seminar:
    """For two: one reads mail, one has no mailbox and was registered by phone."""
    row = published(office)
    register(row, guest(1))
    enter(row, by_phone(), office)
    delivered()
    return row


def test_who_was_registered_by_phone_knows_it(seminar: Seminar) -> None:
    assert due() == []


@pytest.mark.parametrize("step", [giving.suspend, giving.cancel])
def test_step_of_the_office_leaves_whom_no_mail_reaches(office: Office, seminar: Seminar, step: object) -> None:
    step(seminar.pk, press(office, LATER), reason="停電のため")
    delivered()
    assert due() == [("電話 9", "step", Why.NO_ADDRESS)]


def test_change_that_concerns_people_leaves_whom_no_mail_reaches_and_another_does_not(office: Office, seminar: Seminar) -> None:
    seminar.audience = "どなたでも"
    giving.change(seminar, press(office, LATER))
    assert due() == []
    seminar.starts_at, seminar.ends_at = STARTS + 60 * MINUTE, STARTS + 120 * MINUTE
    giving.change(seminar, press(office, LATER))
    delivered()
    assert due() == [("電話 9", "change", Why.NO_ADDRESS)]


@pytest.mark.parametrize("fate", [{"outbox_state": "failed"}, {"outbox_state": "done", "bounced_at": LATER}])
def test_mail_that_failed_or_came_back_is_told_by_phone(office: Office, seminar: Seminar, fate: dict[str, object]) -> None:
    giving.suspend(seminar.pk, press(office, LATER), reason="停電のため")
    OutgoingMail.objects.filter(subject__contains="一時中止").update(**fate)
    assert ("参加 1", "step", Why.MAIL_FAILED) in due()


def test_mail_that_still_waits_is_not_waited_for_shortly_before(office: Office, seminar: Seminar) -> None:
    near = STARTS - 120 * MINUTE
    giving.suspend(seminar.pk, press(office, near), reason="停電のため")
    found = [due(near + late * MINUTE) for late in (29, 30)]
    assert [("参加 1", "step", Why.MAIL_WAITS) in each for each in found] == [False, True]


def test_last_news_counts(office: Office, seminar: Seminar) -> None:
    giving.suspend(seminar.pk, press(office, LATER), reason="停電のため")
    giving.resume(seminar.pk, press(office, LATER + MINUTE))
    delivered()
    (call,) = people_to_phone(now=LATER + MINUTE)
    assert call.line.event == "resume"


def test_offer_to_who_waits_without_a_mailbox_is_phoned_until_its_answer_is_due(office: Office, seminar: Seminar) -> None:
    waiting = enter(seminar, by_phone(8), office)
    seats.withdraw(seminar.registrations.order_by("pk")[0].pk, now=LATER, wall=LATER)
    delivered()
    limit = LATER + timedelta(hours=24)
    assert [due(when) for when in (LATER, limit - MINUTE, limit)] == [[("電話 8", "seat", Why.NO_ADDRESS)]] * 2 + [[]]
    seats.answer(waiting.pk, accept=True, by=office.staff, now=LATER, wall=LATER)
    assert due() == []  # they said so by phone


def test_who_has_to_wait_again_is_told(office: Office, seminar: Seminar) -> None:
    seminar.capacity = 1
    giving.change(seminar, press(office, LATER), over=giving.Over.LAST_WAIT)
    assert due() == [("電話 9", "seat", Why.NO_ADDRESS)]


def test_confirmation_of_a_web_registration_that_never_arrived_is_told(office: Office) -> None:
    """Whoever registered on the page saw it there, and misses the mail with the way in."""
    register(published(office), guest(1))
    assert due() == []
    OutgoingMail.objects.update(outbox_state="failed")
    assert due() == [("参加 1", "seat", Why.MAIL_FAILED)]


def test_who_has_withdrawn_or_was_shut_out_is_told_nothing(office: Office, seminar: Seminar) -> None:
    gone = seminar.registrations.order_by("pk")[1]
    people.remove(gone.pk, clause=4, reason="勧誘", by=office.staff, now=LATER, wall=LATER)
    giving.cancel(seminar.pk, press(office, LATER), reason="停電のため")
    delivered()
    assert due() == []


def test_news_of_what_runs_is_of_no_use_once_it_is_over_and_its_end_always_is(office: Office, seminar: Seminar) -> None:
    giving.suspend(seminar.pk, press(office, LATER), reason="停電のため")
    delivered()
    over = STARTS + 60 * MINUTE
    assert [len(due(when)) for when in (over - MINUTE, over)] == [1, 0]
    giving.end_early(seminar.pk, press(office, over - MINUTE), reason="停電のため")
    delivered()
    assert [len(due(over + timedelta(days=days))) for days in (0, 7, 61)] == [1, 1, 0]


def test_contact_who_gives_it_is_phoned_too(office: Office) -> None:
    terms()
    tour = drawn_up(office, kind="company_tour")
    contact = make_contact(office)
    people.add_partner(tour.pk, contact, by=office.staff, now=MORNING, wall=MORNING)
    giving.publish(tour.pk, press(office))
    assert due() == []
    OutgoingMail.objects.update(outbox_state="failed")
    assert [row[1:] for row in due()] == [("published", Why.MAIL_FAILED)]
    OutgoingMail.objects.update(outbox_state="done")
    giving.cancel(tour.pk, press(office, LATER), reason="先方の都合により")
    delivered()
    Person.objects.filter(pk=contact.pk).update(email="")
    assert [row[1:] for row in due()] == [("step", Why.NO_ADDRESS)]


def test_draft_that_was_dropped_concerns_nobody(office: Office) -> None:
    seminar = drawn_up(office)
    people.add_partner(seminar.pk, make_contact(office), by=office.staff, now=MORNING, wall=MORNING)
    Person.objects.update(email="")
    giving.cancel(seminar.pk, press(office), reason="取りやめ")
    assert due() == []


def test_list_may_be_of_one_day_or_one_seminar(office: Office, seminar: Seminar) -> None:
    giving.cancel(seminar.pk, press(office, LATER), reason="停電のため")
    delivered()
    day = STARTS.date()
    assert [len(due(day=each)) for each in (day, day + timedelta(days=1))] == [1, 0]
    assert [len(due(only=each)) for each in (seminar.pk, seminar.pk + 1)] == [1, 0]


# --- told ------------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def cancelled(office: Office, seminar: Seminar) -> Seminar:
    giving.cancel(seminar.pk, press(office, LATER), reason="停電のため")
    delivered()
    return seminar


def tell(seminar: Seminar, office: Office, *, reached: bool = True, by: object = None, late: int = 1) -> SeminarCall:
    person = Person.objects.get(full_name="電話 9")
    about = seminar.events.latest("pk").about
    return record_call(seminar.pk, person.pk, about, reached=reached, by=by or office.staff, now=LATER + late * MINUTE)


def test_told_once_with_who_and_when_and_off_the_list(office: Office, cancelled: Seminar) -> None:
    call = tell(cancelled, office)
    assert (call.by, call.at, call.reached, due(LATER + MINUTE)) == (office.staff, LATER + MINUTE, True, [])
    entry = AuditEntry.objects.latest("pk")
    assert (entry.what, entry.subject, entry.person_pk) == ("催し：電話でお知らせする", cancelled.number, call.person_id)


def test_pressed_twice_is_one_record_and_a_colleague_reads_who_was_faster(office: Office, cancelled: Seminar) -> None:
    first = tell(cancelled, office)
    assert (tell(cancelled, office, late=5), AuditEntry.objects.filter(what="催し：電話でお知らせする").count()) == (first, 1)
    with pytest.raises(AlreadyTold) as caught:
        tell(cancelled, office, by=office.tanaka.user, late=6)
    assert (caught.value.by, caught.value.at, SeminarCall.objects.count()) == ("佐藤", LATER + MINUTE, 1)


def test_call_in_vain_stays_on_the_list_with_its_attempts(office: Office, cancelled: Seminar) -> None:
    tries = [tell(cancelled, office, reached=False, late=late) for late in (1, 1, 5)]
    (call,) = people_to_phone(now=LATER + 5 * MINUTE)
    assert ([each.at for each in call.attempts], tries[0]) == ([LATER + MINUTE, LATER + 5 * MINUTE], tries[1])
    assert tell(cancelled, office, late=6).reached is True


def test_press_about_old_news_is_refused(office: Office, seminar: Seminar) -> None:
    giving.suspend(seminar.pk, press(office, LATER), reason="停電のため")
    old = seminar.events.latest("pk").about
    giving.resume(seminar.pk, press(office, LATER))
    person = Person.objects.get(full_name="電話 9")
    with pytest.raises(NothingToTell):
        record_call(seminar.pk, person.pk, old, reached=True, by=office.staff, now=LATER)
    assert SeminarCall.objects.count() == 0


def test_who_needs_no_call_is_not_written_down_as_called(office: Office, cancelled: Seminar) -> None:
    reader, about = Person.objects.get(full_name="参加 1"), cancelled.events.latest("pk").about
    with pytest.raises(NothingToTell):
        record_call(cancelled.pk, reader.pk, about, reached=True, by=office.staff, now=LATER)
    assert SeminarCall.objects.count() == 0


def test_next_news_brings_them_back(office: Office, seminar: Seminar) -> None:
    giving.suspend(seminar.pk, press(office, LATER), reason="停電のため")
    delivered()
    tell(seminar, office)
    giving.resume(seminar.pk, press(office, LATER + 2 * MINUTE))
    delivered()
    assert due(LATER + 2 * MINUTE) == [("電話 9", "step", Why.NO_ADDRESS)]


def test_whoever_was_told_before_a_merge_is_not_phoned_again(office: Office, cancelled: Seminar) -> None:
    tell(cancelled, office)
    survivor = by_phone(7)
    Person.objects.filter(full_name="電話 9").update(merged_into=survivor)
    assert due(LATER + MINUTE) == []


def test_record_is_neither_changed_nor_taken_back(office: Office, cancelled: Seminar) -> None:
    tell(cancelled, office)
    for change in (SeminarCall.objects.all().delete, lambda: SeminarCall.objects.update(reached=False)):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_at_once_are_one_record(office: Office, cancelled: Seminar) -> None:
    gate = Barrier(2)

    def at_once(by: object) -> str:
        gate.wait(timeout=PATIENCE_SECONDS)
        try:
            tell(cancelled, office, by=by)
        except AlreadyTold as refusal:
            return refusal.by
        finally:
            connection.close()
        return "told"

    with ThreadPoolExecutor(2) as pool:
        said = set(pool.map(at_once, (office.staff, office.tanaka.user)))
    assert (SeminarCall.objects.count(), "told" in said, said - {"told"} <= {"佐藤", "田中"}, len(said)) == (1, True, True, 2)


def test_number_of_queries_does_not_grow(office: Office, cancelled: Seminar) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            people_to_phone(now=LATER)
        return len(queries)

    few = asked()
    for hour in range(1, 4):
        more = published(office, starts_at=STARTS + hour * 60 * MINUTE, ends_at=STARTS + (hour + 1) * 60 * MINUTE)
        for number in range(2):
            enter(more, make_person(f"電話 {hour}{number}", email=""), office)
        giving.cancel(more.pk, press(office, LATER), reason="停電のため")
    assert (few, asked(), len(due())) == (9, 9, 7)
