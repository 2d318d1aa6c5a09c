"""A seminar and a company tour from draft to closed, with the real worker, mail server and simulated Zoom."""

from datetime import timedelta

import pytest

from booking.models import Meeting, Registration, Seminar
from booking.operations.seminars import giving, joining, people, seats
from booking.operations.seminars.giving import Press
from consent.models import Consent
from consent.operations import Shown, agree
from consent.queries import SEMINAR
from tests.cast import Office
from tests.employers import CONTACT, make_contact
from tests.flows.applying import now_and_wall
from tests.seminars import LABEL, drawn_up, guest, register, terms
from tests.stories import Story
from toyooka_hw import clock

pytestmark = pytest.mark.flow


def press(office: Office) -> Press:
    return Press(office.staff, clock.now(), clock.wall())


def draft(story: Story, office: Office, **details: object) -> Seminar:
    """For one person on the story's session day, 14:00."""
    starts = story.at(14)
    usual = {
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=1),
        "opens_at": story.opening,
        "closes_at": story.at(13),
        "capacity": 1,
    }
    return drawn_up(office, **{**usual, **details})


def words_to(story: Story, address: str) -> list[str]:
    return [subject.partition("】")[2].partition("（")[0] for subject in story.subjects_to(address)]


def test_seminar_from_draft_to_closed(story: Story, office_at_work: Office) -> None:
    """S0-1, S1-1, S8-1: published, full, a seat comes free and is taken, everybody is reminded, comes in, and it is closed with who came."""
    office = office_at_work
    terms()
    seminar = giving.publish(draft(story, office).pk, press(office))
    story.settle()
    (made,) = [each for each in story.zoom.control.standing() if each["fields"]["topic"] == seminar.title]
    assert Meeting.objects.get(seminar=seminar).meeting_id == made["id"]
    first, second, third = (register(seminar, guest(number), **now_and_wall()) for number in (1, 2, 3))
    seats.withdraw(first.pk, **now_and_wall())
    story.settle()
    assert [words_to(story, f"guest{number}@example.jp")[-1] for number in (1, 2, 3)] == [
        "参加のお申込みを取り消しました",
        "席が空きました。お返事ください",
        "キャンセル待ちで受け付けました",
    ]
    story.move(clock.now() + timedelta(hours=24))  # nobody answered: it moves on by itself
    story.sweep("booking.sweep_seats")
    story.settle()
    assert [words_to(story, f"guest{number}@example.jp")[-1] for number in (2, 3)] == [
        "席のご案内を終了しました",
        "席が空きました。お返事ください",
    ]
    seats.answer(third.pk, accept=True, **now_and_wall())
    story.move(story.at(13))
    story.sweep("booking.send_reminders")
    story.settle()
    assert words_to(story, "guest3@example.jp")[-1] == "まもなく開始します"
    story.move(story.at(13, 55))
    assert joining.join(third.pk, now=clock.now()) == Meeting.objects.get(seminar=seminar).join_url
    assert Consent.objects.filter(person=third.person, method="deemed_use").count() == 1
    story.move(story.at(15, 5))
    people.write_attendance(seminar.pk, {third.pk: "attended"}, by=office.staff, now=clock.now())
    giving.close(seminar.pk, press(office))
    story.settle()
    assert [each for each in story.zoom.control.standing() if each["id"] == made["id"]] == []
    assert (Seminar.objects.get(pk=seminar.pk).state, second.seminar_id) == ("held", seminar.pk)


def test_company_tour_with_its_employer_ends_early_and_everybody_is_told(story: Story, office_at_work: Office) -> None:
    office = office_at_work
    terms()
    seminar = draft(story, office, kind="company_tour", title="城崎製作所 オンライン見学会", capacity=5)
    contact = make_contact(office, now=clock.now())
    agree(contact, Shown(terms().pk, LABEL, clock.now()), document=SEMINAR, now=clock.now())
    partner = people.add_partner(seminar.pk, contact, by=office.staff, now=clock.now())
    giving.publish(seminar.pk, press(office))
    rows = [register(seminar, guest(number), **now_and_wall()) for number in (1, 2)]
    story.settle()
    assert words_to(story, CONTACT)[-1] == "催しのご案内"
    story.move(story.at(14))
    room = Meeting.objects.get(seminar=seminar).join_url
    assert {joining.join_as_partner(partner.pk, now=clock.now()), *(joining.join(row.pk, now=clock.now()) for row in rows)} == {room}
    people.remove(rows[0].pk, clause=4, reason="ほかの参加者への勧誘", by=office.staff, **now_and_wall())
    giving.end_early(seminar.pk, press(office), reason="通信の障害により")
    story.settle()
    ended = {address: words_to(story, address)[-1] for address in (CONTACT, "guest1@example.jp", "guest2@example.jp")}
    assert ended == {CONTACT: "終了のお知らせ", "guest1@example.jp": "参加が確定しました", "guest2@example.jp": "終了のお知らせ"}
    assert story.zoom.control.standing() == []
    assert Registration.objects.filter(seat="removed").count() == 1
