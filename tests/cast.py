"""The small cast that every test knows: an office at work, its terms, a job seeker, two members of staff."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from booking.models import Booking, Counsellor, DutyHours, Meeting, PolicyValue, ZoomHost
from booking.operations import applications, bookings, giving_way, immediate
from booking.operations.applications import Application, Details
from booking.operations.bookings import Decision
from booking.operations.giving_way import Order
from booking.operations.immediate import ImmediateRequest
from booking.rules.calendar import tokyo
from booking.rules.interval import Interval
from consent.models import TermsDocument, TermsVersion
from consent.operations import Shown, agree, content_hash, record_in_ministry_system
from consent.queries import COUNSELLING
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import verify_person

TUESDAY = date(2027, 4, 6)  # an open Tuesday with open days around it
THURSDAY = date(2027, 4, 8)
MORNING = tokyo(TUESDAY, time(9, 30))  # the moment at which stories begin
SESSION = tokyo(THURSDAY, time(10))
BEFORE_TERMS = datetime(2023, 8, 28, tzinfo=UTC)  # nothing was announced yet


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment in Tokyo."""
    return tokyo(day, time(hour, minute, second))


@dataclass(frozen=True)
class Office:
    """Two counsellors on duty all week, each with a Zoom host, and terms in force."""

    sato: Counsellor
    tanaka: Counsellor
    version: TermsVersion

    @property
    def staff(self) -> User:
        return self.sato.user


def make_counsellor(username: str, name: str) -> Counsellor:
    user = User.objects.create_user(username, password="correct horse battery", display_name=name, is_staff=True, is_superuser=True)
    host = ZoomHost.objects.create(email=f"{username}@zoom.example.jp", name=f"ライセンス {name}")
    counsellor = Counsellor.objects.create(user=user, name=name, default_host=host)
    DutyHours.objects.bulk_create(
        DutyHours(counsellor=counsellor, weekday=weekday, starts=time(8, 30), ends=time(17, 15), since=date(2026, 1, 1))
        for weekday in range(5)
    )
    return counsellor


def publish_terms(
    code: str = COUNSELLING,
    number: int = 1,
    *,
    effective_at: datetime | None = None,
    articles: list[dict[str, Any]] | None = None,
    **more: Any,
) -> TermsVersion:
    document, _ = TermsDocument.objects.get_or_create(code=code, defaults={"title": f"試験用の規約（{code}）"})
    articles = articles or [
        {"number": 1, "branch": None, "heading": "（目的）", "paragraphs": [{"marker": "", "text": f"第{number}版の本文。", "items": []}]}
    ]
    return TermsVersion.objects.create(
        document=document,
        number=number,
        dated=date(2023, 8, 29),
        issuer="試験用",
        articles=articles,
        content_sha256=content_hash("", articles),
        announced_at=datetime(2023, 8, 29, tzinfo=UTC),
        effective_at=effective_at or datetime(2023, 8, 29, tzinfo=UTC),
        **more,
    )


@pytest.fixture
def office(db: None) -> Office:
    sato, tanaka = make_counsellor("sato", "佐藤"), make_counsellor("tanaka", "田中")
    PolicyValue.objects.create(
        key="capacity_per_start", value="2", holds_from=datetime(2026, 1, 1, tzinfo=UTC), set_at=MORNING, set_by=sato.user, reason="試験"
    )
    return Office(sato, tanaka, publish_terms())


def make_person(name: str = "豊岡 花子", email: str = "hanako@example.jp", phone: str = "+819012345678") -> Person:
    return Person.objects.create(
        full_name=name,
        email=email,
        email_proven_at=MORNING,
        stated_phone=phone,
        job_seeker_number="28090-1234567",
        created_at=MORNING,
    )


def make_regular(
    office: Office, name: str = "豊岡 花子", email: str = "hanako@example.jp", phone: str = "+819012345678", *, now: datetime = MORNING
) -> Person:
    """Somebody who may ask for a session now: verified, agreed to the terms in force, recorded so in the ministry's system (C6-2-1b)."""
    regular = make_person(name, email, phone)
    verify_person(regular, registered_phone=phone, by=office.staff, now=now)
    agree(regular, Shown(office.version.pk, "利用規約を読み、同意します。", now), document=COUNSELLING, now=now)
    record_in_ministry_system(regular, document=COUNSELLING, by=office.staff, now=now)
    return regular


@pytest.fixture
def person(office: Office) -> Person:
    """A job seeker who agreed to the terms in force."""
    hanako = make_person()
    agree(
        hanako, Shown(office.version.pk, "利用規約を読み、同意します。", MORNING - timedelta(minutes=5)), document=COUNSELLING, now=MORNING
    )
    return hanako


def now_please(version: TermsVersion, at: datetime = MORNING, **more: str) -> ImmediateRequest:
    """A request for a session now, as its page hands it to the operation."""
    return ImmediateRequest(Shown(version.pk, "お申込みをもって、利用規約に同意したものとみなします。", at), at, **more)


def nobody_concerned(office: Office) -> Order:
    """An order for a span in which no booking lies."""
    return Order(office.staff, {}, frozenset(), "")


def away(office: Office, counsellor: Counsellor, starts_at: datetime, ends_at: datetime) -> None:
    """The counsellor is not there, and had no booking then."""
    giving_way.be_away([counsellor], Interval(starts_at, ends_at), "", nobody_concerned(office), now=MORNING, wall=MORNING)


def closed(office: Office, day: date, label: str = "停電") -> None:
    """The office is closed on this day, on which no booking lies."""
    giving_way.close_day(day, label, nobody_concerned(office), now=MORNING, wall=MORNING)


def application(version: TermsVersion, starts_at: datetime = SESSION, **details: object) -> Application:
    """An application as the last screen hands it to the operation."""
    return Application(
        starts_at=starts_at,
        details=Details(**{"full_name": "豊岡 花子", "job_seeker_number": "28090-1234567", **details}),
        shown=Shown(version.pk, "お申込みをもって、利用規約に同意したものとみなします。", MORNING),
        environment_declared_at=MORNING,
        zoom_stated_at=MORNING,
        draft_key=uuid4(),
    )


@pytest.fixture
def requested(office: Office, person: Person) -> Booking:
    """A request for Thursday 10:00, sent on Tuesday morning."""
    return applications.request(person, application(office.version), now=MORNING, wall=MORNING)


@pytest.fixture
def confirmed(office: Office, requested: Booking) -> Booking:
    """The same request, confirmed an hour later."""
    later = MORNING + timedelta(hours=1)
    return bookings.confirm(requested.pk, Decision("registered", office.staff), now=later, wall=later)


@pytest.fixture
def regular(office: Office) -> Person:
    """A job seeker who may ask for a session now."""
    return make_regular(office)


@pytest.fixture
def waiting(office: Office, regular: Person) -> Booking:
    """Their request for a session now, sent on Tuesday morning while 佐藤 stands by."""
    immediate.switch(office.sato.pk, on=True, by=office.staff, now=MORNING)
    return immediate.request(regular, now_please(office.version), now=MORNING, wall=MORNING)


@pytest.fixture
def accepted(office: Office, waiting: Booking) -> Booking:
    """The same request, accepted by 佐藤 two minutes later: the session is from 9:32 to 10:02."""
    now = MORNING + timedelta(minutes=2)
    return immediate.accept(waiting.pk, counsellor=office.sato.pk, by=office.staff, now=now, wall=now)


def make_meeting_ready(booking: Booking, at: datetime = MORNING) -> None:
    """Zoom has made the meeting that was asked for."""
    Meeting.objects.filter(booking=booking).update(
        meeting_id=98765432101,
        host_email=booking.host.email,
        starts_at=booking.starts_at,
        join_url="https://zoom.us/j/98765432101",
        passcode="abcdEFGH23",
        ready_at=at,
        outbox_state="done",
    )


@pytest.fixture
def staff_client(office: Office) -> Callable[[User], Client]:
    """Clients of staff who have passed the second factor."""

    def client_of(user: User) -> Client:
        client = Client()
        client.force_login(user)
        device, _ = TOTPDevice.objects.get_or_create(user=user, name="試験", defaults={"confirmed": True})
        session = client.session
        session["otp_device_id"] = device.persistent_id
        session.save()
        return client

    return client_of
