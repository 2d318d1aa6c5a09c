"""Whatever the two versions: the table alone gives both of them back, and marks nothing that stayed."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consent.comparison import Cell, Comparison, Kind, Piece, Text, compare
from consent.comparison.text import BACK, FRONT

# Few characters, so that neighbours are alike and moves are ambiguous; digits and brackets as in markers.
words = st.text(alphabet="利用申込の日時、。(1)\n", max_size=12)


def nodes(below: st.SearchStrategy[list[Any]]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.fixed_dictionaries({"marker": st.sampled_from(["", "(1)", "２"]), "text": words, "items": below}), max_size=3)


paragraphs = nodes(nodes(nodes(st.just([]))))
places = st.lists(st.tuples(st.integers(1, 6), st.sampled_from([None, 2, 3])), unique=True, max_size=6).map(
    lambda found: sorted(found, key=lambda place: (place[0], place[1] or 0))
)


@st.composite
def versions(draw: st.DrawFn) -> dict[str, Any]:
    articles = [
        {
            "number": number,
            "branch": branch,
            "marker": f"第{number}条" + (f"の{branch}" if branch else ""),
            "heading": draw(st.sampled_from(["", "（目的）", "（予約）"])),
            "second_heading": draw(st.sampled_from(["", "（求職者）"])),
            "paragraphs": draw(paragraphs),
        }
        for number, branch in draw(places)
    ]
    supplements = [
        {"marker": "附則", "heading": draw(st.sampled_from(["", "（令和六年）"])), "paragraphs": draw(paragraphs), "articles": []}
        for _ in range(draw(st.integers(0, 2)))
    ]
    title = draw(st.sampled_from(["", "利用規約"]))
    return {"title": title, "preamble": draw(words), "articles": articles, "supplements": supplements}


@st.composite
def amendments(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two versions; the second often takes articles over from the first, at the same or another place."""
    old, new = draw(versions()), draw(versions())
    for article in new["articles"]:
        if old["articles"] and draw(st.booleans()):
            article["paragraphs"] = draw(st.sampled_from(old["articles"]))["paragraphs"]
    return old, new


def nested(pieces: Iterable[Piece], level: int = 0) -> list[dict[str, Any]]:
    """Paragraphs, items and sub-items as they are stored."""
    counted, groups = 0, []
    for piece in pieces:
        counted += piece.level == level
        groups.append((counted, piece))
    together = [[piece for _, piece in group] for _, group in groupby(groups, key=lambda pair: pair[0])]
    return [{"marker": first.marker, "text": first.text, "items": nested(rest, level + 1)} for first, *rest in together]


def rebuilt(cells: Iterable[Cell | None]) -> dict[str, Any]:
    """A version from one column of the table."""
    column = sorted((cell.article for cell in cells if cell), key=lambda article: article.place)
    front = column.pop(0) if column and column[0].number == FRONT else None
    articles = [
        {
            "number": article.number,
            "branch": article.branch,
            "marker": article.marker,
            "heading": article.heading,
            "second_heading": article.second_heading,
            "paragraphs": nested(article.pieces),
        }
        for article in column
        if article.number < BACK
    ]
    supplements = [
        {"marker": article.marker, "heading": article.heading, "paragraphs": nested(article.pieces), "articles": []}
        for article in column
        if article.number >= BACK
    ]
    preamble = "\n".join(piece.text for piece in front.pieces) if front else ""
    return {"title": front.heading if front else "", "preamble": preamble, "articles": articles, "supplements": supplements}


def comparison_of(old: dict[str, Any], new: dict[str, Any]) -> Comparison:
    return compare(Text.from_data(**old), Text.from_data(**new))


@given(amendments())
def test_both_versions_can_be_rebuilt_from_the_table(amendment: tuple[dict[str, Any], dict[str, Any]]) -> None:
    old, new = amendment
    rows = comparison_of(old, new).rows
    assert rebuilt(row.old for row in rows) == old
    assert rebuilt(row.new for row in rows) == new


@given(amendments())
def test_what_the_table_shows_is_the_wording(amendment: tuple[dict[str, Any], dict[str, Any]]) -> None:
    for row in comparison_of(*amendment).rows:
        for cell in filter(None, (row.old, row.new)):
            assert "".join(run.text for run in cell.runs) == cell.article.wording
            assert ["".join(run.text for run in line.runs) for line in cell.lines] == list(cell.article.lines)


@given(amendments())
def test_rows_follow_the_new_text_and_have_keys_of_their_own(amendment: tuple[dict[str, Any], dict[str, Any]]) -> None:
    rows = comparison_of(*amendment).rows
    after = [row.new.article.place for row in rows if row.new]
    assert after == sorted(after)
    assert len({row.key for row in rows}) == len(rows)


@given(amendments())
def test_unmarked_characters_are_the_same_on_both_sides(amendment: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Taking the marks away leaves the same text: whatever differs is marked."""
    for row in comparison_of(*amendment).rows:
        left, right = (
            "".join(run.text for line in cell.lines[1:] for run in line.runs if not run.changed) if cell else ""
            for cell in (row.old, row.new)
        )
        assert left == right


@given(versions())
def test_same_version_is_unchanged(version: dict[str, Any]) -> None:
    rows = comparison_of(version, version).rows
    assert {row.kind for row in rows} <= {Kind.UNCHANGED}
    assert not any(run.changed for row in rows for cell in (row.old, row.new) if cell for run in cell.runs)
