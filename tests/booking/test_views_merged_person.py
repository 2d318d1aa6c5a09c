"""Whoever signs in with the mailbox of a row that was merged is the survivor: one person, one history (issue 3, point 5)."""

import pytest

from tests.cast import MORNING, Office, make_person
from tests.visitor import Visitor
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import person_of_mailbox, survivor_of

OLD_MAIL = "hanako@example.jp"


@pytest.fixture
def survivor(person: Person) -> Person:
    """The row that the person of ``OLD_MAIL`` was merged into, with a mailbox of its own."""
    found = make_person(name="豊岡 はな子", email="hanako.new@example.jp", phone="+819011112222")
    Person.objects.filter(pk=person.pk).update(merged_into=found)
    return found


@pytest.fixture
def visitor(office: Office) -> Visitor:
    visitor = Visitor()
    visitor.choose()
    visitor.agree()
    return visitor


def test_mailbox_of_a_merged_row_signs_in_the_survivor(visitor: Visitor, survivor: Person) -> None:
    assert visitor.prove(OLD_MAIL).url == visitor.step("details")
    assert visitor.draft.person == survivor
    assert "豊岡 はな子" in visitor.get(visitor.step("details")).content.decode()


def test_mailbox_that_staff_typed_beside_a_merged_row_asks_for_its_own_digits_first(
    visitor: Visitor, survivor: Person, person: Person
) -> None:
    """A mistyped mailbox does not open the survivor because somebody merged two rows."""
    Person.objects.filter(pk=person.pk).update(email_proven_at=None)
    assert visitor.prove(OLD_MAIL).url == visitor.step("owner")
    assert visitor.post(visitor.step("owner"), {"digits": "5678"}).url == visitor.step("details")
    assert visitor.draft.person == survivor
    person.refresh_from_db()
    assert person.email_proven_at == MORNING


def test_person_merged_while_signed_in_goes_on_as_the_survivor(visitor: Visitor, person: Person) -> None:
    visitor.prove(OLD_MAIL)
    found = make_person(name="豊岡 はな子", email="hanako.new@example.jp")
    Person.objects.filter(pk=person.pk).update(merged_into=found)
    assert visitor.get("/consents/").wsgi_request.person == found


def test_merges_are_followed_to_the_end(survivor: Person) -> None:
    last = make_person(email="hanako.last@example.jp")
    Person.objects.filter(pk=survivor.pk).update(merged_into=last)
    assert person_of_mailbox(OLD_MAIL, now=MORNING) == last


def test_circle_of_merges_leaves_everybody_as_they_are(survivor: Person, person: Person) -> None:
    """Nobody should have made it, yet nobody is locked out by it."""
    last = make_person(email="hanako.last@example.jp")
    Person.objects.filter(pk=survivor.pk).update(merged_into=last)
    Person.objects.filter(pk=last.pk).update(merged_into=person)
    assert person_of_mailbox(OLD_MAIL, now=MORNING) == person
    assert survivor_of(Person.objects.get(pk=last.pk)) == last
