"""Reading terms, notices and consents. The rows of merged persons count for whoever they were merged into."""

from consent.queries.consents import (
    consent_on_record,
    consent_to,
    consents_of,
    ministry_record,
    ministry_records_of,
    must_agree_before_use,
    needs_consent,
    withdrawals_of,
)
from consent.queries.ministry import latest, unrecorded
from consent.queries.notices import banners, concerned, deliveries, told, unreachable
from consent.queries.versions import (
    COUNSELLING,
    SEMINAR,
    TEXTS,
    compared,
    compared_in_public,
    facts,
    is_corrected,
    is_in_force,
    staged,
    text_of,
    version_before,
    version_in_force,
)

__all__ = [
    "COUNSELLING",
    "SEMINAR",
    "TEXTS",
    "banners",
    "compared",
    "compared_in_public",
    "concerned",
    "consent_on_record",
    "consent_to",
    "consents_of",
    "deliveries",
    "facts",
    "is_corrected",
    "is_in_force",
    "latest",
    "ministry_record",
    "ministry_records_of",
    "must_agree_before_use",
    "needs_consent",
    "staged",
    "text_of",
    "told",
    "unreachable",
    "unrecorded",
    "version_before",
    "version_in_force",
    "withdrawals_of",
]
