"""What every page tells of a change of terms: from its announcement until 14 days after it took effect (C13-0, S9-0)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from consent.models import ChangeNotice
from consent.queries import banners
from toyooka_hw import clock


@dataclass(frozen=True, slots=True)
class Banner:
    """One change; ``begun`` once it is in force."""

    notice: ChangeNotice
    begun: bool


class TermsChanges:
    """Asked of the database only where a page draws the banners."""

    @cached_property
    def banners(self) -> list[Banner]:
        now = clock.now()
        return [
            Banner(notice, begun=bool(notice.version.effective_at and notice.version.effective_at <= now)) for notice in banners(now=now)
        ]


def terms_changes(request: HttpRequest) -> dict[str, Any]:
    """``terms_changes.banners``, on every page. One query, two where there is something to tell, and none on pages that draw no banner."""
    return {"terms_changes": TermsChanges()}
