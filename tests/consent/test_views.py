"""The terms can be read by anybody, in every announced version."""

from datetime import timedelta

import pytest

from tests.cast import BEFORE_TERMS, MORNING, Office, publish_terms
from tests.visitor import Visitor, text_of


def test_terms_show_the_version_in_force(office: Office) -> None:
    """C0-2."""
    publish_terms(number=2, effective_at=MORNING)
    assert "第2版の本文。" in text_of(Visitor().get("/terms/counselling/"))
    assert "第1版の本文。" in text_of(Visitor(MORNING - timedelta(seconds=1)).get("/terms/counselling/"))


def test_terms_keep_older_versions_readable(office: Office) -> None:
    publish_terms(number=2, effective_at=MORNING)
    words = text_of(Visitor().get("/terms/counselling/1/"))
    assert "第1版の本文。" in words
    assert "現在の利用規約ではありません" in words


@pytest.mark.parametrize("path", ["/terms/unknown/", "/terms/counselling/9/"])
def test_terms_that_do_not_exist_are_not_found(office: Office, path: str) -> None:
    assert Visitor().get(path).status_code == 404


def test_terms_not_announced_are_not_shown(office: Office) -> None:
    early = Visitor(BEFORE_TERMS)
    assert early.get("/terms/counselling/1/").status_code == 404
    assert "ただいま準備中です" in text_of(early.get("/terms/counselling/"))
