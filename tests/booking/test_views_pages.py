"""The front door and the pages that only inform."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.cast import BEFORE_TERMS, Office
from tests.visitor import Visitor, text_of


def test_top_says_what_is_not_done_here(office: Office) -> None:
    assert "この予約で、失業の認定の手続はできません。" in text_of(Visitor().get("/"))


def test_top_without_terms_has_no_way_in(office: Office) -> None:
    page = Visitor(BEFORE_TERMS).get("/")
    assert "まだご利用いただけません" in text_of(page)
    assert "予約を申し込む" not in text_of(page)


def test_top_leads_to_every_door(office: Office) -> None:
    page = Visitor().get("/").content.decode()
    doors = ("/slots/", "/now/", "/mine/", "/employer/", "/seminars/")
    assert [door for door in doors if f'href="{door}"' not in page] == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/privacy/", "/accessibility/", "/guide/"])
def test_page_is_shown_without_any_account(path: str) -> None:
    assert Visitor().get(path).status_code == 200


@pytest.mark.django_db
def test_healthz_asks_the_database_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
