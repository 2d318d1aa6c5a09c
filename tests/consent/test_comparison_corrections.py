"""Staff correct a row by hand before the announcement: marks and remark, never the wording."""

from dataclasses import replace

import pytest

from consent.comparison import Comparison, Correction, NoSuchRow, Text, WordingChanged, compare, marked, with_corrections
from tests.amendment import after, article, before


@pytest.fixture
def comparison() -> Comparison:
    old, new = [article(1, "申込みは前日までです。"), article(2, "録音を禁じます。")], [article(1, "申込みは当日までです。")]
    return compare(Text.from_data("", old, ""), Text.from_data("", new, ""))


def test_marks_and_remark_are_replaced(comparison: Comparison) -> None:
    corrected = with_corrections(
        comparison, {"1:1": Correction("第1条\n申込みは[[当日まで]]です。", "第1条\n申込みは[[前日まで]]です。", "期限の変更")}
    )
    row = corrected.rows[0]
    assert row.new is not None
    assert row.old is not None
    assert (marked(row.new.runs), marked(row.old.runs)) == ("第1条\n申込みは[[当日まで]]です。", "第1条\n申込みは[[前日まで]]です。")
    assert (row.kind, row.remark) == (comparison.rows[0].kind, "期限の変更")
    assert corrected.rows[1] == comparison.rows[1]


def test_what_a_correction_leaves_open_stays(comparison: Comparison) -> None:
    corrected = with_corrections(comparison, {"2:-": Correction(remark="")})
    assert corrected.rows == (comparison.rows[0], replace(comparison.rows[1], remark=""))


def test_line_ends_of_a_browser_are_no_change(comparison: Comparison) -> None:
    corrected = with_corrections(comparison, {"1:1": Correction("第1条\r\n申込みは[[当]]日までです。")})
    assert corrected == comparison


def test_marks_over_several_lines_are_cut_into_lines(comparison: Comparison) -> None:
    [row, _] = with_corrections(comparison, {"1:1": Correction("第[[1条\n申込み]]は当日までです。")}).rows
    assert row.new is not None
    assert [marked(line.runs) for line in row.new.lines] == ["第[[1条]]", "[[申込み]]は当日までです。"]


@pytest.mark.parametrize(
    "correction",
    [
        Correction(new="第1条\n申込みは[[翌]]日までです。"),
        Correction(new="第1条\n申込みは[[当日までです。"),
        Correction(new=""),
        Correction(old="第1条\n申込みは当日までです。"),
    ],
)
def test_another_wording_is_refused(comparison: Comparison, correction: Correction) -> None:
    with pytest.raises(WordingChanged, match=r"^1:1$"):
        with_corrections(comparison, {"1:1": correction})


def test_marks_for_an_article_that_is_not_there_are_refused(comparison: Comparison) -> None:
    with pytest.raises(WordingChanged, match=r"^2:-$"):
        with_corrections(comparison, {"2:-": Correction(new="第2条\n録音を禁じます。")})


def test_unknown_row_is_refused(comparison: Comparison) -> None:
    with pytest.raises(NoSuchRow, match=r"^9:9$"):
        with_corrections(comparison, {"9:9": Correction(remark="変更")})


def test_every_row_accepts_its_own_marks() -> None:
    """What a form is filled with can be sent back as it is."""
    comparison = compare(Text.from_data("", before(), ""), Text.from_data("", after(), ""))
    own = {row.key: Correction(row.new and marked(row.new.runs), row.old and marked(row.old.runs), row.remark) for row in comparison.rows}
    assert with_corrections(comparison, own) == comparison
