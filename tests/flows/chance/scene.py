"""A round's scene: the eve or the morning of a day of its own, an office with few counsellors and hosts, and bookings that the dice put there."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from django.db.models import Max, Model

from booking.models import Absence, Booking, BookingEvent, Counsellor, EmployerRequest, PolicyValue, Seminar, ZoomHost
from booking.operations import applications, bookings, calendar, employers, giving_way, immediate, interviews, sessions
from booking.operations.bookings import Decision
from booking.operations.clashes import TakesPartElsewhere
from booking.operations.giving_way import Order
from booking.operations.interviews import Arrangement
from booking.operations.invitations import Seeker
from booking.operations.press import Press
from booking.operations.seminars import giving
from booking.operations.transitions import StateChanged
from booking.rules.calendar import Calendar, tokyo_date
from booking.rules.interval import Interval
from booking.rules.slots import SlotRefused
from consent.models import TermsVersion
from tests.cast import Office, application, at, make_counsellor, make_regular, now_please
from tests.employers import employer_ask, make_contact
from tests.seminars import terms
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.mail.models import OutgoingMail

PEOPLE = 10
HALF_HOUR = timedelta(minutes=30)
CAPS = ("", "1", "2", "3")
CAP = PolicyValue.Key.CAPACITY_PER_START.value
LATE = "当日の調整"  # what is done on the day itself says why (A2)


@dataclass(frozen=True)
class Ground:
    """Who is there in every round: three counsellors, ten people who may do everything, and an employer's contact."""

    opening: datetime
    version: TermsVersion
    counsellors: tuple[Counsellor, ...]
    people: tuple[Person, ...]
    contact: Person

    def days(self) -> Iterator[date]:
        """A day for each round; its eve is no round's day."""
        day = tokyo_date(self.opening)
        while True:
            day = Calendar().next_open_day(Calendar().next_open_day(day))
            yield day


@dataclass
class Scene:
    """One round before the race. ``now``: the moment of all presses; ``early``: when what lies there was made."""

    ground: Ground
    dice: Random
    day: date
    now: datetime
    counsellors: list[Counsellor]
    hosts: list[ZoomHost]
    people: list[Person]
    bookings: list[Booking] = field(default_factory=list)
    requests: list[EmployerRequest] = field(default_factory=list)
    seminars: list[Seminar] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    since: dict[type[Model], int] = field(default_factory=dict)

    @property
    def is_morning(self) -> bool:
        """Whether the session's day has begun; else it is the day before."""
        return tokyo_date(self.now) == self.day

    @property
    def early(self) -> datetime:
        return at(Calendar().previous_open_day(self.day), 9, 30)

    @property
    def starts(self) -> tuple[datetime, ...]:
        """Two starts side by side, and one after them."""
        return tuple(at(self.day, 10) + HALF_HOUR * place for place in range(3))

    @property
    def reason(self) -> str:
        return LATE if self.is_morning else ""

    @property
    def clocks(self) -> dict[str, datetime]:
        return {"now": self.now, "wall": clock.wall()}

    def user(self) -> User:
        return self.dice.choice(self.counsellors).user

    def in_state(self, *states: str, kinds: tuple[str, ...] = ("reserved",)) -> Booking | None:
        """One of the bookings that stood so before the race."""
        fitting = [booking for booking in self.bookings if booking.state in states and booking.kind in kinds]
        return self.dice.choice(fitting) if fitting else None

    def began(self, model: type[Model]) -> int:
        """The last row of this table before the round."""
        return self.since[model]

    def evening(self) -> None:
        """The day is over: what nobody has answered expires, as beat would have it, and nothing of it is open in the next round."""
        bookings.expire_unconfirmed(now=at(self.day, 18), wall=clock.wall())


def make_ground(office: Office, opening: datetime) -> Ground:
    """The people, verified, with their consent to the terms in force."""
    people = [make_regular(office, f"競争 {number}", f"chance{number}@example.jp", now=opening) for number in range(PEOPLE)]
    contact = make_contact(office, now=opening)
    terms()
    return Ground(opening, office.version, (office.sato, office.tanaka, make_counsellor("yamamoto", "山本")), tuple(people), contact)


def set_scene(ground: Ground, day: date, dice: Random) -> Scene:
    """Two or three counsellors with hosts of this round, a cap, and three to six things that lie on the day; whatever finds no room is not there."""
    now = dice.choice((at(Calendar().previous_open_day(day), 10), at(day, 9, 45)))
    active = dice.choice((2, 2, 3))
    hosts = _hosts(day, dice.choice((active, active, 2)))
    for place, each in enumerate(ground.counsellors):
        Counsellor.objects.filter(pk=each.pk).update(is_active=place < active, default_host=hosts[place % len(hosts)], standby_since=None)
    people = dice.sample(ground.people, len(ground.people))
    scene = Scene(ground, dice, day, now, list(ground.counsellors[:active]), hosts, people)
    scene.since = {
        model: model.objects.aggregate(last=Max("pk"))["last"] or 0 for model in (Booking, BookingEvent, OutgoingMail, PolicyValue, Seminar)
    }
    calendar.set_policy(CAP, dice.choice(CAPS), by=scene.user(), reason="試験", now=scene.early)
    things = [thing for thing in THINGS if scene.is_morning or thing not in OF_THE_MORNING]
    if scene.is_morning:
        for each in scene.counsellors[: dice.randint(1, active)]:
            immediate.switch(each.pk, on=True, by=each.user, now=at(day, 9, 40))
    for thing in dice.choices(things, k=dice.randint(3, 6)):
        with suppress(SlotRefused, StateChanged):
            thing(scene)
    scene.bookings = list(Booking.objects.filter(pk__gt=scene.began(Booking)).prefetch_related("holds").order_by("pk"))
    return scene


def caps_of(scene: Scene) -> list[int | None]:
    """Every cap that held at some moment of the round."""
    rows = PolicyValue.objects.filter(key=CAP, pk__gt=scene.began(PolicyValue)).values_list("value", flat=True)
    return [int(value) if value else None for value in rows]


def _hosts(day: date, count: int) -> list[ZoomHost]:
    """Licences of this round only: Zoom allows each a hundred calls a day, and rounds do not wait for the next."""
    ZoomHost.objects.update(is_active=False)
    return [ZoomHost.objects.create(email=f"{day}-{number}@zoom.example.jp", name=f"ライセンス {number}") for number in range(count)]


# --- what may lie on the day ------------------------------------------------------------------------------------------------


def requested(scene: Scene) -> Booking:
    """Somebody's request for one of the starts, made the day before."""
    person = scene.people.pop()
    wish = application(scene.ground.version, scene.dice.choice(scene.starts), full_name=person.full_name)
    return applications.request(person, wish, now=scene.early, wall=clock.wall())


def proposed(scene: Scene) -> Booking:
    """The office has asked about other starts."""
    booking = requested(scene)
    others = [start for start in scene.starts if start != booking.starts_at]
    starts = scene.dice.sample(others, scene.dice.randint(1, 2))
    return bookings.propose(booking.pk, starts, eligibility="registered", by=scene.user(), now=scene.early, wall=clock.wall())


def confirmed(scene: Scene) -> Booking:
    return bookings.confirm(requested(scene).pk, Decision("registered", scene.user()), now=scene.early, wall=clock.wall())


def cancelled(scene: Scene) -> Booking:
    """Perhaps by mistake: it may be corrected."""
    cancel = scene.dice.choice((_by_person, _by_office))
    return cancel(scene, confirmed(scene))


def expired(scene: Scene) -> Booking:
    """Nobody confirmed it before midnight."""
    booking = requested(scene)
    bookings.expire(booking.pk, now=at(scene.day, 0, 1), wall=clock.wall())
    return booking


def waiting(scene: Scene) -> Booking:
    """Somebody asked for a session now, a minute ago; nothing is held for it."""
    asked_at = at(scene.day, 9, 44)
    with suppress(immediate.NotTakenNow):
        return immediate.request(scene.people.pop(), now_please(scene.ground.version, asked_at), now=asked_at, wall=clock.wall())
    return confirmed(scene)


def asked(scene: Scene) -> EmployerRequest:
    """An interview that an employer asked for; nothing is held for it."""
    wish = employer_ask(scene.ground.version, purpose=EmployerRequest.Purpose.INTERVIEW, people=1, candidates=(scene.starts[-1],))
    scene.requests.append(employers.ask(scene.ground.contact, wish, now=scene.early, wall=clock.wall()))
    return scene.requests[-1]


def arranged(scene: Scene) -> Booking:
    booking = asked(scene).sessions.get()
    wanted = Arrangement(scene.dice.choice(scene.starts), Seeker(scene.people.pop().pk))
    with suppress(TakesPartElsewhere):  # the contact has another interview at that time
        return interviews.arrange(booking.pk, wanted, by=scene.user(), now=scene.early, wall=clock.wall())
    return booking


def drawn_up(scene: Scene) -> Seminar:
    """A seminar that nobody sees yet: it takes its time only once it is published."""
    counsellor, start = scene.dice.choice(scene.counsellors), scene.dice.choice(scene.starts)
    seminar = Seminar(
        title="はじめての在宅ワーク",
        description="説明します。",
        starts_at=start,
        ends_at=start + 2 * HALF_HOUR,
        opens_at=scene.early,
        closes_at=at(scene.day, 9),
        capacity=5,
        functions=["chat"],
        counsellor=counsellor,
        host=scene.dice.choice(scene.hosts),
    )
    scene.seminars.append(giving.create(seminar, Press(scene.user(), scene.early, clock.wall())))
    return seminar


def published(scene: Scene) -> Seminar:
    drawn_up(scene)
    scene.seminars[-1] = giving.publish(scene.seminars[-1].pk, Press(scene.user(), scene.early, clock.wall()))
    return scene.seminars[-1]


def away(scene: Scene) -> None:
    """A counsellor is not there at one of the starts; whatever lies there stays theirs."""
    start, nothing = scene.dice.choice(scene.starts), Order(scene.user(), {}, frozenset(), "")
    span = Interval(start, start + HALF_HOUR)
    with suppress(giving_way.Unforeseen, giving_way.AlreadyAway, giving_way.SeminarsInTheWay):
        scene.absences += giving_way.be_away(
            [scene.dice.choice(scene.counsellors)], span, "研修", nothing, now=scene.early, wall=clock.wall()
        )


def _by_person(scene: Scene, booking: Booking) -> Booking:
    return sessions.cancel_by_user(booking.pk, by=scene.user(), now=scene.early, wall=clock.wall())


def _by_office(scene: Scene, booking: Booking) -> Booking:
    return sessions.cancel_by_office(booking.pk, reason="停電のため", by=scene.user(), now=scene.early, wall=clock.wall())


THINGS: tuple[Callable[[Scene], object], ...] = (
    requested,
    requested,
    proposed,
    proposed,
    confirmed,
    confirmed,
    cancelled,
    expired,
    waiting,
    asked,
    arranged,
    drawn_up,
    published,
    away,
)
OF_THE_MORNING = (expired, waiting)
