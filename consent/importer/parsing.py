"""From a text to its documents: title, preamble, articles, date and issuer, again and again until the text ends."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date

from consent.importer import supplements
from consent.importer.articles import Head, article, head_at
from consent.importer.documents import Document, Supplement, pieces
from consent.importer.numerals import KANJI, number_of
from consent.importer.reading import BREAK, ImportRefused, Source

_LONGEST_TITLE = 120
_LONGEST_ISSUER = 80

_TITLE = re.compile(r"(?!本)[^。]*(?:規約|約款|規程|規則|要領|要綱)(?:\([^()]*\))?")
_NUMBER = rf"(\d{{1,2}}|{KANJI})"
_DATE = re.compile(rf"(?:(令和|平成|昭和)(元|\d{{1,2}}|{KANJI})|(\d{{4}}))年{_NUMBER}月{_NUMBER}日")
_FIRST_YEAR = 1926  # 昭和元年: no office is older
_YEAR_BEFORE = {"令和": 2018, "平成": 1988, "昭和": 1925, None: 0}
# Between an issuer and the title of the next document stands nothing but a line end: first whom an office is signed by, then
# the same with a name, then an office alone.
_ISSUERS = (
    re.compile(r"[^。]*(?:長|知事|大臣|代表)"),
    re.compile(r"[^。]*(?:長|知事|大臣|代表(?:理事|取締役)?)[^、。]{1,12}"),
    re.compile(r"[^。]*(?:[所局署課室部館会省庁市町村県府都]|センター|機構|組合|会社|ハローワーク[一-龠]{1,4})"),
)
_LAST_ISSUER = re.compile(r"[^。]+")


def parse(text: str) -> tuple[Document, ...]:
    """Understand an official text. Raises ImportRefused, naming the line, for what is not whole; nothing is guessed or dropped."""
    source = Source.of(text)
    if not len(source):
        raise ImportRefused("文字がありません。規約の本文が入ったファイルを指定してください。")
    documents = tuple(_documents(source))
    _prove(documents, source)
    return documents


def _documents(source: Source) -> Iterator[Document]:
    at = 0
    while at < len(source):
        document, at = _document(source, at)
        yield document


def _document(source: Source, begin: int) -> tuple[Document, int]:
    title_end = _title_end(source, begin)
    if title_end is None:
        raise ImportRefused("題名が見つかりません。「…規約」で終わる題名の行を、前文の前に置いてください。", source.line(begin))
    heads, articles_end = _heads(source, title_end)
    ends = [*(head.at for head in heads[1:]), articles_end]
    earlier, at = _supplements(source, articles_end, lambda place: _date_line(source, place) is not None)
    if (date_line := _date_line(source, at)) is None:
        raise ImportRefused("日付の行がありません。最後の条のあとに「令和○年○月○日」の行を置いてください。", source.line(len(source)))
    issuer_end = _issuer_end(source, date_line.end())
    later, end = _supplements(source, issuer_end, lambda place: _next_title(source, place))
    document = Document(
        title=source.joined(begin, title_end),
        preamble=source.joined(title_end, heads[0].at),
        articles=tuple(article(source, head, body_end) for head, body_end in zip(heads, ends, strict=True)),
        supplements=earlier,
        date_line=source.joined(date_line.start(), date_line.end()),
        date=_date(source, date_line),
        issuer=source.joined(date_line.end(), issuer_end),
        later_supplements=later,
    )
    return document, end


def _title_end(source: Source, begin: int) -> int | None:
    return next((end for end in _line_ends(source, begin, _LONGEST_TITLE) if _TITLE.fullmatch(source.plain, begin, end)), None)


def _heads(source: Source, begin: int) -> tuple[list[Head], int]:
    """The heads of a document's articles, and where the last one ends: at supplementary provisions, at the date line or with the text."""
    heads: list[Head] = []
    at = source.next_start(begin - 1)
    while at < len(source):
        if head := head_at(source, at, heads):
            heads.append(head)
        elif heads and (supplements.begins_at(source, at) or _date_line(source, at)):
            break
        at = source.next_start(head.end - 1 if head else at)
    if not heads:
        raise ImportRefused("条が見つかりません。見出し（「（目的）」など）と「第１条」の行があるか確かめてください。", source.line(begin))
    return heads, at


def _supplements(source: Source, at: int, ends: Callable[[int], bool]) -> tuple[tuple[Supplement, ...], int]:
    found = []
    while at < len(source) and supplements.begins_at(source, at):
        supplement, at = supplements.supplement(source, at, ends)
        found.append(supplement)
    return tuple(found), at


def _next_title(source: Source, at: int) -> bool:
    """Whether the next document begins at ``at``, behind supplementary provisions. Raises ImportRefused where it must have begun before."""
    if _date_line(source, at):
        message = "附則の中に、日付だけの行があります。次の規約の題名の行（「…規約」）が抜けていないか確かめてください。"
        raise ImportRefused(message, source.line(at))
    end = _title_end(source, at) if source.ends_sentence(at) else None
    return end is not None and not source.is_cited_in_words(end) and "は、" not in source.plain[at:end]


def _date_line(source: Source, at: int) -> re.Match[str] | None:
    found = None if source.goes_on(at) else _DATE.match(source.plain, at)
    if found is None or source.gap(found.end()) != BREAK or source.is_cited(found.end()):
        return None
    return found


def _date(source: Source, found: re.Match[str]) -> date:
    era, year, western, month, day = found.groups()
    years = _YEAR_BEFORE[era] + (1 if year == "元" else number_of(year or western))
    with suppress(ValueError):  # a 31 April: refused below, with its line
        written = date(years, number_of(month), number_of(day))
        if written.year >= _FIRST_YEAR:
            return written
    raise ImportRefused(f"「{found[0]}」という日付はありません。年月日を確かめてください。", source.line(found.start()))


def _issuer_end(source: Source, begin: int) -> int:
    ends = list(_line_ends(source, begin, _LONGEST_ISSUER))
    followed = [end for end in ends if _title_end(source, end) is not None or supplements.begins_at(source, end)]
    if len(source) in ends and not followed and _LAST_ISSUER.fullmatch(source.plain, begin) and _title_end(source, begin) is None:
        return len(source)
    for issuer in _ISSUERS:
        for end in followed:
            if issuer.fullmatch(source.plain, begin, end):
                return end
    message = (
        "日付の次に、発出者（「○○所長」など）の行が見つかりません。発出者のあとには、次の規約の題名か附則だけを続けてください。"
        "条の本文にある日付であれば、その行を前の行の終わりにつなげてください。"
    )
    raise ImportRefused(message, source.line(begin - 1))


def _line_ends(source: Source, begin: int, most: int) -> Iterator[int]:
    end = source.next_start(begin)
    while begin < end <= begin + most:
        yield end
        if end == len(source):
            return
        end = source.next_start(end)


def _prove(documents: tuple[Document, ...], source: Source) -> None:
    """What was understood holds every sign of the source, once and in order."""
    understood = "".join("".join(piece.split()) for document in documents for piece in pieces(document))
    if understood != source.signs:
        pairs = zip(understood, source.signs, strict=False)
        at = next((place for place, (ours, theirs) in enumerate(pairs) if ours != theirs), min(len(understood), len(source)))
        raise ImportRefused("文字を一つも変えずに読み取ることができませんでした。この行の書き方を確かめてください。", source.line(at))
