"""Hints at duplicates (issue point 2 and 8): never more than a hint, one query for many people."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING
from toyooka_hw.accounts.models import Person, Role
from toyooka_hw.accounts.queries import Likeness, duplicates_of

pytestmark = pytest.mark.django_db


def enter(name: str, **values: object) -> Person:
    return Person.objects.create(full_name=name, created_at=MORNING, **values)


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ({"job_seeker_number": "28090-1"}, {"full_name": "城崎 桜", "job_seeker_number": "28090-1"}, (Likeness.NUMBER,)),
        ({"name_kana": "タカハシ"}, {"full_name": "髙橋花子", "name_kana": "タカ ハシ"}, (Likeness.READING,)),
        ({"stated_phone": "+81791"}, {"registered_phone": "+81791"}, (Likeness.PHONE,)),
        ({"email": "h@example.jp"}, {"email": "h@example.jp", "role": Role.EMPLOYER_CONTACT}, ()),
        ({}, {}, ()),
        ({"stated_phone": "+81791"}, {"full_name": "城崎 桜", "stated_phone": "+81791"}, ()),
        ({"name_kana": "タカハシ"}, {"full_name": "高橋 桜", "name_kana": "タカハシ"}, ()),
    ],
)
def test_hint_says_why(one: dict[str, str], other: dict[str, str], why: tuple[Likeness, ...]) -> None:
    asked = enter("高橋 花子", **one)
    likely = enter(**{"name": "高橋 花子", **{("name" if key == "full_name" else key): value for key, value in other.items()}})
    found = [(each.person, each.why) for each in duplicates_of([asked]).get(asked.pk, [])]
    assert found == ([(likely, why)] if why else [])


def test_merged_row_is_no_duplicate() -> None:
    survivor = enter("高橋 花子", job_seeker_number="28090-1")
    enter("高橋 花子", job_seeker_number="28090-1", merged_into=survivor)
    assert duplicates_of([survivor]) == {}


def test_people_without_a_name_are_nobodys_duplicate() -> None:
    one = enter("", stated_phone="+81791")
    enter("", stated_phone="+81791")
    assert duplicates_of([one]) == {}


@pytest.mark.parametrize("rows", [1, 200])
def test_hints_for_many_people_are_one_query(rows: int) -> None:
    people = Person.objects.bulk_create(
        Person(full_name=f"髙橋 {number // 2}", name_kana="タカハシ", created_at=MORNING) for number in range(rows * 2)
    )
    with CaptureQueriesContext(connection) as queries:
        assert len(duplicates_of(people)) == rows * 2
    assert len(queries) == 1
