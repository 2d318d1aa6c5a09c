"""What is missing for a session, fact by fact (C2-1a, C2-1b, C6-1-3, C6-2-1b)."""

from dataclasses import fields, replace

import pytest

from booking.rules.calls import Delivery
from booking.rules.readiness import PAPERWORK, Lack, SessionReadiness, Zoom, lacks

READY = SessionReadiness(
    day_open=True,
    held=True,
    counsellor_active=True,
    counsellor_absent=False,
    on_duty=True,
    host_active=True,
    host_twice=False,
    zoom=Zoom.READY,
    mail=Delivery.DELIVERED,
    heard=False,
    eligible=True,
    to_switch=False,
    recorded=True,
)
EACH = {
    Lack.DAY_CLOSED: {"day_open": False},
    Lack.NOT_HELD: {"held": False},
    Lack.COUNSELLOR_GONE: {"counsellor_active": False},
    Lack.COUNSELLOR_ABSENT: {"counsellor_absent": True},
    Lack.OFF_DUTY: {"on_duty": False},
    Lack.HOST_GONE: {"host_active": False},
    Lack.HOST_TWICE: {"host_twice": True},
    Lack.ZOOM_FAILED: {"zoom": Zoom.FAILED},
    Lack.ZOOM_MISSING: {"zoom": Zoom.MISSING},
    Lack.ZOOM_WAITING: {"zoom": Zoom.WAITING},
    Lack.NO_NUMBER: {"zoom": Zoom.BY_PHONE, "callable": False},
    Lack.MAIL_FAILED: {"mail": Delivery.FAILED},
    Lack.MAIL_WAITING: {"mail": Delivery.WAITING},
    Lack.NOT_TOLD: {"mail": Delivery.NONE},
    Lack.ELIGIBILITY: {"eligible": False},
    Lack.SWITCH: {"to_switch": True},
    Lack.RECORD: {"recorded": False},
    Lack.UNVERIFIED: {"verified": False},
    Lack.CONSENT: {"agreed": False},
}


def test_session_with_everything_lacks_nothing() -> None:
    assert lacks(READY) == ()


@pytest.mark.parametrize("lack", Lack)
def test_each_thing_is_missed_alone(lack: Lack) -> None:
    assert lacks(replace(READY, **EACH[lack])) == (lack,)


def test_every_fact_is_judged() -> None:
    judged = {name for changes in EACH.values() for name in changes}
    assert {field.name for field in fields(SessionReadiness)} - judged == {"heard"}


def test_session_held_by_telephone_needs_neither_meeting_nor_host() -> None:
    by_phone = replace(READY, zoom=Zoom.BY_PHONE, host_active=False, host_twice=True)
    assert [lacks(each) for each in (by_phone, replace(by_phone, host_active=True))] == [(), ()]


def test_meeting_made_by_hand_is_ready_and_a_meeting_asks_for_no_number() -> None:
    assert lacks(replace(READY, zoom=Zoom.BY_HAND, callable=False)) == ()


@pytest.mark.parametrize("mail", [Delivery.NONE, Delivery.WAITING, Delivery.FAILED])
def test_person_who_was_told_by_phone_needs_no_mail(mail: Delivery) -> None:
    assert lacks(replace(READY, mail=mail, heard=True)) == ()


def test_counsellor_who_is_gone_or_absent_is_not_also_off_duty() -> None:
    away = replace(READY, counsellor_absent=True, on_duty=False)
    assert [lacks(each) for each in (away, replace(away, counsellor_active=False))] == [(Lack.COUNSELLOR_ABSENT,), (Lack.COUNSELLOR_GONE,)]


def test_lacks_are_told_in_their_order() -> None:
    worst = replace(READY, day_open=False, zoom=Zoom.MISSING, mail=Delivery.NONE, eligible=False, to_switch=True, recorded=False)
    expected = (Lack.DAY_CLOSED, Lack.ZOOM_MISSING, Lack.NOT_TOLD, Lack.ELIGIBILITY, Lack.SWITCH, Lack.RECORD)
    assert lacks(worst) == expected


def test_paperwork_alone_hinders_no_session() -> None:
    assert {Lack.SWITCH, Lack.RECORD} == PAPERWORK
