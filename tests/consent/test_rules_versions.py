"""Which version binds, who is asked again, when a change may take effect: C13, S9, C6-2-2, A11."""

from datetime import UTC, date, datetime, timedelta

import pytest

from consent.rules import (
    Ground,
    Stage,
    Version,
    blocks_use,
    clause,
    comes_in_order,
    counting,
    earliest_effect,
    earliest_publication,
    in_force,
    is_replaced,
    is_short_notice,
    latest_effect,
    midnight,
    predecessor,
    stage,
    usual_effect,
)

APRIL = datetime(2027, 4, 1, tzinfo=UTC)
MAY = datetime(2027, 5, 1, tzinfo=UTC)
JUNE = datetime(2027, 6, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)

FIRST = Version(1, APRIL, APRIL, ground=Ground.INITIAL)
EDITORIAL = Version(2, MAY, APRIL, editorial=True, ground=Ground.REASONABLE)
THIRD = Version(3, JUNE, MAY, ground=Ground.REASONABLE)
DRAFT = Version(4, None, None)
ALL = (DRAFT, THIRD, FIRST, EDITORIAL)


@pytest.mark.parametrize(
    ("now", "binding"),
    [(APRIL - SECOND, None), (APRIL, FIRST), (MAY - SECOND, FIRST), (MAY, EDITORIAL), (JUNE - SECOND, EDITORIAL), (JUNE, THIRD)],
)
def test_in_force_flips_at_the_moment_of_effect(now: datetime, binding: Version | None) -> None:
    assert in_force(ALL, now=now) == binding


@pytest.mark.parametrize(
    ("version", "now", "expected"),
    [
        (DRAFT, JUNE, Stage.DRAFT),
        (Version(5, None, None, checked=True), JUNE, Stage.CHECKED),
        (THIRD, JUNE - SECOND, Stage.ANNOUNCED),
        (THIRD, JUNE, Stage.IN_FORCE),
        (EDITORIAL, JUNE - SECOND, Stage.IN_FORCE),
        (EDITORIAL, JUNE, Stage.SUPERSEDED),
    ],
)
def test_stage_is_computed_from_dates(version: Version, now: datetime, expected: Stage) -> None:
    assert stage(version, ALL, now=now) == expected


def test_version_replaced_before_its_effect_never_binds() -> None:
    """Such rows are older than the rule that no two versions take effect on one day."""
    replacing = Version(5, JUNE, MAY)
    versions = (*ALL, replacing)
    assert in_force(versions, now=JUNE) == replacing
    assert [stage(THIRD, versions, now=now) for now in (MAY, JUNE)] == [Stage.REPLACED] * 2
    assert [is_replaced(version, versions) for version in (FIRST, EDITORIAL, THIRD, replacing)] == [False, False, True, False]
    assert predecessor(replacing, versions) == EDITORIAL


def test_digest_that_was_read_before_the_text_came_is_not_called_replaced() -> None:
    """The demo's digest binds since 2023; the office's text of the same day is announced years later."""
    digest, text = Version(1, APRIL, APRIL, digest=True), Version(2, APRIL, MAY)
    assert stage(digest, (digest, text), now=JUNE) == Stage.SUPERSEDED


@pytest.mark.parametrize(("version", "before"), [(FIRST, None), (EDITORIAL, FIRST), (THIRD, EDITORIAL), (DRAFT, THIRD)])
def test_predecessor_is_the_announced_version_before(version: Version, before: Version | None) -> None:
    assert predecessor(version, ALL) == before


def test_editorial_change_asks_nobody_again_for_reserved_use() -> None:
    assert counting(EDITORIAL, ALL) == {1, 2}


def test_consent_to_a_digest_never_counts_for_the_text() -> None:
    digest = Version(1, APRIL, APRIL, digest=True)
    assert counting(EDITORIAL, (digest, EDITORIAL)) == {2}


def test_ad_hoc_use_always_needs_the_newest_text() -> None:
    """C6-2-2."""
    assert counting(EDITORIAL, ALL, ad_hoc=True) == {2}


def test_change_of_substance_asks_everybody_again() -> None:
    assert counting(THIRD, ALL) == {3}


@pytest.mark.parametrize(
    ("ground", "blocks"),
    [(Ground.GENERAL_BENEFIT, False), (Ground.REASONABLE, False), (Ground.INDIVIDUAL_CONSENT, True)],
)
def test_booking_made_before_is_blocked_by_individual_consent_only(ground: Ground, blocks: bool) -> None:
    """A11."""
    changed = Version(2, MAY, APRIL, ground=ground)
    assert blocks_use(changed, (FIRST, changed), {1}) is blocks
    assert blocks_use(changed, (FIRST, changed), {1, 2}) is False


def test_individual_consent_left_open_blocks_under_every_later_version() -> None:
    """A11."""
    individual = Version(2, MAY, APRIL, ground=Ground.INDIVIDUAL_CONSENT)
    versions = (FIRST, individual, THIRD)
    assert [blocks_use(THIRD, versions, agreed) for agreed in ({1}, {1, 2}, {3}, set())] == [True, False, False, True]


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2027, 4, 6, 0, 30, tzinfo=UTC), date(2027, 4, 7)),
        (datetime(2027, 4, 6, 14, 59, 59, tzinfo=UTC), date(2027, 4, 7)),
        (datetime(2027, 4, 6, 15, tzinfo=UTC), date(2027, 4, 8)),  # 00:00 in Tokyo
    ],
)
def test_earliest_effect_is_the_next_midnight_in_tokyo(now: datetime, day: date) -> None:
    assert earliest_effect(now) == day
    assert midnight(day) > now


def test_moment_of_effect_is_midnight_in_tokyo() -> None:
    assert midnight(date(2027, 4, 7)) == datetime(2027, 4, 6, 15, tzinfo=UTC)


def test_usual_notice_is_thirty_days_and_less_than_fourteen_is_short() -> None:
    now = datetime(2027, 4, 6, 0, 30, tzinfo=UTC)
    assert usual_effect(now) == date(2027, 5, 6)
    assert [is_short_notice(date(2027, 4, day), now=now) for day in (19, 20)] == [True, False]


def test_days_of_effect_have_their_bounds() -> None:
    now = datetime(2027, 4, 6, 0, 30, tzinfo=UTC)
    assert (earliest_publication(date(2023, 8, 29)), latest_effect(now)) == (date(2022, 8, 28), date(2032, 4, 9))


@pytest.mark.parametrize(("effect", "follows"), [(JUNE - SECOND, False), (JUNE, False), (JUNE + SECOND, True)])
def test_change_has_to_come_after_every_announced_one(effect: datetime, follows: bool) -> None:
    """One of two versions of the same moment would never bind."""
    assert comes_in_order(Version(5, effect, None), ALL) is follows


def test_text_may_take_the_day_of_the_digest_before_it() -> None:
    digest = Version(1, APRIL, APRIL, digest=True)
    assert comes_in_order(Version(2, APRIL, None), (digest,)) is True


@pytest.mark.parametrize(
    ("document", "ground", "cited"),
    [
        ("counselling", Ground.GENERAL_BENEFIT, "第13条第1号"),
        ("counselling", Ground.REASONABLE, "第13条第2号"),
        ("seminar", Ground.REASONABLE, "第9条第2号"),
        ("counselling", Ground.INDIVIDUAL_CONSENT, ""),
        ("counselling", Ground.INITIAL, ""),
    ],
)
def test_clause_is_that_of_the_document(document: str, ground: Ground, cited: str) -> None:
    """C13-1, C13-2, S9."""
    assert clause(document, ground) == cited
