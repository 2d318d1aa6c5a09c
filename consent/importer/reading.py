"""From bytes to text, and from text to signs without white space that still know where the lines were."""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

MOST_BYTES = 1_000_000
SPACE, BREAK = " ", "\n"

_LINE_END = re.compile(r"\r\n|\r|\n")
# A page break or an exotic line end starts a line, but no editor counts one there.
_UNCOUNTED_LINE_END = re.compile(r"[\f\v\x85\u2028\u2029]")
_UNREADABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffd]")
_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
# Nothing new starts behind these: a line that follows them is the rest of a sentence, or a reference.
_UNFINISHED = re.compile(r"[、,・(「『第をにがはへ]$|(?:及び|および|又|若しく)$")
_REFERENCE = re.compile(r"[のにをが、,。]|は(?![じが])|で(?!き)|及び|又は|若しくは|から|まで|各号|前段|後段")
_NO_SPACE_BEFORE = "。、，．,.）)」』"
_FRESH_SENTENCE = ("なお、", "また、")


class ImportRefused(Exception):
    """The text cannot be taken in, and nothing of it was. ``line`` counts from 1; None where the whole file is meant."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message if line is None else f"{line}行目：{message}")
        self.message = message
        self.line = line


def sha256(raw: bytes) -> str:
    """The fingerprint of the file as the office holds it."""
    return hashlib.sha256(raw).hexdigest()


def decode(raw: bytes) -> str:
    """The text of a file in UTF-8 (with or without a byte order mark) or Shift_JIS. Raises ImportRefused for anything else."""
    if len(raw) > MOST_BYTES:
        raise ImportRefused("ファイルが大きすぎます（1MBまで）。規約の本文だけを文字で取り出したファイルを指定してください。")
    if raw.startswith(b"%PDF"):
        raise ImportRefused("PDFそのものは読み込めません。PDFから文字を取り出して、テキストファイルとして保存してください。", 1)
    text = _decoded(raw)
    if spoilt := _UNREADABLE.search(text):
        raise ImportRefused("読み取れない文字があります。UTF-8のテキストとして保存し直してください。", line_of(text, spoilt.start()))
    if not text.strip():
        raise ImportRefused("ファイルが空です。規約の本文が入ったファイルを指定してください。")
    return text


def line_of(text: str, offset: int) -> int:
    """The number of the line, from 1, as an editor counts."""
    return 1 + sum(1 for _ in _LINE_END.finditer(text, 0, offset))


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        read = error.object[: error.start].decode()
    try:
        return raw.decode("cp932")
    except UnicodeDecodeError as error:
        message = "文字コードがUTF-8でもShift_JISでもありません。UTF-8で保存し直してください。"
        raise ImportRefused(message, line_of(read, len(read))) from error


@dataclass(frozen=True)
class Source:
    """The signs of a text that are not white space.

    ``plain`` is ``signs`` with full-width ASCII made half-width, sign by sign; ``gaps[i]`` is the white space before sign i
    (none, SPACE or BREAK); ``lines[i]`` the line it stands in.
    """

    signs: str
    plain: str
    gaps: tuple[str, ...]
    lines: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "Source":
        signs, gaps, lines = [], [], []
        for number, line in _lines(text):
            gap = BREAK
            for sign in line:
                if sign.isspace():
                    gap = gap or SPACE
                else:
                    signs.append(sign)
                    gaps.append(gap)
                    lines.append(number)
                    gap = ""
        joined = "".join(signs)
        return cls(joined, joined.translate(_HALF_WIDTH), tuple(gaps), tuple(lines))

    def __len__(self) -> int:
        return len(self.signs)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where lines begin, and the end."""
        return (*(at for at, gap in enumerate(self.gaps) if gap == BREAK), len(self))

    def next_start(self, at: int) -> int:
        """The first beginning of a line behind ``at``."""
        return self.starts[min(bisect_right(self.starts, at), len(self.starts) - 1)]

    def gap(self, at: int) -> str:
        return self.gaps[at] if at < len(self) else BREAK

    def line(self, at: int) -> int:
        return self.lines[min(at, len(self) - 1)]

    def before(self, at: int) -> str:
        """The few signs before ``at``."""
        return self.plain[max(0, at - 6) : at]

    def goes_on(self, at: int) -> bool:
        """Whether a sentence is under way before ``at``, so that nothing new can start there."""
        return _UNFINISHED.search(self.before(at)) is not None

    def ends_sentence(self, at: int) -> bool:
        """Whether a sentence is complete before ``at``."""
        return self.before(at).endswith(("。", "。)"))

    def is_cited(self, end: int) -> bool:
        """Whether the marker that ends at ``end`` is only spoken of: 第４条の…, (3)に…"""
        return self.gap(end) != SPACE and self.is_cited_in_words(end)

    def is_cited_in_words(self, end: int) -> bool:
        """The same, judged by the words behind the marker alone."""
        return _REFERENCE.match(self.plain, end) is not None

    def joined(self, begin: int, end: int) -> str:
        """The wording between two places, its wraps joined. A sentence that visibly starts a line anew (なお、…) keeps its line."""
        return "".join((self._seam(at) if at > begin else "") + self.signs[at] for at in range(begin, end))

    def _seam(self, at: int) -> str:
        before, after = self.signs[at - 1], self.signs[at]
        if self.gaps[at] == SPACE:
            return "" if after in _NO_SPACE_BEFORE else SPACE
        if self.gaps[at] != BREAK:
            return ""
        if before == "。" and self.signs.startswith(_FRESH_SENTENCE, at):
            return BREAK
        latin = (before + after).isascii() and before.isalnum() and after.isalnum()
        return SPACE if latin and not (before + after).isdigit() else ""


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(_LINE_END.split(text), start=1):
        for part in _UNCOUNTED_LINE_END.split(line):
            yield number, part
