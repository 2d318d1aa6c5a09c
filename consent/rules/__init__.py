"""What the documents demand of their own versions, and what stands in a version's text. Pure."""

from consent.rules.versions import (
    Ground,
    Stage,
    Version,
    banner_until,
    blocks_use,
    clause,
    comes_in_order,
    counting,
    earliest_effect,
    in_force,
    is_short_notice,
    midnight,
    needs_consent,
    predecessor,
    stage,
    usual_effect,
)
from consent.rules.wording import article_key, filled, placeholders, words

__all__ = [
    "Ground",
    "Stage",
    "Version",
    "article_key",
    "banner_until",
    "blocks_use",
    "clause",
    "comes_in_order",
    "counting",
    "earliest_effect",
    "filled",
    "in_force",
    "is_short_notice",
    "midnight",
    "needs_consent",
    "placeholders",
    "predecessor",
    "stage",
    "usual_effect",
    "words",
]
