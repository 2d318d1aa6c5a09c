"""附則: supplementary provisions behind the articles, with paragraphs or with articles that are numbered from 1 again."""

from collections.abc import Callable

from consent.importer.articles import ARTICLE, Head, article, caption_end, head_at, only_cited
from consent.importer.bodies import paragraphs
from consent.importer.documents import Supplement
from consent.importer.reading import BREAK, Source

_MARKER = "附則"


def begins_at(source: Source, at: int) -> bool:
    """Whether supplementary provisions begin with the line at ``at``: 附則 stands alone there or over a caption, and nothing cites it."""
    if source.goes_on(at) or source.gap(at) != BREAK or not source.plain.startswith(_MARKER, at):
        return False
    end = _head_end(source, at)
    if source.gap(end) == "" or source.is_cited_in_words(end):
        return False
    found = ARTICLE.match(source.plain, end)  # 附則第２条の… speaks of them
    return not only_cited(source, found.end()) if found else not source.plain.startswith("第", end)


def supplement(source: Source, at: int, ends: Callable[[int], bool]) -> tuple[Supplement, int]:
    """The supplementary provisions that begin at ``at``, and where they end: at the next ones, at a line that ``ends`` knows, or with
    the text."""
    begin = _head_end(source, at)
    heads: list[Head] = []
    place = source.next_start(begin - 1)
    while place < len(source) and not (begins_at(source, place) or ends(place)):
        if head := head_at(source, place, heads, first=begin):
            heads.append(head)
        place = source.next_start(head.end - 1 if head else place)
    bodies = [*(head.at for head in heads), place]
    found = Supplement(
        marker=source.signs[at : at + len(_MARKER)],
        heading=source.joined(at + len(_MARKER), begin),
        paragraphs=paragraphs(source, begin, bodies[0]),
        articles=tuple(article(source, head, end) for head, end in zip(heads, bodies[1:], strict=True)),
    )
    return found, place


def _head_end(source: Source, at: int) -> int:
    """Behind 附則 and its own caption, （令和６年４月１日）; （施行期日） on the next line is that of an article."""
    marker_end = at + len(_MARKER)
    end = caption_end(source, marker_end, alone=True)
    own = end is not None and (source.gap(marker_end) != BREAK or "年" in source.plain[marker_end:end])
    return end if end is not None and own else marker_end
