"""Which article, and inside an article which line, continues which. Likeness is counted on pairs of neighbouring characters."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from consent.comparison.text import FRONT, Article

LINE_CONTINUES = 0.4  # below it, a line is shown as removed and another as added
ARTICLE_CONTINUES = 0.7  # for articles that share neither number nor heading
ARTICLE_HINTED = 0.3  # for those that share one of the two; those that share both always continue

Pairs = Counter[tuple[str, str]]


def likeness(old: Pairs, new: Pairs) -> float:
    """From 0 (nothing in common) to 1 (the same pairs of characters): the Dice coefficient."""
    shared = sum(min(count, new[pair]) for pair, count in old.items() if pair in new)
    return 2 * shared / (old.total() + new.total())


def pairs_of(text: str) -> Pairs:
    """Neighbouring characters, the edges included, so that no text is without any."""
    return Counter(pairwise(f"\n{text}\n"))


def pair_lines(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """New line → the old line it continues, in step (no crossing), with the greatest likeness in all."""
    old_pairs, new_pairs = [pairs_of(line) for line in old], [pairs_of(line) for line in new]
    gain = {
        (here, there): score
        for here in range(len(old))
        for there in range(len(new))
        if (score := 1.0 if old[here] == new[there] else likeness(old_pairs[here], new_pairs[there])) >= LINE_CONTINUES
    }
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for here in reversed(range(len(old))):
        for there in reversed(range(len(new))):
            together = best[here + 1][there + 1] + gain.get((here, there), 0.0)
            best[here][there] = max(together, best[here + 1][there], best[here][there + 1])
    return dict(_walk(best, gain))


def _walk(best: list[list[float]], gain: dict[tuple[int, int], float]) -> Iterator[tuple[int, int]]:
    here = there = 0
    while here < len(best) - 1 and there < len(best[0]) - 1:
        if (here, there) in gain and best[here][there] == best[here + 1][there + 1] + gain[here, there]:
            yield there, here
            here, there = here + 1, there + 1
        elif best[here][there] == best[here + 1][there]:
            here += 1
        else:
            there += 1


def pair_articles(old: Sequence[Article], new: Sequence[Article]) -> dict[int, int]:
    """New article → the old one it continues, wherever it stood; the surest pairs are made first."""
    places = {article.place: here for here, article in enumerate(old)}
    found = {
        there: places[article.place]
        for there, article in enumerate(new)
        if article.place in places and article.lines[1:] == old[places[article.place]].lines[1:]
    }
    taken = set(found.values())
    for _, _, there, here in sorted(_candidates(old, new, found)):
        if there not in found and here not in taken:
            found[there] = here
            taken.add(here)
    return found


def _candidates(old: Sequence[Article], new: Sequence[Article], found: dict[int, int]) -> Iterator[tuple[float, int, int, int]]:
    """(minus the score, distance, new, old) of what may continue; sorted, the surest comes first."""
    old_open = {here: pairs_of(_body(old[here])) for here in range(len(old)) if here not in found.values()}
    new_open = {there: pairs_of(_body(new[there])) for there in range(len(new)) if there not in found}
    for there, new_pairs in new_open.items():
        for here, old_pairs in old_open.items():
            hints = _hints(old[here], new[there])
            alike = likeness(old_pairs, new_pairs)
            if hints is not None and alike >= (ARTICLE_CONTINUES, ARTICLE_HINTED, 0.0)[hints]:
                yield -(alike + 0.1 * hints), abs(here - there), there, here


def _hints(old: Article, new: Article) -> int | None:
    """How many of number and heading they share; None where they are of different parts."""
    if old.part != new.part:
        return None
    if old.number == FRONT:
        return 2
    return (old.place == new.place) + (old.headings == new.headings != "")


def _body(article: Article) -> str:
    return "\n".join((article.headings, *article.lines[1:]))
