"""What happened in the demo's office before the story begins: every step by the operation that people and staff use, at its own moment."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import uuid4

from booking.models import Booking, EmployerRequest
from booking.models.bookings import Eligibility, Outcome, Source
from booking.operations import applications, bookings, calls, employers, interviews, no_contact, outcomes, sessions
from booking.operations.applications import Application, Details, Entry, Newcomer
from booking.operations.bookings import Decision
from booking.operations.employers import Ask
from booking.operations.interviews import Arrangement
from booking.operations.invitations import Seeker
from booking.operations.sessions import MeetingNotReady
from booking.rules.calendar import Calendar, tokyo, tokyo_date
from consent.models import TermsVersion
from consent.operations import Shown, agree, record_in_ministry_system
from consent.queries import COUNSELLING
from toyooka_hw.accounts.models import Role, User
from toyooka_hw.accounts.operations import Statement, person_of_mailbox, state_contact, verify_contact, verify_person
from toyooka_hw.demo import people
from toyooka_hw.demo.people import Character, Personnel

AGREED = "利用規約を読み、同意します。"
DEEMED = "お申込みをもって、利用規約に同意したものとみなします。"
GUIDED = "規約の案内をして同意を得た（電話・窓口）"
JOB_OFFER = "28090-00200301"
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Office:
    """Who works there, under which terms, and when the story begins. ``counsellors``: their ids by user name."""

    staff: Mapping[str, User]
    counsellors: Mapping[str, int]
    version: TermsVersion
    opening: datetime
    wall: datetime

    def at(self, day: int, hour: int, minute: int = 0) -> datetime:
        """A moment so many open days after the story's first day, or before it where negative."""
        calendar, found = Calendar(), tokyo_date(self.opening)
        step = calendar.next_open_day if day > 0 else calendar.previous_open_day
        for _each in range(abs(day)):
            found = step(found)
        return tokyo(found, time(hour, minute))

    def asks(self, who: Character, start: datetime, *, at: datetime, topic: str = "", companion: str = "") -> Booking:
        """Somebody applies on the portal."""
        person = person_of_mailbox(who.mailbox, now=at)
        agree(person, Shown(self.version.pk, AGREED, at - 3 * A_MINUTE), document=COUNSELLING, now=at)
        phone = "" if person.phone else who.phone
        details = Details(who.name, phone, who.number, not who.number, who.kana, topic, companion)
        application = Application(start, details, Shown(self.version.pk, DEEMED, at), at - 2 * A_MINUTE, at - A_MINUTE, uuid4())
        return applications.request(person, application, now=at, wall=self.wall)

    def phones(self, who: Character, start: datetime, *, to: str, at: datetime, confirmed: bool = False) -> Booking:
        """Somebody without an address phones, and one of the staff enters what they want."""
        details = Details(who.name, who.phone, who.number, name_kana=who.kana)
        decision = self._decision(to, Eligibility.REGISTERED) if confirmed else None
        entry = Entry(start, details, Source.PHONE, Shown(self.version.pk, GUIDED, at), zoom_stated=True, decision=decision)
        return applications.enter(Newcomer(who.name), entry, by=self.staff[to], now=at, wall=self.wall)

    def wishes(
        self, who: Personnel, purpose: str, *starts: datetime, at: datetime, people: int = 1, arrangement: str = ""
    ) -> EmployerRequest:
        """An employer's contact asks for interviews or a consultation; at the first time they state who they are."""
        contact = person_of_mailbox(who.mailbox, now=at, role=Role.EMPLOYER_CONTACT)
        if not contact.full_name:
            state_contact(contact, Statement(who.name, who.works_number, who.works, who.department, who.phone))
            agree(contact, Shown(self.version.pk, AGREED, at - 3 * A_MINUTE), document=COUNSELLING, now=at)
        offer = "" if purpose == EmployerRequest.Purpose.CONSULTATION else JOB_OFFER
        wish = Ask(purpose, starts, Shown(self.version.pk, DEEMED, at), at - 2 * A_MINUTE, uuid4(), offer, people, arrangement)
        return employers.ask(contact, wish, now=at, wall=self.wall)

    def confirms(
        self, booking: Booking, by: str, *, at: datetime, found: str = Eligibility.REGISTERED, registered_phone: str = ""
    ) -> Booking:
        """A counsellor looks the person up, records the consent in the ministry's system and takes the session."""
        person, user = booking.applicant, self.staff[by]
        person.refresh_from_db()
        if not person.is_verified:
            verify_person(person, registered_phone=registered_phone or person.stated_phone, by=user, now=at)
        record_in_ministry_system(person, document=COUNSELLING, by=user, now=at)
        return bookings.confirm(booking.pk, self._decision(by, found), now=at, wall=self.wall)

    def agreed(self, who: Character, start: datetime, by: str, *, asked: datetime, at: datetime, companion: str = "") -> Booking:
        """The usual way to a session: asked for, then confirmed."""
        return self.confirms(self.asks(who, start, at=asked, companion=companion), by, at=at)

    def held(self, booking: Booking, by: str, *, outcome: str = Outcome.HELD) -> None:
        """The session took place."""
        self.meets(booking, by)
        sessions.complete(booking.pk, outcome=outcome, by=self.staff[by], now=booking.ends_at, wall=self.wall)

    def meets(self, booking: Booking, by: str) -> None:
        """The counsellor and the person come in."""
        sessions.counsellor_seen(booking.pk, by=self.staff[by], now=booking.starts_at - 2 * A_MINUTE)
        with suppress(MeetingNotReady):  # of a time that is over there is no meeting; that they came is kept
            sessions.join(booking.pk, booking.applicant_id, now=booking.starts_at - A_MINUTE)

    def _decision(self, by: str, found: str) -> Decision:
        return Decision(found, self.staff[by], self.counsellors[by])


def tell(office: Office) -> None:
    """Everything that was before the story's first moment. 八鹿 may ask for a session now: verified, and her consent recorded."""
    _weeks_before(office)
    _yesterday(office)
    _today(office)
    _tomorrow(office)
    _later(office)
    _employers(office)


def _weeks_before(office: Office) -> None:
    """Four sessions with four ends, each day closed in the evening."""
    at, staff, wall = office.at, office.staff, office.wall
    ryo = office.asks(people.RYO, at(-6, 11), at=at(-8, 10, 20))
    ryo = office.confirms(ryo, "sato", at=at(-8, 11), registered_phone=people.RYOS_REGISTERED_PHONE)
    office.held(ryo, "sato")
    ichiro = office.phones(people.ICHIRO, at(-5, 14), to="tanaka", at=at(-7, 9, 10), confirmed=True)
    office.held(ichiro, "tanaka", outcome=Outcome.HELD_BY_PHONE)
    mamoru = office.agreed(people.MAMORU, at(-4, 10, 30), "ueda", asked=at(-6, 9, 40), at=at(-6, 13))
    sessions.counsellor_seen(mamoru.pk, by=staff["ueda"], now=at(-4, 10, 27))
    no_contact.cancel_no_contact(mamoru.pk, by=staff["ueda"], now=at(-4, 10, 45), wall=wall)
    no_contact.send_no_contact_notice(mamoru.pk, now=at(-4, 10, 50), wall=wall)
    aoi = office.agreed(people.AOI, at(-3, 13), "sato", asked=at(-5, 12, 5), at=at(-5, 16))
    sessions.cancel_by_user(aoi.pk, by=staff["sato"], now=at(-3, 9, 15), wall=wall, outcome=Outcome.JOB_FOUND)
    for day in (-6, -5, -4, -3):
        outcomes.close_day(tokyo_date(at(day, 16, 30)), by=staff["kanri"], now=at(day, 16, 30))


def _yesterday(office: Office) -> None:
    """A day that nobody could close: of one session nobody has said how it ended."""
    at, wall = office.at, office.wall
    sho = office.agreed(people.SHO, at(-1, 13, 30), "tanaka", asked=at(-4, 8, 50), at=at(-4, 9, 30))
    reason = "担当者が急に出勤できなくなったため"
    sessions.cancel_by_office(sho.pk, reason=reason, by=office.staff["kanri"], now=at(-1, 9), wall=wall, outcome=Outcome.COUNSELLOR_AWAY)
    news = sho.events.latest("pk").pk
    calls.record_call(sho.pk, reached=True, seen=news, note="おわびして、次の日程をご案内した", by=office.staff["kanri"], now=at(-1, 9, 10))
    kayoko = office.agreed(people.KAYOKO, at(-1, 11), "ueda", asked=at(-3, 14, 30), at=at(-3, 15))
    office.held(kayoko, "ueda", outcome=Outcome.HELD_SHORT)
    wataru = office.agreed(people.WATARU, at(-1, 15), "sato", asked=at(-2, 11, 10), at=at(-2, 14))
    office.meets(wataru, "sato")


def _today(office: Office) -> None:
    """Four sessions of three counsellors; one of the people brings an interpreter, one is to be switched over."""
    at = office.at
    brings = "手話通訳の方が1名、いっしょに参加します。"
    office.agreed(people.MIHO, at(0, 10), "sato", asked=at(-3, 10, 15), at=at(-3, 11), companion=brings)
    osamu = office.asks(people.OSAMU, at(0, 10, 30), at=at(-2, 9, 30), topic="製造の仕事を探しています。")
    office.confirms(osamu, "tanaka", at=at(-2, 10), found=Eligibility.TO_SWITCH)
    office.agreed(people.NAOTO, at(0, 13, 30), "sato", asked=at(-2, 13), at=at(-2, 16))
    office.agreed(people.REIKO, at(0, 14, 30), "ueda", asked=at(-1, 9, 20), at=at(-1, 10))


def _tomorrow(office: Office) -> None:
    """One session that is ready, one of a person to be phoned, and a request that is urgent."""
    at = office.at
    office.agreed(people.TARO, at(1, 10, 30), "sato", asked=at(-2, 15, 10), at=at(-1, 11, 30))
    fumiko = office.phones(people.FUMIKO, at(1, 11), to="ueda", at=at(-1, 16))
    office.confirms(fumiko, "ueda", at=at(0, 8, 50))
    office.asks(people.MEGUMI, at(1, 13), at=at(-1, 14, 20), topic="はじめての相談です。何を準備すればよいですか。")


def _later(office: Office) -> None:
    """Requests for the days after tomorrow: plain ones, and ones to look at twice."""
    at, wall = office.at, office.wall
    office.asks(people.SAKURA, at(2, 13), at=at(-1, 17, 40))
    office.asks(people.KENICHI, at(2, 14, 30), at=at(-1, 19, 5))
    taichi = office.asks(people.TAICHI, at(2, 11), at=at(-2, 8, 15))
    others = [at(3, 10), at(4, 15)]
    bookings.propose(taichi.pk, others, eligibility=Eligibility.REGISTERED, by=office.staff["tanaka"], now=at(0, 8, 40), wall=wall)
    office.asks(people.RYO, at(3, 11), at=at(-1, 20, 30))
    office.asks(people.ICHIRO_ONLINE, at(3, 14), at=at(0, 7, 10))
    office.asks(people.MAMORU, at(3, 15), at=at(0, 8, 5), topic="前回は失礼しました。")


def _employers(office: Office) -> None:
    """An interview nobody has arranged, a selection of two of which one is, and a consultation asked for by somebody nobody knows yet."""
    at, purpose = office.at, EmployerRequest.Purpose
    rooms = "面接の流れを、はじめに説明してください。"
    selection = office.wishes(people.SATORU, purpose.MANAGED_SELECTION, at(2, 9), at(2, 15, 30), at=at(-3, 10), people=2, arrangement=rooms)
    contact = selection.contact
    verified = {"number": people.SATORU.works_number, "name": people.SATORU.works, "registered_phone": people.SATORU.phone}
    verify_contact(contact, **verified, by=office.staff["ueda"], now=at(-3, 11))
    record_in_ministry_system(contact, document=COUNSELLING, by=office.staff["ueda"], now=at(-3, 11))
    seeker = Seeker(person_of_mailbox(people.REIKO.mailbox, now=at(-1, 13)).pk)
    first = selection.sessions.order_by("pk")[0]
    wanted = Arrangement(at(2, 9), seeker, office.counsellors["ueda"])
    interviews.arrange(first.pk, wanted, by=office.staff["ueda"], now=at(-1, 13), wall=office.wall)
    office.wishes(people.SATORU, purpose.INTERVIEW, at(3, 9, 15), at(4, 16, 15), at=at(-1, 18, 20))
    office.wishes(people.NOZOMI, purpose.CONSULTATION, at(2, 16, 15), at=at(0, 8, 20))
