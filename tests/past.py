"""Bookings of years gone by, written straight into the tables by the database itself: a thousand or a million of them, with all that hangs on them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import connection

from booking.models import Counsellor
from booking.rules.policy import Policy
from booking.rules.slots import starts_on
from consent.models import TermsVersion

A_SESSION = timedelta(minutes=Policy().slot_minutes)

# Who came when and to whom. A row is one booking; i is its number from the first one ever written by this module.
LIVED = """
CREATE TEMPORARY TABLE IF NOT EXISTS lived (i bigint, counsellor_id bigint, host_id bigint, starts_at timestamptz, state text)
"""
DAYS_BACK = """
INSERT INTO lived
SELECT i, (%(counsellors)s::bigint[])[1 + i %% %(n)s], (%(hosts)s::bigint[])[1 + i %% %(n)s],
       ((%(before)s::date - 1 - (i / %(n)s / %(starts)s)::int) + (%(times)s::time[])[1 + (i / %(n)s) %% %(starts)s]) AT TIME ZONE 'Asia/Tokyo',
       'completed'
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS i
"""
# One person comes three times.
PEOPLE = """
INSERT INTO accounts_person (role, full_name, name_kana, email, owner_tries, job_seeker_number, stated_phone, registered_phone,
    stated_establishment, stated_establishment_number, department, created_at)
SELECT DISTINCT ON (i / 3) 'job_seeker', '利用者 ' || i / 3, '', 'past-' || i / 3 || '@example.jp', 0, '28090-' || lpad((i / 3)::text, 7, '0'),
    '+819012345678', '', '', '', '', starts_at - interval '3 days'
FROM lived ON CONFLICT DO NOTHING
"""
CONSENTS = """
INSERT INTO consent_consent (person_id, version_id, content_sha256, method, label, language, zoom_terms_url, agreed, shown_at, agreed_at)
SELECT person.id, %(version)s, %(sha256)s, 'web', '利用規約を読み、同意します。', 'ja', '', true, person.created_at, person.created_at
FROM accounts_person person
WHERE person.email IN (SELECT 'past-' || i / 3 || '@example.jp' FROM lived)
  AND NOT EXISTS (SELECT FROM consent_consent known WHERE known.person_id = person.id)
"""
BOOKINGS = """
INSERT INTO booking_booking (number, kind, state, source, applicant_id, starts_at, ends_at, counsellor_id, host_id, requested_at, answer_by,
    confirm_limit, confirmed_at, begun_at, draft_key, link_generation, phone_tries, stated_name, stated_number, no_number_yet, topic, companion,
    eligibility, outcome, proxy_contact)
SELECT 'P' || i, 'reserved', lived.state, 'web', person.id, starts_at, starts_at + %(session)s, counsellor_id, host_id, starts_at - interval '3 days',
    starts_at - interval '1 day', starts_at - interval '12 hours', starts_at - interval '2 days',
    CASE lived.state WHEN 'completed' THEN starts_at END, gen_random_uuid(), 1, 0, '', '', false, '', '', 'unchecked',
    CASE lived.state WHEN 'completed' THEN 'held' ELSE '' END, ''
FROM lived JOIN accounts_person person ON person.email = 'past-' || i / 3 || '@example.jp'
"""
HOLDS = """
INSERT INTO booking_hold (counsellor_id, host_id, kind, span, host_span, booking_id)
SELECT booking.counsellor_id, booking.host_id, 'reservation', tstzrange(booking.starts_at, ends_at), tstzrange(booking.starts_at, ends_at), booking.id
FROM lived JOIN booking_booking booking ON booking.number = 'P' || i ORDER BY booking.starts_at
"""
PARTICIPANTS = """
INSERT INTO booking_participant (booking_id, person_id, role, consent_id)
SELECT booking.id, booking.applicant_id, 'job_seeker', consent.id
FROM lived JOIN booking_booking booking ON booking.number = 'P' || i JOIN consent_consent consent ON consent.person_id = booking.applicant_id
"""
EVENTS = """
INSERT INTO booking_bookingevent (booking_id, event, from_state, to_state, at, actor, reason, override)
SELECT booking.id, step.event, step.from_state, step.to_state, booking.starts_at + step.after, 'system', '', false
FROM lived JOIN booking_booking booking ON booking.number = 'P' || i CROSS JOIN (VALUES
    ('request', '', 'requested', interval '-3 days'), ('confirm', 'requested', 'confirmed', interval '-2 days'),
    ('complete', 'confirmed', 'completed', interval '1 hour')) AS step (event, from_state, to_state, after)
"""
MEETINGS = """
INSERT INTO booking_meeting (outbox_state, attempts, next_try_at, last_error, booking_id, reference, meeting_id, host_email, starts_at, asked_host,
    join_url, passcode, ready_at, removed_at, in_doubt, trouble, to_delete_by_hand, waiting_room)
SELECT 'done', 1, booking.starts_at, '', booking.id, 'past-' || i, 90000000000 + i, '', booking.starts_at, '', '', '', booking.starts_at, ends_at, false, '', false, true
FROM lived JOIN booking_booking booking ON booking.number = 'P' || i
"""
MAILS = """
INSERT INTO mail_outgoingmail (outbox_state, attempts, next_try_at, last_error, key, "to", subject, body, calendar, calendar_method, secrets, message_id,
    written_at, queued_at, in_order, delivered_at, dropped, bounce)
SELECT 'done', 1, starts_at, '', 'past:' || i || ':' || n, 'past-' || i / 3 || '@example.jp', '［ハローワーク豊岡］オンライン職業相談', repeat('本文', 100), '', '',
    '[]', '<past-' || i || '-' || n || '@portal.example.jp>', starts_at, starts_at, true, starts_at, '', ''
FROM lived CROSS JOIN generate_series(1, 3) AS n
"""
CALENDAR = (PEOPLE, CONSENTS, BOOKINGS, HOLDS, PARTICIPANTS)
PAPERS = (EVENTS, MEETINGS, MAILS)


def past_bookings(first: int, count: int, *, before: date, version: TermsVersion, whole: bool = False) -> None:
    """Completed sessions at every start of the days before this one, with every counsellor there is; ``first``: how many there are already.

    ``whole``: with the history, meetings and mails too, in a session whose foreign keys are not looked at (a superuser's right).
    """
    counsellors = Counsellor.objects.order_by("pk").values_list("pk", "default_host_id")
    ids, hosts = zip(*counsellors, strict=True)
    times = [start.time() for start in starts_on(before, Policy())]
    lived = {"counsellors": list(ids), "hosts": list(hosts), "n": len(ids), "times": times, "starts": len(times)}
    with connection.cursor() as cursor:
        cursor.execute(LIVED)
        cursor.execute(DAYS_BACK, {**lived, "before": before, "first": first, "last": first + count - 1})
    _write((*CALENDAR, *PAPERS) if whole else CALENDAR, version, trusting=whole)


def coming_bookings(places: Sequence[tuple[int, Counsellor, datetime]], *, version: TermsVersion) -> None:
    """Confirmed sessions still to come: their numbers, which are negative, counsellors and starts. Everybody comes once."""
    rows = [(3 * number, each.pk, each.default_host_id, start, "confirmed") for number, each, start in places]
    with connection.cursor() as cursor:
        cursor.execute(LIVED)
        cursor.executemany("INSERT INTO lived VALUES (%s, %s, %s, %s, %s)", rows)
    _write(CALENDAR, version)


def _write(statements: Sequence[str], version: TermsVersion, *, trusting: bool = False) -> None:
    said = {"version": version.pk, "sha256": version.content_sha256, "session": A_SESSION}
    with connection.cursor() as cursor:
        if trusting:
            cursor.execute("SET session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement, said)
        cursor.execute("SET session_replication_role = origin") if trusting else None
        cursor.execute("DROP TABLE lived")
        cursor.execute("ANALYZE")  # as autovacuum does after so many rows
