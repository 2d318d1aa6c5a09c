"""Which version binds, who must agree (again), and when a change may take effect. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
ONE_DAY = timedelta(days=1)
NOTICE = timedelta(days=30)  # what the form offers
SHORT_NOTICE = timedelta(days=14)  # less than this and staff are warned
BANNER_AFTER_EFFECT = timedelta(days=14)  # how long every page tells of a change that has taken effect (half-open)
# A day further off than these is a slip of the pen: 2013 for 2023, 3027 for 2027.
BEFORE_ITS_DATE = timedelta(days=366)
FURTHEST_AHEAD = timedelta(days=5 * 366)

# Where each document says how it may be changed (C13, S9): what a notice cites unless staff say otherwise.
_CHANGE_ARTICLE = {"counselling": "第13条", "seminar": "第9条"}


class Stage(StrEnum):
    """The life of a version. The last three come by the clock alone; ``REPLACED``: another took its place before it ever bound."""

    DRAFT = "draft"
    CHECKED = "checked"
    ANNOUNCED = "announced"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    REPLACED = "replaced"


class Ground(StrEnum):
    """Why a text may be changed without asking everybody first (C13-1, C13-2, S9), or may not."""

    INITIAL = "initial"
    GENERAL_BENEFIT = "general_benefit"
    REASONABLE = "reasonable"
    INDIVIDUAL_CONSENT = "individual_consent"


_ITEM = {Ground.GENERAL_BENEFIT: "第1号", Ground.REASONABLE: "第2号"}


@dataclass(frozen=True, slots=True)
class Version:
    """What the rules need to know of a terms version; ``ground`` is its notice's, empty where there is none.

    ``digest``: the demo's summary, which never counts as a text of the office's.
    """

    id: int
    effective_at: datetime | None
    announced_at: datetime | None
    editorial: bool = False
    checked: bool = False
    ground: str = ""
    digest: bool = False


def in_force(versions: Iterable[Version], *, now: datetime) -> Version | None:
    """The announced version with the latest effect that has begun (C13: it flips at its moment, nobody presses anything)."""
    begun = [version for version in _in_order(versions) if _effect(version) <= now]
    return begun[-1] if begun else None


def stage(version: Version, versions: Iterable[Version], *, now: datetime) -> Stage:
    """Where ``version`` stands among all versions of its document, itself included."""
    if version.announced_at is None:
        return Stage.CHECKED if version.checked else Stage.DRAFT
    known = list(versions)
    if is_replaced(version, known):
        return Stage.REPLACED
    if _effect(version) > now:
        return Stage.ANNOUNCED
    return Stage.IN_FORCE if in_force(known, now=now) == version else Stage.SUPERSEDED


def is_replaced(version: Version, versions: Iterable[Version]) -> bool:
    """Whether another text, announced before this one's effect, takes its place at that very moment, so that it never binds."""
    effect = _effect(version)
    return any(
        other.announced_at < effect == _effect(other) and version.id < other.id for other in versions if other.announced_at is not None
    )


def predecessor(version: Version, versions: Iterable[Version]) -> Version | None:
    """The announced version that ``version`` takes over from; for a draft, the last one that was announced. Never one that was replaced."""
    known = list(versions)
    others = [other for other in _in_order(known) if other.id != version.id and not is_replaced(other, known)]
    if version.announced_at is not None:
        others = [other for other in others if _place(other) < _place(version)]
    return others[-1] if others else None


def counting(version: Version, versions: Sequence[Version], *, ad_hoc: bool = False) -> frozenset[int]:
    """The versions of which an agreement counts for ``version``.

    An editorial change asks nobody again for reserved use; for use under article 6-2 only the newest text counts (C6-2-2). Whoever agreed
    to a digest has not agreed to the text.
    """
    ids, step = {version.id}, version
    while not ad_hoc and step.editorial and (before := predecessor(step, versions)) and not before.digest:
        ids.add(before.id)
        step = before
    return frozenset(ids)


def blocks_use(version: Version, versions: Sequence[Version], agreed: Collection[int]) -> bool:
    """Whether a booking made earlier cannot be used before its person agrees (A11).

    Only what rests on individual consent blocks, from the last text the person agreed to up to ``version``, and having agreed to none.
    """
    step: Version | None = version
    while step is not None and counting(step, versions).isdisjoint(agreed):
        if step.ground == Ground.INDIVIDUAL_CONSENT:
            return True
        step = predecessor(step, versions)
    return step is None


def midnight(day: date) -> datetime:
    """00:00 of the day in Tokyo: the only moment at which a text comes into force."""
    return datetime.combine(day, time(), TOKYO)


def earliest_effect(now: datetime) -> date:
    """The day of the next 00:00 in Tokyo: no change takes effect earlier, whatever its ground (C13-2, S9)."""
    return now.astimezone(TOKYO).date() + ONE_DAY


def earliest_publication(dated: date) -> date:
    """How far back the first publication of a text of this date may take effect."""
    return dated - BEFORE_ITS_DATE


def latest_effect(now: datetime) -> date:
    """The last day for which a text can be announced now."""
    return now.astimezone(TOKYO).date() + FURTHEST_AHEAD


def usual_effect(now: datetime) -> date:
    """The day offered for a change announced now: 30 days ahead."""
    return now.astimezone(TOKYO).date() + NOTICE


def is_short_notice(effective_on: date, *, now: datetime) -> bool:
    """Whether people would have less than 14 days; staff are warned."""
    return effective_on - now.astimezone(TOKYO).date() < SHORT_NOTICE


def comes_in_order(candidate: Version, versions: Iterable[Version]) -> bool:
    """Whether ``candidate`` would take effect on a later day than every announced version: else one of the two would never bind.

    Only a digest may give way to the office's text on its own day.
    """
    others = [other for other in _in_order(versions) if other.id != candidate.id]
    return all(_effect(other) < _effect(candidate) or (other.digest and _place(other) < _place(candidate)) for other in others)


def clause(document: str, ground: Ground) -> str:
    """第13条第1号 or the like, as the notice cites it; empty where the change rests on no clause."""
    return _CHANGE_ARTICLE.get(document, "") + _ITEM[ground] if ground in _ITEM else ""


def _in_order(versions: Iterable[Version]) -> list[Version]:
    return sorted((version for version in versions if version.announced_at is not None), key=_place)


def _place(version: Version) -> tuple[datetime, int]:
    return _effect(version), version.id


def _effect(version: Version) -> datetime:
    if version.effective_at is None:
        raise ValueError(f"version {version.id} has no moment of effect")
    return version.effective_at
