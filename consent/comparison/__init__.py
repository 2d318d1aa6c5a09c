"""新旧対照表: two versions of the terms side by side, as pure functions (C13 and S9: the content of a change is made known)."""

from consent.comparison.corrections import Correction, NoSuchRow, WordingChanged, with_corrections
from consent.comparison.marks import Run, marked
from consent.comparison.table import Cell, Comparison, Kind, Row, compare
from consent.comparison.text import Article, Piece, Text

__all__ = [
    "Article",
    "Cell",
    "Comparison",
    "Correction",
    "Kind",
    "NoSuchRow",
    "Piece",
    "Row",
    "Run",
    "Text",
    "WordingChanged",
    "compare",
    "marked",
    "with_corrections",
]
