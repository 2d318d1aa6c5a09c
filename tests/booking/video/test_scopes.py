"""What the app may not do, by granular and by classic scopes."""

from booking.models.meetings import SCOPE_WORDS
from booking.video.scopes import NEEDED, missing
from toyooka_hw.demo.simulator.access import SCOPES


def test_all_granular_scopes_are_enough() -> None:
    assert missing(set(NEEDED)) == []


def test_classic_scopes_are_enough_for_an_old_app() -> None:
    assert missing({"meeting:write:admin", "meeting:read:admin", "user:read:admin"}) == []


def test_each_missing_scope_is_named() -> None:
    assert missing(set(NEEDED) - {"meeting:delete:meeting:admin"}) == ["meeting:delete:meeting:admin"]


def test_every_needed_scope_has_words_and_is_known_to_the_simulator() -> None:
    assert (set(SCOPE_WORDS), set(SCOPES.values())) == (set(NEEDED), set(NEEDED))
