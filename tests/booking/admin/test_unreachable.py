"""連絡がつかない方: people whom no mail reaches any more while something of theirs is open (issue point 5)."""

from datetime import timedelta

import pytest

from booking.models import Booking, ContactRecord
from booking.operations.evidence import gather
from booking.queries import calls, policy_at, readiness, unreachable
from booking.rules.calls import Why
from booking.rules.readiness import Lack
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.admin.crowd import copy, queries_of
from tests.cast import MORNING, SESSION, THURSDAY, Office, make_person
from tests.visitor import text_of
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.operations import post
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
LIST = "/admin/booking/booking/calls/"
LATER = MORNING + timedelta(hours=3)
HANAKO = "hanako@example.jp"
LOST = {"outbox_state": OutboxState.DONE, "bounced_at": LATER, "bounce": "5.1.1"}


@pytest.fixture
def desk(desk_of: DeskOf, office: Office) -> Desk:
    return desk_of(office.staff, LATER + timedelta(hours=1))


@pytest.fixture
def reminder(confirmed: Booking) -> OutgoingMail:
    """A mail that is no news of the booking came back; the news itself arrived."""
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE, delivered_at=MORNING)
    mail = post("code", to=HANAKO, key="reminder:1:soon:202704080100", now=LATER, wall=LATER, context={"code": "1"})
    assert mail is not None
    OutgoingMail.objects.filter(pk=mail.pk).update(**LOST)
    return mail


def lost() -> list[str]:
    return [each.person.full_name for each in unreachable(now=LATER)]


def test_confirmation_that_came_back_is_told_by_phone(confirmed: Booking) -> None:
    OutgoingMail.objects.update(**LOST)
    assert [call.why for call in calls(now=LATER)] == [Why.MAIL_FAILED]


def test_confirmation_that_came_back_is_a_lack_that_no_second_sending_mends(desk: Desk, confirmed: Booking) -> None:
    OutgoingMail.objects.update(**LOST)
    assert Lack.MAIL_FAILED in readiness(THURSDAY, now=LATER).sessions[0].lacks
    assert "もう一度送信" not in text_of(desk.get("/admin/booking/booking/tomorrow/", day=THURSDAY.isoformat()))


def test_person_whom_a_reminder_did_not_reach_is_listed_with_the_reason(desk: Desk, reminder: OutgoingMail) -> None:
    words = text_of(desk.get(LIST))
    said = (
        "連絡がつかない方（メールが届きません）1件",
        "豊岡花子",
        "h***@example.jp",
        "宛先のアドレスが見つかりません。",
        "電話で確かめた",
    )
    assert [part for part in said if part not in words] == []
    assert HANAKO not in words


def test_whoever_is_phoned_anyway_is_listed_once(desk: Desk, confirmed: Booking) -> None:
    OutgoingMail.objects.update(**LOST)
    words = text_of(desk.get(LIST))
    assert ("お電話する方1件" in words, "連絡がつかない方" in words) == (True, False)


def test_one_press_ends_the_task(desk: Desk, confirmed: Booking, reminder: OutgoingMail) -> None:
    seen = confirmed.events.latest("pk").pk
    words = text_of(desk.post(f"/admin/booking/booking/{confirmed.pk}/act/told/", seen=seen, next=LIST))
    assert ("電話でお知らせしたことを記録しました。" in words, "連絡がつかない方" in words) == (True, False)


def test_call_in_vain_leaves_the_task(confirmed: Booking, reminder: OutgoingMail, office: Office) -> None:
    ContactRecord.objects.create(booking=confirmed, channel="phone", meaning="not_reached", at=LATER, recorded_by=office.staff)
    assert lost() == ["豊岡 花子"]


def test_whoever_knows_by_phone_how_it_stands_is_no_task(confirmed: Booking, reminder: OutgoingMail, office: Office) -> None:
    told = confirmed.events.latest("pk").at
    ContactRecord.objects.create(booking=confirmed, channel="phone", meaning="told", at=told, recorded_by=office.staff)
    assert lost() == []


def test_mail_that_arrived_since_ends_the_task(confirmed: Booking, reminder: OutgoingMail) -> None:
    later = post("code", to=HANAKO, key="later", now=LATER, wall=LATER, context={"code": "1"})
    assert (later is not None, lost()) == (True, ["豊岡 花子"])
    OutgoingMail.objects.filter(key="later").update(outbox_state=OutboxState.DONE, dropped="日時が変わったため")
    assert lost() == ["豊岡 花子"]
    OutgoingMail.objects.filter(key="later").update(dropped="")
    assert lost() == []


def test_address_that_nobody_has_any_more_is_no_task(confirmed: Booking, reminder: OutgoingMail) -> None:
    Person.objects.update(email="new@example.jp")
    assert lost() == []


@pytest.mark.parametrize("change", [{"state": "cancelled_by_user"}, {"starts_at": MORNING, "ends_at": LATER}])
def test_booking_that_is_over_is_no_task(confirmed: Booking, reminder: OutgoingMail, change: dict[str, object]) -> None:
    Booking.objects.update(**change)
    assert lost() == []


def test_bounce_of_two_weeks_ago_is_no_task(confirmed: Booking, reminder: OutgoingMail) -> None:
    OutgoingMail.objects.filter(pk=reminder.pk).update(bounced_at=LATER - timedelta(days=14, seconds=1))
    assert lost() == []


def test_list_asks_the_same_number_of_queries_for_one_and_for_many(desk: Desk, confirmed: Booking, reminder: OutgoingMail) -> None:
    desk.get(LIST)
    one = queries_of(desk, LIST)
    for number in range(20):
        made = copy(confirmed, number, make_person(f"利用者{number}", email=f"p{number}@example.jp"))
        made.contacts.all().delete()
        event = made.events.create(event="confirm", to_state="confirmed", at=MORNING, actor="system")
        for key, values in ((event.mail_key, {"outbox_state": OutboxState.DONE}), (f"k{number}", LOST)):
            post("code", to=f"p{number}@example.jp", key=key, now=MORNING, wall=MORNING, context={"code": "1"})
            OutgoingMail.objects.filter(key=key).update(**values)
    assert (queries_of(desk, LIST), len(unreachable(now=LATER))) == (one, 21)


def test_bounced_confirmation_closes_nobody(office: Office, confirmed: Booking) -> None:
    """C6-1-4b: the ten-minute rule counts only where the confirmation was not given back."""
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE, delivered_at=MORNING)
    before = gather([confirmed], policy_at(SESSION))[confirmed.pk].confirmation_delivered_at
    OutgoingMail.objects.update(**LOST)
    assert (before, gather([confirmed], policy_at(SESSION))[confirmed.pk].confirmation_delivered_at) == (MORNING, None)
