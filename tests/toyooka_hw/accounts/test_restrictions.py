"""A restriction is a person's decision, for the online channel only, over by itself, and ended by people (C6-1-4c, C12-1)."""

from datetime import date, timedelta

import pytest

from tests.cast import MORNING, TUESDAY, Office
from toyooka_hw.accounts.models import Person, UsageRestriction
from toyooka_hw.accounts.operations import (
    LiftedAlready,
    RestrictedAlready,
    RestrictionReasonMissing,
    Sanction,
    WrongPeriod,
    lift,
    restrict,
)
from toyooka_hw.accounts.queries import restriction_of, restrictions_to_review
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
END = date(2027, 6, 30)
REVIEW = date(2027, 6, 1)
LETTER = "【開始日】から【終了日】まで。見直し：【見直す日】"


def sanction(**changes: object) -> Sanction:
    usual = {"reason": "連絡のないキャンセル3回", "starts_on": TUESDAY, "ends_on": END, "review_on": REVIEW, "letter": LETTER}
    return Sanction(**{**usual, **changes})


def decide(person: Person, office: Office, **changes: object) -> UsageRestriction:
    return restrict(person.pk, sanction(**changes), by=office.staff, now=MORNING, wall=MORNING)


def test_decision_is_kept_with_who_why_and_until_when(office: Office, person: Person) -> None:
    made = decide(person, office)
    assert (made.decided_by, made.decided_at, made.reason) == (office.staff, MORNING, "連絡のないキャンセル3回")
    assert made.letter == "2027年4月6日（火）から2027年6月30日（水）まで。見直し：2027年6月1日（火）"
    entry = AuditEntry.objects.get()
    assert (entry.what, entry.person_pk, entry.reason) == ("利用を制限する", person.pk, "連絡のないキャンセル3回")


def test_letter_is_mailed_without_the_reason(office: Office, person: Person) -> None:
    decide(person, office)
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject) == ("hanako@example.jp", "【ハローワーク豊岡】オンライン職業相談のご利用についてのお知らせ")
    assert ("2027年6月30日（水）まで" in mail.body, "連絡のないキャンセル" in mail.body) == (True, False)


def test_without_an_address_nothing_is_mailed(office: Office, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(email="")
    decide(person, office)
    assert OutgoingMail.objects.count() == 0


@pytest.mark.parametrize(
    ("day", "holds"),
    [(TUESDAY - timedelta(days=1), False), (TUESDAY, True), (END, True), (END + timedelta(days=1), False)],
)
def test_it_holds_on_both_its_ends_and_is_over_by_itself(office: Office, person: Person, day: date, holds: bool) -> None:
    made = decide(person, office)
    assert restriction_of([person.pk], on=day) == ({person.pk: made} if holds else {})


def test_it_counts_for_a_merged_row_and_its_survivor(office: Office, person: Person) -> None:
    made = decide(person, office)
    survivor = Person.objects.create(full_name="豊岡 花子", created_at=MORNING)
    Person.objects.filter(pk=person.pk).update(merged_into=survivor)
    assert restriction_of([survivor.pk, person.pk], on=TUESDAY) == {survivor.pk: made, person.pk: made}
    with pytest.raises(RestrictedAlready):
        decide(survivor, office)


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_on": TUESDAY - timedelta(days=1)},
        {"ends_on": TUESDAY - timedelta(days=1)},
        {"review_on": END + timedelta(days=1)},
        {"review_on": TUESDAY - timedelta(days=1)},
    ],
)
def test_period_that_cannot_be_is_refused(office: Office, person: Person, wrong: dict[str, date]) -> None:
    with pytest.raises(WrongPeriod):
        decide(person, office, **wrong)
    assert UsageRestriction.objects.count() == 0


def test_no_decision_and_no_end_without_a_reason(office: Office, person: Person) -> None:
    with pytest.raises(RestrictionReasonMissing):
        decide(person, office, reason=" ")
    made = decide(person, office)
    with pytest.raises(RestrictionReasonMissing):
        lift(made.pk, by=office.staff, now=MORNING, reason="")


def test_second_decision_in_the_same_days_is_refused(office: Office, person: Person) -> None:
    first = decide(person, office)
    with pytest.raises(RestrictedAlready) as refusal:
        decide(person, office)
    assert (refusal.value.restriction, OutgoingMail.objects.count()) == (first, 1)


def test_lifted_restriction_holds_no_more_and_is_lifted_once(office: Office, person: Person) -> None:
    made = decide(person, office)
    lift(made.pk, by=office.staff, now=MORNING, reason="事情がわかった")
    assert restriction_of([person.pk], on=TUESDAY) == {}
    with pytest.raises(LiftedAlready) as refusal:
        lift(made.pk, by=office.tanaka.user, now=MORNING, reason="二度目")
    assert refusal.value.restriction.lifted_by == office.staff
    decide(person, office)
    assert AuditEntry.objects.count() == 3


def test_review_comes_due_on_its_day(office: Office, person: Person) -> None:
    made = decide(person, office)
    due = {day: list(restrictions_to_review(UsageRestriction.objects.all(), on=day)) for day in (REVIEW - timedelta(days=1), REVIEW)}
    assert due == {REVIEW - timedelta(days=1): [], REVIEW: [made]}
