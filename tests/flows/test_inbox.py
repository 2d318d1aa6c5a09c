"""受付: requests are confirmed, proposed anew, declined one by one and together, and late as an exception (C6-1-1b, C6-1-3, A1, A2, A13)."""

import re

import pytest
from django.conf import settings
from django.test import Client

from booking.models import Booking, Hold
from tests.cast import Office
from tests.flows.applying import HANAKO, apply
from tests.flows.at_work import BOOKINGS, REGISTERED, Colleague, ask, mails_to
from tests.pages import submit
from tests.stories import MINUTES, Story
from tests.visitor import text_of

pytestmark = pytest.mark.flow
INBOX = f"{BOOKINGS}inbox/"


def page_of(story: Story, address: str) -> str:
    """The personal link of the newest mail to this mailbox, as a path."""
    found = re.search(rf"{re.escape(settings.PORTAL_URL)}(/b/\S+/)", mails_to(story, address)[-1].text)
    assert found
    return found[1]


def test_request_is_confirmed_with_another_counsellor_and_another_host(story: Story, sato: Colleague, office_at_work: Office) -> None:
    phone = Client()
    booking = apply(phone, story)
    assert "豊岡花子" in text_of(sato.look(INBOX))
    other = office_at_work.tanaka if booking.counsellor == office_at_work.sato else office_at_work.sato
    own_host = booking.holds.get().host
    words = sato.press(booking, "confirm", counsellor=other.pk, host=own_host.pk, **REGISTERED)
    assert "予約を確定しました。メールでお知らせします。" in words
    held, (made,) = Hold.objects.get(booking=booking), story.zoom.control.standing()
    assert (held.counsellor, held.host, made["host"]) == (other, own_host, own_host.email)
    assert [subject.partition("】")[2][:8] for subject in story.subjects_to(HANAKO)[1:]] == ["オンライン職業相", "予約が確定しまし"]
    assert "予約確定" in text_of(phone.get(page_of(story, HANAKO)))
    assert "未確定の申込みはありません。" in text_of(sato.look(INBOX))


def test_three_times_are_proposed_and_one_is_accepted_on_the_personal_page(story: Story, sato: Colleague) -> None:
    phone = Client()
    booking = apply(phone, story)
    times = [story.at(11), story.at(13), story.at(15, 30)]
    wishes = dict(zip(("first", "second", "third"), (time.isoformat() for time in times), strict=True))
    assert "日時を提案しました。" in sato.press(booking, "propose", **wishes, **REGISTERED)
    assert [hold.span.lower for hold in booking.holds.order_by("span")] == times
    assert "日時のご相談" in story.subjects_to(HANAKO)[-1]
    assert "お返事の期限" in text_of(sato.look(INBOX))

    page = phone.get(page_of(story, HANAKO))
    answered = submit(phone, page, action="answer", choice=times[2].isoformat())
    story.settle()
    booking.refresh_from_db()
    assert "予約が確定しました。" in text_of(answered)
    assert (booking.state, booking.starts_at, [hold.span.lower for hold in booking.holds.all()]) == ("confirmed", times[2], [times[2]])
    (made,) = story.zoom.control.standing()
    assert (made["fields"]["start_time"], "（木）15:30" in story.subjects_to(HANAKO)[-1]) == (f"{story.session_day}T06:30:00Z", True)


def test_none_of_the_times_fits_and_the_request_is_back_in_the_inbox(story: Story, sato: Colleague) -> None:
    phone = Client()
    booking = apply(phone, story)
    sato.press(booking, "propose", first=story.at(11).isoformat(), **REGISTERED)
    submit(phone, phone.get(page_of(story, HANAKO)), action="answer", choice="none")
    story.settle()
    booking.refresh_from_db()
    assert (booking.state, booking.holds.count(), "日時は合いませんでした" in text_of(sato.look(INBOX))) == ("requested", 0, True)
    sato.press(booking, "decline", canned="ご希望の日時に対応できる担当者がおりませんでした。", reason="お電話でもお受けします。")
    assert (booking.state, story.zoom.control.meetings()) == ("declined", [])
    assert "お電話でもお受けします。" in mails_to(story, HANAKO)[-1].text


def test_several_are_declined_at_once_after_a_look_and_one_was_taken_meanwhile(
    story: Story, sato: Colleague, tanaka: Colleague, office_at_work: Office
) -> None:
    """C9-2: who is declined is seen before, who was faster afterwards, and whoever has no mailbox is phoned."""
    people = [("城崎 一", "hajime@example.jp"), ("竹野 二郎", ""), ("出石 三郎", "saburo@example.jp")]
    hours = (story.at(10), story.at(11), story.at(13))
    rows = [ask(story, office_at_work, name, email, start) for (name, email), start in zip(people, hours, strict=True)]
    chosen = sato.look(f"{INBOX}decline/", pick=[row.pk for row in rows])
    assert "お断りする申込み3件" in text_of(chosen)
    picks = [row.pk for row in rows]
    sure = submit(sato.client, chosen, action="decline", pick=picks, canned="ご希望の日時に対応できる担当者がおりませんでした。")
    assert ("3件をお断りする" in sure.content.decode(), {row.state for row in Booking.objects.all()}) == (True, {"requested"})
    tanaka.press(rows[2], "confirm", **REGISTERED)

    done = text_of(sato.fill(sure, action="decline", pick=picks))
    assert ("お断りした申込み（2件）" in done, "お電話でお知らせする方（1件）" in done) == (True, True)
    assert ("お断りしなかった申込み（1件）" in done, "田中" in done) == (True, True)
    assert list(Booking.objects.order_by("pk").values_list("state", flat=True)) == ["declined", "declined", "confirmed"]
    assert [subject.partition("】")[2] for subject in story.subjects_to("hajime@example.jp")[1:]] == [
        "オンライン職業相談のお申込みについて"
    ]
    assert len(story.zoom.control.standing()) == 1


def test_after_the_limit_only_an_exception_with_its_reason_confirms(story: Story, sato: Colleague) -> None:
    """C6-1-1b, A2: the request expired at midnight; on the day itself it takes somebody's reason, which stays in the history."""
    phone = Client()
    booking = apply(phone, story)
    story.move(story.at(0) - MINUTES)
    story.move(story.at(0))
    booking.refresh_from_db()
    assert (booking.state, "日程を確定できませんでした" in story.subjects_to(HANAKO)[-1]) == ("expired", True)
    story.move(story.at(8, 45))
    assert "理由を入力してください。" in sato.press(booking, "reinstate", **REGISTERED)
    assert "予約を確定しました。" in sato.press(booking, "reinstate", reason="本人が窓口で希望", **REGISTERED)
    line = booking.events.get(event="reinstate")
    assert (booking.state, line.override, line.reason, line.by) == ("confirmed", True, "本人が窓口で希望", sato.user)
    assert (len(story.zoom.control.standing()), "予約が確定しました" in story.subjects_to(HANAKO)[-1]) == (1, True)
    story.move(story.at(9, 55))
    joined = phone.post(f"{page_of(story, HANAKO)}join/", {"digits": "5678"})
    assert (joined.status_code, "予約確定" in text_of(phone.get(page_of(story, HANAKO)))) == (303, True)
