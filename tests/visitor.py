"""A job seeker at the public pages, step by step, as a browser without scripts would go."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import time_machine
from django.http import HttpResponse
from django.test import Client

from booking.models import ApplicationDraft
from tests.cast import MORNING, SESSION
from toyooka_hw.mail.models import OutgoingMail

TICKS = {"agree": "on", "zoom": "on", "recording": "on", "environment": "on", "registration": "on"}
HANAKO = {"full_name": "豊岡 花子", "job_seeker_number": "２８０９０－１２３４５６７", "phone": "０９０ー１２３４ー５６７８"}


@contextmanager
def at_time(moment: datetime) -> Iterator[None]:
    """The portal's clock and the real one stand at this moment."""
    with time_machine.travel(moment, tick=False):
        yield


class Visitor:
    """One browser; ``now`` is the moment at which it presses."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.client = Client()
        self.now = now

    def get(self, path: str) -> HttpResponse:
        with at_time(self.now):
            return self.client.get(path)

    def post(self, path: str, data: dict[str, Any] | None = None) -> HttpResponse:
        with at_time(self.now):
            return self.client.post(path, data or {})

    def choose(self, start: datetime = SESSION, **more: str) -> HttpResponse:
        return self.post("/slots/begin/", {"start": start.isoformat(), **more})

    @property
    def draft(self) -> ApplicationDraft:
        return ApplicationDraft.objects.get(key=self.client.session["drafts"][-1])

    def step(self, name: str) -> str:
        return f"/apply/{self.draft.key}/{name}/"

    def shown(self, name: str) -> str:
        """The signed note in the form of this step."""
        return field_value(self.get(self.step(name)), "shown")

    def agree(self, **ticks: str) -> HttpResponse:
        return self.post(self.step("terms"), {"shown": self.shown("terms"), **(ticks or TICKS)})

    def prove(self, email: str = "hanako@example.jp") -> HttpResponse:
        self.post(self.step("email"), {"email": email})
        return self.post(self.step("code"), {"code": mailed_code(email)})

    def sign_in(self, door: str, email: str = "hanako@example.jp") -> HttpResponse:
        """By the code from the mailbox, outside of an application."""
        self.post(f"/sign-in/{door}/", {"email": email})
        return self.post(f"/sign-in/{door}/code/", {"code": mailed_code(email)})

    def fill(self, **details: str) -> HttpResponse:
        return self.post(self.step("details"), details or HANAKO)

    def send(self, **more: str) -> HttpResponse:
        return self.post(self.step("confirm"), {"shown": self.shown("confirm"), **more})

    def apply(self, start: datetime = SESSION, email: str = "hanako@example.jp") -> HttpResponse:
        """The whole way from the slot page to the receipt."""
        self.choose(start)
        self.agree()
        self.prove(email)
        self.fill()
        return self.send()


def mailed_code(email: str) -> str:
    """The six digits of the newest code mail."""
    body = OutgoingMail.objects.filter(to=email, key__startswith="code:").latest("pk").body
    return re.findall(r"(?<!\d)\d{6}(?!\d)", body)[0]


def field_value(response: HttpResponse, name: str) -> str:
    """The value of a hidden input."""
    return re.findall(rf'name="{name}" value="([^"]*)"', response.content.decode())[0]


def text_of(response: HttpResponse) -> str:
    """The page's words without markup, white space removed."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", response.content.decode()))
