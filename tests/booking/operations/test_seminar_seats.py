"""Seats and the waiting list: registering, offers and answers, withdrawing, being shut out (S1-1, S8-2)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from booking.models import Registration, RegistrationEvent
from booking.operations.seminars import giving, people, seats
from booking.operations.seminars.people import RemovalUnexplained
from booking.operations.seminars.seats import AlreadyRegistered, RegistrationClosed, RegistrationRestricted, RemovedBefore, SeatChanged
from booking.rules.seminars import ANSWER_WITHIN, Closed
from consent.models import Consent
from consent.operations import TermsNotInForce
from tests.cast import MORNING, THURSDAY, TUESDAY, Office, at, publish_terms
from tests.seminars import CLOSES, STARTS, drawn_up, guest, press, published, register, seats_of, sheet, terms
from toyooka_hw.accounts.operations import Sanction, restrict
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def told_to(number: int) -> list[str]:
    mails = OutgoingMail.objects.filter(to=f"guest{number}@example.jp").order_by("pk")
    return [mail.subject.partition("】")[2].partition("（")[0] for mail in mails]


def history(row: Registration) -> list[tuple[str, bool]]:
    return [(line.to_seat, line.by_person) for line in row.events.all()]


# --- registering ------------------------------------------------------------------------------------------------------------------------


def test_seats_go_to_who_comes_first_and_the_others_wait(office: Office) -> None:
    seminar = published(office)
    for number in range(1, 4):
        register(seminar, guest(number))
    assert seats_of(seminar) == ["seated", "seated", "waiting"]
    assert [told_to(number) for number in range(1, 4)] == [
        ["参加が確定しました"],
        ["参加が確定しました"],
        ["キャンセル待ちで受け付けました"],
    ]


def test_registration_keeps_the_consent_that_was_given(office: Office) -> None:
    row = register(published(office), guest())
    consent = Consent.objects.get()
    assert (row.consent, consent.method, consent.version, consent.person) == (consent, "checkbox", terms(), row.person)


def test_form_sent_twice_is_one_registration(office: Office) -> None:
    seminar, person, key = published(office), guest(), uuid4()
    first, second = (register(seminar, person, key=key) for _press in range(2))
    assert (first.pk, Registration.objects.count(), OutgoingMail.objects.count(), Consent.objects.count()) == (second.pk, 1, 1, 1)


def test_second_registration_of_a_person_names_the_first(office: Office) -> None:
    seminar, person = published(office), guest()
    first = register(seminar, person)
    with pytest.raises(AlreadyRegistered) as caught:
        register(seminar, person)
    assert (caught.value.registration, Consent.objects.count()) == (first, 1)


@pytest.mark.parametrize(("moment", "why"), [(MORNING - SECOND, Closed.NOT_YET), (CLOSES, Closed.OVER)])
def test_outside_its_period_nobody_registers(office: Office, moment: object, why: Closed) -> None:
    seminar, person = published(office), guest()
    with pytest.raises(RegistrationClosed) as caught:
        register(seminar, person, now=moment)
    assert (caught.value.why, Registration.objects.count()) == (why, 0)


def test_waiting_list_takes_no_more_than_its_places(office: Office) -> None:
    """Whoever withdraws from it makes room for the next."""
    seminar = published(office, capacity=1, waiting_places=1)
    _seated, second = register(seminar, guest(1)), register(seminar, guest(2))
    with pytest.raises(RegistrationClosed) as caught:
        register(seminar, guest(3))
    assert (caught.value.why, Registration.objects.count()) == (Closed.FULL, 2)
    seats.withdraw(second.pk, now=MORNING, wall=MORNING)
    assert register(seminar, guest(4)).seat == "waiting"


def test_draft_takes_nobody(office: Office) -> None:
    terms()
    with pytest.raises(RegistrationClosed):
        register(drawn_up(office), guest())


def test_version_that_was_read_must_be_the_one_in_force(office: Office) -> None:
    seminar, person, read = published(office), guest(), sheet()
    publish_terms("seminar", 2, effective_at=MORNING)
    with pytest.raises(TermsNotInForce):
        seats.register(person, seminar.pk, read, now=MORNING + SECOND, wall=MORNING)
    assert (Registration.objects.count(), Consent.objects.count()) == (0, 0)


def test_person_kept_from_the_online_channel_is_told_so(office: Office) -> None:
    seminar, person = published(office), guest()
    sanction = Sanction(reason="繰り返し", starts_on=TUESDAY, ends_on=THURSDAY, review_on=THURSDAY, letter="お知らせ")
    restrict(person.pk, sanction, by=office.staff, now=MORNING, wall=MORNING)
    with pytest.raises(RegistrationRestricted):
        register(seminar, person)


def test_staff_register_somebody_who_phones(office: Office) -> None:
    seminar = published(office)
    person = guest(email="")
    row = seats.register(person, seminar.pk, sheet(), now=MORNING, wall=MORNING, by=office.staff, method="staff_phone")
    assert (row.by_staff, row.consent.recorded_by, history(row), OutgoingMail.objects.count()) == (
        office.staff, office.staff, [("seated", False)], 0,
    )  # fmt: skip
    assert AuditEntry.objects.latest("pk").what == "参加申込み：参加確定"


# --- withdrawing, offers, answers -------------------------------------------------------------------------------------------------------


def full_house(office: Office, people_count: int = 4) -> list[Registration]:
    seminar = published(office)
    return [register(seminar, guest(number)) for number in range(1, people_count + 1)]


def test_withdrawn_seat_is_offered_at_once_to_the_next_in_line(office: Office) -> None:
    rows = full_house(office)
    seats.withdraw(rows[0].pk, now=MORNING, wall=MORNING)
    assert seats_of(rows[0].seminar) == ["withdrawn", "seated", "offered", "waiting"]
    offered = Registration.objects.get(seat="offered")
    assert (offered.answer_by, told_to(3)) == (
        MORNING + ANSWER_WITHIN,
        ["キャンセル待ちで受け付けました", "席が空きました。お返事ください"],
    )


def test_withdrawing_twice_is_refused_and_frees_one_seat(office: Office) -> None:
    rows = full_house(office)
    seats.withdraw(rows[0].pk, now=MORNING, wall=MORNING)
    with pytest.raises(SeatChanged):
        seats.withdraw(rows[0].pk, now=MORNING, wall=MORNING)
    assert seats_of(rows[0].seminar) == ["withdrawn", "seated", "offered", "waiting"]


def test_who_withdraws_from_the_line_frees_no_seat(office: Office) -> None:
    rows = full_house(office)
    seats.withdraw(rows[2].pk, now=MORNING, wall=MORNING)
    assert seats_of(rows[0].seminar) == ["seated", "seated", "withdrawn", "waiting"]


def test_nobody_overtakes_those_who_wait(office: Office) -> None:
    rows = full_house(office, 3)
    seats.withdraw(rows[0].pk, now=MORNING, wall=MORNING)
    seats.answer(rows[2].pk, accept=False, now=MORNING, wall=MORNING)
    late = register(rows[0].seminar, guest(9))
    assert (late.seat, seats_of(rows[0].seminar)) == ("seated", ["withdrawn", "seated", "lapsed", "seated"])


def test_offer_accepted_is_a_seat(office: Office) -> None:
    rows = full_house(office)
    seats.withdraw(rows[0].pk, now=MORNING, wall=MORNING)
    for _press in range(2):
        row = seats.answer(rows[2].pk, accept=True, now=MORNING, wall=MORNING)
    assert (row.seat, row.answer_by, history(row)) == ("seated", None, [("waiting", True), ("offered", False), ("seated", True)])
    assert told_to(3)[2:] == ["参加が確定しました"]


def test_offer_declined_moves_on(office: Office) -> None:
    rows = full_house(office)
    seats.withdraw(rows[0].pk, now=MORNING, wall=MORNING)
    seats.answer(rows[2].pk, accept=False, now=MORNING, wall=MORNING)
    assert seats_of(rows[0].seminar) == ["withdrawn", "seated", "lapsed", "offered"]


def test_silence_moves_on_at_its_time(office: Office) -> None:
    rows = full_house(office)
    seats.withdraw(rows[0].pk, now=MORNING, wall=MORNING)
    limit = MORNING + ANSWER_WITHIN
    seats.sweep_seats(now=limit - SECOND, wall=limit)
    assert seats_of(rows[0].seminar) == ["withdrawn", "seated", "offered", "waiting"]
    with pytest.raises(SeatChanged):
        seats.answer(rows[2].pk, accept=True, now=limit, wall=limit)
    for _beat in range(2):
        seats.sweep_seats(now=limit, wall=limit)
    assert seats_of(rows[0].seminar) == ["withdrawn", "seated", "lapsed", "offered"]
    assert told_to(3)[2:] == ["席のご案内を終了しました"]


def test_nobody_is_offered_a_seat_once_it_has_begun(office: Office) -> None:
    rows = full_house(office)
    seats.withdraw(rows[0].pk, now=STARTS, wall=STARTS)
    seats.sweep_seats(now=STARTS, wall=STARTS)
    assert seats_of(rows[0].seminar) == ["withdrawn", "seated", "waiting", "waiting"]


def test_offer_shortly_before_the_start_ends_with_it(office: Office) -> None:
    rows = full_house(office)
    late = STARTS - timedelta(hours=2)
    seats.withdraw(rows[0].pk, now=late, wall=late)
    assert Registration.objects.get(seat="offered").answer_by == STARTS


def test_offers_of_a_suspended_seminar_wait(office: Office) -> None:
    rows = full_house(office)
    seats.withdraw(rows[0].pk, now=MORNING, wall=MORNING)
    giving.suspend(rows[0].seminar_id, press(office), reason="停電のため")
    with pytest.raises(SeatChanged):
        seats.answer(rows[2].pk, accept=True, now=MORNING, wall=MORNING)
    seats.sweep_seats(now=MORNING + ANSWER_WITHIN, wall=MORNING)
    assert seats_of(rows[0].seminar) == ["withdrawn", "seated", "offered", "waiting"]


def test_after_the_end_nothing_is_withdrawn(office: Office) -> None:
    rows = full_house(office, 1)
    with pytest.raises(SeatChanged):
        seats.withdraw(rows[0].pk, now=STARTS + timedelta(hours=1), wall=STARTS)


def test_who_withdrew_may_come_again(office: Office) -> None:
    rows = full_house(office, 1)
    seats.withdraw(rows[0].pk, now=MORNING, wall=MORNING)
    assert register(rows[0].seminar, rows[0].person).seat == "seated"


# --- being shut out (S8-2) --------------------------------------------------------------------------------------------------------------


def test_removed_person_loses_this_seat_and_reads_nothing(office: Office) -> None:
    rows = full_house(office)
    running = STARTS + timedelta(minutes=10)
    people.remove(rows[0].pk, clause=4, reason="ほかの参加者への勧誘", by=office.staff, now=running, wall=running)
    row = Registration.objects.get(pk=rows[0].pk)
    assert (row.seat, row.clause, row.removed_by, row.removed_why) == ("removed", 4, office.staff, "ほかの参加者への勧誘")
    assert (told_to(1), seats_of(row.seminar)[1:]) == (["参加が確定しました"], ["seated", "waiting", "waiting"])
    entry = AuditEntry.objects.latest("pk")
    assert (entry.what, entry.reason, entry.person_pk) == ("参加申込み：参加の停止", "ほかの参加者への勧誘", row.person_id)


def test_removal_before_the_start_frees_the_seat(office: Office) -> None:
    rows = full_house(office)
    people.remove(rows[0].pk, clause=1, reason="虚偽の申込み", by=office.staff, now=MORNING, wall=MORNING)
    assert seats_of(rows[0].seminar) == ["removed", "seated", "offered", "waiting"]


@pytest.mark.parametrize(("clause", "reason"), [(None, "勧誘"), (8, "勧誘"), (4, " ")])
def test_removal_names_an_item_and_a_reason(office: Office, clause: int | None, reason: str) -> None:
    rows = full_house(office, 1)
    with pytest.raises(RemovalUnexplained):
        people.remove(rows[0].pk, clause=clause, reason=reason, by=office.staff, now=MORNING, wall=MORNING)
    assert seats_of(rows[0].seminar) == ["seated"]


def test_removed_person_cannot_come_back_into_this_one_but_into_another(office: Office) -> None:
    rows = full_house(office, 1)
    people.remove(rows[0].pk, clause=4, reason="勧誘", by=office.staff, now=MORNING, wall=MORNING)
    with pytest.raises(RemovedBefore):
        register(rows[0].seminar, rows[0].person)
    other = published(office, starts_at=at(THURSDAY, 16), ends_at=at(THURSDAY, 17))
    assert register(other, rows[0].person).seat == "seated"


def test_removing_twice_is_refused(office: Office) -> None:
    rows = full_house(office, 1)
    order = {"clause": 4, "reason": "勧誘", "by": office.staff, "now": MORNING, "wall": MORNING}
    people.remove(rows[0].pk, **order)
    with pytest.raises(SeatChanged):
        people.remove(rows[0].pk, **order)
    assert RegistrationEvent.objects.filter(to_seat="removed").count() == 1
