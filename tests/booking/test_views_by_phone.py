"""A session held by telephone as its person sees it: no way in, when the office calls, nothing about waiting for them (C6-1-4b)."""

from datetime import timedelta

import pytest

from booking.links import token_of
from booking.models import Booking, Participant
from booking.operations import telephone
from tests.cast import MORNING, SESSION, Office, make_meeting_ready
from tests.employers import CONTACT
from tests.kinds import interview
from tests.visitor import Visitor, text_of

pytestmark = pytest.mark.django_db
NOON = MORNING + timedelta(hours=3)
OPENS, QUARTER_PAST = SESSION - timedelta(minutes=10), SESSION + timedelta(minutes=15)


@pytest.fixture
def by_phone(office: Office, confirmed: Booking) -> Booking:
    """The confirmed session, whose meeting stood, held by telephone instead."""
    make_meeting_ready(confirmed)
    return telephone.by_phone(confirmed.pk, by=office.staff, now=NOON, wall=NOON)


@pytest.mark.parametrize("now", [NOON, OPENS, QUARTER_PAST])
def test_personal_page_says_who_calls_and_offers_no_way_in(by_phone: Booking, now: object) -> None:
    words = text_of(Visitor(now).get(f"/b/{token_of(by_phone)}/"))
    shown = (
        "お電話で相談します",
        "登録している電話番号へおかけします",
        "入室する",
        "開始時刻を過ぎています",
        "キャンセルとみなします",
        "Zoomのテスト",
    )
    assert [word in words for word in shown] == [True, True, False, False, False, False]
    assert "5678" not in words


def test_personal_page_of_a_session_that_is_over_says_so(by_phone: Booking) -> None:
    words = text_of(Visitor(by_phone.ends_at).get(f"/b/{token_of(by_phone)}/"))
    assert ("お電話で相談します" in words, "相談の時間は終了しました。" in words) == (False, True)


@pytest.mark.parametrize("button", ["join", "codes"])
def test_page_that_was_opened_before_the_switch_leads_nowhere(by_phone: Booking, button: str) -> None:
    visitor, address = Visitor(SESSION), f"/b/{token_of(by_phone)}/"
    answer = visitor.post(f"{address}{button}/", {"digits": "5678"})
    assert (answer.status_code, answer.headers["Location"]) == (302, address)
    assert "この相談は、お電話で行います。Zoomには入室できません。" in text_of(visitor.get(address))
    assert Participant.objects.get().first_joined_at is None


def test_immediate_page_says_so_in_place_of_the_code(office: Office, accepted: Booking) -> None:
    make_meeting_ready(accepted)
    visitor = Visitor(accepted.starts_at)
    visitor.sign_in("immediate")
    before = visitor.get("/now/").content.decode()
    telephone.by_phone(accepted.pk, by=office.staff, now=accepted.starts_at, wall=accepted.starts_at)
    page = visitor.get("/now/")
    words = text_of(page)
    assert ("お電話で相談します" in words, "マイページをご確認" in words) == (True, False)
    assert before.partition('data-watch="')[2].partition('"')[0] != page.content.decode().partition('data-watch="')[2].partition('"')[0]


def test_everybody_in_an_interview_reads_it_on_their_own_page(office: Office) -> None:
    booking = interview(office)
    telephone.by_phone(booking.pk, by=office.staff, now=NOON, wall=NOON)
    words = []
    pages = {"mine": ("taro@example.jp", "/mine/"), "employer": (CONTACT, f"/employer/requests/{booking.employer_request.number}/")}
    for door, (email, path) in pages.items():
        visitor = Visitor(NOON)
        visitor.sign_in(door, email)
        words.append(text_of(visitor.get(path)))
    assert ["お電話で行います" in page for page in words] == [True, True]
    assert ["ミーティングIDとパスコードは、開始までに" in page for page in words] == [False, False]
