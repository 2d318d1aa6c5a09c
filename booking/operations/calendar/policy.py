"""The office's numbers: each value is added with who, when, why and from when it holds; the old ones stay."""

from collections.abc import Mapping
from datetime import datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import NoticeText, PolicyValue
from toyooka_hw.accounts.models import User
from toyooka_hw.audit import operations as audit


class NotAPolicyValue(Exception):
    """The value does not fit the policy key."""


LONGEST_TEXT = 400
MAY_BE_EMPTY = frozenset({PolicyValue.Key.CAPACITY_PER_START, PolicyValue.Key.FIRST_TIMERS_PER_DAY})
# Least and most. The grace is ten minutes by C6-1-4b; a request is judged by a calendar that is read for 60 days ahead.
BOUNDS: Mapping[str, tuple[int, int]] = {
    PolicyValue.Key.HORIZON_DAYS: (1, 60),
    PolicyValue.Key.CAPACITY_PER_START: (1, 50),
    PolicyValue.Key.FIRST_TIMERS_PER_DAY: (0, 100),
    PolicyValue.Key.FEW_PLACES: (0, 50),
    PolicyValue.Key.HOST_BUFFER_MINUTES: (0, 60),
    PolicyValue.Key.NO_CONTACT_GRACE_MINUTES: (10, 30),
    PolicyValue.Key.NO_CONTACT_NOTICE_MINUTES: (0, 60),
    PolicyValue.Key.JOIN_OPENS_MINUTES: (0, 60),
}


def set_policy(key: str, value: str, *, by: User, reason: str, now: datetime, holds_from: datetime | None = None) -> PolicyValue:
    """Add a policy value; the old ones stay as history. A moment that has passed is now. Raises NotAPolicyValue."""
    stored = checked_value(key, value.strip())
    moment = max(holds_from or now, now)
    with transaction.atomic():
        row = PolicyValue.objects.create(key=key, value=stored, holds_from=moment, set_at=now, set_by=by, reason=reason)
        audit.record(_("運用の設定の変更"), row, by=by, now=now, reason=reason, changes={key: ("", stored)})
    return row


def set_text(key: str, text: str, *, by: User, reason: str, now: datetime, holds_from: datetime | None = None) -> NoticeText:
    """Add a text of the office's; an empty one takes the notice away. The old ones stay. Raises NotAPolicyValue where it is too long."""
    stored = "\n".join(line.rstrip() for line in text.replace("\0", "").strip().splitlines())
    if key not in NoticeText.Key.values or len(stored) > LONGEST_TEXT:
        raise NotAPolicyValue
    moment = max(holds_from or now, now)
    with transaction.atomic():
        row = NoticeText.objects.create(key=key, text=stored, holds_from=moment, set_at=now, set_by=by, reason=reason)
        audit.record(_("お知らせの文の変更"), row, by=by, now=now, reason=reason)
    return row


def checked_value(key: str, value: str) -> str:
    """The value in its stored form. Raises NotAPolicyValue."""
    try:
        if key.endswith("_at"):
            return time.fromisoformat(value).strftime("%H:%M")
        if not value and key in MAY_BE_EMPTY:
            return ""
        number = int(value)
    except ValueError as error:
        raise NotAPolicyValue from error
    least, most = BOUNDS.get(key, (0, 0))
    if not least <= number <= most:
        raise NotAPolicyValue
    return str(number)
