"""People around a seminar in a story: staff at the admin's pages, job seekers and an employer's contact at the public ones."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.test import Client

from booking.models import Meeting, Registration, Seminar
from booking.rules.calendar import TOKYO
from booking.video.zoom import ZoomMeetings
from tests.employers import CONTACT
from tests.flows.applying import newest_code
from tests.flows.at_work import Colleague, mails_to
from tests.pages import submit
from tests.rooms import Room
from tests.stories import Story
from tests.visitor import text_of

SEMINARS = "/admin/booking/seminar/"
FILLED = {"phone": "０９０−１１１１−２２２２", "environment": "on", "agree": "on", "zoom": "on"}


@dataclass
class Guest:
    """One job seeker on a phone of their own."""

    story: Story
    email: str
    name: str
    client: Client = field(default_factory=Client)

    def prove(self, page: Any) -> Any:
        """Prove the mailbox at the door that this page is; what follows."""
        page = submit(self.client, page, email=self.email)
        self.story.settle()
        return submit(self.client, page, code=newest_code(self.story.mailbox))

    def register(self, seminar: Seminar) -> str:
        """From the public list to the personal page; its words."""
        assert f"/seminars/{seminar.number}/" in self.client.get("/seminars/").content.decode()
        form = self.prove(self.client.get(f"/seminars/{seminar.number}/register/", follow=True))
        return self._done(submit(self.client, form, full_name=self.name, **FILLED))

    @property
    def link(self) -> str:
        """The personal page's path, out of the newest mail that has one."""
        found = [re.search(r"https?://[^/\s]+(/e/\S+/)", mail.text) for mail in mails_to(self.story, self.email)]
        return next(match[1] for match in reversed(found) if match)

    def press(self, below: str, **values: str) -> str:
        """Press a button of the personal page; the words that follow, when everything it caused is done."""
        return self._done(submit(self.client, self.client.get(self.link), action=f"{self.link}{below}", **values))

    def withdraw(self) -> str:
        """参加を取り消す, asked once more; the words that follow."""
        return self._done(submit(self.client, self.client.get(f"{self.link}withdraw/")))

    def _done(self, answer: Any) -> str:
        self.story.settle()
        return text_of(answer)

    def go_in(self) -> str:
        """入室する: where it leads; nothing is followed into Zoom."""
        return str(self.client.post(f"{self.link}join/").headers["Location"])

    @property
    def told(self) -> list[str]:
        """The subjects of what really arrived, codes left out, without the office's name and the time."""
        subjects = [subject.partition("】")[2].partition("（")[0] for subject in self.story.subjects_to(self.email)]
        return [subject for subject in subjects if "認証コード" not in subject]


@dataclass
class Employer(Guest):
    """The contact of the company that gives a tour with the office."""

    email: str = CONTACT
    name: str = "城崎 次郎"

    def sign_in(self) -> Any:
        """To the employers' page."""
        return self.prove(self.client.get("/sign-in/employer/"))

    def page_of(self, seminar: Seminar, below: str = "") -> str:
        return f"/employer/seminars/{seminar.number}/{below}"


def draw_up(desk: Colleague, starts: datetime, ends: datetime, **content: Any) -> Seminar:
    """Fill in the form of a new seminar, which is saved as a draft."""
    form = desk.look(f"{SEMINARS}add/")
    assert "下書きを登録しました" in text_of(desk.fill(form, **_typed(desk.story, starts, ends, **content)))
    return Seminar.objects.latest("pk")


def change(desk: Colleague, seminar: Seminar, starts: datetime, ends: datetime, **content: Any) -> str:
    """Fill in the form of what stands; the words that follow."""
    form = desk.look(f"{SEMINARS}{seminar.pk}/edit/")
    answer = text_of(desk.fill(form, **_typed(desk.story, starts, ends, **content)))
    seminar.refresh_from_db()
    return answer


def _typed(story: Story, starts: datetime, ends: datetime, **content: Any) -> dict[str, Any]:
    typed = {
        "kind": "seminar",
        "organiser": "office",
        "title": "はじめての在宅ワーク",
        "description": "在宅で働くために知っておきたいことを説明します。",
        "ends": f"{ends.astimezone(TOKYO):%H:%M}",
        "capacity": "1",
        "functions": ["chat", "questions"],
        "counsellor": Seminar.counsellor.field.related_model.objects.get(name="佐藤").pk,
    }
    moments = {"starts_at": starts, "opens_at": story.opening, "closes_at": story.at(13)}
    for name, moment in moments.items():
        typed |= {f"{name}_0": f"{moment.astimezone(TOKYO):%Y-%m-%d}", f"{name}_1": f"{moment.astimezone(TOKYO):%H:%M}"}
    return typed | content


def press(desk: Colleague, seminar: Seminar, name: str, **values: Any) -> str:
    """Open the page of one button of the seminar and send it; the words that follow. The seminar is read again."""
    answer = desk.fill(desk.look(f"{SEMINARS}{seminar.pk}/act/{name}/"), **values)
    seminar.refresh_from_db()
    return text_of(answer)


def room_of(story: Story, seminar: Seminar) -> Room:
    """The seminar's room at Zoom."""
    client = ZoomMeetings(story.zoom.config())
    return Room(client, client.get(Meeting.objects.get(seminar=seminar).meeting_id or 0))


def seats_of(seminar: Seminar) -> list[str]:
    return list(Registration.objects.filter(seminar=seminar).order_by("pk").values_list("seat", flat=True))
