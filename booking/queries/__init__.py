"""Reading: one module per subject. The number of queries never depends on the number of rows."""

from booking.queries.calendar import (
    closures_of,
    given_way_at,
    holds_giving_way,
    is_anybody_on_duty,
    policy_history,
    roster,
    seminars_in_the_way,
    text_at,
    text_history,
)
from booking.queries.calls import Call, calls, deliveries
from booking.queries.closing import sessions_without_end, to_remind_of, unclosed_days
from booking.queries.employers import is_own, requests_of, requests_seen_by, unverified_contacts, waiting_requests_of
from booking.queries.failures import failed_mails, is_outdated_mail
from booking.queries.immediate import (
    Bar,
    Waiting,
    bar_of,
    immediate_under_way,
    last_immediate_of,
    open_immediate_of,
    session_with_people,
    standing_now,
    waiting_immediate,
    waiting_in_short,
    watch_now,
)
from booking.queries.interviews import (
    Asked,
    asked_in_short,
    employer_requests,
    is_invited,
    of_participant,
    request_with_sessions,
    waiting_requests,
)
from booking.queries.lists import on_day, unanswered, unclosed_before, with_history
from booking.queries.notices import Warnings, notices_of, unheard_notices, warnings
from booking.queries.people import no_contact_counts, of_person, open_booking_of, proposed_holds, readers_of, sessions_of, to_be_switched
from booking.queries.readiness import Board, SessionRow, next_open_day, readiness
from booking.queries.reminders import key_of as reminder_key
from booking.queries.reminders import to_be_reminded, why_needless
from booking.queries.sessions import due_for_no_contact, heartbeats_around, meetings_that_differ
from booking.queries.situation import calendar_between, free_starts, moments_of, policy_at, situation, wished_situation
from booking.queries.unreachable import Unreachable, unreachable

__all__ = [
    "Asked",
    "Bar",
    "Board",
    "Call",
    "SessionRow",
    "Unreachable",
    "Waiting",
    "Warnings",
    "asked_in_short",
    "bar_of",
    "calendar_between",
    "calls",
    "closures_of",
    "deliveries",
    "due_for_no_contact",
    "employer_requests",
    "failed_mails",
    "free_starts",
    "given_way_at",
    "heartbeats_around",
    "holds_giving_way",
    "immediate_under_way",
    "is_anybody_on_duty",
    "is_invited",
    "is_outdated_mail",
    "is_own",
    "last_immediate_of",
    "meetings_that_differ",
    "moments_of",
    "next_open_day",
    "no_contact_counts",
    "notices_of",
    "of_participant",
    "of_person",
    "on_day",
    "open_booking_of",
    "open_immediate_of",
    "policy_at",
    "policy_history",
    "proposed_holds",
    "readers_of",
    "readiness",
    "reminder_key",
    "request_with_sessions",
    "requests_of",
    "requests_seen_by",
    "roster",
    "seminars_in_the_way",
    "session_with_people",
    "sessions_of",
    "sessions_without_end",
    "situation",
    "standing_now",
    "text_at",
    "text_history",
    "to_be_reminded",
    "to_be_switched",
    "to_remind_of",
    "unanswered",
    "unclosed_before",
    "unclosed_days",
    "unheard_notices",
    "unreachable",
    "unverified_contacts",
    "waiting_immediate",
    "waiting_in_short",
    "waiting_requests",
    "waiting_requests_of",
    "warnings",
    "watch_now",
    "why_needless",
    "wished_situation",
    "with_history",
]
