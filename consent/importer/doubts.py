"""Lines that look like the beginning of a paragraph or item but were read as the rest of a sentence. Staff compare them with the original."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from consent.importer.documents import Document, pieces
from consent.importer.numerals import CIRCLED
from consent.importer.reading import Source

_SHOWN = 30
# ２針 (not ２年, ２回), (3), ③, ○, ア, 一 at the beginning of a line
_LIKE_A_MARKER = re.compile(
    rf"\d{{1,2}}(?![\d年月日時分秒条項号回つ人名個件枚本台歳円%％.:〜~,、])|\(\d+\)|[{CIRCLED}]"
    r"|[○◯◎●■□◆◇△▲▽▼▪▫※★☆►▶‣◦⚫*＊・･]|[アイウエオ](?![ァ-ヴー])|[一二三四五](?![一-龠々])"
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Where to look: the line (from 1), and how it begins."""

    line: int
    words: str


def doubts(text: str, documents: Iterable[Document]) -> list[Doubt]:
    """The lines of the text to look at again, in order."""
    source = Source.of(text)
    lengths = (len("".join(piece.split())) for document in documents for piece in pieces(document))
    understood = set(accumulate(lengths, initial=0))  # where markers, captions and their texts begin
    return [
        Doubt(source.line(at), source.signs[at : min(source.next_start(at), at + _SHOWN)])
        for at in source.starts[:-1]
        if at not in understood and source.ends_sentence(at) and _LIKE_A_MARKER.match(source.plain, at)
    ]
