"""The office's numbers: each value is added with who, when, why and from when it holds; the old ones stay."""

from collections.abc import Mapping
from datetime import datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import NoticeText, PolicyValue
from booking.queries import policy_at, text_at
from booking.rules.office_hours import hours_suffice
from booking.rules.policy import Policy
from toyooka_hw.accounts.models import User
from toyooka_hw.audit import operations as audit


class NotAPolicyValue(Exception):
    """The value does not fit the policy key."""


class ClosesAfterAnswer(NotAPolicyValue):
    """Requests would still come in when the office has answered the last of them (C6-1-1b)."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(f"closes {policy.request_closes_at}, answered by {policy.answer_by_at}")
        self.closes, self.answer_by = policy.request_closes_at, policy.answer_by_at


class HoursTooShort(NotAPolicyValue):
    """Between opening and closing no session would have room."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(f"opens {policy.office_opens_at}, closes {policy.office_closes_at}")
        self.opens, self.closes, self.minutes = policy.office_opens_at, policy.office_closes_at, policy.slot_minutes


LONGEST_TEXT = 400
TIMES = (
    PolicyValue.Key.REQUEST_CLOSES_AT,
    PolicyValue.Key.ANSWER_BY_AT,
    PolicyValue.Key.OFFICE_OPENS_AT,
    PolicyValue.Key.OFFICE_CLOSES_AT,
)
MAY_BE_EMPTY = frozenset(
    {PolicyValue.Key.INTERVIEW_PRESENCE_MINUTES, PolicyValue.Key.CAPACITY_PER_START, PolicyValue.Key.FIRST_TIMERS_PER_DAY}
)
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
    PolicyValue.Key.REMIND_MINUTES_BEFORE: (15, 180),
    PolicyValue.Key.IMMEDIATE_WAIT_MINUTES: (3, 60),
    PolicyValue.Key.IMMEDIATE_LEAD_MINUTES: (0, 60),
    PolicyValue.Key.INTERVIEWS_TAKEN: (0, 1),
    PolicyValue.Key.INTERVIEW_PRESENCE_MINUTES: (5, 30),
    PolicyValue.Key.EMPLOYERS_BOOK: (0, 1),
    PolicyValue.Key.SEMINAR_WAITING_ROOM: (0, 1),
}


def set_policy(key: str, value: str, *, by: User, reason: str, now: datetime, holds_from: datetime | None = None) -> PolicyValue:
    """Add a policy value; the old ones stay as history. A moment that has passed is now.

    Raises NotAPolicyValue; ClosesAfterAnswer where, then or at any time later, requests would be taken after the last answer is due;
    HoursTooShort where the office's hours would be upside down, or too short for a session.
    """
    stored = checked_value(key, value.strip())
    moment = max(holds_from or now, now)
    with transaction.atomic():
        before = stored_form(getattr(policy_at(moment), key))
        row = PolicyValue.objects.create(key=key, value=stored, holds_from=moment, set_at=now, set_by=by, reason=reason)
        if key in TIMES:
            _check_times(moment)
        audit.record(_("運用の設定の変更"), row, by=by, now=now, reason=reason, changes={key: (before, stored)})
    return row


def set_text(key: str, text: str, *, by: User, reason: str, now: datetime, holds_from: datetime | None = None) -> NoticeText:
    """Add a text of the office's; an empty one takes the notice away. The old ones stay. Raises NotAPolicyValue where it is too long."""
    stored = "\n".join(line.rstrip() for line in text.replace("\0", "").strip().splitlines())
    if key not in NoticeText.Key.values or len(stored) > LONGEST_TEXT:
        raise NotAPolicyValue
    moment = max(holds_from or now, now)
    with transaction.atomic():
        before = text_at(key, moment)
        row = NoticeText.objects.create(key=key, text=stored, holds_from=moment, set_at=now, set_by=by, reason=reason)
        audit.record(_("お知らせの文の変更"), row, by=by, now=now, reason=reason, changes={key: (before, stored)})
    return row


def stored_form(value: time | int | None) -> str:
    """A number of the policy as its rows have it."""
    return "" if value is None else f"{value:%H:%M}" if isinstance(value, time) else str(value)


def _check_times(moment: datetime) -> None:
    """The policy at this moment and whenever it changes later, with what was just written."""
    later = PolicyValue.objects.filter(key__in=TIMES, holds_from__gt=moment).values_list("holds_from", flat=True)
    for each in (moment, *later):
        policy = policy_at(each)
        if policy.request_closes_at > policy.answer_by_at:
            raise ClosesAfterAnswer(policy)
        if not hours_suffice(policy):
            raise HoursTooShort(policy)


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
