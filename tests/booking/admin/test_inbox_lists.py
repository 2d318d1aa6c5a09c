"""The lists below the requests: they show the first, and say how many there are."""

import pytest

from booking.admin.inbox import MOST, gather
from booking.models import Booking
from tests.booking.admin.conftest import Desk
from tests.booking.admin.test_inbox import INBOX, fill
from tests.cast import MORNING, Office
from tests.visitor import text_of

pytestmark = pytest.mark.django_db
HEADINGS = ("ご連絡のあった予約（{}件）", "期限切れになった申込み（{}件）", "利用登録者への切替（{}件）")
FIRST = "はじめの50件を表示しています。"


def test_list_that_is_longer_than_the_page_counts_rightly_and_says_so(desk: Desk, office: Office, requested: Booking) -> None:
    fill(requested, office, range(MOST + 2))
    shown = gather("", now=MORNING)
    lists = (shown.noticed, shown.expired, shown.to_switch, shown.to_record)
    assert [(len(each), each.total) for each in lists] == [(50, 52), (50, 52), (50, 208), (50, 209)]
    words = text_of(desk.get(INBOX))
    assert ([heading.format(count) in words for heading, count in zip(HEADINGS, (52, 52, 208), strict=True)], words.count(FIRST)) == (
        [True] * 3,
        4,
    )


def test_list_that_fits_says_nothing_of_it(desk: Desk, office: Office, requested: Booking) -> None:
    fill(requested, office, range(2))
    shown = gather("", now=MORNING)
    assert (
        [len(each) == each.total for each in (shown.noticed, shown.expired, shown.to_switch, shown.to_record)],
        FIRST in text_of(desk.get(INBOX)),
    ) == (
        [True] * 4,
        False,
    )


def test_button_of_a_list_leads_back_to_it(desk: Desk, requested: Booking) -> None:
    address = f"/admin/consent/consent/person/{requested.applicant_id}/ministry/?next={INBOX}"
    assert f'href="{address}"' in desk.get(INBOX).content.decode()
