"""Names are found however they are written: shapes of kanji, width, kana, spaces (issue point 8)."""

import unicodedata

import pytest
from django.db import connection
from django.db.models import Value
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING
from toyooka_hw.accounts.admin import people_matching
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.names import FORMS, folded

pytestmark = pytest.mark.django_db


def enter(name: str, **values: str) -> Person:
    return Person.objects.create(full_name=name, created_at=MORNING, **values)


def found(typed: str) -> list[str]:
    return [person.full_name for person in people_matching(Person.objects.order_by("pk"), typed)]


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("高橋 一", "髙橋"),
        ("髙橋 一", "高橋一"),
        ("﨑山 一", "崎山"),
        ("渡邉 一", "渡辺"),
        ("渡邊 一", "渡邉"),
        ("齋藤 一", "斉藤"),
        ("斎藤 一", "齊藤"),
        ("濵田 一", "濱田"),
        ("廣澤 一", "広沢"),
        ("𠮷田 一", "吉田"),
        ("吉田 一", "𠮷田"),
        ("田中 德", "徳"),
        ("中嶋 一", "中島"),
        ("桒原 一", "桑原"),
        ("神戸 祐", "神戸祐"),
        ("葛\U000e0100城 一", "葛城"),
        ("辻 一", "辻\U000e0101"),
        ("スミス ANNE", "ａｎｎｅ"),
        ("山田　太郎", " 山田 太郎 "),
        ("100%_さん", "%_"),
    ],
)
def test_name_is_found_in_any_shape(stored: str, typed: str) -> None:
    enter(stored)
    enter("但馬 次郎")
    assert found(typed) == [stored]


@pytest.mark.parametrize("typed", ["きょうこ", "キョウコ", "ｷｮｳｺ", "ｷﾖｳｺ", "タジマ　きょう", "たじまきょうこ"])
def test_reading_is_found_in_any_kana(typed: str) -> None:
    enter("但馬 京子", name_kana="タジマ キョウコ")
    enter("但馬 次郎", name_kana="タジマ ジロウ")
    assert found(typed) == ["但馬 京子"]


@pytest.mark.parametrize(("one", "other"), [("川田", "河田"), ("坂本", "阪本"), ("太田", "大田"), ("杉本", "椙本")])
def test_names_of_their_own_stay_apart(one: str, other: str) -> None:
    enter(one)
    assert found(other) == []


def test_no_character_stands_twice_in_the_table_or_is_covered_by_nfkc() -> None:
    others = "".join(others for _kept, others, _why in FORMS)
    kept = {kept for kept, _others, _why in FORMS}
    assert (len(set(others)), kept & set(others)) == (len(others), set())
    assert [sign for sign in others if unicodedata.normalize("NFKC", sign) != sign] == []


def test_table_folds_as_it_says() -> None:
    enter("誰か")
    pairs = [(kept, other) for kept, others, _why in FORMS for other in others]
    row = Person.objects.annotate(all=folded(Value("".join(other for _kept, other in pairs)))).get()
    assert row.all == "".join(kept for kept, _other in pairs)


@pytest.mark.parametrize("typed", ["+81 90-1234-5678", "09012345678", "０９０（１２３４）５６７８", "5678", "28090-1234567", "1234567"])
def test_number_and_phone_are_found_in_any_form(typed: str) -> None:
    enter("豊岡 花子", stated_phone="+819012345678", job_seeker_number="28090-1234567")
    enter("但馬 次郎", stated_phone="+819055550101", job_seeker_number="28090-1000101")
    assert found(typed) == ["豊岡 花子"]


def test_address_is_found_only_whole() -> None:
    enter("豊岡 花子", email="hanako@example.jp")
    assert (found("Hanako@example.jp"), found("@example.jp")) == (["豊岡 花子"], [])


def test_merged_row_leads_to_its_survivor() -> None:
    survivor = enter("豊岡 花子")
    enter("城崎 花子", merged_into=survivor)
    assert (found("城崎"), found("花子")) == (["豊岡 花子"], ["豊岡 花子"])


@pytest.mark.parametrize("rows", [1, 200])
def test_search_is_one_query(rows: int) -> None:
    Person.objects.bulk_create(Person(full_name=f"髙橋 {number}", created_at=MORNING) for number in range(rows))
    with CaptureQueriesContext(connection) as queries:
        assert len(found("高橋")) == rows
    assert len(queries) == 1
