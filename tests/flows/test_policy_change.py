"""A number of the office's changes tomorrow at 00:00: page and POST go by the new one from that very moment, by itself (issue point 10)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from booking.models import Booking
from tests.flows.applying import DECLARED, choose
from tests.flows.at_work import BOOKINGS, Colleague
from tests.pages import submit
from tests.stories import MINUTES, Story
from tests.visitor import text_of

pytestmark = pytest.mark.flow
VALUE = f"{BOOKINGS}policy/value/request_closes_at/"


def is_begun(page: Any) -> bool:
    """Whether the choice of a start led on to the terms."""
    return bool(page.templates[0].name == "booking/terms.html")


def test_deadline_that_is_earlier_from_tomorrow_judges_page_and_post(story: Story, sato: Colleague) -> None:
    """Until midnight requests for Thursday close at Wednesday 15:00; from midnight on at 11:00."""
    eve = story.at(0) - timedelta(days=1)
    form = {"value": "11:00", "holds_from": f"{eve:%Y-%m-%dT%H:%M}", "reason": "繁忙期"}
    assert "設定しました。" in text_of(sato.fill(sato.look(VALUE), **form))
    overview = text_of(sato.look(f"{BOOKINGS}policy/"))
    assert ("15:00" in overview, "11:00" in overview, "繁忙期" in overview) == (True, True, True)

    phone = Client()
    story.move(eve + timedelta(hours=11) - MINUTES)
    waiting = choose(phone, story, 10)
    assert is_begun(waiting)
    story.move(eve + timedelta(hours=11))
    week = phone.get(f"/slots/?week={story.session_day - timedelta(days=story.session_day.weekday())}")
    assert f'value="{story.at(10).isoformat()}"' not in week.content.decode()
    assert is_begun(choose(phone, story, 10)) is False
    submit(phone, waiting, **DECLARED)
    assert Booking.objects.count() == 0
    assert sato.look(f"{BOOKINGS}enter/new/").status_code == 200  # staff go by the end of the day (A1)


def test_shorter_horizon_takes_days_away_at_its_moment(story: Story, sato: Colleague) -> None:
    morning = story.at(0) - timedelta(days=1)
    farther = story.on_open_day(14, hour=10)
    page = f"/slots/?week={farther.date() - timedelta(days=farther.weekday())}"
    form = {"value": "7", "holds_from": f"{morning:%Y-%m-%dT%H:%M}", "reason": "試行"}
    sato.fill(sato.look(f"{BOOKINGS}policy/value/horizon_days/"), **form)
    phone = Client()
    found = []
    for moment in (morning - MINUTES, morning):
        story.move(moment)
        offered = farther.isoformat() in phone.get(page).content.decode()
        found.append((offered, is_begun(submit(phone, phone.get("/slots/"), action="begin", start=farther.isoformat()))))
    assert found == [(True, True), (False, False)]
