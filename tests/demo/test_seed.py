"""The demo's first moment: every page of the counsellor's day has something to show, and every history is true."""

from datetime import time, timedelta

import pytest
from django.db.models import F

from booking.models import Booking, BookingEvent, DayClosing, EmployerRequest, RegistrationEvent
from booking.models.bookings import State
from booking.queries import bar_of, calls, inbox, no_contact_counts, readiness, standing_now, unclosed_days, upcoming_seminars
from booking.queries.day import day_sheet
from booking.rules.calendar import Calendar, tokyo, tokyo_date
from booking.rules.calls import Why
from booking.rules.immediate import Closed
from booking.rules.readiness import Lack
from consent.models import Consent
from consent.queries import SEMINAR, version_in_force
from tests.cast import MORNING, TUESDAY
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.queries import duplicates_of
from toyooka_hw.demo import people
from toyooka_hw.demo.seed import seed
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
WEDNESDAY = TUESDAY + timedelta(days=1)
MONDAY = TUESDAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def seeded() -> None:
    """The office on the story's Tuesday at 9:30."""
    seed(now=MORNING, wall=MORNING)


def named(bookings: object) -> list[str]:
    return [booking.applicant.full_name for booking in bookings]


def test_seed_run_again_changes_nothing() -> None:
    before = (Booking.objects.count(), BookingEvent.objects.count(), Person.objects.count())

    seed(now=MORNING + timedelta(days=1), wall=MORNING + timedelta(days=1))

    assert (Booking.objects.count(), BookingEvent.objects.count(), Person.objects.count()) == before


def test_today_has_four_sessions_of_three_counsellors() -> None:
    sheet = day_sheet(TUESDAY, now=MORNING)

    assert [(tokyo_time(each), str(each.counsellor), each.applicant.full_name) for each in sheet.sessions] == [
        ("10:00", "佐藤", "竹野 美帆"),
        ("10:30", "田中", "日高 修"),
        ("13:30", "佐藤", "香住 直人"),
        ("14:30", "上田", "諸寄 玲子"),
    ]
    assert {each.state for each in sheet.sessions} == {State.CONFIRMED}
    assert [bool(each.companion) for each in sheet.sessions] == [True, False, False, False]


def tokyo_time(booking: Booking) -> str:
    return (booking.starts_at + timedelta(hours=9)).strftime("%H:%M")


def test_inbox_begins_with_the_request_for_tomorrow() -> None:
    waiting = list(inbox.waiting())

    assert named(waiting[:1]) == ["朝来 恵"]
    assert waiting[0].answer_by == tokyo(TUESDAY, time(17, 15))
    assert sorted(named(waiting)) == sorted(
        each.name for each in (people.MEGUMI, people.SAKURA, people.KENICHI, people.RYO, people.ICHIRO_ONLINE, people.MAMORU, people.TAICHI)
    )


def test_inbox_shows_what_to_look_at_twice() -> None:
    asking = {booking.applicant.full_name: booking.applicant for booking in inbox.waiting()}
    ryo, mamoru, ichiro = asking["和田山 亮"], asking["神鍋 守"], asking["髙橋 一郎"]

    assert (ryo.stated_phone, ryo.registered_phone) == (people.RYO.phone, people.RYOS_REGISTERED_PHONE)
    assert no_contact_counts([mamoru.pk]) == {mamoru.pk: 1}
    assert [each.person.full_name for each in duplicates_of([ichiro])[ichiro.pk]] == ["高橋 一郎"]


def test_phone_list_has_only_the_person_without_an_address_once_the_mails_have_gone() -> None:
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE, delivered_at=MORNING)

    assert [(call.booking.applicant.full_name, call.why) for call in calls(now=MORNING)] == [("村岡 文子", Why.NO_ADDRESS)]


def test_tomorrow_has_one_session_that_waits_for_its_mail_only_and_one_to_be_told() -> None:
    board = readiness(WEDNESDAY, now=MORNING)

    assert [(row.booking.applicant.full_name, row.lacks) for row in board.sessions] == [
        ("但馬 太郎", (Lack.ZOOM_WAITING, Lack.MAIL_WAITING)),
        ("村岡 文子", (Lack.ZOOM_WAITING, Lack.NOT_TOLD)),
    ]
    assert named(board.waiting) == ["朝来 恵"]


def test_only_yesterday_is_not_closed_because_one_session_has_no_end() -> None:
    assert unclosed_days(TUESDAY) == [(MONDAY, 1)]
    assert DayClosing.objects.count() == 4
    assert named(Booking.objects.filter(state=State.CONFIRMED, ends_at__lt=MORNING)) == ["生野 渉"]


def test_histories_are_told_in_the_order_in_which_they_happened() -> None:
    """What is recorded was recorded before the story begins, on open days, and nobody was confirmed too late or without consent."""
    late = Booking.objects.filter(confirmed_at__gte=F("confirm_limit")).count()
    days = {tokyo_date(event.at) for event in BookingEvent.objects.filter(by__isnull=False)}

    assert BookingEvent.objects.filter(at__gt=MORNING).count() == 0
    assert (late, [day for day in days if not Calendar().day(day).is_open]) == (0, [])
    assert Booking.objects.exclude(applicant__in=Consent.objects.values("person")).count() == 0
    for booking in Booking.objects.all():
        moments = list(booking.events.order_by("pk").values_list("at", flat=True))
        assert moments == sorted(moments)


def test_regular_may_ask_for_a_session_now() -> None:
    """The tour's 八鹿 佳代子: verified, her consent recorded (C6-2-1b); nobody stands by until a counsellor says so."""
    kayoko = Person.objects.get(email=people.KAYOKO.mailbox)

    assert bar_of(kayoko, now=MORNING) is None
    assert standing_now(now=MORNING).closed is Closed.NOBODY


def test_employers_wait_for_an_interview_a_second_session_and_to_be_known() -> None:
    asked = EmployerRequest.objects.order_by("requested_at").select_related("contact__establishment")

    assert [(each.contact.full_name, each.purpose, each.contact.is_verified) for each in asked] == [
        (people.SATORU.name, "managed_selection", True),
        (people.SATORU.name, "interview", True),
        (people.NOZOMI.name, "consultation", False),
    ]
    assert [sorted(each.sessions.values_list("state", flat=True)) for each in asked] == [
        ["confirmed", "requested"],
        ["requested"],
        ["requested"],
    ]
    session = asked[0].sessions.get(state=State.CONFIRMED)
    assert (session.starts_at, str(session.counsellor)) == (tokyo(TUESDAY + timedelta(days=2), time(9)), "上田")
    assert [part.person.full_name for part in session.participants.order_by("pk")] == [people.SATORU.name, people.REIKO.name]


def test_seminar_and_company_tour_lie_ahead_with_people_and_a_partner() -> None:
    """What the tour and the office's pages show: a seminar with free seats, and a full tour of 円山川精機 with somebody waiting."""
    seminar, tour = upcoming_seminars(now=MORNING)

    assert [(each.title, each.get_kind_display(), each.taken, each.waiting) for each in (seminar, tour)] == [
        ("オンライン面接の受け方", "セミナー", 3, 0),
        ("円山川精機の工場を画面で見学", "企業見学会", 3, 1),
    ]
    assert (seminar.will_record, [str(partner) for partner in tour.partners.all()]) == (True, [people.SATORU.name])
    assert str(tour.registrations.get(seat="waiting").person) == people.MIHO.name
    assert RegistrationEvent.objects.filter(at__gt=MORNING).count() == 0


def test_terms_of_seminars_are_a_digest_and_say_so() -> None:
    version = version_in_force(SEMINAR, now=MORNING)

    assert version is not None
    assert (version.is_digest, version.preamble) == (True, "これはデモ用の要約です。正式な利用規約ではありません。")
    (forbidden,) = [article for article in version.articles if article["number"] == 6]
    assert len(forbidden["paragraphs"][0]["items"]) == 7
