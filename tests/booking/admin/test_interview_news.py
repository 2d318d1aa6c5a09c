"""Everybody in an interview is told for themselves: by their own mail, or by a call of their own (A18, C6-1-3)."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest

from booking.admin.refusals import told as told_words
from booking.models import Booking, ContactRecord, EmployerRequest
from booking.operations import employers, interviews, moving, sessions
from booking.operations.calls import AlreadyTold, record_call
from booking.operations.delivery import ConsentWithdrawn, open_code
from booking.operations.interviews import Arrangement
from booking.operations.invitations import Seeker
from booking.operations.moving import Change
from booking.operations.transitions import last_line
from booking.queries import calls, failed_mails, is_outdated_mail, readiness
from booking.queries.inbox import noticed
from booking.rules.calls import Why
from booking.rules.readiness import Lack
from consent.operations import withdraw
from consent.queries import COUNSELLING
from tests.booking.admin.conftest import Desk, DeskOf
from tests.cast import MORNING, THURSDAY, TUESDAY, Office, at, make_regular
from tests.employers import asked, make_contact
from tests.kinds import immediate_session, interview
from tests.visitor import text_of
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
LIST = "/admin/booking/booking/calls/"
NOON = at(TUESDAY, 12)
EVE = at(THURSDAY - timedelta(days=1), 16)


@pytest.fixture
def booking(office: Office) -> Booking:
    """An interview on Thursday at 10:45; both sides have their mail."""
    made = interview(office)
    arrived()
    return made


@pytest.fixture
def desk(desk_of: DeskOf, office: Office) -> Desk:
    return desk_of(office.staff, EVE)


def arrived(state: OutboxState = OutboxState.DONE) -> None:
    """Every mail so far has come there, or none of the last ones has."""
    OutgoingMail.objects.filter(delivered_at=None).update(outbox_state=state, delivered_at=MORNING)


def seeker_of(booking: Booking) -> Person:
    return booking.participants.get(role="job_seeker").person


def replaced(office: Office, booking: Booking) -> Person:
    """Another job seeker comes in place of the first; who that is."""
    shiro = make_regular(office, "出石 四郎", "shiro@example.jp", "+819033334444")
    interviews.replace_seeker(booking.pk, Seeker(shiro.pk), reason="本人の体調不良", by=office.staff, now=NOON, wall=NOON)
    return shiro


def moved(office: Office, booking: Booking, hour: int = 13) -> None:
    moving.move(booking.pk, at(THURSDAY, hour), Change(office.staff, "面接官の入院"), now=NOON, wall=NOON)


def to_phone() -> list[tuple[str, Sequence[Person], Why]]:
    return [(call.event.event, call.people, call.why) for call in calls(now=EVE)]


def told(office: Office, booking: Booking, person: Person) -> ContactRecord:
    return record_call(booking.pk, reached=True, seen=last_line(booking.pk) or 0, person=person.pk, by=office.staff, now=EVE)


# --- another job seeker --------------------------------------------------------------------------------------------------


def test_change_of_the_job_seeker_stands_in_the_history_with_who_left(office: Office, booking: Booking) -> None:
    leaving = seeker_of(booking)
    replaced(office, booking)
    line = booking.events.last()
    assert (line.event, line.from_state, line.to_state, line.reason, line.by, line.left) == (
        "replace",
        "confirmed",
        "confirmed",
        "本人の体調不良",
        office.staff,
        leaving,
    )


def test_mails_about_the_change_bear_the_names_of_its_step(office: Office, booking: Booking) -> None:
    leaving, joined = seeker_of(booking), replaced(office, booking)
    key = booking.events.last().mail_key
    mails = OutgoingMail.objects.filter(delivered_at=None).order_by("key")
    assert {mail.key: mail.to for mail in mails} == {
        key: "jinji@example.jp",
        f"{key}:{leaving.pk}": "taro@example.jp",
        f"{key}:{joined.pk}": "shiro@example.jp",
    }


def test_calendar_entries_are_newer_with_every_step(office: Office, booking: Booking) -> None:
    """Who joins has the entry of a changed session: the next change must be newer still."""
    replaced(office, booking)
    moved(office, booking)
    files = OutgoingMail.objects.filter(to="shiro@example.jp").order_by("pk").values_list("calendar", flat=True)
    found = [[line for line in file.splitlines() if line.startswith("SEQUENCE")] for file in files]
    assert found == [["SEQUENCE:3"], ["SEQUENCE:4"]]


def test_earlier_mails_are_outdated_by_the_change(office: Office, booking: Booking) -> None:
    key = booking.events.last().mail_key
    replaced(office, booking)
    assert (is_outdated_mail(key), is_outdated_mail(booking.events.last().mail_key)) == (True, False)


def test_page_of_the_interview_shows_the_mails_about_the_change(office: Office, booking: Booking, desk: Desk) -> None:
    replaced(office, booking)
    page = desk.get(f"/admin/booking/booking/{booking.pk}/change/")
    expected = ["jinji@example.jp", "taro@example.jp", "taro@example.jp", "shiro@example.jp", "jinji@example.jp"]
    assert [mail.to for mail in page.context["mails"]] == expected
    assert "求職者の変更" in text_of(page)


def test_who_left_is_phoned_where_no_mail_reached_them_whatever_came_since(office: Office, booking: Booking, desk: Desk) -> None:
    leaving = seeker_of(booking)
    Person.objects.filter(pk=leaving.pk).update(email="")
    replaced(office, booking)
    moved(office, booking)
    sessions.cancel_by_office(booking.pk, reason="停電", by=office.staff, now=NOON, wall=NOON)
    arrived()
    listed, words = to_phone(), text_of(desk.get(LIST))
    told(office, booking, leaving)
    assert (listed, to_phone()) == ([("replace", [leaving], Why.NO_ADDRESS)], [])
    shown = ["参加される予定を取り消したこと。" in words, "但馬太郎" in words, "出石四郎" in words, "体調" in words]
    assert shown == [True, True, False, False]


def test_who_left_and_came_back_hears_only_that_they_come(office: Office, booking: Booking) -> None:
    taro, shiro = seeker_of(booking), replaced(office, booking)
    interviews.replace_seeker(booking.pk, Seeker(taro.pk), reason="取り違え", by=office.staff, now=NOON, wall=NOON)
    arrived(OutboxState.FAILED)
    assert to_phone() == [
        ("replace", [booking.applicant, taro], Why.MAIL_FAILED),
        ("replace", [shiro], Why.MAIL_FAILED),
    ]


def test_mail_to_who_left_is_no_longer_a_failure_once_they_were_phoned(office: Office, booking: Booking) -> None:
    leaving = seeker_of(booking)
    replaced(office, booking)
    OutgoingMail.objects.filter(delivered_at=None, to="taro@example.jp").update(outbox_state=OutboxState.FAILED)
    moved(office, booking)
    before = [mail.to for mail in failed_mails(now=EVE, most=9)]
    told(office, booking, booking.applicant)
    between = [mail.to for mail in failed_mails(now=EVE, most=9)]
    told(office, booking, leaving)
    assert (before, between, failed_mails(now=EVE, most=9)) == (["taro@example.jp"], ["taro@example.jp"], [])


# --- a call of their own -------------------------------------------------------------------------------------------------


def test_who_was_phoned_leaves_the_list_and_the_other_stays(office: Office, booking: Booking, desk: Desk) -> None:
    seeker = seeker_of(booking)
    moved(office, booking)
    arrived(OutboxState.FAILED)
    both = to_phone()
    seen = last_line(booking.pk)
    words = text_of(desk.post(f"/admin/booking/booking/{booking.pk}/act/told/", seen=seen, person=booking.applicant_id, next=LIST))
    record = booking.contacts.get()
    assert (both, to_phone()) == (
        [("move", [booking.applicant, seeker], Why.MAIL_FAILED)],
        [("move", [seeker], Why.MAIL_FAILED)],
    )
    assert ("城崎次郎" in words.split("お電話する方")[1], record.person, record.meaning) == (False, booking.applicant, "told")


def test_press_that_names_nobody_in_an_interview_is_refused_in_words(booking: Booking, desk: Desk) -> None:
    for person in ("", "999999"):
        words = text_of(desk.post(f"/admin/booking/booking/{booking.pk}/act/told/", seen=last_line(booking.pk), person=person))
        assert ("お電話した方" in words, booking.contacts.count()) == (True, 0)


def test_attempts_in_vain_are_each_ones_own(office: Office, booking: Booking, desk: Desk) -> None:
    moved(office, booking)
    arrived(OutboxState.FAILED)
    seeker = seeker_of(booking)
    path = f"/admin/booking/booking/{booking.pk}/act/not_reached/"
    words = text_of(desk.post(path, seen=last_line(booking.pk), person=seeker.pk, next=LIST))
    assert ("但馬太郎つながらず" in words, [call.people for call in calls(now=EVE)]) == (True, [[booking.applicant, seeker]])


def test_colleague_may_phone_the_other_one(office: Office, booking: Booking) -> None:
    told(office, booking, booking.applicant)
    seen = last_line(booking.pk) or 0
    tanaka = office.tanaka.user
    record_call(booking.pk, reached=True, seen=seen, person=seeker_of(booking).pk, by=tanaka, now=EVE)
    with pytest.raises(AlreadyTold):
        record_call(booking.pk, reached=True, seen=seen, person=booking.applicant_id, by=tanaka, now=EVE)
    assert booking.contacts.count() == 2


@pytest.mark.parametrize("state", [OutboxState.WANTED, OutboxState.FAILED])
def test_new_time_is_news_to_whom_no_mail_brought_it(office: Office, booking: Booking, state: OutboxState) -> None:
    """Staff agreed it with one side; the history does not tell with which."""
    moved(office, booking)
    OutgoingMail.objects.filter(delivered_at=None, to="taro@example.jp").update(outbox_state=state)
    OutgoingMail.objects.exclude(to="taro@example.jp").update(outbox_state=OutboxState.DONE)
    assert [(event, people) for event, people, _why in to_phone()] == [("move", [seeker_of(booking)])]


def test_session_that_was_added_at_the_desk_is_news_to_both(office: Office) -> None:
    request = asked(make_contact(office))
    seeker = make_regular(office, "但馬 太郎", "taro@example.jp", "+819011112222")
    wish = Arrangement(at(THURSDAY, 13), Seeker(seeker.pk))
    done = interviews.add_session(request.pk, wish, key=uuid4(), by=office.staff, now=NOON, wall=NOON)
    arrived(OutboxState.FAILED)
    assert [call.people for call in calls(now=EVE) if call.booking == done] == [[done.applicant, seeker]]


def test_interview_is_not_ready_until_each_has_heard(office: Office, booking: Booking) -> None:
    moved(office, booking)
    arrived(OutboxState.FAILED)
    found = []
    for person in (booking.applicant, seeker_of(booking)):
        row = readiness(THURSDAY, now=EVE).sessions[0]
        found.append((Lack.MAIL_FAILED in row.lacks, row.mail_key))
        told(office, booking, person)
    key = booking.events.last().mail_key
    assert found == [(True, key), (True, f"{key}:{seeker_of(booking).pk}")]
    assert Lack.MAIL_FAILED not in readiness(THURSDAY, now=EVE).sessions[0].lacks


# --- what is said --------------------------------------------------------------------------------------------------------


def test_list_says_of_interviews_what_is_so_and_nobodys_reasons(office: Office, booking: Booking, desk: Desk) -> None:
    """A18: what one side said of itself is not read out to the other."""
    arrived()
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED)
    confirmed = text_of(desk.get(LIST))
    sessions.cancel_by_office(booking.pk, reason="求職者の入院", by=office.staff, now=NOON, wall=NOON)
    arrived(OutboxState.FAILED)
    cancelled = text_of(desk.get(LIST))
    assert ("日時が決まったこと。" in confirmed, "予約が確定したこと。" in confirmed) == (True, False)
    assert ("中止すること。" in cancelled, "都合で中止すること。" in cancelled) == (True, False)
    assert "入院" not in cancelled


def test_what_one_cancels_is_told_to_the_other(office: Office, booking: Booking, desk: Desk) -> None:
    """C6-1-4a: who phones knows; the rest learn it by mail, or by a call."""
    seeker = seeker_of(booking)
    words = desk.press(booking, "cancel_by_user", person=str(seeker.pk), channel="phone", note="風邪")
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED)
    listed = text_of(desk.get(LIST))
    assert (booking.state, booking.contacts.get().person, to_phone()) == (
        "cancelled_by_user",
        seeker,
        [("cancel_by_user", [booking.applicant], Why.MAIL_FAILED)],
    )
    assert ["風邪" in words, "取りやめになったこと。" in listed, "但馬" in listed.split("お伝えすること")[1]] == [False, True, False]


# --- mails about a whole request -----------------------------------------------------------------------------------------


def test_failed_mail_about_a_declined_request_is_settled_by_one_call(office: Office) -> None:
    wish = asked(make_contact(office), EmployerRequest.Purpose.MANAGED_SELECTION, people=2)
    employers.decline_request(wish.pk, reason="会場の都合", by=office.staff, now=NOON, wall=NOON)
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED)
    before = [mail.subject.split("】")[1] for mail in failed_mails(now=EVE, most=9)]
    first = wish.sessions.order_by("pk")[0]
    told(office, first, wish.contact)
    assert (len(before), failed_mails(now=EVE, most=9)) == (1, [])


def test_failed_mail_that_a_request_was_received_is_outdated_by_what_followed(office: Office, booking: Booking) -> None:
    assert booking.employer_request is not None
    key = booking.employer_request.mail_key("received")
    fresh = asked(make_contact(office, "竹野 三郎", "takeno@example.jp"))
    assert (is_outdated_mail(key), is_outdated_mail(fresh.mail_key("received"))) == (True, False)


# --- how it is worded ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("nobody_came", "参加される方がそろわなかったため、次のオンライン面接は\n行いませんでした。"),
        ("code_not_told", "参加される方に番号をお伝えできなかったため、次の\nオンライン面接を中止しました。"),
        ("zoom_fault", "申し訳ありませんが、次のオンライン面接を\n中止させていただきます。"),
    ],
)
def test_mail_about_an_interview_that_was_not_held_says_what_is_true_of_both(
    office: Office, booking: Booking, outcome: str, words: str
) -> None:
    """Neither reads that the other did not come, or that the office took back what nobody came to."""
    after = booking.starts_at + timedelta(minutes=20)
    sessions.cancel_by_office(booking.pk, reason="求職者が不参加", outcome=outcome, by=office.staff, now=after, wall=after)
    bodies = [mail.body for mail in OutgoingMail.objects.filter(delivered_at=None)]
    assert [(words in body, body.count("中止") + body.count("行いません"), "不参加" in body) for body in bodies] == [(True, 1, False)] * 2


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("nobody_came", "ご参加を確認できなかったため、いますぐの相談を終了しました。"),
        ("code_not_told", "番号をお伝えできなかったため、いますぐの相談を終了しました。"),
        ("zoom_fault", "申し訳ありませんが、いますぐの相談を終了しました。"),
    ],
)
def test_mail_about_a_session_of_now_that_was_not_held_says_why(office: Office, outcome: str, words: str) -> None:
    """C6-2-3b: the office need not excuse itself for what was nobody's cause."""
    session = immediate_session(office)
    sessions.cancel_by_office(session.pk, reason="つながらず", outcome=outcome, by=office.staff, now=NOON, wall=NOON)
    body = OutgoingMail.objects.latest("pk").body
    assert (words in body, body.count("終了しました"), "キャンセルには数えません。" in body) == (True, 1, True)


def test_forms_say_of_a_reason_who_reads_it(booking: Booking, office: Office, desk: Desk, confirmed: Booking) -> None:
    fresh = asked(make_contact(office, "竹野 三郎", "takeno@example.jp")).sessions.get()
    pages = [(booking, "cancel_by_office"), (confirmed, "cancel_by_office"), (fresh, "decline")]
    words = [text_of(desk.get(f"/admin/booking/booking/{each.pk}/act/{name}/")) for each, name in pages]
    said = [
        "参加される方へのメールには書かれません。",
        "利用者へのメールに、このまま書かれます。",
        "人事担当者へのメールに、このまま書かれます。",
    ]
    assert [[each in page for each in said] for page in words] == [[True, False, False], [False, True, False], [False, False, True]]


def test_button_that_moves_says_what_it_does_to_this_kind(booking: Booking, desk: Desk, confirmed: Booking) -> None:
    """An interview has no page of its own that a link leads to."""
    pages = [text_of(desk.get(f"/admin/booking/booking/{each.pk}/act/move/")) for each in (booking, confirmed)]
    assert [("「ご予約の状況」のページも" in page, "番号はあらためてお伝えします。" in page) for page in pages] == [
        (False, True),
        (True, False),
    ]


# --- consent taken back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["employer", "job_seeker"])
def test_interview_of_which_somebody_took_the_consent_back_is_put_before_staff(
    office: Office, booking: Booking, desk: Desk, who: str
) -> None:
    """A18: each takes part under a consent of their own."""
    person = booking.participants.get(role=who).person
    before = list(noticed(now=EVE))
    withdraw(person, document=COUNSELLING, by=office.staff, now=NOON)
    words = text_of(desk.get("/admin/booking/booking/inbox/"))
    found = list(noticed(now=EVE))
    assert (before, found, "参加される方による、規約への同意の取消し" in words) == ([], [booking], True)


def test_code_is_not_told_while_somebodys_consent_is_taken_back(office: Office, booking: Booking) -> None:
    withdraw(seeker_of(booking), document=COUNSELLING, by=office.staff, now=NOON)
    with pytest.raises(ConsentWithdrawn) as refused:
        open_code(booking.pk, by=office.sato.user, now=EVE)
    words = told_words(refused.value)
    assert ("同意を取り下げた方がいるため" in words, "新しくなり" in words) == (True, False)
