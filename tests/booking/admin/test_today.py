"""The day on one page: the grid, the next session, the clocks, what was left open (issue 4.1; C6-1-4b, A7)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from booking.admin.board import Board, Seat, board
from booking.models import Booking, BookingEvent, ContactRecord, Counsellor, Meeting, Participant
from booking.operations import bookings, moving, sessions
from booking.operations.calls import record_call
from booking.rules.calendar import tokyo_date
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.admin.crowd import copy, fill, queries_of
from tests.booking.year import A_YEAR, full_days, more_counsellors
from tests.cast import MORNING, SESSION, THURSDAY, Office, at, away, make_person
from tests.visitor import at_time, text_of
from toyooka_hw.accounts.models import User
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
TODAY = "/admin/booking/booking/today/"
ON_THURSDAY = f"{TODAY}?day=2027-04-08"
FIVE_PAST = SESSION + timedelta(minutes=5, seconds=48)
QUARTER_PAST = SESSION + timedelta(minutes=15)


def seat(shown: Board, start: datetime, counsellor: Counsellor) -> Seat:
    line = next(line for line in shown.lines if line.start == start)
    return next(seat for seat in line.seats if seat.counsellor == counsellor)


# --- the grid ---------------------------------------------------------------------------------------------------------


def test_grid_shows_who_comes_to_whom_and_what_is_free(desk: Desk, confirmed: Booking) -> None:
    page = desk.get(ON_THURSDAY)
    words = text_of(page)
    assert ["豊岡花子確定" in words, "予定（予約1件）" in words, "2027年4月8日（木）" in words] == [True] * 3
    assert f"/admin/booking/booking/{confirmed.pk}/change/" in page.content.decode()


def test_every_start_stands_beside_every_counsellor(office: Office, confirmed: Booking) -> None:
    shown = board(THURSDAY, now=MORNING)
    assert [len(line.seats) for line in shown.lines] == [2] * 10
    assert [seat(shown, SESSION, each).vacancy for each in (confirmed.counsellor, office.tanaka)] == ["taken", "free"]


def test_free_place_leads_to_the_entry_with_counsellor_and_start(desk: Desk, office: Office, confirmed: Booking) -> None:
    page = desk.get(ON_THURSDAY).content.decode()
    assert f"/enter/?counsellor={office.tanaka.pk}&amp;start=2027-04-08T10%3A00%3A00%2B09%3A00" in page


def test_request_is_tentative_and_a_proposal_stands_at_each_of_its_times(office: Office, requested: Booking) -> None:
    starts = [at(THURSDAY, 13), at(THURSDAY, 14)]
    shown = board(THURSDAY, now=MORNING)
    assert [booking.state for booking in seat(shown, SESSION, office.sato).tentative] == ["requested"]
    bookings.propose(requested.pk, starts, eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    shown = board(THURSDAY, now=MORNING)
    found = {line.start: booking.state for line in shown.lines for seat in line.seats for booking in seat.tentative}
    assert found == dict.fromkeys(starts, "proposed")


def test_cancelled_session_stays_readable_and_its_place_is_free_again(office: Office, confirmed: Booking) -> None:
    sessions.cancel_by_user(confirmed.pk, by=office.staff, now=MORNING + timedelta(hours=2), wall=MORNING)
    there = seat(board(THURSDAY, now=MORNING + timedelta(hours=3)), SESSION, office.sato)
    assert ([row.booking.state for row in there.sessions], there.vacancy) == (["cancelled_by_user"], "free")


def test_absence_and_closed_day_are_told_in_words(desk: Desk, office: Office) -> None:
    away(office, office.tanaka, at(THURSDAY, 10), at(THURSDAY, 12))
    assert text_of(desk.get(ON_THURSDAY)).count("不在") == 4
    assert "閉庁日です（土曜日）。" in text_of(desk.get(f"{TODAY}?day=2027-04-10"))


def test_session_at_another_moment_than_the_ten_gets_a_line_of_its_own(office: Office, confirmed: Booking) -> None:
    Booking.objects.update(starts_at=at(THURSDAY, 12, 15), ends_at=at(THURSDAY, 12, 45))
    shown = board(THURSDAY, now=MORNING)
    assert (len(shown.lines), len(seat(shown, at(THURSDAY, 12, 15), office.sato).sessions)) == (11, 1)


def test_counsellor_who_left_is_still_there_on_a_day_with_a_session(office: Office, confirmed: Booking) -> None:
    Counsellor.objects.filter(pk=confirmed.counsellor_id).update(is_active=False)
    assert confirmed.counsellor in board(THURSDAY, now=MORNING).sheet.counsellors
    assert confirmed.counsellor not in board(tokyo_date(MORNING), now=MORNING).sheet.counsellors


@pytest.mark.parametrize("asked", ["nonsense", "9999-12-31", "0001-01-01", "2027-02-30", ""])
def test_day_that_makes_no_sense_is_today(desk: Desk, asked: str) -> None:
    assert "今日2027年4月6日（火）" in text_of(desk.get(TODAY, day=asked))


def test_neighbours_are_open_days(desk: Desk) -> None:
    """A5: from the Friday before the Golden Week to the Thursday after it."""
    page = desk.get(TODAY, day="2027-04-30").content.decode()
    assert [f'href="?day={day}" rel="{way}"' in page for day, way in (("2027-04-28", "prev"), ("2027-05-06", "next"))] == [True, True]


def test_free_text_is_only_an_icon(desk: Desk, confirmed: Booking) -> None:
    Booking.objects.update(topic="持病の相談")
    page = desk.get(ON_THURSDAY).content.decode()
    assert ("持病の相談" in page, "相談内容・同席者の記入あり" in page) == (False, True)


# --- next up, and the clocks ------------------------------------------------------------------------------------------


def test_next_up_is_the_counsellors_own(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    nine = at(THURSDAY, 9, 30)
    own, other = (text_of(desk_of(user, nine).get(TODAY)) for user in (office.sato.user, office.tanaka.user))
    assert ["次の相談担当：佐藤" in own, "10:00～10:30豊岡花子" in own] == [True, True]
    assert ["次の相談担当：田中" in other, "このあとの相談はありません" in other] == [True, True]


def test_next_up_of_a_colleague_is_shown_on_request(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk = desk_of(office.tanaka.user, at(THURSDAY, 9, 30))
    assert "次の相談担当：佐藤" in text_of(desk.get(TODAY, counsellor=office.sato.pk))


def test_those_who_do_not_counsel_see_the_next_of_all(
    desk_of: DeskOf, office: Office, confirmed: Booking, member: Callable[[str], User]
) -> None:
    words = text_of(desk_of(member("管理者"), at(THURSDAY, 9, 30)).get(TODAY))
    assert ["次の相談担当：全員" in words, "10:00～10:30豊岡花子" in words] == [True, True]


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (SESSION - timedelta(minutes=10, seconds=1), False),
        (SESSION - timedelta(minutes=10), True),
        (SESSION + timedelta(minutes=29, seconds=59), True),
    ],
)
def test_start_button_stands_while_the_way_in_is_open(
    desk_of: DeskOf, office: Office, confirmed: Booking, moment: datetime, opens: bool
) -> None:
    assert ("相談を始める" in text_of(desk_of(office.staff, moment).get(TODAY))) is opens


def test_next_up_ends_with_the_session(office: Office, confirmed: Booking) -> None:
    ends = [confirmed.ends_at - timedelta(seconds=1), confirmed.ends_at]
    assert [board(THURSDAY, now=now).next_up(office.sato) is not None for now in ends] == [True, False]


def test_clock_of_the_running_session(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    page = desk_of(office.staff, FIVE_PAST).get(TODAY)
    assert ["まもなく始まる・始まっている相談（1件）" in text_of(page), "残り4:12" in text_of(page)] == [True, True]
    assert 'data-until="2027-04-08T01:10:00' in page.content.decode()
    assert "担当者未入室" in text_of(page)


def test_sessions_of_all_colleagues_are_at_hand_while_they_can_be_entered(office: Office, confirmed: Booking) -> None:
    moments = [SESSION - timedelta(minutes=10, seconds=1), SESSION - timedelta(minutes=10), confirmed.ends_at - timedelta(seconds=1)]
    assert [len(board(THURSDAY, now=now).at_hand) for now in (*moments, confirmed.ends_at)] == [0, 1, 1, 0]


def test_what_the_person_said_stands_in_the_grid(desk: Desk, confirmed: Booking) -> None:
    """A6: the online notice is a task for staff."""
    later = MORNING + timedelta(hours=2)
    sessions.record_contact(confirmed.pk, channel="online", meaning="cannot_come", now=later, wall=later)
    assert "豊岡花子確定連絡：参加できない" in text_of(desk.get(ON_THURSDAY))


def test_session_needs_attention_when_the_office_did_not_do_its_part(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    words = text_of(desk_of(office.staff, QUARTER_PAST).get(TODAY))
    assert ["10分経過：要確認" in words, "担当者の入室の記録がありません" in words] == [True, True]


def test_session_without_an_end_says_how_long_it_waited(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    """Under 結果の記録がない予約, where the clocks have gone."""
    words = text_of(desk_of(office.staff, confirmed.ends_at + timedelta(hours=1)).get(TODAY))
    assert words.count("10分経過：要確認") == 1


def test_session_that_runs_well_needs_no_attention(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    Participant.objects.update(first_joined_at=SESSION)
    running, over = (text_of(desk_of(office.staff, moment).get(TODAY)) for moment in (QUARTER_PAST, confirmed.ends_at))
    assert ["利用者10:00入室" in running, "利用者が入室しています" in running] == [True, False]
    assert "結果の記録がない予約（1件）" in over


@pytest.mark.parametrize(("name", "meaning"), [("late", "late"), ("unclear", "unclear")])
def test_call_is_noted_by_one_press(desk_of: DeskOf, office: Office, confirmed: Booking, name: str, meaning: str) -> None:
    desk = desk_of(office.staff, FIVE_PAST)
    words = text_of(desk.post(f"/admin/booking/booking/{confirmed.pk}/press/{name}/", next=TODAY))
    assert ["を記録しました" in words, "残り4:12" in words] == [True, False]
    record = ContactRecord.objects.get()
    assert (record.channel, record.meaning, record.recorded_by, record.at) == ("phone", meaning, office.staff, FIVE_PAST)


def test_arrival_is_noted_by_one_press(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    words = text_of(desk_of(office.staff, FIVE_PAST).post(f"/admin/booking/booking/{confirmed.pk}/press/arrived/", next=TODAY))
    assert ["利用者10:05入室" in words, "残り" in words] == [True, False]


def test_press_on_a_session_that_somebody_ended_is_told_by_whom(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    sessions.cancel_by_user(confirmed.pk, by=office.tanaka.user, now=SESSION, wall=SESSION)
    words = text_of(desk_of(office.staff, FIVE_PAST).post(f"/admin/booking/booking/{confirmed.pk}/press/late/"))
    assert "すでに田中さんが「キャンセル（ご連絡あり）」にしました。" in words
    assert ContactRecord.objects.filter(meaning="late").count() == 0


def test_arrival_the_day_before_is_refused_in_words(desk: Desk, confirmed: Booking) -> None:
    assert "入室できるのは、開始の少し前からです。" in text_of(desk.post(f"/admin/booking/booking/{confirmed.pk}/press/arrived/"))


@pytest.mark.parametrize("path", ["1/press/nonsense/", "999999/press/late/"])
def test_press_of_something_unknown_is_not_found(desk: Desk, confirmed: Booking, path: str) -> None:
    known = path.replace("1/", f"{confirmed.pk}/", 1) if path.startswith("1/") else path
    assert desk.post(f"/admin/booking/booking/{known}").status_code == 404


def test_press_is_never_a_get(desk: Desk, confirmed: Booking) -> None:
    assert desk.get(f"/admin/booking/booking/{confirmed.pk}/press/late/").status_code == 405


def test_without_contact_is_offered_only_after_the_grace(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    path = f"/{confirmed.pk}/act/cancel_no_contact/"
    before, after = (desk_of(office.staff, moment).get(TODAY).content.decode() for moment in (FIVE_PAST, QUARTER_PAST))
    assert (path in before, path in after) == (False, True)


# --- what was left open -----------------------------------------------------------------------------------------------


def test_session_without_an_outcome_stays_until_somebody_records_one(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    assert "結果の記録がない予約（1件）" in text_of(desk_of(office.staff, SESSION + timedelta(days=1)).get(TODAY))


def test_mails_and_meetings_that_were_given_up_can_be_tried_again(desk: Desk, confirmed: Booking) -> None:
    Meeting.objects.update(outbox_state=OutboxState.FAILED, last_error="quota")
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED, last_error="SMTP 550")
    page = desk.get(TODAY)
    assert ["quota" in text_of(page), "SMTP550" in text_of(page), "hanako@example.jp" in page.content.decode()] == [True, True, False]


def again(desk: Desk, mail: OutgoingMail) -> str:
    return text_of(desk.post(f"/admin/mail/outgoingmail/{mail.pk}/again/", next=TODAY))


@pytest.fixture
def bounced(confirmed: Booking) -> OutgoingMail:
    """The confirmation's mail, which failed."""
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED, last_error="SMTP 550")
    return OutgoingMail.objects.get(key=confirmed.events.latest("pk").mail_key)


def test_mail_that_other_news_overtook_leaves_the_list_and_is_not_sent_again(
    desk: Desk, office: Office, confirmed: Booking, bounced: OutgoingMail
) -> None:
    """C6-1-3: after the move, the time in the old mail is wrong."""
    change = moving.Change(office.staff, "本人の希望")
    moving.move(confirmed.pk, SESSION + timedelta(days=1), change, now=MORNING + timedelta(hours=2), wall=MORNING)
    assert "SMTP550" not in text_of(desk.get(TODAY))
    assert "このメールのあとで予約に変更があり、内容が古くなったため、送りません。" in again(desk, bounced)
    bounced.refresh_from_db()
    assert bounced.outbox_state == OutboxState.FAILED


def test_mail_whose_news_was_told_by_phone_leaves_the_list_but_may_be_sent(
    desk: Desk, office: Office, confirmed: Booking, bounced: OutgoingMail
) -> None:
    later = MORNING + timedelta(hours=2)
    assert "SMTP550" in text_of(desk.get(TODAY))
    record_call(confirmed.pk, reached=True, seen=confirmed.events.latest("pk").pk, by=office.staff, now=later)
    assert "SMTP550" not in text_of(desk.get(TODAY))
    assert "メールをもう一度送ります。" in again(desk, bounced)


def test_mail_is_as_good_as_before_when_only_the_counsellor_changed(
    desk: Desk, office: Office, confirmed: Booking, bounced: OutgoingMail
) -> None:
    other = office.tanaka if confirmed.counsellor == office.sato else office.sato
    moving.reassign(confirmed.pk, moving.Change(office.staff, "研修", counsellor=other.pk), now=MORNING, wall=MORNING)
    assert "SMTP550" in text_of(desk.get(TODAY))
    assert "メールをもう一度送ります。" in again(desk, bounced)


@pytest.mark.parametrize(("age", "shown"), [(timedelta(days=14), True), (timedelta(days=14, seconds=1), False)])
def test_failed_mail_of_long_ago_leaves_the_list(desk: Desk, bounced: OutgoingMail, age: timedelta, shown: bool) -> None:
    OutgoingMail.objects.update(written_at=desk.now - age)
    assert ("SMTP550" in text_of(desk.get(TODAY))) is shown


def test_number_of_queries_is_the_same_for_one_failed_mail_and_for_many(desk: Desk, confirmed: Booking, bounced: OutgoingMail) -> None:
    desk.get(TODAY)
    one = queries_of(desk, TODAY)
    for number in range(20):
        made = copy(confirmed, number, make_person(f"利用者{number}", email=f"{number}@example.jp"), state="declined")
        line = BookingEvent.objects.create(booking=made, event="decline", to_state="declined", at=MORNING, actor="system")
        bounced.pk, bounced.key, bounced.message_id = None, line.mail_key, f"<{number}@example.jp>"
        bounced.save()
    assert (queries_of(desk, TODAY), text_of(desk.get(TODAY)).count("SMTP550")) == (one, 21)


# --- live: only the parts that change ---------------------------------------------------------------------------------


def test_poll_gets_the_parts_and_nothing_around_them(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk = desk_of(office.staff, FIVE_PAST)
    with at_time(FIVE_PAST):
        answer = desk.client.get(TODAY, headers={"X-Poll": "1", "HX-Request": "true"})
    page = answer.content.decode()
    assert (answer.headers["X-Poll"], "<html" in page, answer.headers["Cache-Control"].count("no-store")) == ("1", False, 1)
    assert [page.count(f'id="{part}"') for part in ("moment", "next", "clocks", "grid", "left")] == [1] * 5
    assert 'data-now="2027-04-08T01:05:48' in page


def test_poll_leaves_the_message_of_a_button_for_the_page(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk = desk_of(office.staff, FIVE_PAST)
    with at_time(FIVE_PAST):
        desk.client.post(f"/admin/booking/booking/{confirmed.pk}/press/late/")
        desk.client.get(TODAY, headers={"X-Poll": "1"})
    assert "遅れるとの連絡を記録しました" in text_of(desk.get(TODAY))


def test_poll_after_the_session_is_answered_by_the_way_to_the_login(office: Office) -> None:
    answer = Client().get(TODAY, headers={"X-Poll": "1"})
    assert answer.headers["Location"] == f"/admin/login/?next={TODAY}"


def test_another_day_is_not_polled(desk: Desk) -> None:
    pages = [desk.get(TODAY).content.decode(), desk.get(ON_THURSDAY).content.decode()]
    assert ['hx-trigger="every 20s' in page for page in pages] == [True, False]


# --- on paper ---------------------------------------------------------------------------------------------------------


def test_sheet_names_who_printed_it_and_holds_no_phone(desk: Desk, confirmed: Booking) -> None:
    words = text_of(desk.get("/admin/booking/booking/today/print/?day=2027-04-08"))
    for expected in ("2027年4月8日（木）", "9:30現在", "印刷：佐藤", "豊岡花子", "28***-****567", "確定"):
        assert expected in words
    assert ["090" in words, "1234-567" in words] == [False, False]


# --- who may, and how many queries ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["today/", "today/print/", "week/"])
@pytest.mark.parametrize("group", ["相談員", "管理者"])
def test_pages_are_open_to_those_who_work_with_bookings(desk_of: DeskOf, member: Callable[[str], User], path: str, group: str) -> None:
    assert desk_of(member(group)).get(f"/admin/booking/booking/{path}").status_code == 200


@pytest.mark.parametrize("path", ["today/", "today/print/", "week/"])
def test_pages_are_closed_to_all_others(desk_of: DeskOf, office: Office, path: str) -> None:
    assert desk_of(User.objects.create_user("looker", is_staff=True)).get(f"/admin/booking/booking/{path}").status_code == 403


def test_whoever_may_only_look_notes_nothing(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk = desk_of(User.objects.create_user("looker", is_staff=True))
    assert desk.post(f"/admin/booking/booking/{confirmed.pk}/press/late/").status_code == 403


@pytest.mark.parametrize(("path", "expected"), [(TODAY, 30), ("/admin/booking/booking/week/", 12), (f"{TODAY}print/", 19)])
def test_boards_ask_the_same_number_of_queries_with_eight_counsellors_and_a_year_of_bookings(
    desk_of: DeskOf, office: Office, confirmed: Booking, path: str, expected: int
) -> None:
    desk = desk_of(office.staff, QUARTER_PAST)
    one = queries_of(desk, path)
    more_counsellors(6)
    assert full_days(confirmed, THURSDAY - A_YEAR, THURSDAY) > 18_000
    assert (one, queries_of(desk, path)) == (expected, expected)


def test_lists_below_ask_the_same_number_of_queries_for_one_and_for_thirty(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk = desk_of(office.staff, QUARTER_PAST)
    fill(confirmed, range(1))
    one = queries_of(desk, TODAY)
    fill(confirmed, range(1, 30))
    assert (one, queries_of(desk, TODAY)) == (32, 32)
    shown = text_of(desk.get(TODAY))
    assert "結果の記録がない予約（30件）" in shown
