"""The access code of an immediate session or an interview stands nowhere but on the delivery screen and behind the host's own way in.

Every story here is told with all ears open (``tests.silence``); the controls at the end show that each of them hears (C6-2-3a).
"""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from booking.models import Booking, EmployerRequest, Meeting
from booking.operations import employers, interviews, meetings, sessions
from booking.operations.interviews import Arrangement
from booking.operations.invitations import Seeker
from booking.rules.calendar import tokyo_date
from tests.cast import Office, at, make_regular
from tests.employers import CONTACT, employer_ask, make_contact
from tests.flows.applying import HANAKO, now_and_wall
from tests.flows.at_once import ask_now, delivery_page, note, open_code, sign_in, stand_by, take
from tests.flows.at_work import BOOKINGS, Colleague
from tests.flows.test_telephone import made_by_hand, typed
from tests.repository.test_access import ADDRESSES, NOWHERE, OF_MODELS, OWN, WORDS
from tests.silence import Ears, listening
from tests.stories import Story
from tests.surroundings import wait_until
from toyooka_hw import clock
from toyooka_hw.audit.operations import record
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.operations import post
from toyooka_hw.wake import wake

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ears(story: Story, worker: Path, settings: Settings) -> Iterator[Ears]:
    settings.MIDDLEWARE = ["tests.silence.answers", *settings.MIDDLEWARE]
    with listening(story, worker, settings.REDIS_URL) as heard:
        yield heard


@pytest.fixture
def phone(ears: Ears, story: Story, office_at_work: Office, sato: Colleague) -> Client:
    """Of somebody who may ask now, signed in; 佐藤 stands by."""
    make_regular(office_at_work, now=clock.now())
    stand_by(sato, office_at_work.sato)
    phone = Client()
    sign_in(phone, story, "immediate", HANAKO)
    return phone


@pytest.fixture
def accepted(story: Story, phone: Client, sato: Colleague) -> Booking:
    """An immediate session whose meeting stands."""
    booking = ask_now(phone, story)
    take(sato, booking)
    return booking


@pytest.fixture
def desks(sato: Colleague, tanaka: Colleague) -> tuple[Colleague, Colleague]:
    """Who is in charge, and who is not."""
    return sato, tanaka


def look_everywhere(desk: Colleague, booking: Booking) -> None:
    """Open every page of the admin that can be asked for by its address: about this booking, and about rows of every kind."""
    part = booking.participants.first()
    known = {
        "booking_id": booking.pk,
        "person_id": part.person_id,
        "participant_id": part.pk,
        "object_id": booking.pk,
        "pk": part.person_id,
    }
    known |= {"meeting_id": booking.meeting.pk, "request_id": booking.employer_request_id or NOWHERE}
    paths = []
    for name in OWN:
        keys = {key: known.get(key, NOWHERE) for key in ADDRESSES[name].pattern.converters}
        paths.append(reverse(f"admin:{name}", kwargs=keys | WORDS.get(name, {})))
    for name, (model, _right) in OF_MODELS.items():
        rows = [[row.pk] for row in model._default_manager.all()[:5]] if ADDRESSES[name].pattern.converters else [[]]
        paths += [reverse(f"admin:{name}", args=row) for row in rows]
    seen = {desk.look(path).status_code for path in paths}
    assert seen <= {200, 403, 404, 405}  # nothing to be had by a GET, no right even for 佐藤, no row of that number


def test_immediate_session_is_silent(
    story: Story, ears: Ears, phone: Client, accepted: Booking, desks: tuple[Colleague, Colleague]
) -> None:
    sato, tanaka = desks
    open_code(sato, accepted)
    assert open_code_by_hand(tanaka, accepted).status_code == 403
    note(sato, accepted, "no_answer")
    note(sato, accepted, "mypage")
    look_everywhere(sato, accepted)
    for path in ("/", "/now/", "/mine/"):
        assert phone.get(path).status_code == 200
    story.move(accepted.starts_at)
    sato.go_in(accepted)
    note(sato, accepted, "identity")
    sato.press(accepted, "complete", outcome="held")
    phone.get("/now/")
    look_everywhere(sato, accepted)
    assert (accepted.state, len(ears.codes()), ears.leaks()) == ("completed", 1, [])
    assert ears.tellers() == [f"POST {BOOKINGS}{accepted.pk}/delivery/code/ 200", f"POST {BOOKINGS}{accepted.pk}/host/ 302"]


def open_code_by_hand(desk: Colleague, booking: Booking) -> Any:
    """The press of somebody who sees no such button."""
    return desk.client.post(f"{delivery_page(booking)}code/", follow=True)


def test_trouble_with_zoom_is_silent(story: Story, ears: Ears, phone: Client, sato: Colleague) -> None:
    """What goes wrong is told in words, and never by the address at which it did."""
    story.zoom.control.fault("lose_answer", on="create", count=1)
    booking = ask_now(phone, story)
    sato.client.post(f"{BOOKINGS}desk/{booking.pk}/accept/", {"counsellor": sato.user.counsellor.pk})
    wait_until(lambda: Meeting.objects.filter(attempts=1, outbox_state="wanted").exists(), what="the unclear answer")
    tried_again(story)
    story.zoom.control.fault("outage", on="any", count=1)
    booking.refresh_from_db()
    sato.go_in(booking)
    look_everywhere(sato, booking)
    story.zoom.control.clear_faults()
    meetings.zoom(wall=clock.wall()).delete(booking.meeting.meeting_id)  # by somebody at Zoom's own page
    sato.go_in(booking)
    wait_until(lambda: Meeting.objects.filter(attempts=1, outbox_state="wanted").exists(), what="the first word that it is gone")
    sessions.cancel_by_office(booking.pk, reason="停電", by=sato.user, **now_and_wall())
    tried_again(story)
    assert (len(ears.codes()), ears.leaks()) == (1, [])


def tried_again(story: Story) -> None:
    """The pause after an unclear answer, or a first "gone", is over."""
    Meeting.objects.update(next_try_at=clock.wall())
    story.sweep("booking.sweep_meetings")
    story.settle()


def test_link_that_staff_enter_is_silent(story: Story, ears: Ears, phone: Client, desks: tuple[Colleague, Colleague]) -> None:
    """What was typed stands where the portal's own would: on the delivery screen and behind the host's way in."""
    sato, tanaka = desks
    story.zoom.control.fault("refuse", on="create", count=1)
    booking = ask_now(phone, story)
    take(sato, booking)
    info = made_by_hand(booking)
    sato.press(booking, "manual_link", **typed(info))
    assert booking.meeting.manual_by == sato.user
    open_code(sato, booking)
    open_code_by_hand(tanaka, booking)
    note(sato, booking, "mypage")
    look_everywhere(sato, booking)
    story.move(booking.starts_at)
    sato.go_in(booking)
    sato.press(booking, "by_phone")
    sato.press(booking, "manual_deleted")
    phone.get("/now/")
    look_everywhere(sato, booking)
    assert (len(ears.codes()), ears.leaks()) == (1, [])
    assert ears.tellers() == [f"POST {BOOKINGS}{booking.pk}/delivery/code/ 200", f"POST {BOOKINGS}{booking.pk}/host/ 302"]


@pytest.fixture
def interview(ears: Ears, story: Story, office_at_work: Office) -> Booking:
    """An interview of 花子 by 但馬 of an establishment, arranged with 佐藤; its meeting stands."""
    seeker = make_regular(office_at_work, now=clock.now())
    today = tokyo_date(story.opening)
    wish = employer_ask(office_at_work.version, purpose=EmployerRequest.Purpose.INTERVIEW, people=1, candidates=(at(today, 10, 10),))
    booking = employers.ask(make_contact(office_at_work), wish, **now_and_wall()).sessions.get()
    arranged = Arrangement(booking.starts_at, Seeker(seeker.pk), counsellor=office_at_work.sato.pk)
    interviews.arrange(booking.pk, arranged, by=office_at_work.staff, **now_and_wall())
    story.settle()
    booking.refresh_from_db()
    return booking


def test_interview_is_silent(story: Story, ears: Ears, interview: Booking, desks: tuple[Colleague, Colleague]) -> None:
    """A18: told to each by their own route, entered, held; the mails of both sides and both people's pages say nothing of it."""
    sato, tanaka = desks
    phones = {HANAKO: ("mine", Client()), CONTACT: ("employer", Client())}
    for email, (door, phone) in phones.items():
        sign_in(phone, story, door, email)
    open_code(sato, interview)
    open_code_by_hand(tanaka, interview)
    for part in interview.participants.all():
        for what in ("mypage", "identity"):
            sato.fill(sato.look(delivery_page(interview)), action=f"/delivery/{part.pk}/{what}/")
    look_everywhere(sato, interview)
    story.move(interview.starts_at)
    sato.go_in(interview)
    sato.press(interview, "complete", outcome="held")
    for door, phone in phones.values():
        assert phone.get(f"/{door}/").status_code == 200
    look_everywhere(sato, interview)
    assert (interview.state, len(ears.codes()), ears.leaks()) == ("completed", 1, [])
    assert ears.tellers() == [f"POST {BOOKINGS}{interview.pk}/delivery/code/ 200", f"POST {BOOKINGS}{interview.pk}/host/ 302"]


# --- controls: each ear hears --------------------------------------------------------------------------------------------------


def mail_it(story: Story, sato: Colleague, screen: str, code: str) -> None:
    """The delivery screen is mailed, which nobody may; and 佐藤 looks at the mail in the admin."""
    post("outcome_missing", to="kanri@office.example.jp", key="leak", context={"bookings": [], "url": screen}, **now_and_wall())
    story.settle()
    sato.look(f"/admin/mail/outgoingmail/{OutgoingMail.objects.get(key='leak').pk}/change/")


def send_it(story: Story, sato: Colleague, screen: str, code: str) -> None:
    wake("booking.sweep_requests", told=code)
    story.settle()


def log_it(story: Story, sato: Colleague, screen: str, code: str) -> None:
    logging.getLogger("booking.anywhere").debug("meeting %s-%s-%s", code[:3], code[3:7], code[7:])


def audit_it(story: Story, sato: Colleague, screen: str, code: str) -> None:
    record(f"アクセスコード {code[:3]} {code[3:7]} {code[7:]}", sato.user, by=sato.user, now=clock.now())


def keep_it(story: Story, sato: Colleague, screen: str, code: str) -> None:
    session = sato.client.session
    session["told"] = code
    session.save()


def let_requests_talk(story: Story, sato: Colleague, screen: str, code: str) -> None:
    """Were it not for the level in LOGGING, every address asked for at Zoom would stand in the log."""
    logger = logging.getLogger("urllib3")
    level = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        meetings.zoom(wall=clock.wall()).host_link(int(code))
    finally:
        logger.setLevel(level)


LEAKS = {
    mail_it: [
        "GET /admin/mail/outgoingmail/*/change/ 200",
        "mail 【ハローワーク豊岡】結果の記録のお願い（0件）",
        "table mail_outgoingmail",
    ],
    send_it: ["broker", "log of the worker"],
    log_it: ["log booking.anywhere"],
    audit_it: ["table audit_auditentry"],
    keep_it: ["session"],
    let_requests_talk: ["log urllib3.connectionpool"],
}


@pytest.mark.parametrize("leak", LEAKS)
def test_code_that_gets_out_is_found(story: Story, ears: Ears, accepted: Booking, sato: Colleague, leak: Any) -> None:
    screen = open_code(sato, accepted).content.decode()
    assert ears.leaks() == []
    leak(story, sato, screen, str(accepted.meeting.meeting_id))
    assert [re.sub(r"/\d+/", "/*/", where) for where in ears.leaks()] == LEAKS[leak]
