"""Every mail is read with made-up data, sent to oneself as a test, and the mail list says what waits and what did not arrive."""

import unicodedata
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from pytest_django import DjangoAssertNumQueries

from booking.admin.samples import contexts, templates
from booking.models import Booking
from tests.booking.admin.conftest import Desk, DeskOf
from tests.cast import MORNING, Office
from tests.visitor import text_of
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import ensure_roles
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.operations import body_of, subject_of

pytestmark = pytest.mark.django_db
TEXTS = "/admin/booking/booking/mails/"
LIST = "/admin/mail/outgoingmail/"
WIDEST = 70  # 35 full-width signs
TO_STAFF = {"staff_invited", "staff_reset", "readiness", "outcome_missing", "session_alarm"}
ABOUT_CONTACTS = {"employer_ended", "employer_verified"}  # of whoever asks, not of what is asked


def width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in line)


def test_list_shows_the_subject_of_every_mail(desk: Desk) -> None:
    words = text_of(desk.get(TEXTS))
    assert [name for name in templates() if name not in words] == []
    assert "【ハローワーク豊岡】明日の相談のご案内（10:00～）" in words


@pytest.mark.parametrize("name", templates())
def test_every_mail_can_be_read_beforehand(desk: Desk, name: str) -> None:
    page = desk.get(f"{TEXTS}{name}/")
    assert (page.status_code, "この文面を自分に送る" in text_of(page)) == (200, True)


@pytest.mark.parametrize("name", [name for name in templates() if name.startswith("employer_") and name not in ABOUT_CONTACTS])
def test_mails_about_a_whole_request_name_it(office: Office, name: str) -> None:
    body = body_of(name, contexts(now=MORNING, by=office.staff)(name))
    assert [words for words in ("受付番号：E27-0001", "ご用件：オンライン面接", "城崎 次郎 様") if words not in body] == []


@pytest.mark.parametrize("name", sorted(set(templates()) - TO_STAFF))
def test_lines_of_mails_to_the_public_are_short(office: Office, name: str) -> None:
    """japan.md §8.7: at most 35 full-width signs, addresses aside."""
    body = body_of(name, contexts(now=MORNING, by=office.staff)(name))
    assert [line for line in body.splitlines() if width(line) > WIDEST and "http" not in line] == []


OF_BOTH_WAYS = [
    "corrected",
    "interview_confirmed",
    "interview_corrected",
    "interview_remind_soon",
    "interview_remind_tomorrow",
    "remind_soon",
    "remind_tomorrow",
]


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("name", [*OF_BOTH_WAYS, "by_phone", "immediate_by_phone", "interview_by_phone"])
def test_mails_about_the_telephone_lead_nobody_to_zoom(office: Office, name: str, begun: bool) -> None:
    """C6-2-3c: who calls, at which number in words, and never the number itself."""
    known = contexts(now=MORNING, by=office.staff)(name)
    known["booking"].phone_at = MORNING
    body = body_of(name, {**known, "begun": begun})
    joined = "".join(body.split())
    assert "おかけします。" in joined
    assert [words for words in ("使用するアプリ", "ページで入室できます", "ページから入室できます", "090-") if words in joined] == []
    assert [line for line in body.splitlines() if width(line) > WIDEST and "http" not in line] == []


@pytest.mark.parametrize("name", sorted(set(templates()) - {"terms_changed"}))
def test_subject_says_who_writes(office: Office, name: str) -> None:
    assert subject_of(name, contexts(now=MORNING, by=office.staff)(name)).startswith("【ハローワーク豊岡】")


def test_texts_cost_three_queries_together(office: Office, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(3):
        of = contexts(now=MORNING, by=office.staff)
        assert len({subject_of(name, of(name)) for name in ("confirmed", "received", "remind_soon")}) == 3


def test_test_mail_goes_to_oneself_and_is_recorded(desk: Desk) -> None:
    User.objects.filter(username="sato").update(email="sato@office.example.jp")
    words = text_of(desk.post(f"{TEXTS}confirmed/test/"))
    assert "試験のメールを、ご自分のアドレスに送ります。" in words
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject[:14], mail.in_order) == ("sato@office.example.jp", "【試験】【ハローワーク豊岡】"[:14], False)
    assert AuditEntry.objects.get(what="試験のメールを自分に送る").subject_pk == str(mail.pk)


def test_without_an_address_of_ones_own_nothing_is_sent(desk: Desk) -> None:
    words = text_of(desk.post(f"{TEXTS}confirmed/test/"))
    assert ("ご自分のメールアドレスが登録されていません。" in words, OutgoingMail.objects.count()) == (True, 0)


def test_text_that_is_none_is_not_found_and_sending_is_never_a_get(desk: Desk) -> None:
    assert [desk.get(f"{TEXTS}nothing/").status_code, desk.get(f"{TEXTS}confirmed/test/").status_code] == [404, 405]


def test_mail_list_says_what_has_waited_longest(desk: Desk, requested: Booking) -> None:
    OutgoingMail.objects.update(queued_at=MORNING - timedelta(minutes=65, seconds=30))
    assert "いちばん古い未送信のメール：" in text_of(desk.get(LIST))
    assert "（1時間5分）" in text_of(desk.get(LIST))
    OutgoingMail.objects.update(outbox_state="done")
    assert "未送信のメールはありません。" in text_of(desk.get(LIST))


def test_mail_list_says_what_was_not_sent_and_what_came_back(desk: Desk, confirmed: Booking) -> None:
    dropped, bounced = OutgoingMail.objects.order_by("pk")
    OutgoingMail.objects.filter(pk=dropped.pk).update(outbox_state="done", dropped="日時が変わったため")
    OutgoingMail.objects.filter(pk=bounced.pk).update(outbox_state="done", bounced_at=MORNING, bounce="5.1.1")
    words = text_of(desk.get(LIST))
    assert ("送りませんでした（日時が変わったため）" in words, "届きませんでした（2027年4月6日（火）9:30）" in words) == (True, True)
    assert "宛先のアドレスが見つかりません。（5.1.1）" in text_of(desk.get(f"{LIST}{bounced.pk}/change/"))


def test_system_administrator_reads_the_texts_too(desk_of: DeskOf, office: Office) -> None:
    """They hold nobody's data."""
    ensure_roles()
    user = User.objects.create_user("kikai", is_staff=True)
    user.groups.add(Group.objects.get(name="システム管理者"))
    assert desk_of(user).get(f"{TEXTS}confirmed/").status_code == 200
