"""A seminar and a company tour from draft to closed, every step at a page, with the real worker, mail server and simulated Zoom."""

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from booking.models import Meeting, Registration, Seminar, SeminarCall, SeminarPartner
from consent.models import Consent
from tests.cast import Office
from tests.employers import make_contact
from tests.flows.at_seminars import SEMINARS, Employer, Guest, change, draw_up, press, room_of, seats_of
from tests.flows.at_work import Colleague, calendar_of, mails_to
from tests.pages import submit
from tests.rooms import EVENTS_OF_ROOMS, key_of
from tests.seminars import terms
from tests.stories import Story
from tests.surroundings import wait_until
from tests.visitor import field_value, text_of
from tests.zoom_notices import SECRET
from toyooka_hw import clock

pytestmark = pytest.mark.flow
HOUR = timedelta(hours=1)
PHONE_LIST = "/admin/booking/booking/calls/"
CLOSING = "/admin/booking/booking/closing/"


@pytest.fixture
def zoom_tells(story: Story, settings: Settings) -> None:
    """Zoom's messages about its rooms go to the portal."""
    target = {"webhook_url": f"{settings.PORTAL_URL}/zoom/webhook", "webhook_secret": SECRET, "webhook_pauses": [0.2, 0.2, 0.2]}
    story.zoom.control.switch(**target, webhook_events=EVENTS_OF_ROOMS)


def guests(story: Story, count: int) -> list[Guest]:
    return [Guest(story, f"guest{number}@example.jp", f"参加{number} 太郎") for number in range(1, count + 1)]


def heard(story: Story) -> None:
    """Wait until the portal has taken every message of Zoom's and acted upon it."""
    wait_until(lambda: all(each["answers"][-1:] == [200] for each in story.zoom.control.messages()), what="every message to be taken")
    story.settle()


def said_of_others(story: Story, people: list[Guest]) -> list[str]:
    """Whose name, number or address stands in a mail to somebody else."""
    rows = {row.person.email: row.number for row in Registration.objects.select_related("person")}
    known = {each.email: [each.email, each.name, each.name.replace(" ", ""), rows[each.email]] for each in people if each.email in rows}
    mails = [
        (mail.to, mail.subject + mail.text + "".join(str(file.content) for file in mail.attachments)) for mail in story.mailbox.mails()
    ]
    return [word for email, words in known.items() for word in words for to, text in mails if email not in to and word in text]


def record_with_consent(desk: Colleague, seminar: Seminar, span: tuple[datetime, datetime]) -> None:
    """The mark is refused until somebody is named and has agreed on record (S4-5); then it is set."""
    assert "催しのページの「講師・出演者を加える」を押してください。" in change(desk, seminar, *span, will_record="on")
    desk.fill(desk.look(f"{SEMINARS}{seminar.pk}/speakers/add/"), name="気比 明", affiliation="就職支援ナビゲーター")
    assert "録画への同意の記録がない方がいます：気比明。" in change(desk, seminar, *span, will_record="on")
    desk.fill(desk.look(f"{SEMINARS}speakers/{seminar.speakers.get().pk}/consent/"))
    change(desk, seminar, *span, will_record="on")


def test_seminar_from_draft_to_closed(story: Story, sato: Colleague, zoom_tells: None) -> None:
    """S0-1, S1-1, S4-5, S8-1: drawn up, recorded by consent, published, full; a seat comes free, lapses and is taken; held and closed."""
    terms()
    span = story.at(14), story.at(15)
    seminar = draw_up(sato, *span)
    record_with_consent(sato, seminar, span)
    assert (seminar.will_record, "公開しました。" in press(sato, seminar, "publish")) == (True, True)
    (made,) = story.zoom.control.standing()
    assert (made["fields"]["topic"], made["settings"]["waiting_room"], made["settings"]["mute_upon_entry"]) == (seminar.title, True, True)

    first, second, third = people = guests(story, 3)
    assert "参加が確定しています。" in first.register(seminar)
    assert ["キャンセル待ち" in each.register(seminar) for each in (second, third)] == [True, True]
    assert seats_of(seminar) == ["seated", "waiting", "waiting"]
    assert "参加のお申込みを取り消しました。" in first.withdraw()
    assert [each.told[-1] for each in people] == [
        "参加のお申込みを取り消しました",
        "席が空きました。お返事ください",
        "キャンセル待ちで受け付けました",
    ]

    story.move(clock.now() + timedelta(hours=24))  # nobody answered: it moves on by itself
    story.sweep("booking.sweep_seats")
    story.settle()
    assert [each.told[-1] for each in (second, third)] == ["席のご案内を終了しました", "席が空きました。お返事ください"]
    assert "参加が確定しました。" in third.press("answer/", choice="accept")
    assert calendar_of(mails_to(story, third.email)[-1])["SUMMARY"] == f"{seminar.title}（ハローワーク豊岡）"

    story.move(story.at(13))
    story.sweep("booking.send_reminders")
    story.settle()
    assert third.told[-1] == "まもなく開始します"
    assert "この催しを録画します。" in text_of(third.client.get(third.link))

    story.move(story.at(13, 55))
    assert sato.client.post(f"{SEMINARS}{seminar.pk}/host/").headers["Location"].startswith(story.zoom.url)
    room = room_of(story, seminar)
    assert (third.go_in(), second.go_in().startswith(story.zoom.url)) == (room.info.join_url, False)
    room.host_does("start")
    seat = room.enter(Registration.objects.get(person__email=third.email).number)
    room.host_does("admit", person=key_of(seat))
    heard(story)
    assert Consent.objects.filter(person__email=third.email, method="deemed_use").count() == 1

    story.move(story.at(15, 5))
    page = sato.look(f"{SEMINARS}{seminar.pk}/act/attendance/")
    words = text_of(page)
    assert ("入室のボタンを押した方1名／1名" in words, "Zoomに入室した数（ホストを除く）1名" in words) == (True, True)
    assert "出欠の記録がありません：要確認" in text_of(sato.look(CLOSING))
    row = Registration.objects.get(person__email=third.email)
    sato.fill(page, **{f"came_{row.pk}": "attended"}, close="1")
    seminar.refresh_from_db()
    row.refresh_from_db()
    assert (seminar.state, row.attendance, seminar.zoom_guests, story.zoom.control.standing()) == ("held", "attended", 1, [])
    asked = sato.look(f"{SEMINARS}{seminar.pk}/attendance/list/")
    taken_out = sato.fill(asked, reason="労働局への報告", password_now="correct horse battery")
    file = taken_out.content.decode("utf-8-sig").splitlines()
    assert (len(file), file[1].split(",")[1], file[1].split(",")[3]) == (2, third.name, "参加")
    assert said_of_others(story, people) == []


def test_company_tour_with_its_employer_ends_early_and_everybody_is_told(story: Story, sato: Colleague, office_at_work: Office) -> None:
    """S4-4a, S6, S8-1, S8-2: one record that employer, office and seekers see from their own side, until it is ended with a reason."""
    office_terms = terms()
    contact = make_contact(office_at_work, now=clock.now())
    span = story.at(14), story.at(15)
    tour = draw_up(sato, *span, kind="company_tour", title="城崎製作所 オンライン見学会", capacity="5")
    found = sato.look(f"{SEMINARS}{tour.pk}/partners/", q="城崎").content.decode()
    add = f"{SEMINARS}{tour.pk}/partners/{contact.pk}/"
    assert add in found
    sato.fill(sato.look(add))
    press(sato, tour, "publish")

    employer = Employer(story)
    assert employer.told == ["催しのご案内"]
    assert "城崎製作所オンライン見学会" in text_of(employer.sign_in())
    one, two = people = guests(story, 2)
    assert ["参加が確定しています。" in each.register(tour) for each in people] == [True, True]
    seen = text_of(employer.client.get(employer.page_of(tour)))
    assert ("2名（定員5名）" in seen, [word for each in people for word in (each.name.split()[0], each.email) if word in seen]) == (
        True,
        [],
    )
    page = employer.client.get(employer.page_of(tour))
    submit(employer.client, page, shown=field_value(page, "shown"), agree="on", zoom="on")
    assert SeminarPartner.objects.get().consent.version == office_terms

    by_phone = sato.look(f"{SEMINARS}{tour.pk}/enter/new/")
    sato.fill(by_phone, full_name="電話 花子", phone="090-4444-5555", source="phone", guided="on", zoom="on")
    assert seats_of(tour) == ["seated"] * 3

    story.move(story.at(14))
    room = Meeting.objects.get(seminar=tour).join_url
    way_in = employer.client.post(employer.page_of(tour, "join/")).headers["Location"]
    assert {way_in, one.go_in(), two.go_in()} == {room}
    removed = Registration.objects.get(person__email=one.email)
    sato.fill(sato.look(f"{SEMINARS}people/{removed.pk}/remove/"), clause="4", reason="勧誘")
    assert (one.go_in() == room, two.go_in() == room, one.told[-1]) == (False, True, "参加が確定しました")

    press(sato, tour, "suspend", reason="通信の障害のため")
    assert (two.go_in() == room, two.told[-1], employer.told[-1]) == (False, "一時中止のお知らせ", "一時中止のお知らせ")
    calls = sato.look(PHONE_LIST)
    assert ["電話花子" in text_of(calls), "一時中止にしたこと。" in text_of(calls)] == [True, True]
    sato.fill(calls, action="/told/")
    assert (SeminarCall.objects.get().by, "電話花子" in text_of(sato.look(PHONE_LIST))) == (sato.user, False)

    press(sato, tour, "end_early", reason="通信の障害により")
    assert (tour.state, story.zoom.control.standing()) == ("ended_early", [])
    assert [each.told[-1] for each in (employer, one, two)] == ["終了のお知らせ", "参加が確定しました", "終了のお知らせ"]
    assert "理由：通信の障害により" in mails_to(story, two.email)[-1].text
    assert "途中で終了" in text_of(employer.client.get(employer.page_of(tour)))
    assert "途中で終了したこと。" in text_of(sato.look(PHONE_LIST))
    said = {f"came_{row.pk}": "attended" for row in tour.registrations.filter(seat="seated")}
    assert "出欠を記録しました。" in text_of(sato.fill(sato.look(f"{SEMINARS}{tour.pk}/act/attendance/"), **said))
    assert said_of_others(story, people) == []
    assert "要確認" not in text_of(sato.look(CLOSING))
