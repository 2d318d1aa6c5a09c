"""A change of the terms, told with PostgreSQL, Redis, a Celery worker and SMTP: C13, C6-2-2, A11, issue points 2, 3, 5, 6."""

from typing import Any

import pytest
from django.test import Client

from booking.links import token_of
from booking.models import Booking, Meeting
from booking.operations import bookings, sessions
from booking.operations.bookings import Decision
from consent.models import ChangeNotice, Consent, TermsVersion
from consent.queries import COUNSELLING, banners, must_agree_before_use, needs_consent, unreachable
from consent.rules import Ground, earliest_effect, midnight
from tests import change
from tests.cast import Office
from tests.flows.applying import DECLARED, HANAKO, apply, choose, now_and_wall
from tests.pages import submit
from tests.stories import MINUTES, Story
from toyooka_hw import clock

pytestmark = pytest.mark.flow
SUBJECT = "【重要】利用規約の変更のお知らせ"
WORDS = "花は土曜日にも咲きます。"


def announced(office: Office, ground: Ground = Ground.REASONABLE) -> TermsVersion:
    """What the office does with a new text: one imports it, another checks and announces it, with effect at the next 00:00."""
    now = clock.now()
    return change.announced(office, change.make_draft(office, 2, WORDS, now=now), ground=ground, on=earliest_effect(now), now=now)


def confirmed(phone: Client, story: Story, office: Office) -> Booking:
    booking = apply(phone, story)
    bookings.confirm(booking.pk, Decision("registered", office.staff), now=clock.now(), wall=clock.wall())
    story.settle()
    return booking


def is_asked(page: Any) -> bool:
    """Whether this page of the application wants the terms agreed to."""
    assert page.templates[0].name == "booking/terms.html"
    return "agree" in page.context["form"].fields


def consents_to(version: TermsVersion) -> int:
    return Consent.objects.filter(version=version, based_on=None).count()


def in_use(booking: Booking) -> bool:
    """Whether nothing in the terms keeps the person from joining."""
    return not must_agree_before_use(booking.applicant_id, COUNSELLING, now=clock.now())


def test_change_from_the_import_to_the_session(story: Story, office_at_work: Office) -> None:
    phone = Client()
    booking = confirmed(phone, story, office_at_work)
    hanako = booking.applicant_id

    version = announced(office_at_work)
    story.settle()
    story.sweep(*["consent.send_notices"] * 3)
    story.settle()
    assert [subject[: len(SUBJECT)] for subject in story.subjects_to(HANAKO)].count(SUBJECT) == 1
    assert [notice.version for notice in banners(now=clock.now())] == [version]
    assert list(unreachable(ChangeNotice.objects.get())) == []

    effect = midnight(earliest_effect(clock.now()))
    story.move(effect - MINUTES)
    assert in_use(booking)
    sessions.cancel_by_user(booking.pk, by=office_at_work.staff, **now_and_wall())  # one open booking per person
    on_the_eve = choose(phone, story, 13)
    assert is_asked(on_the_eve) is False
    assert needs_consent(hanako, COUNSELLING, now=clock.now(), ad_hoc=True) is False

    story.move(effect)
    flipped = submit(phone, on_the_eve, **DECLARED)  # what was read the day before
    assert (consents_to(version), is_asked(flipped), WORDS in flipped.content.decode()) == (0, True, True)
    assert needs_consent(hanako, COUNSELLING, now=clock.now(), ad_hoc=True) is True
    agreed = submit(phone, flipped, **DECLARED)
    assert (consents_to(version), agreed.templates[0].name) == (1, "booking/details.html")
    assert needs_consent(hanako, COUNSELLING, now=clock.now(), ad_hoc=True) is False
    assert is_asked(choose(phone, story, 14)) is False


def test_booking_made_before_a_beneficial_change_is_joined_as_ever(story: Story, office_at_work: Office) -> None:
    """A11."""
    phone = Client()
    booking = confirmed(phone, story, office_at_work)
    version = announced(office_at_work, Ground.GENERAL_BENEFIT)
    story.move(story.at(9, 55))
    joined = phone.post(f"/b/{token_of(booking)}/join/", {"digits": "5678"})
    assert (in_use(booking), joined.status_code, consents_to(version)) == (True, 303, 0)


def test_booking_made_before_a_change_by_individual_consent_waits_for_it(story: Story, office_at_work: Office) -> None:
    """A11: the booking itself stands, and is open again as soon as its person agrees."""
    phone = Client()
    booking = confirmed(phone, story, office_at_work)
    version = announced(office_at_work, Ground.INDIVIDUAL_CONSENT)
    address = f"/b/{token_of(booking)}/"
    story.move(story.at(9, 55))
    refused = phone.post(f"{address}join/")
    booking.refresh_from_db()
    assert (booking.state, in_use(booking), refused.headers.get("Location")) == ("confirmed", False, f"{address}terms/")
    submit(phone, phone.get(f"{address}terms/"), agree="on", zoom="on", answer="agree")
    joined = phone.post(f"{address}join/")
    assert (consents_to(version), in_use(booking), joined.headers["Location"]) == (1, True, Meeting.objects.get().join_url)
