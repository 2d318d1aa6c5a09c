"""Whoever was entered twice is one person to the terms, however many rows were merged on the way: C0-2, C6-2-1b, C13-0."""

from datetime import timedelta

import pytest

from consent.models import ChangeNotice, Consent
from consent.operations import Shown, agree, record_in_ministry_system, send_due_notices, withdraw
from consent.queries import (
    COUNSELLING,
    concerned,
    consent_to,
    consents_of,
    ministry_record,
    ministry_records_of,
    must_agree_before_use,
    unreachable,
    withdrawals_of,
)
from tests.booking.admin.conftest import Desk, desk, desk_of
from tests.cast import MORNING, Office, make_person
from tests.change import announced
from tests.visitor import text_of
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

__all__ = ["desk", "desk_of"]
LATER = MORNING + timedelta(hours=1)


@pytest.fixture
def chain(person: Person) -> list[Person]:
    """The person with the consent, merged into a second row, that one into a third: what merging itself never leaves behind."""
    second, third = (make_person(email=f"{name}@example.jp") for name in ("second", "third"))
    Person.objects.filter(pk=person.pk).update(merged_into=second)
    Person.objects.filter(pk=second.pk).update(merged_into=third)
    return [person, second, third]


def test_consent_counts_for_every_row_of_the_person(office: Office, chain: list[Person]) -> None:
    consent = Consent.objects.get()
    assert [consent_to(office.version, row.pk) for row in chain] == [consent] * 3
    assert [list(consents_of(row.pk)) for row in chain] == [[consent]] * 3
    assert [must_agree_before_use(row.pk, COUNSELLING, now=LATER) for row in chain] == [False] * 3


def test_withdrawal_of_the_last_row_ends_the_consent_of_the_first(office: Office, chain: list[Person]) -> None:
    withdrawn = withdraw(chain[-1], document=COUNSELLING, by=office.staff, now=LATER)
    assert [consent_to(office.version, row.pk) for row in chain] == [None] * 3
    assert [list(withdrawals_of(row.pk)) for row in chain] == [[withdrawn]] * 3


def test_only_the_last_row_is_told_of_a_change(office: Office, chain: list[Person]) -> None:
    announced(office)
    assert list(concerned(ChangeNotice.objects.get())) == [chain[-1]]
    assert send_due_notices(now=LATER, wall=LATER) == 1
    assert [mail.to for mail in OutgoingMail.objects.all()] == ["third@example.jp"]


def test_person_merged_after_the_mail_went_out_gets_no_second_one(office: Office, person: Person) -> None:
    announced(office)
    send_due_notices(now=LATER, wall=LATER)
    survivor = make_person(email="hanako.new@example.jp")
    Person.objects.filter(pk=person.pk).update(merged_into=survivor)
    assert send_due_notices(now=LATER, wall=LATER) == 0
    assert [mail.to for mail in OutgoingMail.objects.all()] == ["hanako@example.jp"]
    assert list(unreachable(ChangeNotice.objects.get())) == []
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED)
    assert [(row.pk, row.mail_failed) for row in unreachable(ChangeNotice.objects.get())] == [(survivor.pk, True)]


def test_circle_of_merged_rows_ends_every_question(office: Office, chain: list[Person]) -> None:
    """Nobody stands for a circle, and no question about it runs for ever."""
    Person.objects.filter(pk=chain[-1].pk).update(merged_into=chain[0])
    announced(office)
    assert list(concerned(ChangeNotice.objects.get())) == []
    assert consent_to(office.version, chain[0].pk) == Consent.objects.get()


def test_ministry_records_of_a_merged_row_stand_on_the_survivors_page(office: Office, desk: Desk, person: Person) -> None:
    record = record_in_ministry_system(person, document=COUNSELLING, by=office.staff, now=LATER)
    survivor = make_person(email="hanako.new@example.jp")
    Person.objects.filter(pk=person.pk).update(merged_into=survivor)
    assert (ministry_record(COUNSELLING, survivor.pk), list(ministry_records_of(survivor.pk))) == (record, [record])
    assert "ハローワークシステムへの記録2027年4月6日（火）10:30" in text_of(desk.get(f"/admin/consent/consent/person/{survivor.pk}/"))


def test_consent_given_as_the_survivor_counts_for_the_booking_of_the_merged_row(office: Office, person: Person) -> None:
    survivor = make_person(email="hanako.new@example.jp")
    Person.objects.filter(pk=person.pk).update(merged_into=survivor)
    newer = announced(office)
    after = MORNING + timedelta(days=30)
    agreed = agree(survivor, Shown(newer.pk, "同意します。", MORNING), document=COUNSELLING, now=after)
    assert consent_to(newer, person.pk) == agreed
