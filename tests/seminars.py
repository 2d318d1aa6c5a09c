"""Seminars for tests: one on the story's Thursday afternoon, and people who register for it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from booking.models import Registration, Seminar
from booking.operations.press import Press
from booking.operations.seminars import giving, people, seats
from booking.operations.seminars.seats import Sheet
from consent.models import TermsVersion
from consent.operations import Shown
from consent.queries import SEMINAR
from tests.cast import MORNING, THURSDAY, Office, at, make_person, publish_terms
from toyooka_hw.accounts.models import Person

STARTS = at(THURSDAY, 14)
CLOSES = at(THURSDAY, 12)
LABEL = "利用規約を読み、同意します。"


def terms() -> TermsVersion:
    """The seminars' terms in force; made once."""
    return TermsVersion.objects.filter(document__code=SEMINAR).first() or publish_terms(SEMINAR)


def press(office: Office, now: datetime = MORNING) -> Press:
    return Press(office.staff, now, now)


def drawn_up(office: Office, **details: Any) -> Seminar:
    """A draft for two, given by 佐藤 on her host."""
    usual = {
        "title": "はじめての在宅ワーク",
        "description": "在宅で働くために知っておきたいことを説明します。",
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(hours=1),
        "opens_at": MORNING,
        "closes_at": CLOSES,
        "capacity": 2,
        "functions": ["chat", "questions"],
        "counsellor": office.sato,
        "host": office.sato.default_host,
    }
    return giving.create(Seminar(**{**usual, **details}), press(office))


def recorded(office: Office, speaker: str = "気比 明", now: datetime = MORNING, **details: Any) -> Seminar:
    """A draft that will be recorded: its one speaker has agreed to it on record (S4-5)."""
    seminar = drawn_up(office, **details)
    named = people.add_speaker(seminar.pk, name=speaker, affiliation="就職支援ナビゲーター", by=office.staff, now=now)
    people.record_recording_consent(named.pk, by=office.staff, now=now)
    seminar.will_record = True
    return giving.change(seminar, press(office, now))


def published(office: Office, **details: Any) -> Seminar:
    terms()
    return giving.publish(drawn_up(office, **details).pk, press(office))


def guest(number: int = 1, **details: Any) -> Person:
    return make_person(**{"name": f"参加 {number}", "email": f"guest{number}@example.jp", **details})


def sheet(**details: Any) -> Sheet:
    return Sheet(**{"shown": Shown(terms().pk, LABEL, MORNING), "key": uuid4(), **details})


def register(seminar: Seminar, person: Person, now: datetime = MORNING, *, wall: datetime | None = None, **details: Any) -> Registration:
    return seats.register(person, seminar.pk, sheet(**details), now=now, wall=wall or now)


def seats_of(seminar: Seminar) -> list[str]:
    """The registrations' states in the order in which people came."""
    return list(seminar.registrations.order_by("pk").values_list("seat", flat=True))
