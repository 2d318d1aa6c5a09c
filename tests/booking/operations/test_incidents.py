"""One incident and two mails for each trouble, however many rows suffer and however often the watch looks."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.models import Booking, Heartbeat, HostDay, Incident, Meeting, ZoomCheck, ZoomHost, ZoomNotice
from booking.operations import incidents
from booking.queries import measure
from booking.rules.incidents import Kind
from tests.booking.admin.crowd import copy
from tests.cast import MORNING, Office, make_person
from tests.seminars import published
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import ensure_roles
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.operations import post
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LATER = MORNING + timedelta(days=400)  # the portal's clock in a demo: nothing here may go by it


@pytest.fixture
def staffed(office: Office) -> Office:
    """A manager, a system administrator and a counsellor, each with an address; the regular work runs."""
    ensure_roles()
    for username, role in (("kanri", "管理者"), ("system", "システム管理者"), ("soudan", "相談員")):
        user = User.objects.create_user(username, email=f"{username}@office.example.jp", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
    beat(MORNING)
    return office


@pytest.fixture
def crowd(staffed: Office, confirmed: Booking) -> list[Meeting]:
    """Five meetings that Zoom is to make, wanted at the same moment; every mail has gone out."""
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE)
    for number in range(4):
        made = copy(confirmed, number, make_person(f"利用者{number}", f"{number}@example.jp"))
        Meeting.objects.create(booking=made, reference=f"r{number}", next_try_at=MORNING)
    Meeting.objects.update(next_try_at=MORNING)
    return list(Meeting.objects.all())


def beat(wall: datetime) -> None:
    Heartbeat.objects.bulk_create(Heartbeat(name=name, at=wall, wall=wall) for name in ("beat", "web"))


def watch(wall: datetime) -> None:
    """The watch looks; the regular work has run all the time until then."""
    last = Heartbeat.objects.latest("wall").wall
    while last < wall:
        last = min(last + 4 * MINUTE, wall)
        beat(last)
    incidents.watch(now=LATER, wall=wall)


def told() -> list[tuple[str, str]]:
    """Who was written to, and what about."""
    mails = OutgoingMail.objects.filter(key__startswith="incident:").order_by("pk")
    return [(mail.to.partition("@")[0], mail.key.split(":")[2]) for mail in mails]


def open_kinds() -> list[tuple[str, str]]:
    return list(Incident.objects.filter(closed_at=None).order_by("kind", "subject").values_list("kind", "subject"))


def test_zoom_is_away_for_hours_and_it_is_one_incident_with_two_mails(crowd: list[Meeting]) -> None:
    for minute in range(9):
        watch(MORNING + minute * MINUTE)
    assert (open_kinds(), told()) == ([], [])
    Meeting.objects.update(trouble="busy", attempts=0, next_try_at=MORNING + 6 * 60 * MINUTE)  # an attempt that was turned away is none
    for minute in range(10, 180, 10):
        watch(MORNING + minute * MINUTE)
    incident = Incident.objects.get()
    assert (incident.kind, incident.count, incident.closed_at, told()) == ("meeting_waits", 5, None, [("kanri", "incident")])
    Meeting.objects.update(outbox_state=OutboxState.DONE, attempts=0, trouble="")
    for minute in range(180, 240, 10):
        watch(MORNING + minute * MINUTE)
    incident.refresh_from_db()
    assert (incident.seen_at, incident.closed_at) == (MORNING + 170 * MINUTE, MORNING + 190 * MINUTE)
    assert (Incident.objects.count(), told()) == (1, [("kanri", "incident"), ("kanri", "incident_over")])


def test_meeting_that_is_wanted_anew_waits_from_then_on(crowd: list[Meeting]) -> None:
    moments = []
    for minute, state in ((0, "wanted"), (1, "claimed"), (2, "done"), (3, "wanted"), (4, "failed"), (5, "wanted")):
        Meeting.objects.update(outbox_state=state)
        watch(MORNING + minute * MINUTE)
        moments.append(Meeting.objects.values_list("waits_since", flat=True).distinct().get())
    assert moments == [MORNING, MORNING, None, MORNING + 3 * MINUTE, None, MORNING + 5 * MINUTE]


def test_mails_say_what_happened_what_to_do_and_nobodys_name(crowd: list[Meeting]) -> None:
    Meeting.objects.update(outbox_state=OutboxState.FAILED, trouble="refused")
    watch(MORNING)
    Meeting.objects.update(outbox_state=OutboxState.DONE, trouble="")
    watch(MORNING + 15 * MINUTE)
    opened, over = OutgoingMail.objects.filter(key__startswith="incident:").order_by("pk")
    assert opened.subject == "【ハローワーク豊岡】システムの問題：作成できなかったZoomミーティングがあります"
    assert over.subject == "【ハローワーク豊岡】解消しました：作成できなかったZoomミーティングがあります"
    wanted = ("5件", "・「今日」の下の一覧で「もう一度試す」を押してください。", "/admin/booking/booking/status/")
    assert [words for words in wanted if words not in opened.body] == []
    assert [
        words for words in ("続いた時間：1分未満", "【いま確かめること】", "「準備済み」か、見てください。") if words not in over.body
    ] == []
    assert [words for words in ("花子", "利用者", "28090", "example.jp") if words in opened.body + over.body] == []


@pytest.mark.parametrize(("away", "over"), [(15 * MINUTE - timedelta(seconds=1), False), (15 * MINUTE, True)])
def test_trouble_is_over_once_it_has_stayed_away(crowd: list[Meeting], away: timedelta, over: bool) -> None:
    Meeting.objects.update(outbox_state=OutboxState.FAILED)
    watch(MORNING)
    Meeting.objects.update(outbox_state=OutboxState.DONE)
    watch(MORNING + away)
    assert (Incident.objects.get().closed_at is not None) is over


def test_trouble_that_comes_and_goes_is_one_incident(crowd: list[Meeting]) -> None:
    for minute in range(0, 120, 7):
        state = OutboxState.FAILED if minute % 2 else OutboxState.DONE
        Meeting.objects.update(outbox_state=state)
        watch(MORNING + minute * MINUTE)
    assert (Incident.objects.count(), told()) == (1, [("kanri", "incident")])


def test_trouble_that_comes_back_after_its_end_is_another_one(crowd: list[Meeting]) -> None:
    for minute, state in ((0, "failed"), (1, "done"), (20, "done"), (30, "failed")):
        Meeting.objects.update(outbox_state=state)
        watch(MORNING + minute * MINUTE)
    assert (Incident.objects.count(), [about for _whom, about in told()]) == (2, ["incident", "incident_over", "incident"])


MANAGERS = [Kind.MEETING_WAITS, Kind.MEETING_GIVEN_UP, Kind.MAIL_WAITS, Kind.MAIL_GIVEN_UP, Kind.NOTICE_WAITS]


@pytest.mark.parametrize("kind", Kind)
def test_machinery_concerns_its_administrators_too(staffed: Office, kind: Kind) -> None:
    found = ["kanri"] if kind in MANAGERS else ["kanri", "system"]
    assert [user.username for user in incidents.recipients(kind)] == found


def test_whoever_has_left_or_has_no_address_is_not_written_to(staffed: Office) -> None:
    User.objects.filter(username="kanri").update(is_active=False)
    User.objects.filter(username="system").update(email="")
    assert incidents.recipients(Kind.BEAT) == []


def fail_mail(key: str) -> None:
    mail = post("code", to="a@example.jp", key=key, now=LATER, wall=MORNING, context={"code": "123456"})
    OutgoingMail.objects.filter(pk=mail and mail.pk).update(outbox_state=OutboxState.FAILED)


def test_mails_given_up_are_one_incident(staffed: Office) -> None:
    for number in range(30):
        fail_mail(f"code:{number}")
    watch(MORNING)
    assert (Incident.objects.get().count, told()) == (30, [("kanri", "incident")])


def test_alarm_that_is_not_delivered_sets_off_no_other(staffed: Office) -> None:
    fail_mail("incident:1:incident:1")
    post("code", to="a@example.jp", key="incident:2:incident:1", now=LATER, wall=MORNING, context={"code": "123456"})
    watch(MORNING + 60 * MINUTE)
    assert [kind for kind, _subject in open_kinds() if kind.startswith("mail")] == []
    seen = measure(now=LATER, wall=MORNING + 60 * MINUTE).mails
    assert (seen.waiting > 0, seen.oldest, seen.late_since, seen.given_up, seen.lost) == (True, MORNING, None, 1, 0)


def host_in_trouble(office: Office) -> None:
    ZoomHost.objects.filter(pk=office.sato.default_host_id).update(finding="basic")


def day_spent(office: Office) -> None:
    HostDay.objects.create(host_email="sato@zoom.example.jp", day=MORNING.date(), calls=100)


def day_spent_by_others(office: Office) -> None:
    Meeting.objects.filter(booking__host__email="sato@zoom.example.jp").update(trouble="quota", next_try_at=MORNING + 600 * MINUTE)


def host_refused(office: Office) -> None:
    Meeting.objects.filter(booking__host__email="sato@zoom.example.jp").update(trouble="host", outbox_state="failed")


def host_refused_for_a_seminar(office: Office) -> None:
    published(office)
    Meeting.objects.filter(seminar__host__email="sato@zoom.example.jp").update(trouble="host", outbox_state="failed")


def unsafe(office: Office) -> None:
    Meeting.objects.update(trouble="unsafe", outbox_state="failed")


def check(**found: object) -> Callable[[Office], object]:
    return lambda _office: ZoomCheck.objects.create(at=MORNING, **found)


def refused_then_away(office: Office) -> None:
    """A look that found nobody does not make the last answer untrue."""
    check(trouble="not_authorised")(office)
    check(trouble="unreachable")(office)


def counted_into_the_look_before(office: Office) -> None:
    """Both tasks run every hour, in whatever order."""
    check(strangers=2)(office)
    check()(office)


def notice(office: Office) -> None:
    ZoomNotice.objects.create(
        key="k", event="meeting.started", happened_at=LATER, received_at=MORNING, next_try_at=MORNING, outbox_state="failed"
    )


SATO = "sato@zoom.example.jp"


@pytest.mark.parametrize(
    ("happens", "found"),
    [
        (host_in_trouble, [("host", SATO)]),
        (host_refused, [("host", SATO)]),
        (host_refused_for_a_seminar, [("host", SATO)]),
        (day_spent, [("quota", SATO)]),
        (day_spent_by_others, [("quota", SATO)]),
        (unsafe, [("unsafe", "")]),
        (check(trouble="not_authorised"), [("not_authorised", "")]),
        (refused_then_away, [("not_authorised", "")]),
        (check(missing_scopes=["meeting:read:meeting:admin"], trouble="not_authorised"), [("scopes", "")]),
        (check(strangers=2), [("strangers", "")]),
        (counted_into_the_look_before, [("strangers", "")]),
        (check(), []),
        (notice, [("notice_waits", "")]),
    ],
)
def test_cause_is_one_incident_and_what_follows_from_it_none(
    crowd: list[Meeting], staffed: Office, happens: Callable[[Office], object], found: list[tuple[str, str]]
) -> None:
    happens(staffed)
    watch(MORNING)
    assert open_kinds() == found


def test_host_that_is_not_used_troubles_nobody(crowd: list[Meeting], staffed: Office) -> None:
    host_in_trouble(staffed)
    ZoomHost.objects.filter(email=SATO).update(is_active=False)
    watch(MORNING)
    assert open_kinds() == []


def test_notice_given_up_is_old_news_after_a_day(staffed: Office) -> None:
    notice(staffed)
    for minute in range(24 * 60, 24 * 60 + 3):
        watch(MORNING + minute * MINUTE)
    assert "notice_waits" not in dict(open_kinds())


def test_standstill_is_noted_by_the_first_look_after_it_and_ends_by_itself(staffed: Office) -> None:
    back = MORNING + 60 * MINUTE
    incidents.watch(now=LATER, wall=back)  # before the heartbeat of the same minute
    assert open_kinds() == [("beat", "")]
    assert (Incident.objects.get().count, told()) == (60, [("kanri", "incident"), ("system", "incident")])
    for minute in range(50):
        watch(back + minute * MINUTE)
    assert (open_kinds(), told()[2:]) == ([], [("kanri", "incident_over"), ("system", "incident_over")])


def test_first_look_of_all_finds_nothing(office: Office) -> None:
    incidents.watch(now=LATER, wall=MORNING)
    assert open_kinds() == []


def test_what_has_been_over_for_a_year_is_deleted(staffed: Office) -> None:
    for closed_at in (MORNING - timedelta(days=365, seconds=1), MORNING - timedelta(days=365), None):
        Incident.objects.create(kind="web", opened_at=MORNING, seen_at=MORNING, closed_at=closed_at)
    incidents.forget(wall=MORNING)
    assert sorted(Incident.objects.values_list("closed_at", flat=True), key=str) == [MORNING - timedelta(days=365), None]


def test_measuring_five_costs_as_much_as_measuring_one(crowd: list[Meeting]) -> None:
    counts = []
    for rows in (1, 5):
        Meeting.objects.filter(pk__in=[meeting.pk for meeting in crowd[:rows]]).update(outbox_state="failed")
        with CaptureQueriesContext(connection) as queries:
            assert measure(now=LATER, wall=MORNING).meetings.given_up == rows
        counts.append(len(queries))
    assert counts == [10, 10]
