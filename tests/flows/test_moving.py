"""A confirmed session gets another time, or other hands: one meeting, one link, one entry in the person's calendar (C6-1-3, issue point 6)."""

import pytest
from django.test import Client

from booking.links import token_of
from booking.models import Hold, Meeting
from tests.cast import Office
from tests.flows.applying import HANAKO, choose
from tests.flows.at_work import Colleague, agreed_session, calendar_of, mails_to
from tests.stories import Story
from tests.visitor import text_of

pytestmark = pytest.mark.flow


def test_session_is_moved_with_its_meeting_its_link_and_its_calendar_entry(story: Story, sato: Colleague) -> None:
    phone = Client()
    booking = agreed_session(phone, story, sato)
    (made,) = story.zoom.control.standing()
    before = calendar_of(mails_to(story, HANAKO)[-1])
    address = f"/b/{token_of(booking)}/"

    assert "日時を変更しました。メールでお知らせします。" in sato.press(
        booking, "move", start=story.at(14).isoformat(), reason="通院のため"
    )
    (moved,) = story.zoom.control.standing()
    assert (moved["id"], moved["fields"]["start_time"]) == (made["id"], f"{story.session_day}T05:00:00Z")
    after = calendar_of(mails_to(story, HANAKO)[-1])
    assert "予約の日時が変わりました" in mails_to(story, HANAKO)[-1].subject
    assert (after["UID"], after["METHOD"], after["DTSTART"]) == (before["UID"], "PUBLISH", f"{story.session_day:%Y%m%d}T050000Z")
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert "14:00～14:30" in text_of(phone.get(address))
    assert [hold.span.lower for hold in Hold.objects.filter(booking=booking)] == [story.at(14)]
    assert choose(Client(), story, 10).templates[0].name == "booking/terms.html"  # the old time is free for others

    story.move(story.at(9, 55))
    assert phone.post(f"{address}join/", {"digits": "5678"}).headers.get("Location") != Meeting.objects.get().join_url
    story.move(story.at(13, 55))
    joined = phone.post(f"{address}join/", {"digits": "5678"})
    assert (joined.status_code, joined.headers["Location"]) == (303, Meeting.objects.get().join_url)


def test_session_goes_to_a_colleague_and_their_host_without_a_word_to_the_person(
    story: Story, sato: Colleague, tanaka: Colleague, office_at_work: Office
) -> None:
    booking = agreed_session(Client(), story, sato)
    (first,) = story.zoom.control.standing()
    written = len(mails_to(story, HANAKO))
    taker = office_at_work.tanaka if booking.counsellor == office_at_work.sato else office_at_work.sato
    hands = {"counsellor": taker.pk, "host": taker.default_host_id, "reason": "急な会議"}
    assert "担当者を変更しました。" in sato.press(booking, "reassign", **hands)
    (second,) = story.zoom.control.standing()
    assert (second["host"], second["id"] == first["id"]) == (taker.default_host.email, False)
    assert (booking.counsellor, booking.state, len(mails_to(story, HANAKO)) - written) == (taker, "confirmed", 0)
    story.move(story.at(9, 55))
    assert tanaka.go_in(booking).headers["Location"].startswith("http")


def test_two_who_move_at_the_same_time_one_is_told_that_it_has_moved_on(story: Story, sato: Colleague, tanaka: Colleague) -> None:
    booking = agreed_session(Client(), story, sato)
    early = tanaka.look(f"/admin/booking/booking/{booking.pk}/act/move/")
    sato.press(booking, "move", start=story.at(14).isoformat(), reason="通院のため")
    words = text_of(tanaka.fill(early, start=story.at(15).isoformat(), reason="お電話で"))
    booking.refresh_from_db()
    assert ("佐藤" in words, booking.starts_at, len(story.zoom.control.standing())) == (True, story.at(14), 1)
