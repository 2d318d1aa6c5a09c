"""Nobody who takes part learns of anybody else who does: every page and mail of the flow, of both and of whoever gives it (S4-4a)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from booking import seminar_mails
from booking.links import token_of
from booking.models import Meeting, Registration, Seminar
from booking.operations.seminars import giving, people
from booking.rules.reminders import Reminder
from tests.cast import MORNING, Office
from tests.employers import CONTACT, make_contact
from tests.seminars import STARTS, drawn_up, press, terms
from tests.visitor import Visitor, field_value
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
OPENS = STARTS - timedelta(minutes=10)
ROOM = "http://127.0.0.1:9/j/85312345678?pwd=abc"


class Watched(Visitor):
    """A browser that remembers everything it was shown: pages, headers, files."""

    def __init__(self, email: str = "", now: datetime = MORNING) -> None:
        super().__init__(now)
        self.email, self.seen = email, ""

    def get(self, path: str) -> HttpResponse:
        return self._saw(super().get(path))

    def post(self, path: str, data: dict[str, Any] | None = None) -> HttpResponse:
        answer = self._saw(super().post(path, data))
        if answer.status_code == 302:
            self.get(answer.url.removeprefix("http://testserver"))
        return answer

    def look_at(self, *paths: str) -> None:
        for path in paths:
            self.get(path)

    def _saw(self, answer: HttpResponse) -> HttpResponse:
        self.seen += f"{answer.headers}\n{answer.content.decode()}\n"
        return answer

    @property
    def mails(self) -> str:
        """Everything written to this mailbox."""
        rows = OutgoingMail.objects.filter(to=self.email)
        return "\n".join(f"{mail.subject}\n{mail.body}\n{mail.calendar}\n{mail.key}" for mail in rows)


class Guest(Watched):
    """Somebody who takes part, with what is theirs alone."""

    def __init__(self, name: str, email: str, phone: str, companion: str) -> None:
        super().__init__(email)
        self.name, self.phone, self.companion = name, phone, companion

    @property
    def rows(self) -> Iterable[Registration]:
        return Registration.objects.filter(person__email=self.email)

    @property
    def page(self) -> str:
        return f"/e/{token_of(self.rows.latest('pk'))}/"

    @property
    def secrets(self) -> list[str]:
        numbers = [secret for row in self.rows for secret in (row.number, token_of(row), str(row.draft_key))]
        digits = self.phone.replace("-", "")
        return [self.name, self.name.replace(" ", ""), self.email, self.phone, digits, digits.removeprefix("0"), self.companion, *numbers]

    def register(self, seminar: Seminar) -> None:
        door, form = f"/sign-in/seminar-{seminar.number}/", f"/seminars/{seminar.number}/register/"
        self.look_at("/seminars/", f"/seminars/{seminar.number}/", door)
        self.sign_in(f"seminar-{seminar.number}", self.email)
        page = self.get(form)
        fields = {name: field_value(page, name) for name in ("shown", "key")}
        stated = {"full_name": self.name, "phone": self.phone, "companion": self.companion}
        self.post(form, {**fields, **stated, "environment": "on"})  # and what is missing
        self.post(form, {**fields, **stated, "environment": "on", "agree": "on", "zoom": "on"})
        self.look_around()

    def look_around(self) -> None:
        below = ("", "withdraw/", "calendar.ics", "terms/", "answer/", "join/")
        self.look_at("/mine/", "/consents/", "/seminars/", *(self.page + each for each in below))


@pytest.fixture
def partner(office: Office) -> Watched:
    make_contact(office)
    return Watched(CONTACT)


@pytest.fixture
def tour(office: Office, partner: Watched) -> Seminar:
    """A company tour for one, with a contact of the company."""
    terms()
    seminar = drawn_up(office, kind="company_tour", capacity=1)
    people.add_partner(seminar.pk, Person.objects.get(email=CONTACT), by=office.staff, now=MORNING, wall=MORNING)
    seminar = giving.publish(seminar.pk, press(office))
    Meeting.objects.filter(seminar=seminar).update(meeting_id=85312345678, join_url=ROOM, passcode="aB3xYz", ready_at=MORNING)
    return seminar


def look_in(partner: Watched, seminar: Seminar) -> None:
    page = f"/employer/seminars/{seminar.number}/"
    partner.look_at("/employer/", page, f"{page}join/", f"/seminars/{seminar.number}/", f"/seminars/{seminar.number}/calendar.ics")


def found(secrets: Iterable[str], *texts: str) -> list[str]:
    return [secret for secret in secrets if any(secret in text for text in texts)]


def test_no_participant_sees_another(office: Office, tour: Seminar, partner: Watched) -> None:
    hanako = Guest("竹野 美帆", "hanako@example.jp", "090-1234-5678", "手話通訳 1名")
    taro = Guest("但馬 太郎", "taro@example.jp", "080-9876-4321", "介助者 1名")
    stranger = Watched()
    partner.sign_in("employer", CONTACT)

    # one has the seat, the other waits
    hanako.register(tour)
    taro.register(tour)
    look_in(partner, tour)
    # it changes, stands still, goes on
    tour.refresh_from_db()
    tour.title = "改めた見学会"
    giving.change(tour, press(office))
    giving.suspend(tour.pk, press(office), reason="停電")
    for guest in (hanako, taro):
        guest.look_around()
    giving.resume(tour.pk, press(office))
    # the seat is given back, offered, taken; who gave it back waits in turn
    hanako.post(f"{hanako.page}withdraw/")
    taro.look_around()
    taro.post(f"{taro.page}answer/", {"choice": "accept"})
    hanako.register(tour)
    # both are reminded, one goes in
    for row in Registration.objects.filter(seat__in=["seated", "waiting"]).select_related("person", "seminar"):
        for reminder in Reminder:
            seminar_mails.remind(row, reminder, now=MORNING, wall=MORNING)
    for browser in (hanako, taro, partner):
        browser.now = OPENS
    partner.sign_in("employer", CONTACT)
    shown = field_value(partner.get(f"/employer/seminars/{tour.number}/"), "shown")
    partner.post(f"/employer/seminars/{tour.number}/", {"shown": shown, "agree": "on", "zoom": "on"})
    assert partner.post(f"/employer/seminars/{tour.number}/join/").status_code == 303
    assert taro.post(f"{taro.page}join/").status_code == 303
    hanako.post(f"{hanako.page}join/")
    # it ends before its time
    giving.end_early(tour.pk, press(office, STARTS), reason="停電")
    for browser in (hanako, taro):
        browser.look_around()
    look_in(partner, tour)
    stranger.look_at(
        "/seminars/", f"/seminars/{tour.number}/", f"/seminars/{tour.number}/calendar.ics", f"/seminars/{tour.number}/register/"
    )

    assert [found(one.secrets, other.seen, other.mails) for one, other in ((hanako, taro), (taro, hanako))] == [[], []]
    both = [*hanako.secrets, *taro.secrets]
    assert found(both, partner.seen, partner.mails, stranger.seen) == []
    # what is looked for is to be found where it belongs
    for guest in (hanako, taro):
        number = guest.rows.latest("pk").number
        assert found([guest.name, number], guest.mails) == [guest.name, number]
        assert found([number, guest.companion], guest.seen) == [number, guest.companion]
        assert len(OutgoingMail.objects.filter(to=guest.email, key__startswith="seminar:")) >= 7
    assert len(OutgoingMail.objects.filter(to=CONTACT, key__startswith="seminar:")) == 5
