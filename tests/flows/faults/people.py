"""People of the town: they ask at the public pages and answer at the desk, and when a page fails them they try again."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from threading import Lock
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, connection
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from booking.links import token_of
from booking.models import Booking, Counsellor
from booking.rules.calendar import tokyo_date
from tests.flows.applying import DECLARED, DETAILS
from tests.flows.at_work import BOOKINGS, REGISTERED
from tests.flows.faults.browser import Browser, Met, Page
from tests.flows.faults.office import the_staff
from tests.flows.faults.town import Town
from tests.pages import forms_of, submit
from tests.visitor import text_of
from toyooka_hw import clock
from toyooka_hw.accounts.queries import STAFF_BACKEND

LOOK_AGAIN_SECONDS = 0.2
PATIENCE, CODE_PATIENCE = timedelta(seconds=180), timedelta(seconds=25)
NUMBER = re.compile(r"受付番号[^0-9A-Z]*([0-9A-Z][0-9A-Z-]{3,})")


class GaveUp(AssertionError):
    """Somebody could not do what they came for, however often they tried."""


@dataclass
class Witness:
    """What people met, in the order in which they told it."""

    met: list[Met] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def tell(self, met: Met) -> None:
        with self._lock:
            self.met.append(met)

    def troubles(self) -> list[Met]:
        """Where somebody did not get the page they came for."""
        return [met for met in self.met if met.status == 0 or met.status >= 500]


@dataclass
class Person:
    """A job seeker on a phone."""

    town: Town
    number: int
    witness: Witness

    def __post_init__(self) -> None:
        self._left_at = clock.wall() + PATIENCE
        self._tried = ""
        self.phone = Browser(self.town.url, number=self.number, tell=self.witness.tell)

    @property
    def email(self) -> str:
        return f"person{self.number}@example.jp"

    def ask(self, start: datetime) -> str:
        """The whole way from the slot page to the 受付番号, which is returned. Whatever fails is tried again, from the page it failed on."""
        return self.send(self.ask_up_to_the_last_step(start), start)

    def ask_up_to_the_last_step(self, start: datetime) -> Page:
        """Everything is entered and only has to be sent; the page that says so, or the one after it."""
        return self._go_on(self._begin(start), start, until={"confirm", "done"})

    def send(self, page: Page, start: datetime) -> str:
        """Send it, as often as it takes; the 受付番号."""
        page = self._go_on(page, start, until={"done"})
        found = NUMBER.search(text_of(page))
        assert found, text_of(page)
        return found[1]

    def _go_on(self, page: Page, start: datetime, *, until: set[str]) -> Page:
        self._left_at = clock.wall() + PATIENCE
        while (step := page.path.rstrip("/").rpartition("/")[2]) not in until:
            self._lose_patience(step)
            lost = not page.path.startswith("/apply/") or page.status_code >= HTTPStatus.BAD_REQUEST
            page = self._begin(start) if lost else self._answer(page, step)
        return page

    def open(self, path: str) -> Page:
        """Open a page, as often as it takes."""
        return self._until_answered(lambda: self.phone.get(path))

    def _begin(self, start: datetime) -> Page:
        monday = tokyo_date(start) - timedelta(days=tokyo_date(start).weekday())
        return self._submit(self.open(f"/slots/?week={monday}"), action="begin", start=start.isoformat())

    def _answer(self, page: Page, step: str) -> Page:
        match step:
            case "terms":
                return self._submit(page, **DECLARED)
            case "email":
                return self._submit(page, email=self.email)
            case "code":
                return self._enter_code(page)
            case "details":
                return self._submit(page, **DETAILS)
        return self._submit(page)

    def _enter_code(self, page: Page) -> Page:
        """The newest one in the mailbox. Where none comes, or the one that came was used up while its answer got lost, another is asked for."""
        until = clock.wall() + CODE_PATIENCE
        while (code := self._newest_code()) in ("", self._tried):
            self._wait("a code in the mailbox")
            if clock.wall() > until:
                return self._submit(page, action="/email/")
        self._tried = code
        return self._submit(page, code=code)

    def _newest_code(self) -> str:
        mails = [mail for mail in self.town.mailbox.mails() if self.email in mail.to and "認証コード" in mail.subject]
        told = re.search(r"認証コード：(\d{6})", mails[-1].text) if mails else None
        return told[1] if told else ""

    def _submit(self, page: Page, **values: Any) -> Page:
        """Send the page's form; where no answer comes, or a refusal, look again at the page that it was on."""
        answer: Page = submit(self.phone, page, **values)
        return answer if 0 < answer.status_code < HTTPStatus.BAD_REQUEST else self.open(page.address)

    def _until_answered(self, look: Callable[[], Page]) -> Page:
        while not 0 < (page := look()).status_code < 500:
            self._wait("a page")
        return page

    def _lose_patience(self, what: str) -> None:
        if clock.wall() > self._left_at:
            raise GaveUp(f"{self.email} tried in vain: {what}")

    def _wait(self, what: str) -> None:
        self._lose_patience(what)
        time.sleep(LOOK_AGAIN_SECONDS)  # as people do who look again


@dataclass
class Desk:
    """A member of staff, signed in, who presses until the portal has taken it."""

    town: Town
    witness: Witness
    session: str

    def __post_init__(self) -> None:
        self.browser = Browser(self.town.url, tell=self.witness.tell)
        self.browser.session.cookies.set("sessionid", self.session)

    def another(self) -> "Desk":
        """The same member of staff in another window."""
        return Desk(self.town, self.witness, self.session)

    def press(self, booking_id: int, name: str, done: Callable[[Booking], bool], says: Callable[[Booking], dict[str, Any]]) -> Booking:
        """Press this button of the booking until it is done. Never twice: an answer that got lost is looked up first.

        ``says``: what is entered beside it, thought over each time.
        """
        said, until = "", clock.wall() + PATIENCE
        while clock.wall() < until:
            booking = read(lambda: Booking.objects.get(pk=booking_id))
            if done(booking):
                return booking
            page = self.browser.get(f"{BOOKINGS}{booking_id}/act/{name}/")
            if page.status_code == 200:
                answer = submit(self.browser, page, **read(partial(says, booking)))
                said = text_of(answer) if answer.status_code else said
            time.sleep(LOOK_AGAIN_SECONDS)  # between two presses
        raise GaveUp(f"{name} of {booking_id}: {said[:400]}")

    def confirm(self, booking_id: int) -> Booking:
        return self.press(booking_id, "confirm", lambda booking: booking.state == "confirmed", lambda _booking: REGISTERED)

    def cancel(self, booking_id: int) -> Booking:
        said = {"channel": "phone", "note": "", "outcome": "own_plans"}
        return self.press(booking_id, "cancel_by_user", lambda booking: booking.state == "cancelled_by_user", lambda _booking: said)

    def move(self, booking_id: int, start: datetime) -> Booking:
        said = {"start": start.isoformat(), "reason": "お電話で相談"}
        return self.press(booking_id, "move", lambda booking: booking.starts_at == start, lambda _booking: said)

    def hand_over(self, booking_id: int) -> Booking:
        """To whoever is free then, and to that one's host."""
        before = read(lambda: Booking.objects.get(pk=booking_id)).host_id
        return self.press(booking_id, "reassign", lambda booking: booking.host_id != before, _somebody_free)

    def token(self) -> dict[str, str]:
        """What every form of theirs carries hidden."""
        forms = forms_of(self.browser.get(f"{BOOKINGS}today/"))
        return next({name: value} for _action, carried in forms for name, value in carried.items() if name == "csrfmiddlewaretoken")

    def words(self, path: str) -> str:
        """What stands on this page."""
        return text_of(self.browser.get(path))


def _somebody_free(booking: Booking) -> dict[str, Any]:
    there = Booking.objects.filter(starts_at=booking.starts_at).values("counsellor")
    taker = Counsellor.objects.exclude(pk__in=there).latest("pk")
    return {"counsellor": taker.pk, "host": taker.default_host_id, "reason": "急な用事のため"}


def the_desk(town: Town, witness: Witness) -> Desk:
    """Somebody who has passed both factors."""
    user = the_staff()
    device, _ = TOTPDevice.objects.get_or_create(user=user, name="試験", defaults={"confirmed": True})
    session = SessionStore()
    signed_in = {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: STAFF_BACKEND, HASH_SESSION_KEY: user.get_session_auth_hash()}
    session.update({**signed_in, DEVICE_ID_SESSION_KEY: device.persistent_id})
    session.save()
    return Desk(town, witness, str(session.session_key))


def own_page(town: Town, booking: Booking) -> str:
    """What the person reads behind the personal link."""
    return text_of(Browser(town.url).get(f"/b/{token_of(booking)}/"))


def board_of(desk: Desk, booking: Booking) -> str:
    """What staff read of the session's day on the board of the afternoon before."""
    return desk.words(f"{BOOKINGS}tomorrow/?day={tokyo_date(booking.starts_at)}")


def read(look: Callable[[], Any]) -> Any:
    """What the database says, once it answers again."""
    until = clock.wall() + PATIENCE
    while clock.wall() < until:
        try:
            return look()
        except OperationalError:
            connection.close()
            time.sleep(LOOK_AGAIN_SECONDS)  # it is down
    raise GaveUp("the database did not come back")
