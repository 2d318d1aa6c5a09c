"""Rows corrected by hand: staff may move the marks and word the remark, never the text itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from consent.comparison.marks import unmarked
from consent.comparison.table import Cell, Comparison, Row


@dataclass(frozen=True, slots=True)
class Correction:
    """What replaces a row's marks (as ``marked`` writes them) and remark; None leaves the row's own."""

    new: str | None = None
    old: str | None = None
    remark: str | None = None


class NoSuchRow(Exception):
    """The table has no row of this key; carries the key."""


class WordingChanged(Exception):
    """A correction says something else than the article; carries the row's key."""


def with_corrections(comparison: Comparison, corrections: Mapping[str, Correction]) -> Comparison:
    """The table with the corrections of some rows, by their keys. Raises NoSuchRow and WordingChanged."""
    unknown = corrections.keys() - {row.key for row in comparison.rows}
    if unknown:
        raise NoSuchRow(min(unknown))
    return Comparison(tuple(_corrected(row, corrections.get(row.key, Correction())) for row in comparison.rows))


def _corrected(row: Row, correction: Correction) -> Row:
    return replace(
        row,
        old=_remarked(row.old, correction.old, row.key),
        new=_remarked(row.new, correction.new, row.key),
        remark=row.remark if correction.remark is None else correction.remark,
    )


def _remarked(cell: Cell | None, marks: str | None, key: str) -> Cell | None:
    if marks is None:
        return cell
    runs = unmarked(marks)
    if cell is None or "".join(run.text for run in runs) != cell.article.wording:
        raise WordingChanged(key)
    return replace(cell, runs=runs)
