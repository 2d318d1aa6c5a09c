"""The inbox: what must be answered first, what staff must know to decide, one press for the plain case (C2-1a, C6-1-1b, C6-1-3, A2, A6)."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.admin.inbox import PER_PAGE, Row, gather
from booking.models import Booking, ContactRecord, DayClosing, Hold, Meeting
from booking.operations import applications, bookings, sessions
from consent.models import Method
from consent.operations import Shown, agree, record_in_ministry_system, withdraw
from consent.queries import COUNSELLING, SEMINAR
from tests.booking.admin.conftest import Desk, DeskOf
from tests.cast import MORNING, SESSION, THURSDAY, Office, application, at, make_person, publish_terms
from tests.employers import CONTACT, make_contact
from tests.kinds import interview as met
from tests.visitor import text_of
from toyooka_hw.accounts.models import Person, UsageRestriction, User
from toyooka_hw.accounts.operations import ensure_roles, verify_person
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
INBOX = "/admin/booking/booking/inbox/"
MIDNIGHT = at(THURSDAY, 0)


def only_row(*, now: datetime = MORNING) -> Row:
    (row,) = gather("", now=now).rows
    return row


def verified(booking: Booking, office: Office, phone: str = "+819012345678") -> Booking:
    verify_person(booking.applicant, registered_phone=phone, by=office.staff, now=MORNING)
    return booking


def ask(office: Office, name: str, email: str, start: datetime = SESSION, *, now: datetime = MORNING, **details: object) -> Booking:
    """Somebody else asks for a session."""
    someone = make_person(name, email, "+819055550199")
    agree(someone, Shown(office.version.pk, "同意します。", now), document=COUNSELLING, now=now)
    filled = {"full_name": name, "job_seeker_number": "28090-7654321", **details}
    return applications.request(someone, application(office.version, start, **filled), now=now, wall=now)


# --- the order and the clock ----------------------------------------------------------------------------------------------


def test_most_urgent_request_stands_first(office: Office, requested: Booking) -> None:
    sooner = ask(office, "城崎 一", "hajime@example.jp", at(date(2027, 4, 7), 10))
    assert [row.booking for row in gather("", now=MORNING).rows] == [sooner, requested]


@pytest.mark.parametrize(
    ("now", "answer", "limit", "late"),
    [
        (MORNING, "回答期限まであと31時間", "確定期限まであと38時間", False),
        (at(date(2027, 4, 7), 15, 15), "回答期限まであと2時間", "確定期限まであと8時間", False),
        (at(date(2027, 4, 7), 17, 14, 59), "回答期限まであと0分", "確定期限まであと6時間", False),
        (at(date(2027, 4, 7), 17, 15), "回答期限を過ぎています", "確定期限まであと6時間", True),
        (at(date(2027, 4, 7), 23, 59), "回答期限を過ぎています", "確定期限まであと1分", True),
        (MIDNIGHT, "回答期限を過ぎています", "確定期限を過ぎています", True),
    ],
)
def test_clock_says_how_long_there_is_to_answer_and_to_confirm(
    requested: Booking, now: datetime, answer: str, limit: str, late: bool
) -> None:
    """A1, C6-1-1b: the promise to the person, and the last moment without an exception."""
    row = only_row(now=now)
    assert (row.answer, row.limit, row.is_late) == (answer, limit, late)


def test_limit_is_written_as_the_end_of_the_day_before(desk: Desk, requested: Booking) -> None:
    words = text_of(desk.get(INBOX))
    assert ("4月7日（水）17:15" in words, "4月7日（水）24:00" in words, "0:00" in words.replace("24:00", "").replace("10:00", "")) == (
        True,
        True,
        False,
    )


def test_proposal_waits_for_the_person(office: Office, requested: Booking) -> None:
    bookings.propose(requested.pk, [at(THURSDAY, 13)], eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    row = only_row()
    assert (row.answer, [name for name, _action in row.buttons]) == ("お返事の期限まであと31時間", ["accept", "refuse", "decline"])


# --- what staff must know -------------------------------------------------------------------------------------------------


def test_first_timer_is_marked_and_who_came_before_is_counted(desk: Desk, office: Office, requested: Booking) -> None:
    assert "初めて" in text_of(desk.get(INBOX))
    Booking.objects.create(**{**fields_of(requested), "number": "0000-0001", "state": "completed"})
    assert only_row().held == 1
    assert "2回目以降（実施1回）" in text_of(desk.get(INBOX))


def test_sessions_of_a_merged_row_count_for_the_survivor(office: Office, requested: Booking) -> None:
    old = make_person("豊岡 花子", "old@example.jp")
    Booking.objects.create(**{**fields_of(requested), "number": "0000-0001", "state": "completed", "applicant_id": old.pk})
    Person.objects.filter(pk=old.pk).update(merged_into=requested.applicant)
    assert only_row().held == 1


def fields_of(booking: Booking) -> dict[str, object]:
    """The columns of a booking, to make another of them."""
    copied = {field.attname: getattr(booking, field.attname) for field in Booking._meta.concrete_fields if not field.primary_key}
    return {**copied, "draft_key": None}


def test_cancellations_without_contact_are_counted_once_the_day_is_closed(desk: Desk, office: Office, requested: Booking) -> None:
    """C6-1-4b, A7: an open day counts for nothing; nobody is blocked."""
    missed = {"state": "cancelled_no_contact", "outcome": "not_reached", "starts_at": MORNING - timedelta(days=7)}
    Booking.objects.create(**{**fields_of(requested), "number": "0000-0001", **missed, "ends_at": MORNING})
    assert only_row().no_contact == 0
    DayClosing.objects.create(day=date(2027, 3, 30), closed_at=MORNING, closed_by=office.staff)
    assert only_row().no_contact == 1
    words = text_of(desk.get(INBOX))
    assert ("ご連絡なしのキャンセル1回" in words, "2回目以降（実施0回）" in words, "初めて" in words) == (True, True, False)


def test_likely_duplicate_is_hinted_at(desk: Desk, requested: Booking) -> None:
    twin = make_person("豊岡　花子", "twin@example.jp", "+819012345678")
    row = only_row()
    assert ([each.person for each in row.duplicates], row.plain) == ([twin], False)
    assert "同じ方かもしれない登録" in text_of(desk.get(INBOX))


def test_restriction_is_shown_and_blocks_nothing(desk: Desk, office: Office, requested: Booking) -> None:
    UsageRestriction.objects.create(
        person=requested.applicant,
        reason="続けてのご連絡なし",
        starts_on=date(2027, 4, 1),
        ends_on=date(2027, 4, 30),
        review_on=date(2027, 4, 20),
        letter="…",
        decided_at=MORNING,
        decided_by=office.staff,
    )
    assert "オンラインの利用を制限中" in text_of(desk.get(INBOX))
    assert [name for name, _action in only_row().buttons] == ["confirm", "propose", "decline"]


def test_free_text_is_only_an_icon(desk: Desk, requested: Booking) -> None:
    """C12-3b."""
    Booking.objects.update(companion="手話通訳 1名")
    page = desk.get(INBOX).content.decode()
    assert ("手話通訳" in page, "相談内容・同席者の記入あり" in page) == (False, True)


def test_what_a_request_states_differently_is_shown_masked_and_changes_nothing(desk: Desk, office: Office, person: Person) -> None:
    """C6-2-3c, A9: a request never changes what staff have verified."""
    verify_person(person, registered_phone="+81796221111", by=office.staff, now=MORNING)
    changed = {"full_name": "城崎 花子", "job_seeker_number": "28090-7654321"}
    applications.request(person, application(office.version, **changed), now=MORNING, wall=MORNING)
    person.refresh_from_db()
    assert (person.full_name, person.job_seeker_number, person.phone) == ("豊岡 花子", "28090-1234567", "+81796221111")
    row = only_row()
    assert [(str(each.label), each.registered, each.stated) for each in row.differences] == [
        ("氏名", "豊岡 花子", "城崎 花子"),
        ("求職番号", "28***-****567", "28***-****321"),
        ("電話番号", "0796-**-1111", "090-****-5678"),
    ]
    words = text_of(desk.get(INBOX))
    assert ("登録28***-****567／申込み28***-****321" in words, "7654321" in words, row.plain) == (True, False, False)


def test_difference_under_the_mask_says_so(desk: Desk, office: Office, person: Person) -> None:
    verify_person(person, registered_phone="+819012345678", by=office.staff, now=MORNING)
    applications.request(person, application(office.version, job_seeker_number="28090-9994567"), now=MORNING, wall=MORNING)
    assert "（伏せてある部分が異なります）" in text_of(desk.get(INBOX))


def test_spaces_and_width_of_a_name_are_no_difference(office: Office, person: Person) -> None:
    verify_person(person, registered_phone="+819012345678", by=office.staff, now=MORNING)
    applications.request(person, application(office.version, full_name="豊岡　花子"), now=MORNING, wall=MORNING)
    assert only_row().differences == []


# --- the plain case: one press --------------------------------------------------------------------------------------------


def test_plain_request_is_confirmed_by_one_press(desk: Desk, office: Office, requested: Booking) -> None:
    """The button itself says that the registration was looked up (C2-1a)."""
    verified(requested, office)
    assert "求職登録を確認して確定" in text_of(desk.get(INBOX))
    words = desk.press(requested, "confirm", eligibility="registered", next=INBOX)
    assert ("予約を確定しました。メールでお知らせします。" in words, "未確定の申込みはありません。" in words) == (True, True)
    assert (requested.state, requested.eligibility, requested.eligibility_checked_by) == ("confirmed", "registered", office.staff)
    again = desk.press(requested, "confirm", eligibility="registered", next=INBOX)
    assert "すでに佐藤さんが「予約確定」にしました。" in again
    assert (Meeting.objects.count(), OutgoingMail.objects.filter(subject__contains="確定しました").count()) == (1, 1)


def unverified(booking: Booking, office: Office) -> None:
    Person.objects.update(verified_at=None, verified_by=None)


def without_place(booking: Booking, office: Office) -> None:
    Hold.objects.all().delete()


def to_be_switched(booking: Booking, office: Office) -> None:
    Booking.objects.update(eligibility="to_switch", eligibility_checked_at=MORNING, eligibility_checked_by=office.staff)


def somebody_wrote(booking: Booking, office: Office) -> None:
    ContactRecord.objects.create(booking=booking, channel="online", meaning="unclear", at=MORNING)


@pytest.mark.parametrize("spoil", [unverified, without_place, to_be_switched, somebody_wrote])
def test_whatever_is_not_plain_has_to_be_looked_at(
    desk: Desk, office: Office, requested: Booking, spoil: Callable[[Booking, Office], None]
) -> None:
    verified(requested, office)
    spoil(requested, office)
    assert ("求職登録を確認して確定" in text_of(desk.get(INBOX)), only_row().plain) == (False, False)


@pytest.mark.parametrize(("now", "plain"), [(MIDNIGHT - timedelta(seconds=1), True), (MIDNIGHT, False)])
def test_one_press_ends_with_the_eve(office: Office, requested: Booking, now: datetime, plain: bool) -> None:
    """C6-1-1b: from 00:00 on only with a reason, which has a page."""
    verified(requested, office)
    assert only_row(now=now).plain is plain


def test_one_press_after_midnight_asks_for_the_reason(desk_of: DeskOf, office: Office, requested: Booking) -> None:
    """The page was loaded before midnight, the press comes after it."""
    desk = desk_of(office.staff, MIDNIGHT)
    assert "理由を入力してください。" in desk.press(requested, "confirm", eligibility="registered", next=INBOX)
    assert requested.state == "requested"


def test_expired_request_is_offered_as_an_exception(desk_of: DeskOf, office: Office, requested: Booking) -> None:
    """A2: after the limit only with a reason, and only while its time is ahead."""
    bookings.expire_unconfirmed(now=MIDNIGHT, wall=MIDNIGHT)
    desk = desk_of(office.staff, at(THURSDAY, 8, 30))
    words = text_of(desk.get(INBOX))
    assert ("期限切れになった申込み（1件）" in words, "期限切れ後に確定" in words) == (True, True)
    assert gather("", now=SESSION).expired == []


# --- eligibility and registration -----------------------------------------------------------------------------------------


def test_eligibility_is_recorded_without_confirming(desk: Desk, office: Office, requested: Booking) -> None:
    words = desk.press(requested, "check", eligibility="to_switch", next=INBOX)
    assert ("資格の確認を記録しました。" in words, "利用登録者への切替が必要" in words) == (True, True)
    assert (requested.state, requested.eligibility, requested.eligibility_checked_by) == ("requested", "to_switch", office.staff)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.what, entry.changes) == (
        "資格を確認する",
        {"資格の確認": ["未確認", "オンライン登録者（利用登録者へ切り替える）"]},
    )


def test_eligibility_without_a_choice_is_refused(desk: Desk, requested: Booking) -> None:
    assert "資格の確認の結果を選んでください。" in desk.press(requested, "check")


def test_switch_is_marked_from_the_inbox(desk: Desk, office: Office, requested: Booking) -> None:
    """C2-1b."""
    to_be_switched(requested, office)
    assert "利用登録者への切替（1件）" in text_of(desk.get(INBOX))
    words = text_of(desk.post(f"/admin/accounts/person/{requested.applicant_id}/switched/", next=INBOX))
    assert ("切替を記録しました" in words, "利用登録者への切替（1件）" in words, "利用登録者に切替済み" in words) == (True, False, True)


def test_consent_waits_to_be_recorded_in_the_ministry_system(desk: Desk, office: Office, requested: Booking) -> None:
    """C6-2-1b, A4; taken back and given again, it waits again."""
    person = requested.applicant
    assert "同意のハローワークシステムへの記録（1件）" in text_of(desk.get(INBOX))
    record_in_ministry_system(person, document=COUNSELLING, by=office.staff, now=MORNING)
    assert gather("", now=MORNING).to_record == []
    withdraw(person, document=COUNSELLING, by=office.staff, now=MORNING + timedelta(minutes=1))
    assert gather("", now=MORNING).to_record == []
    later = MORNING + timedelta(minutes=2)
    agree(
        person, Shown(office.version.pk, "同意します。", later), document=COUNSELLING, now=later, method=Method.STAFF_PHONE, by=office.staff
    )
    assert gather("", now=MORNING).to_record == [person]


def test_new_version_agreed_to_by_somebody_recorded_before_waits_too(desk: Desk, office: Office, regular: Person) -> None:
    """C6-2-2: whether they came lately or not."""
    second = publish_terms(number=2, effective_at=MORNING + timedelta(minutes=1))
    later = MORNING + timedelta(minutes=2)
    agree(regular, Shown(second.pk, "同意します。", later), document=COUNSELLING, now=later)
    assert gather("", now=later).to_record == [regular]
    record_in_ministry_system(regular, document=COUNSELLING, by=office.staff, now=later)
    assert gather("", now=later).to_record == []


def test_consent_of_whoever_has_no_session_waits_for_sixty_days(office: Office) -> None:
    """C6-2-1b: agreed at the gate of sessions of now, or on the way to an interview; job seekers and contacts, in no way twice."""
    taro, contact = make_person("但馬 太郎", "taro@example.jp"), make_contact(office)
    agree(taro, Shown(office.version.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING, bureau_confirmed_at=MORNING)
    days = [timedelta(days=60), timedelta(days=60, seconds=1)]
    assert [gather("", now=MORNING + each).to_record for each in days] == [[taro, contact], []]
    record_in_ministry_system(contact, document=COUNSELLING, by=office.staff, now=MORNING)
    withdraw(taro, document=COUNSELLING, by=office.staff, now=MORNING + timedelta(minutes=1))
    assert gather("", now=MORNING + timedelta(minutes=2)).to_record == []


def test_consent_to_the_seminars_terms_is_none_of_this_list(office: Office) -> None:
    seminar = publish_terms(SEMINAR)
    agree(make_person(), Shown(seminar.pk, "同意します。", MORNING), document=SEMINAR, now=MORNING)
    assert gather("", now=MORNING).to_record == []


def test_older_consent_of_somebody_in_an_interview_waits(office: Office, person: Person) -> None:
    """A18: the job seeker asked for nothing themselves."""
    verify_person(person, registered_phone=person.stated_phone, by=office.staff, now=MORNING)
    Booking.objects.filter(pk=met(office, seeker=person).pk).update(
        starts_at=MORNING + timedelta(days=7), ends_at=MORNING + timedelta(days=8)
    )
    assert gather("", now=MORNING + timedelta(days=61)).to_record == [person, Person.objects.get(email=CONTACT)]


def test_registration_follows_the_request_once_staff_have_looked(desk: Desk, office: Office, person: Person) -> None:
    verify_person(person, registered_phone="+81796221111", by=office.staff, now=MORNING)
    sent = application(office.version, full_name="城崎 花子", job_seeker_number="28090-7654321")
    booking = applications.request(person, sent, now=MORNING, wall=MORNING)
    assert "登録の氏名・求職番号を、申込みのとおりに改めました。" in desk.press(booking, "adopt", next=INBOX)
    person.refresh_from_db()
    assert (person.full_name, person.job_seeker_number, person.phone) == ("城崎 花子", "28090-7654321", "+81796221111")
    assert [str(each.label) for each in only_row().differences] == ["電話番号"]
    entry = AuditEntry.objects.latest("pk")
    assert (entry.what, entry.changes["求職番号"], entry.person_pk) == (
        "登録を申込みの内容に改める",
        ["28***-****567", "28***-****321"],
        person.pk,
    )


# --- what people wrote about confirmed sessions ---------------------------------------------------------------------------


def test_online_notice_is_a_task_until_somebody_answers(desk: Desk, office: Office, confirmed: Booking) -> None:
    """A6, decision 6: the words alone cancel nothing."""
    later = MORNING + timedelta(hours=2)
    sessions.record_contact(confirmed.pk, channel="online", meaning="cannot_come", now=later, wall=later)
    words = text_of(desk.get(INBOX))
    assert ("ご連絡のあった予約（1件）" in words, "参加できない" in words) == (True, True)
    sessions.record_contact(confirmed.pk, channel="phone", meaning="unclear", by=office.staff, now=later + timedelta(minutes=5), wall=later)
    assert gather("", now=MORNING).noticed == []


def test_notice_of_a_cancelled_session_is_done(desk: Desk, office: Office, confirmed: Booking) -> None:
    later = MORNING + timedelta(hours=2)
    sessions.record_contact(confirmed.pk, channel="online", meaning="cannot_come", now=later, wall=later)
    desk.press(confirmed, "cancel_by_user", channel="phone")
    assert (confirmed.state, gather("", now=MORNING).noticed) == ("cancelled_by_user", [])


def test_withdrawn_consent_before_a_confirmed_session_is_a_task(desk: Desk, office: Office, confirmed: Booking) -> None:
    later = MORNING + timedelta(hours=2)
    withdraw(confirmed.applicant, document=COUNSELLING, by=office.staff, now=later)
    assert "規約への同意の取消し" in text_of(desk.get(INBOX))
    agree(confirmed.applicant, Shown(office.version.pk, "同意します。", later), document=COUNSELLING, now=later + timedelta(minutes=1))
    assert gather("", now=MORNING).noticed == []


# --- who may, how many queries, what a poll gets ---------------------------------------------------------------------------


@pytest.fixture
def member(office: Office) -> Callable[[str], User]:
    ensure_roles()

    def make(group: str) -> User:
        user = User.objects.create_user(f"in-{group}", display_name=group, is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        return user

    return make


@pytest.mark.parametrize("group", ["相談員", "管理者"])
def test_those_who_work_with_bookings_see_the_inbox(desk_of: DeskOf, member: Callable[[str], User], requested: Booking, group: str) -> None:
    desk = desk_of(member(group))
    assert [desk.get(f"{INBOX}{page}").status_code for page in ("", "decline/", "declined/")] == [200, 200, 200]


def test_whoever_has_no_part_in_it_does_not(desk_of: DeskOf, requested: Booking) -> None:
    desk = desk_of(User.objects.create_user("looker", is_staff=True))
    assert [desk.get(f"{INBOX}{page}").status_code for page in ("", "decline/", "declined/")] == [403, 403, 403]
    assert desk.post(f"{INBOX}decline/", pick=requested.pk, reason="理由", sure="1").status_code == 403


@pytest.mark.parametrize("page", ["0", "99", "x", "1" * 40])
def test_page_that_is_not_there_is_the_nearest(desk: Desk, requested: Booking, page: str) -> None:
    assert requested.number in text_of(desk.get(INBOX, page=page))


def test_poll_gets_the_parts_alone_and_no_login_page_can_pass_for_them(desk: Desk, requested: Booking) -> None:
    answer = desk.client.get(INBOX, headers={"X-Poll": "1"})
    page = answer.content.decode()
    assert (answer.headers["X-Poll"], "<html" in page, re.findall(r'<section id="(\w+)"', page)) == (
        "1",
        False,
        ["waiting", "noticed", "expired", "contacts", "records"],
    )


def fill(booking: Booking, office: Office, numbers: range) -> None:
    """One row more in every part of the page for each number."""
    consent = booking.participants.get().consent
    for number in numbers:
        people = [make_person(f"利用者{number}-{part}", f"{part}-{number}@example.jp", f"+8190{number:04}000{part}") for part in range(4)]
        Person.objects.filter(pk=people[0].pk).update(job_seeker_number=f"28090-{number:07}")
        for each in people:
            agree(each, Shown(office.version.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING)
        base = {**fields_of(booking), "confirmed_at": MORNING, "eligibility": "to_switch", "eligibility_checked_by_id": office.staff.pk}
        base |= {"eligibility_checked_at": MORNING}
        rows = [("requested", 0), ("confirmed", 1), ("expired", 2), ("completed", 3)]
        made = [
            Booking.objects.create(**{**base, "number": f"{number:04}-{part:04}", "state": state, "applicant_id": people[part].pk})
            for state, part in rows
        ]
        for each in made:
            each.participants.create(person=each.applicant, consent=consent)
            ContactRecord.objects.create(booking=each, channel="online", meaning="late", at=MORNING + timedelta(hours=1))


def queries_of(desk: Desk, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(path).status_code == 200
    return len(queries)


def test_inbox_asks_the_same_number_of_queries_for_one_and_for_two_hundred(desk: Desk, office: Office, requested: Booking) -> None:
    fill(requested, office, range(1))
    desk.get(INBOX)  # the first page of a session notes when it was last used
    one = queries_of(desk, INBOX)
    fill(requested, office, range(1, 200))
    assert (one, queries_of(desk, INBOX)) == (22, 22)
    shown = gather("1", now=MORNING)
    assert (len(shown.rows), shown.waiting.paginator.count) == (PER_PAGE, 201)
