"""The demo's seminar with a few people, and its company tour, full, with an employer's contact: by the operations, each at its own moment."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from booking.models import Counsellor, Registration, Seminar
from booking.operations.press import Press
from booking.operations.seminars import giving, seats
from booking.operations.seminars import people as partakers
from booking.operations.seminars.seats import Sheet
from consent.models import TermsVersion
from consent.operations import Shown
from consent.queries import SEMINAR
from toyooka_hw.accounts.models import Role
from toyooka_hw.accounts.operations import person_of_mailbox
from toyooka_hw.demo import people
from toyooka_hw.demo.history import AGREED, Office
from toyooka_hw.demo.people import Character

FUNCTIONS = ["chat", "questions", "reactions"]


def tell_seminars(office: Office) -> None:
    """One on the story's Friday, recorded; one on Monday, with a waiting list, given with 円山川精機."""
    at = office.at
    seminar = _drawn_up(
        office,
        "tanaka",
        starts_at=at(3, 16),
        ends_at=at(3, 17),
        closes_at=at(2, 17, 15),
        title="オンライン面接の受け方",
        description="画面ごしの面接で気をつけたいことを、実際の画面を見ながら説明します。\n質問の時間もあります。",
        audience="オンラインでの面接を予定している方、はじめての方",
        materials="資料は、当日の画面でお見せします。筆記用具をご用意ください。",
        access_support="字幕を表示できます。手話通訳が必要な方は、お申込みのときにお知らせください。",
        capacity=20,
    )
    speaker = partakers.add_speaker(
        seminar.pk, name="気比 明", affiliation="就職支援ナビゲーター", by=office.staff["tanaka"], now=at(-5, 10)
    )
    partakers.record_recording_consent(speaker.pk, by=office.staff["tanaka"], now=at(-5, 10))
    seminar.will_record = True
    giving.change(seminar, _press(office, "tanaka", at(-5, 10, 30)))
    giving.publish(seminar.pk, _press(office, "tanaka", at(-5, 11)))
    for who, moment in ((people.KAYOKO, at(-2, 10)), (people.NAOTO, at(-1, 12)), (people.AOI, at(-1, 15))):
        _registers(office, who, seminar, at=moment)
    _tour(office)


def _tour(office: Office) -> None:
    at = office.at
    tour = _drawn_up(
        office,
        "ueda",
        kind=Seminar.Kind.COMPANY_TOUR,
        starts_at=at(4, 9),
        ends_at=at(4, 9, 50),
        closes_at=at(3, 17, 15),
        title="円山川精機の工場を画面で見学",
        description="部品の加工から検査までの仕事を、工場からの中継で見学します。\n働いている方のお話も聞けます。",
        audience="製造の仕事に関心のある方",
        capacity=3,
    )
    contact = person_of_mailbox(people.SATORU.mailbox, now=at(-2, 10), role=Role.EMPLOYER_CONTACT)
    partakers.add_partner(tour.pk, contact, by=office.staff["ueda"], now=at(-2, 10), wall=office.wall)
    giving.publish(tour.pk, _press(office, "ueda", at(-2, 11)))
    for hour, who in enumerate((people.OSAMU, people.REIKO, people.SHO, people.MIHO), start=12):
        _registers(office, who, tour, at=at(-1, hour))


def _drawn_up(office: Office, by: str, **details: Any) -> Seminar:
    counsellor = Counsellor.objects.select_related("default_host").get(pk=office.counsellors[by])
    usual = {"opens_at": office.at(-2, 9), "functions": FUNCTIONS, "counsellor": counsellor, "host": counsellor.default_host}
    return giving.create(Seminar(**usual, **details), _press(office, by, office.at(-5, 9, 30)))


def _registers(office: Office, who: Character, seminar: Seminar, *, at: datetime) -> Registration:
    """Somebody known registers on the portal."""
    shown = Shown(TermsVersion.objects.get(document__code=SEMINAR, number=1).pk, AGREED, at - timedelta(minutes=2))
    sheet = Sheet(shown, uuid4(), zoom_stated_at=at, environment_declared_at=at)
    return seats.register(person_of_mailbox(who.mailbox, now=at), seminar.pk, sheet, now=at, wall=office.wall)


def _press(office: Office, by: str, at: datetime) -> Press:
    return Press(office.staff[by], at, office.wall)
