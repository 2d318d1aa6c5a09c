"""A managed selection from the employer's request to its end: two applicants, who never meet, and an employer (C0-1, C6-2-3, A18)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from booking.models import CodeDelivery, EmployerRequest, Meeting, Participant
from booking.operations import employers
from booking.operations.employers import Ask
from consent.operations import Shown
from tests.cast import Office, make_regular
from tests.employers import CONTACT, make_contact, verify
from tests.flows.applying import HANAKO, now_and_wall
from tests.flows.at_work import BOOKINGS, Colleague, mails_to
from tests.stories import Story
from tests.visitor import text_of
from toyooka_hw import clock

pytestmark = pytest.mark.flow
TARO = "taro@example.jp"
HALF_HOUR = timedelta(minutes=30)


def asks(story: Story, office: Office) -> EmployerRequest:
    """A contact whom nobody has verified yet asks for a managed selection of two at 13:00."""
    now = clock.now()
    contact = make_contact(office, verified=False, now=now)
    wish = Ask(
        purpose=EmployerRequest.Purpose.MANAGED_SELECTION,
        candidates=(story.at(13),),
        shown=Shown(office.version.pk, "お申込みをもって、利用規約に同意したものとみなします。", now),
        environment_declared_at=now,
        key=uuid4(),
        people=2,
    )
    request = employers.ask(contact, wish, **now_and_wall())
    story.settle()
    return request


def test_selection_is_asked_for_settled_told_held_and_recorded(story: Story, sato: Colleague, office_at_work: Office) -> None:
    request = asks(story, office_at_work)
    people = [
        make_regular(office_at_work, now=clock.now()),
        make_regular(office_at_work, "但馬 太郎", TARO, "+819011112222", now=clock.now()),
    ]
    page = f"{BOOKINGS}employers/{request.pk}/"
    first, second = request.sessions.order_by("pk")
    refused = settle(sato, first.pk, people[0].pk, start=story.at(13).isoformat())
    assert "城崎次郎さんの本人情報を確認していません。" in refused
    verify(request.contact, office_at_work, now=clock.now())

    for number, (session, person) in enumerate(zip((first, second), people, strict=True)):
        start = story.at(13) + number * HALF_HOUR
        words = settle(sato, session.pk, person.pk, start=start.isoformat(), counsellor=office_at_work.sato.pk)
        assert "面接の日時を決めました。メールでお知らせします。" in words
    assert len(story.zoom.control.standing()) == 2
    assert [len(mails_to(story, to)) for to in (HANAKO, TARO, CONTACT)] == [1, 1, 3]  # the employer's first one: received
    secrets = [part for each in Meeting.objects.all() for part in (str(each.meeting_id), each.grouped_id, each.passcode, each.join_url)]
    sent = [mail.text for mail in story.mailbox.mails()]
    assert [secret for secret in secrets for text in sent if secret in text] == []
    assert ["豊岡" in mails_to(story, TARO)[0].text, "但馬" in mails_to(story, HANAKO)[0].text] == [True, False]

    for number, session in enumerate((first, second)):
        story.move(story.at(13) + number * HALF_HOUR - timedelta(minutes=5))
        shown = text_of(sato.client.post(f"{BOOKINGS}{session.pk}/delivery/code/"))
        assert Meeting.objects.get(booking=session).passcode in shown
        employer, applicant = session.participants.order_by("pk")
        press(sato, employer.pk, "mypage")
        press(sato, applicant.pk, "reached")
        assert sato.go_in(session).headers["Location"].startswith("http")
        story.move(story.at(13, 1) + number * HALF_HOUR)
        press(sato, employer.pk, "identity")
        assert "本人確認" in sato.press(session, "complete")
        assert session.state == "confirmed"
        press(sato, applicant.pk, "identity")
        sato.press(session, "complete")
        assert session.state == "completed"

    told = CodeDelivery.objects.order_by("pk").values_list("participant__role", "route", "result")
    assert list(told) == [("employer", "employer_mypage", "told"), ("job_seeker", "callback_phone", "told")] * 2
    overview = text_of(sato.look(page))
    assert (overview.count("実施済"), "豊岡花子" in overview, "但馬太郎" in overview) == (2, True, True)


def test_cancelled_session_frees_its_time_and_both_read_of_it(story: Story, sato: Colleague, office_at_work: Office) -> None:
    request = asks(story, office_at_work)
    verify(request.contact, office_at_work, now=clock.now())
    hanako = make_regular(office_at_work, now=clock.now())
    first = request.sessions.order_by("pk")[0]
    settle(sato, first.pk, hanako.pk, start=story.at(13).isoformat())
    sato.press(first, "cancel_by_user", person=hanako.pk, channel="phone", caller="", note="")
    assert (first.state, story.zoom.control.standing()) == ("cancelled_by_user", [])
    last = [mails_to(story, to)[-1] for to in (HANAKO, CONTACT)]
    assert ["管理選考の取りやめのお知らせ" in mail.subject for mail in last] == [True, True]
    assert [b"METHOD:CANCEL" in mail.attachments[0].content for mail in last] == [True, True]


def settle(desk: Colleague, booking: int, seeker: int, **values: object) -> str:
    """日時を決める for this job seeker, on the page's own form; the words that follow."""
    return text_of(desk.fill(desk.look(f"{BOOKINGS}{booking}/arrange/?seeker={seeker}"), **values))


def press(desk: Colleague, participant: int, name: str) -> None:
    booking = Participant.objects.get(pk=participant).booking_id
    desk.client.post(f"{BOOKINGS}{booking}/delivery/{participant}/{name}/")
    desk.story.settle()
