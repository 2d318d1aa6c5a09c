"""However a PDF's text comes out, the importer finds the same structure, or says that it cannot; it never loses or invents a sign."""

import re
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from consent.importer import ImportRefused, as_data, decode, parse, pieces
from tests.consent.terms_texts import INVENTED, STATUTE, logical_lines, official

TEXTS = [pytest.param(file.read_text(encoding="utf-8"), id=file.stem) for file in (INVENTED, STATUTE)]
# 一, ア and イ are known by the space behind them alone; no page parts them from it.
CELL = re.compile(r"^(?:[一二三四五六七八九十]+|[アイウロハ]) .|.", re.DOTALL)
NARROW = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5E)}
OTHER_WIDTH = {ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789()"} | {
    ord(sign): ord(sign) - 0xFEE0 for sign in "０１２３４５６７８９（）"
}
BLANKS = ("", " ", "　", " \n\n ", "\f")

# which lines, as shares of the whole
shares = st.lists(st.floats(0, 1, exclude_max=True), max_size=8)
chances = st.sampled_from([0.0, 0.02, 0.1, 0.5, 1.0])


def signs(text: str) -> str:
    return "".join(text.split())


def folded(node: Any) -> Any:
    """The same structure without white space and widths."""
    if isinstance(node, dict):
        return {key: folded(value) for key, value in node.items()}
    if isinstance(node, list):
        return [folded(value) for value in node]
    return signs(node).translate(NARROW) if isinstance(node, str) else node


def structure(text: str) -> list[Any]:
    return [folded(as_data(document)) for document in parse(text)]


def extracted(lines: list[str], chance: Random, *, breaks: float, widths: float) -> str:
    """The lines as another tool might have taken them from the page: broken anywhere, blanks between them, widths mixed."""

    def sign(written: str) -> str:
        other = written.translate(OTHER_WIDTH) if chance.random() < widths else written
        return other + ("\n" if chance.random() < breaks else "")

    return "\n".join(chance.choice(BLANKS) + "".join(map(sign, CELL.findall(line))) + chance.choice(BLANKS) for line in lines)


def wrapped(line: str, width: int) -> list[str]:
    """The line on a page of so many signs."""
    cells = CELL.findall(line)
    return ["".join(cells[at : at + width]) for at in range(0, len(cells), width)]


def set_anew(text: str, chance: Random, *, breaks: float, widths: float) -> str:
    lines = [line for document in parse(text) for line in logical_lines(document)]
    return extracted(lines, chance, breaks=breaks, widths=widths)


@given(chance=st.randoms(use_true_random=True), breaks=chances, widths=chances)
@pytest.mark.parametrize("text", TEXTS)
def test_structure_is_the_same_whatever_the_wrapping(text: str, chance: Random, breaks: float, widths: float) -> None:
    another = set_anew(text, chance, breaks=breaks, widths=widths)
    assert structure(another) == structure(text)
    assert signs("".join(piece for document in parse(another) for piece in pieces(document))) == signs(another)


@given(width=st.integers(1, 60))
@pytest.mark.parametrize("text", TEXTS)
def test_structure_is_the_same_at_every_width_of_the_page(text: str, width: int) -> None:
    lines = [line for document in parse(text) for line in logical_lines(document)]
    assert structure("\n".join(part for line in lines for part in wrapped(line, width))) == structure(text)


@settings(max_examples=30)
@given(st.randoms(use_true_random=True), chances, chances)
def test_structure_of_the_official_text_is_the_same_whatever_the_wrapping(chance: Random, breaks: float, widths: float) -> None:
    text = decode(official())
    assert structure(set_anew(text, chance, breaks=breaks, widths=widths)) == structure(text)


@given(lost=shares, doubled=shares)
@example(lost=[], doubled=[])
@pytest.mark.parametrize("text", TEXTS)
def test_mutilated_text_is_refused_or_kept_to_the_last_sign(text: str, lost: list[float], doubled: list[float]) -> None:
    whole = text.splitlines()
    gone, twice = ({int(share * len(whole)) for share in shares} for shares in (lost, doubled))
    lines = [line for number, line in enumerate(whole) for _ in range((number not in gone) * (1 + (number in twice)))]
    with suppress(ImportRefused):
        documents = parse("\n".join(lines))
        assert signs("".join(piece for document in documents for piece in pieces(document))) == signs("\n".join(lines))


@given(st.text(alphabet="第１2一十条の項（）(3)①・アイ規約附則削除、。なお令和元年月日長 \n\f", max_size=80) | st.text(max_size=80))
def test_any_text_is_refused_or_kept_to_the_last_sign(text: str) -> None:
    with suppress(ImportRefused):
        documents = parse(text)
        assert signs("".join(piece for document in documents for piece in pieces(document))) == signs(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(raw: bytes) -> None:
    with suppress(ImportRefused):
        assert decode(raw).strip() != ""
