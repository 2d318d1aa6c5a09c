"""Announcing a version: with all that article 13 of C (9 of S) demands, or not at all."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from consent.models import ChangeNotice, TermsDocument, TermsVersion
from consent.operations.versions import AlreadyAnnounced, refuse_unread
from consent.queries import facts
from consent.rules import Ground, clause, comes_in_order, earliest_effect, earliest_publication, latest_effect, midnight, placeholders
from toyooka_hw.accounts.models import User
from toyooka_hw.audit.operations import record
from toyooka_hw.wake import wake


@dataclass(frozen=True, slots=True)
class Announcement:
    """What staff say about a change. A first publication (ground ``initial``) needs only the day, which may lie in the past.

    ``clause``: what the notice cites where it is not what the rules would say.
    """

    ground: Ground
    effective_on: date
    summary: str = ""
    reason: str = ""
    bureau_url: str = ""
    content_matches: bool = False
    clause: str = ""


class NotChecked(Exception):
    """No second person has checked the draft."""


class PlaceholdersRemain(Exception):
    """The text still has blanks of the template; carries them."""

    def __init__(self, remaining: tuple[str, ...]) -> None:
        super().__init__("、".join(remaining))
        self.remaining = remaining


class WrongGround(Exception):
    """``initial`` is for the first publication (or the first real text over the demo's digest), and that one has no other ground."""


class EditorialContradicts(Exception):
    """An editorial change asks nobody again: it can be no first publication, and cannot rest on individual consent."""


class NoticeIncomplete(Exception):
    """The announcement lacks what article 13 demands; carries the names of the missing fields (C13-0, S9-0)."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__("、".join(missing))
        self.missing = missing


class EffectTooEarly(Exception):
    """A change takes effect at the next 00:00 in Tokyo at the earliest (C13-2, 民法548条の4), a first publication a year before the date of
    its text; carries that day."""

    def __init__(self, earliest: date) -> None:
        super().__init__(earliest.isoformat())
        self.earliest = earliest


class EffectTooLate(Exception):
    """Nothing is announced years ahead; carries the last possible day."""

    def __init__(self, latest: date) -> None:
        super().__init__(latest.isoformat())
        self.latest = latest


class EffectOutOfOrder(Exception):
    """A version that was announced before would take effect on the same day or later, so one of the two would never bind."""


def announce(version_id: int, announcement: Announcement, *, by: User, now: datetime, reading: str | None = None) -> TermsVersion:
    """Freeze the version and let it come into force at 00:00 of the day; everybody concerned is told, except of a first publication
    (C13-0, C13-1, C13-2, S9-0).

    ``reading``: what was read before announcing (``TermsVersion.reading``). Raises AlreadyAnnounced, ReadAnotherText, NotChecked,
    PlaceholdersRemain, WrongGround, EditorialContradicts, NoticeIncomplete, EffectTooEarly, EffectTooLate, EffectOutOfOrder.
    """
    with transaction.atomic():
        version = _locked(version_id)
        _refuse_unready(version)
        refuse_unread(version, reading)
        _refuse_announcement(version, announcement, now)
        version.announced_by, version.announced_at, version.effective_at = by, now, midnight(announcement.effective_on)
        version.save(update_fields=["announced_by", "announced_at", "effective_at"])
        ChangeNotice.objects.create(
            version=version,
            ground=announcement.ground,
            clause=announcement.clause.strip() or clause(version.document.code, announcement.ground),
            summary=announcement.summary,
            reason=announcement.reason,
            bureau_url=announcement.bureau_url,
            content_matches=announcement.content_matches,
            announced_by=by,
        )
        facts_told = {
            _("効力発生日"): ("", announcement.effective_on),
            _("変更の根拠"): ("", ChangeNotice.Ground(announcement.ground).label),
        }
        record(_("利用規約の告知"), version, by=by, now=now, reason=announcement.reason, changes=facts_told)
        wake("consent.send_notices")
    return version


def _locked(version_id: int) -> TermsVersion:
    """The version, with its document locked: two announcements of one document come one after the other."""
    document = TermsDocument.objects.select_for_update().get(versions=version_id)
    return TermsVersion.objects.select_for_update().get(pk=version_id, document=document)


def _refuse_unready(version: TermsVersion) -> None:
    if version.announced_at is not None:
        raise AlreadyAnnounced
    if remaining := placeholders(version.preamble, version.parts):
        raise PlaceholdersRemain(remaining)
    if version.checked_at is None:
        raise NotChecked


def _refuse_announcement(version: TermsVersion, announcement: Announcement, now: datetime) -> None:
    announced = TermsVersion.objects.filter(document=version.document_id, announced_at__isnull=False).select_related("notice")
    first = not announced.filter(is_digest=False).exists()
    if first != (announcement.ground == Ground.INITIAL):
        raise WrongGround
    if version.editorial and announcement.ground in (Ground.INITIAL, Ground.INDIVIDUAL_CONSENT):
        raise EditorialContradicts
    if not first:
        _refuse_incomplete(announcement)
    _refuse_day(announcement.effective_on, earliest_publication(version.dated) if first else earliest_effect(now), latest_effect(now))
    candidate = replace(facts(version), effective_at=midnight(announcement.effective_on))
    if not comes_in_order(candidate, map(facts, announced)):
        raise EffectOutOfOrder


def _refuse_incomplete(announcement: Announcement) -> None:
    demanded = ("summary", "reason", "bureau_url", "content_matches")
    given = {name: getattr(announcement, name) for name in demanded}
    missing = tuple(name for name, value in given.items() if not (value.strip() if isinstance(value, str) else value))
    if missing:
        raise NoticeIncomplete(missing)


def _refuse_day(day: date, earliest: date, latest: date) -> None:
    if day < earliest:
        raise EffectTooEarly(earliest)
    if day > latest:
        raise EffectTooLate(latest)
