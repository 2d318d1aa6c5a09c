"""Made-up data for every mail the portal writes: so that staff read each text, and send it to themselves, without anybody's data."""

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse

from booking.mails import LACK_WORDS
from booking.models import Booking, EmployerRequest, Incident, NoticeText, Participant, Registration, Seminar, SessionAlarm, ZoomHost
from booking.models.bookings import Kind, State
from booking.queries import policy_at, text_at
from booking.rules.calendar import ONE_DAY, tokyo, tokyo_date
from booking.rules.incidents import Kind as Trouble
from booking.rules.readiness import Lack
from booking.troubles import ADVICE
from consent.models import ChangeNotice, TermsDocument, TermsVersion
from toyooka_hw.accounts.models import Establishment, Person, Role, UsageRestriction, User

FOLDER = Path(settings.BASE_DIR) / "templates" / "mail"
ENDING = ".subject.txt"
SEEKER, CONTACT = "豊岡 花子", "城崎 次郎"
STATES = {"received": State.REQUESTED, "immediate_received": State.REQUESTED, "proposed": State.PROPOSED}
REASON = "担当者が急に不在となったため"
SEMINARS, TO_PARTNERS = "seminar_", "seminar_partner"


@cache
def templates() -> tuple[str, ...]:
    """The name of every mail, as its files are called."""
    return tuple(sorted(path.name.removesuffix(ENDING) for path in FOLDER.glob(f"*{ENDING}")))


def contexts(*, now: datetime, by: User) -> Callable[[str], dict[str, Any]]:
    """What each text is told, by its name. Three queries for all of them: what the office has set, and the role of who reads."""
    shared = _shared(tokyo(tokyo_date(now) + 2 * ONE_DAY, time(10)), now, by)
    return lambda template: {**shared, **_about(template, shared["starts_at"], now)}


def _shared(starts_at: datetime, now: datetime, by: User) -> dict[str, Any]:
    """Everything that any of the texts may say, about a session the day after next."""
    seeker, _contact = _people()
    return {
        "starts_at": starts_at,
        "others": [Participant(person=seeker, role=Participant.PartRole.JOB_SEEKER)],
        "policy": policy_at(now),
        "closing": text_at(NoticeText.Key.MAIL_CLOSING, now),
        "reason": REASON,
        "starts": [starts_at + timedelta(minutes=30), starts_at + ONE_DAY],
        "code": "123456",
        "was_verified": True,
        "begun": False,
        "restriction": UsageRestriction(letter="（利用の制限を記録するときに入力した文面が入ります。）"),
        **_addresses(),
        **_terms(starts_at),
        **_to_staff(starts_at, by),
        **_of_machinery(starts_at),
    }


def _about(template: str, starts_at: datetime, now: datetime) -> dict[str, Any]:
    """What the text is about, of its kind, and who reads it."""
    if template.startswith(SEMINARS):
        return _about_seminar(template, starts_at, now)
    booking = _booking(template, starts_at, now)
    advice = ADVICE[Trouble.HOST]
    about = {"booking": booking, "request": booking.employer_request, "person": booking.applicant, "answer_by": booking.answer_by}
    return {**about, "steps": advice.after if template == "incident_over" else advice.steps}


def _booking(template: str, starts_at: datetime, now: datetime) -> Booking:
    kinds = {"immediate": Kind.AD_HOC, "interview": Kind.INTERVIEW, "employer": Kind.INTERVIEW}
    kind = kinds.get(template.partition("_")[0], Kind.RESERVED)
    seeker, contact = _people()
    wanted = EmployerRequest(number="E27-0001", contact=contact, purpose=EmployerRequest.Purpose.INTERVIEW, candidates=[starts_at])
    return Booking(
        number="B27-0001",
        kind=kind,
        state=STATES.get(template, State.CONFIRMED),
        applicant=contact if kind == Kind.INTERVIEW else seeker,
        employer_request=wanted if kind == Kind.INTERVIEW else None,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        requested_at=now,
        answer_by=starts_at - timedelta(hours=17),
    )


def _about_seminar(template: str, starts_at: datetime, now: datetime) -> dict[str, Any]:
    """A seminar, and the registration of whoever reads it; an employer's contact who gives it reads of the seminar alone."""
    seeker, contact = _people()
    seminar = Seminar(
        number="S27-0001",
        kind=Seminar.Kind.COMPANY_TOUR,
        title="城崎製作所 オンライン見学会",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        will_record=True,
    )
    row = Registration(number="R27-0001", seminar=seminar, person=seeker, answer_by=starts_at - timedelta(hours=17))
    reader = contact if template == TO_PARTNERS else seeker
    return {
        "seminar": seminar,
        "registration": row,
        "person": reader,
        "number": seminar.number if reader is contact else row.number,
        "url": settings.PORTAL_URL + reverse("employer") if reader is contact else f"{settings.PORTAL_URL}/e/…",
    }


def _people() -> tuple[Person, Person]:
    works = Establishment(number="2809-123456-7", name="城崎製作所")
    contact = Person(full_name=CONTACT, role=Role.EMPLOYER_CONTACT, establishment=works)
    return Person(full_name=SEEKER), contact


def _addresses() -> dict[str, str]:
    """The pages that mails lead to; a personal link of nobody's."""
    pages = {"top_url": "top", "slots_url": "slots"}
    return {"url": f"{settings.PORTAL_URL}/b/…", **{name: settings.PORTAL_URL + reverse(page) for name, page in pages.items()}}


def _terms(effective_at: datetime) -> dict[str, Any]:
    document = TermsDocument(code="counselling", title="豊岡公共職業安定所オンライン職業相談等利用規約")
    version = TermsVersion(document=document, number=2, dated=tokyo_date(effective_at), effective_at=effective_at)
    notice = ChangeNotice(
        version=version,
        ground=ChangeNotice.Ground.REASONABLE,
        clause="第13条第1項第2号",
        summary="（変更の概要が入ります。）",
        reason="（変更の理由が入ります。）",
        bureau_url="https://example.jp/",
    )
    address = settings.PORTAL_URL + reverse("top")
    return {"version": version, "notice": notice, "text_url": address, "notice_url": address, "comparison_url": address}


def _to_staff(starts_at: datetime, by: User) -> dict[str, Any]:
    booking = _booking("confirmed", starts_at, starts_at)
    lacking: Iterable[Any] = [LACK_WORDS[Lack.ZOOM_FAILED]]
    return {
        "member": by,
        "staff": by,
        "role": by.role,
        "until": booking.starts_at,
        "bookings": [booking],
        "day": booking.starts_at,
        "sessions": [booking],
        "short": [booking],
        "to_do": [(booking, lacking)],
        "waiting": [],
        "seminars": [],
        "alarm": SessionAlarm(booking=booking, kind=SessionAlarm.Kind.RECORDING, at=booking.starts_at),
    }


def _of_machinery(at: datetime) -> dict[str, Any]:
    """A Zoom user that cannot be used."""
    incident = Incident(kind=Incident.Kind.HOST, opened_at=at, seen_at=at)
    return {"incident": incident, "host": ZoomHost(name="ライセンス1"), "much": "", "lasted": timedelta(hours=2)}
