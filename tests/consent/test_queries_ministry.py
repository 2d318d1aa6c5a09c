"""Whose consent is to be entered in the ministry's system, and when again (C6-2-1b, C6-2-2, A4)."""

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from consent.models import MinistryRecord, TermsVersion
from consent.operations import ConsentMissing, Shown, agree, deem_by_application, record_in_ministry_system, refuse, withdraw
from consent.queries import COUNSELLING, SEMINAR, ministry_record, unrecorded
from tests.cast import MORNING, Office, make_person, publish_terms
from toyooka_hw.accounts.models import Person

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
RECORDED, CHANGED, LATER = MORNING + HOUR, MORNING + 2 * HOUR, MORNING + 3 * HOUR


@pytest.fixture
def recorded(office: Office, person: Person) -> Person:
    """A job seeker whose consent to the first version stands in the ministry's system."""
    record_in_ministry_system(person, document=COUNSELLING, by=office.staff, now=RECORDED)
    return person


@pytest.fixture
def second(office: Office) -> TermsVersion:
    """The version in force from two hours after the first consent on."""
    return publish_terms(number=2, effective_at=CHANGED)


def shown(version: TermsVersion, at: datetime) -> Shown:
    return Shown(version.pk, "同意します。", at)


def to_record() -> list[Person]:
    return list(unrecorded(COUNSELLING).order_by("pk"))


def record(person: Person, office: Office, now: datetime) -> MinistryRecord:
    return record_in_ministry_system(person, document=COUNSELLING, by=office.staff, now=now)


def test_first_consent_is_to_be_recorded_until_it_is(office: Office, person: Person) -> None:
    assert to_record() == [person]
    record(person, office, RECORDED)
    assert to_record() == []


def test_change_of_the_terms_alone_asks_for_nothing(recorded: Person, second: TermsVersion) -> None:
    assert to_record() == []


def test_agreeing_to_the_new_version_asks_for_a_record_of_its_own(office: Office, recorded: Person, second: TermsVersion) -> None:
    """C6-2-2: the gate opens at once, and staff have something to enter; the earlier record stays, and keeps article 6-2 open."""
    first = MinistryRecord.objects.get()
    agree(recorded, shown(second, LATER), document=COUNSELLING, now=LATER)
    assert (to_record(), ministry_record(COUNSELLING, recorded.pk)) == ([recorded], first)
    again = record(recorded, office, LATER + HOUR)
    assert (to_record(), list(MinistryRecord.objects.order_by("pk"))) == ([], [first, again])
    assert record(recorded, office, LATER + 2 * HOUR) == again


def test_new_version_agreed_to_before_the_record_is_recorded_with_it(office: Office, person: Person, second: TermsVersion) -> None:
    agree(person, shown(second, LATER), document=COUNSELLING, now=LATER)
    record(person, office, LATER)
    assert to_record() == []


def test_same_version_agreed_to_again_is_no_news(office: Office, recorded: Person) -> None:
    """Staff take the consent again with every request by phone."""
    agree(recorded, shown(office.version, LATER), document=COUNSELLING, now=LATER, method="staff_phone", by=office.staff)
    assert (to_record(), record(recorded, office, LATER)) == ([], MinistryRecord.objects.get())


def test_new_version_agreed_to_at_the_counter_is_to_be_recorded_too(office: Office, recorded: Person, second: TermsVersion) -> None:
    agree(recorded, shown(second, LATER), document=COUNSELLING, now=LATER, method="staff_counter", by=office.staff)
    assert to_record() == [recorded]


def test_new_version_agreed_to_twice_is_recorded_once(office: Office, recorded: Person, second: TermsVersion) -> None:
    agree(recorded, shown(second, LATER), document=COUNSELLING, now=LATER)
    record(recorded, office, LATER)
    agree(recorded, shown(second, LATER + HOUR), document=COUNSELLING, now=LATER + HOUR)
    assert to_record() == []


def test_deemed_consent_and_refusal_ask_for_nothing(office: Office, recorded: Person, second: TermsVersion) -> None:
    """C0-3: what an application implies rests on a consent that was counted already."""
    refuse(recorded, shown(second, LATER), document=COUNSELLING, now=LATER)
    assert to_record() == []
    agree(recorded, shown(second, LATER), document=COUNSELLING, now=LATER)
    record(recorded, office, LATER)
    deem_by_application(recorded, shown(second, LATER), document=COUNSELLING, now=LATER + HOUR)
    assert to_record() == []


def test_consent_taken_back_and_given_again_is_to_be_recorded_again(office: Office, recorded: Person) -> None:
    withdraw(recorded, document=COUNSELLING, by=office.staff, now=LATER)
    with pytest.raises(ConsentMissing):
        record(recorded, office, LATER)
    agree(recorded, shown(office.version, LATER + HOUR), document=COUNSELLING, now=LATER + HOUR)
    record(recorded, office, LATER + 2 * HOUR)
    assert (to_record(), MinistryRecord.objects.count()) == ([], 2)


def test_consent_of_a_merged_row_counts_for_the_survivor(office: Office, recorded: Person, second: TermsVersion) -> None:
    """Recorded with one row, agreed to anew with the other: to be recorded; that one agreed to it before the record: not."""
    survivor = make_person("豊岡 花子", "hanako.new@example.jp")
    Person.objects.filter(pk=recorded.pk).update(merged_into=survivor)
    agree(survivor, shown(second, LATER), document=COUNSELLING, now=LATER)
    assert list(unrecorded(COUNSELLING).filter(merged_into=None)) == [survivor]
    record(survivor, office, LATER + HOUR)
    agree(recorded, shown(second, LATER + 2 * HOUR), document=COUNSELLING, now=LATER + 2 * HOUR)
    assert list(unrecorded(COUNSELLING).filter(merged_into=None)) == []


def test_other_document_is_a_matter_of_its_own(office: Office, recorded: Person) -> None:
    seminar = publish_terms(SEMINAR)
    agree(recorded, shown(seminar, LATER), document=SEMINAR, now=LATER)
    assert (to_record(), list(unrecorded(SEMINAR))) == ([], [recorded])


def test_whom_to_record_is_one_query(recorded: Person, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_person("但馬 太郎", "taro@example.jp")
    with django_assert_num_queries(1):
        assert [person.full_name for person in to_record()] == ["但馬 太郎"]
