"""A day is closed over two bookings, and a counsellor falls ill: what was seen is decided, done in one step, told and phoned (A5, C9-2)."""

from typing import Any

import pytest
from django.test import Client

from booking.links import token_of
from booking.models import Absence, Booking, Closure
from tests.cast import Office
from tests.flows.applying import HANAKO, choose
from tests.flows.at_work import BOOKINGS, REGISTERED, Colleague, agreed_session, ask, calendar_of, mails_to
from tests.pages import submit
from tests.stories import Story
from tests.visitor import text_of
from toyooka_hw.audit.models import AuditEntry

pytestmark = pytest.mark.flow
CALLS = f"{BOOKINGS}calls/"
ABSENCE = f"{BOOKINGS}roster/absence/"
CLOSING = {"what": "closed", "label": "停電"}


def ways(preview: Any, way: str) -> dict[str, str]:
    """The preview filled in, the same way for each booking."""
    return {"told": "停電のため", **{line.field.name: way for line in preview.context["lines"]}}


def states() -> list[str]:
    return list(Booking.objects.order_by("pk").values_list("state", flat=True))


def two_sessions(story: Story, sato: Colleague, office: Office) -> tuple[Booking, Booking]:
    """豊岡 花子 with a mailbox, and somebody who can only be phoned."""
    first = agreed_session(Client(), story, sato)
    second = ask(story, office, "城崎 一", "", story.at(11))
    sato.press(second, "confirm", **REGISTERED)
    return first, second


def test_closed_day_cancels_both_writes_to_one_and_has_the_other_phoned(story: Story, sato: Colleague, office_at_work: Office) -> None:
    first, second = two_sessions(story, sato, office_at_work)
    second_told = {"seen": second.events.latest("pk").pk, "next": CALLS}
    sato.client.post(f"{BOOKINGS}{second.pk}/act/told/", second_told)  # of the confirmation they were told by phone
    address = f"{BOOKINGS}calendar/day/{story.session_day.isoformat()}/"

    preview = sato.client.post(address, CLOSING, follow=True)
    assert ("予約2件（予約確定2）" in text_of(preview), "お電話が必要な方1件" in text_of(preview)) == (True, True)
    assert (states(), Closure.objects.count(), len(story.zoom.control.standing())) == (["confirmed", "confirmed"], 0, 2)

    result = sato.fill(preview, **CLOSING, **ways(preview, "cancel"))
    assert ("お電話する方（1件）" in text_of(result), "城崎一" in text_of(result)) == (True, True)
    assert (states(), Closure.objects.get().date, story.zoom.control.standing()) == (
        ["cancelled_by_office", "cancelled_by_office"],
        story.session_day,
        [],
    )
    mail = mails_to(story, HANAKO)[-1]
    assert ("相談の中止のお知らせ" in mail.subject, "停電のため" in mail.text, calendar_of(mail)["METHOD"]) == (True, True, "CANCEL")
    assert "中止（ハローワークの都合）" in text_of(Client().get(f"/b/{token_of(first)}/"))
    assert choose(Client(), story, 13).templates[0].name != "booking/terms.html"

    listed = sato.look(CALLS)
    assert [row.call.booking for row in listed.context["rows"]] == [second]
    after = submit(sato.client, listed, action="act/told")
    assert "お電話でお知らせする方はいません。" in text_of(after)
    assert AuditEntry.objects.filter(what="閉庁日にする", by=sato.user).count() == 1


def test_going_back_from_the_preview_changes_nothing(story: Story, sato: Colleague) -> None:
    booking = agreed_session(Client(), story, sato)
    written = len(mails_to(story, HANAKO))
    preview = sato.client.post(f"{BOOKINGS}calendar/day/{story.session_day.isoformat()}/", CLOSING, follow=True)
    sato.look(preview.context["back"])
    story.settle()
    booking.refresh_from_db()
    assert (booking.state, Closure.objects.count(), len(mails_to(story, HANAKO)) - written) == ("confirmed", 0, 0)


def test_illness_hands_one_session_over_and_cancels_the_one_that_nobody_can_take(
    story: Story, sato: Colleague, office_at_work: Office
) -> None:
    """Both sit at 10:00 and 11:00 with the one who falls ill; the colleague is free at 10:00 only."""
    first, second = two_sessions(story, sato, office_at_work)
    ill = first.counsellor
    other = office_at_work.tanaka if ill == office_at_work.sato else office_at_work.sato
    if second.counsellor != ill:
        sato.press(second, "reassign", counsellor=ill.pk, host="", reason="試験")
    at_eleven = {"counsellors": [other.pk], "first": story.session_day.isoformat(), "starts": "11:00", "ends": "12:00"}
    sato.fill(sato.look(ABSENCE), **at_eleven)
    before = {made["id"] for made in story.zoom.control.standing()}

    whole_day = {"counsellors": [ill.pk], "first": story.session_day.isoformat(), "reason": "発熱"}
    preview = sato.fill(sato.look(ABSENCE), **whole_day)
    offered = {line.row.booking.pk: [way.value for way in line.row.ways] for line in preview.context["lines"]}
    assert offered == {first.pk: ["reassign", "cancel"], second.pk: ["cancel"]}
    decided = {"told": "担当者の都合のため", f"way_{first.pk}": "reassign", f"way_{second.pk}": "cancel"}
    words = text_of(sato.fill(preview, **whole_day, **decided))
    assert ("お電話する方（1件）" in words, states()) == (True, ["confirmed", "cancelled_by_office"])
    first.refresh_from_db()
    (standing,) = story.zoom.control.standing()
    assert (first.counsellor, standing["host"]) == (other, first.host.email)
    assert (len(before), "予約が確定しました" in story.subjects_to(HANAKO)[-1]) == (2, True)  # to 花子 nothing changed
    assert Absence.objects.filter(counsellor=ill, reason="発熱").count() == 1
