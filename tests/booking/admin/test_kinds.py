"""The staff's pages know the sessions that nobody reserved: immediate ones (C6-2) and interviews (A18)."""

from datetime import datetime, timedelta

import pytest

from booking.admin.actions import standing
from booking.admin.board import board
from booking.models import Booking, DayClosing, DutyHours, EmployerRequest, Meeting, PolicyValue
from booking.operations import bookings, employers, immediate, meetings, sessions
from booking.operations.transitions import last_line
from booking.queries import calls, failed_mails, is_outdated_mail, readiness
from booking.rules.calls import Why
from booking.rules.readiness import Lack
from consent.operations import withdraw
from consent.queries import COUNSELLING
from tests.booking.admin.conftest import DeskOf
from tests.cast import BEFORE_TERMS, MORNING, THURSDAY, TUESDAY, Office, at, away, make_regular, now_please
from tests.employers import asked, make_contact
from tests.kinds import PRESSED, QUARTER_TO, immediate_session, interview
from tests.visitor import text_of
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
ADMIN = "/admin/booking/booking/"
TODAY = f"{ADMIN}today/"
RUNNING = at(TUESDAY, 10, 18)  # the tenth minute of the immediate session is over
CODE = 85312345678


def under(start: datetime, *, now: datetime) -> list[tuple[list[Booking], bool]]:
    """The sessions under this start, counsellor by counsellor, and whether one goes on there."""
    line = next(line for line in board(start.date(), now=now).lines if line.start == start)
    return [([row.booking for row in seat.sessions], seat.goes_on) for seat in line.seats]


def ready(booking: Booking) -> Meeting:
    """Its meeting stands at Zoom, under a number that nobody may read."""
    Meeting.objects.filter(booking=booking).update(
        meeting_id=CODE, join_url="https://zoom.us/j/85312345678?pwd=x", passcode="Secret2345", ready_at=booking.starts_at
    )
    return Meeting.objects.get(booking=booking)


# --- the day -------------------------------------------------------------------------------------------------------------


def test_immediate_session_stands_under_the_start_that_covers_it_and_goes_on_under_the_next(office: Office) -> None:
    """C6-2-1c: 10:07 to 10:37."""
    booking = immediate_session(office)
    assert len(board(TUESDAY, now=RUNNING).lines) == 10
    assert under(at(TUESDAY, 10), now=RUNNING) == [([booking], False), ([], False)]
    assert under(at(TUESDAY, 10, 30), now=RUNNING) == [([], True), ([], False)]


def test_interview_that_no_start_covers_has_a_line_of_its_own(office: Office) -> None:
    booking = interview(office, at(THURSDAY, 8, 50))
    assert [line.start for line in board(THURSDAY, now=RUNNING).lines][:2] == [at(THURSDAY, 8, 50), at(THURSDAY, 10)]
    assert under(at(THURSDAY, 8, 50), now=RUNNING) == [([booking], False), ([], False)]


def test_immediate_session_is_the_one_that_runs_and_no_clock_closes_it(desk_of: DeskOf, office: Office) -> None:
    """C6-1-4b is for reservations: nobody is told that the portal closes it by itself."""
    immediate_session(office)
    words = text_of(desk_of(office.staff, RUNNING).get(TODAY))
    shown = ["いまの相談" in words, "10:07～竹野浜子いますぐ確定" in words, "前の予定の続き" in words]
    assert (shown, ["残り" in words, "まもなく自動で" in words, "要確認" in words]) == ([True] * 3, [False] * 3)


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("today/", "10:45～城崎次郎・但馬太郎面接確定"),
        ("today/print/", "10:45～城崎次郎・但馬太郎確定（面接）"),
        ("week/", "城崎次郎・但馬太郎面接"),
        ("closing/", "城崎次郎・但馬太郎面接"),
    ],
)
def test_interview_is_named_with_everybody_in_it(page: str, told: str, desk_of: DeskOf, office: Office) -> None:
    interview(office)
    assert told in text_of(desk_of(office.staff, at(THURSDAY, 8, 30)).get(f"{ADMIN}{page}"))


def test_session_without_an_end_is_left_over_whatever_its_kind(desk_of: DeskOf, office: Office) -> None:
    immediate_session(office)
    interview(office)
    assert "結果の記録がない予約（1件）" in text_of(desk_of(office.staff, at(TUESDAY, 10, 37)).get(TODAY))
    assert "結果の記録がない予約（2件）" in text_of(desk_of(office.staff, at(THURSDAY + timedelta(days=1), 9)).get(TODAY))


def test_day_is_not_closed_over_an_immediate_session_without_an_end(desk_of: DeskOf, office: Office) -> None:
    immediate_session(office)
    desk = desk_of(office.staff, at(TUESDAY, 16))
    assert "竹野浜子" in text_of(desk.post(f"{ADMIN}closing/", day=TUESDAY.isoformat()))
    assert DayClosing.objects.count() == 0


# --- what may be pressed -------------------------------------------------------------------------------------------------


def test_buttons_of_a_request_that_nobody_reserved(office: Office) -> None:
    """It is accepted at the desk and arranged on its own page; neither proposals nor the ministry's eligibility are asked of it."""
    waiting = asked(make_contact(office)).sessions.get()
    assert list(standing(waiting, now=at(TUESDAY, 10))) == ["arrange", "decline", "withdraw", "contact", "told", "not_reached"]


# no worker has made its meeting, so a link may be entered
RUNNING_BUTTONS = [
    "reassign",
    "by_phone",
    "manual_link",
    "contact",
    "told",
    "not_reached",
    "complete",
    "cancel_by_user",
    "cancel_by_office",
    "stop",
]


def test_buttons_of_an_immediate_session_under_way(office: Office) -> None:
    """Nobody is counted 連絡なし, nothing is moved in time, and there is no page of its own whose link could be sent (C6-2-3a)."""
    assert list(standing(immediate_session(office), now=RUNNING)) == ["code", *RUNNING_BUTTONS]


def test_buttons_of_an_interview_under_way(office: Office) -> None:
    booking = interview(office)
    assert list(standing(booking, now=at(THURSDAY, 11))) == ["code", "move", *RUNNING_BUTTONS[:7], "seeker", *RUNNING_BUTTONS[7:]]


def test_reasons_of_a_cancellation_by_the_office_fit_the_kind(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    """C6-2-3b: that the code could not be told ends no reservation."""
    desk, booking = desk_of(office.staff, RUNNING), immediate_session(office)
    offered = [
        "折り返しの電話で番号をお伝えできなかった" in text_of(desk.get(f"{ADMIN}{each.pk}/act/cancel_by_office/"))
        for each in (confirmed, booking)
    ]
    desk.press(booking, "cancel_by_office", reason="お電話がつながらなかったため", outcome="code_not_told")
    desk.press(confirmed, "cancel_by_office", reason="停電のため", outcome="code_not_told")
    assert (offered, booking.state, booking.outcome, confirmed.state) == (
        [False, True],
        "cancelled_by_office",
        "code_not_told",
        "confirmed",
    )


# --- tomorrow, and whom to phone -----------------------------------------------------------------------------------------

EVE = at(THURSDAY - timedelta(days=1), 16)


def prepared(booking: Booking) -> None:
    """Its meeting stands, and both sides have their mail."""
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE, delivered_at=MORNING)
    ready(booking)
    Meeting.objects.update(outbox_state=OutboxState.DONE, starts_at=booking.starts_at, host_email=booking.host.email)


def lacking(now: datetime = EVE) -> list[list[Lack]]:
    return [list(row.lacks) for row in readiness(THURSDAY, now=now).sessions]


def test_interview_is_ready_without_what_the_ministry_asks_of_reservations(desk_of: DeskOf, office: Office) -> None:
    """C2-1a, C2-1b: eligibility and the switch are for job seekers' reservations; nobody's duty is asked of either."""
    booking = interview(office)
    DutyHours.objects.all().delete()
    prepared(booking)
    words = text_of(desk_of(office.staff, EVE).get(f"{ADMIN}tomorrow/"))
    expected = ["準備よし", "城崎次郎・但馬太郎面接", "本人情報・同意確認済み", "番号を、お一人ずつマイページか電話で伝える"]
    assert (lacking(), [each for each in expected if each not in words]) == ([[]], [])


def test_immediate_session_is_never_prepared_for(office: Office) -> None:
    immediate_session(office)
    assert list(readiness(TUESDAY, now=at(TUESDAY, 10, 8)).sessions) == []


def test_interview_lacks_who_is_not_known_and_whose_consent_is_gone(office: Office) -> None:
    """A18: each with their own consent; staff know everybody in it."""
    booking = interview(office)
    prepared(booking)
    seeker = booking.participants.get(role="job_seeker").person
    withdraw(seeker, document=COUNSELLING, now=at(TUESDAY, 12), by=office.staff)
    Person.objects.filter(pk=booking.applicant_id).update(verified_at=None, verified_by=None)
    assert lacking() == [[Lack.UNVERIFIED, Lack.CONSENT]]


def test_interview_lacks_the_mail_that_one_side_did_not_get(office: Office) -> None:
    booking = interview(office)
    prepared(booking)
    OutgoingMail.objects.filter(to="taro@example.jp", subject__contains="面接").update(outbox_state=OutboxState.FAILED)
    row = readiness(THURSDAY, now=EVE).sessions[0]
    seeker = booking.participants.get(role="job_seeker").person
    assert (row.lacks, row.mail_key) == ((Lack.MAIL_FAILED,), f"{booking.events.last().mail_key}:{seeker.pk}")


def test_absence_after_the_opening_leaves_an_interview_ready(office: Office) -> None:
    """The counsellor may be there for the first minutes only, by policy."""
    PolicyValue.objects.create(
        key="interview_presence_minutes", value="10", holds_from=BEFORE_TERMS, set_at=MORNING, set_by=office.staff, reason="試験"
    )
    booking = interview(office)
    prepared(booking)
    away(office, office.sato, QUARTER_TO + timedelta(minutes=10), QUARTER_TO + timedelta(minutes=30))
    assert lacking() == [[]]


def test_phone_list_names_of_an_interview_only_whom_no_mail_reached(desk_of: DeskOf, office: Office) -> None:
    """Each side has a mail of its own: of two, the one without an address is phoned."""
    seeker = make_regular(office, "但馬 太郎", "taro@example.jp", "+819011112222")
    Person.objects.filter(pk=seeker.pk).update(email="")
    seeker.refresh_from_db()
    booking = interview(office, seeker=seeker)
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE, delivered_at=MORNING)
    (call,) = calls(now=EVE)
    words = text_of(desk_of(office.staff, EVE).get(f"{ADMIN}calls/"))
    assert (call.booking, call.people, call.why) == (booking, [seeker], Why.NO_ADDRESS)
    assert ["面接" in words, "当日の開始前にお電話でお伝えすること" in words] == [True, False]


def test_request_that_was_declined_as_a_whole_is_told_by_its_one_mail(office: Office) -> None:
    """One mail about all of its sessions: nobody is phoned session by session."""
    wish = asked(make_contact(office), EmployerRequest.Purpose.MANAGED_SELECTION, people=3)
    employers.decline_request(wish.pk, reason="会場の都合", by=office.staff, now=at(TUESDAY, 10), wall=MORNING)
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE, delivered_at=MORNING)
    assert calls(now=at(TUESDAY, 11)) == []
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED)
    assert [call.why for call in calls(now=at(TUESDAY, 11))] == [Why.MAIL_FAILED] * 3


def test_request_that_nobody_answered_is_told_by_its_one_mail(office: Office) -> None:
    wish = asked(make_contact(office), EmployerRequest.Purpose.MANAGED_SELECTION, people=2)
    over = wish.candidates[0]
    bookings.expire_unconfirmed(now=over, wall=over)
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE, delivered_at=over)
    assert ([each.state for each in wish.sessions.all()], calls(now=over)) == (["expired"] * 2, [])


def test_declined_request_for_a_session_now_is_not_phoned_about(office: Office) -> None:
    """C6-2-1c: the person waits at the page and reads it there."""
    immediate.switch(office.sato.pk, on=True, by=office.staff, now=PRESSED)
    waiting = immediate.request(make_regular(office), now_please(office.version, PRESSED), now=PRESSED, wall=PRESSED)
    bookings.decline(waiting.pk, reason="混み合っているため", by=office.staff, now=PRESSED, wall=PRESSED)
    assert calls(now=PRESSED + timedelta(hours=1)) == []


def test_mail_to_the_second_side_is_outdated_as_the_first_is(office: Office) -> None:
    booking = interview(office)
    seeker = booking.participants.get(role="job_seeker").person
    keys = [booking.key_for(pk, booking.events.last().mail_key) for pk in (booking.applicant_id, seeker.pk)]
    OutgoingMail.objects.filter(key__in=keys).update(outbox_state=OutboxState.FAILED)
    before = [is_outdated_mail(key) for key in keys], len(failed_mails(now=EVE, most=9))
    sessions.cancel_by_office(booking.pk, reason="停電", by=office.staff, now=at(TUESDAY, 11), wall=MORNING)
    assert (before, [is_outdated_mail(key) for key in keys], failed_mails(now=EVE, most=9)) == (([False] * 2, 2), [True] * 2, [])


# --- a booking's own page ------------------------------------------------------------------------------------------------


def test_page_of_an_interview_names_its_people_and_every_mail_about_it(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    booking = interview(office)
    desk = desk_of(office.staff, EVE)
    pages = {each: desk.get(f"{ADMIN}{each.pk}/change/") for each in (booking, confirmed)}
    words = text_of(pages[booking])
    expected = ["面接城崎次郎・但馬太郎", "但馬太郎（求職者）", "城崎次郎（求人者）", "本人確認はまだです"]
    assert [each for each in expected if each not in words] == []
    assert ["資格の確認" in text_of(page) for page in pages.values()] == [False, True]
    assert [mail.to for mail in pages[booking].context["mails"]] == ["jinji@example.jp", "taro@example.jp"]


def test_job_seekers_page_knows_the_interviews_they_are_invited_to(desk_of: DeskOf, office: Office) -> None:
    booking = interview(office)
    desk = desk_of(office.staff, EVE)
    pages = [text_of(desk.get(f"/admin/accounts/person/{part.person_id}/change/")) for part in booking.participants.all()]
    assert [("予約（1件）" in words, booking.number in words, "予約確定面接" in words) for words in pages] == [(True, True, True)] * 2


def test_list_of_bookings_tells_the_kinds_apart(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    booking = immediate_session(office)
    words = text_of(desk_of(office.staff, RUNNING).get(ADMIN, kind="ad_hoc"))
    assert (booking.number in words, "いますぐの相談" in words, confirmed.number in words) == (True, True, False)


def test_interview_is_moved_to_any_minute_on_its_page(desk_of: DeskOf, office: Office) -> None:
    """A18: the ten starts are not an interview's; what the office's hours do not cover is refused in words, and nothing is lost."""
    booking, desk = interview(office), desk_of(office.staff, EVE)
    late = desk.press(booking, "move", start_0="2027-04-08", start_1="17:00", reason="ご都合", seen=last_line(booking.pk))
    assert (booking.starts_at, "開庁時間のうちに" in late) == (QUARTER_TO, True)
    desk.press(booking, "move", start_0="2027-04-08", start_1="12:20", reason="ご都合", seen=last_line(booking.pk))
    assert booking.starts_at == at(THURSDAY, 12, 20)


# --- the code's silence --------------------------------------------------------------------------------------------------


def test_number_of_the_meeting_stands_on_no_page_but_a_reservations(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    """C6-2-3a: meeting id, passcode and address are on the delivery screen alone."""
    desk = desk_of(office.staff, RUNNING)
    pages = [
        desk.get(f"/admin/booking/meeting/{ready(each).pk}/change/") for each in (confirmed, immediate_session(office), interview(office))
    ]
    found = [[secret in page.content.decode() for secret in (str(CODE), "Secret2345", "zoom.us/j/")] for page in pages]
    assert found == [[True, False, False], [False] * 3, [False] * 3]


def test_code_is_not_read_out_as_a_reservations_is(desk_of: DeskOf, office: Office) -> None:
    booking = immediate_session(office)
    ready(booking)
    page = desk_of(office.staff, RUNNING).post(f"{ADMIN}{booking.pk}/codes/")
    assert [secret in page.content.decode() for secret in ("853 1234 5678", "Secret2345")] == [False, False]


def test_log_names_our_own_number_of_a_meeting_that_is_gone(office: Office, zoom: object, caplog: pytest.LogCaptureFixture) -> None:
    booking = immediate_session(office)
    meeting = ready(booking)
    with caplog.at_level("DEBUG", logger="booking"):
        meetings.ensure_meeting(meeting.pk, now=booking.ends_at, wall=booking.ends_at)
    assert [record.getMessage() for record in caplog.records if record.name == "booking.operations.meetings.ensuring"] == [
        f"meeting.already_gone meeting={meeting.pk}"
    ]
