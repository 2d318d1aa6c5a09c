"""No seminar stands on terms with a blank in them, and nobody reads a blank on any page or in any mail of the flow (S0-1, A20)."""

from datetime import date, timedelta

import pytest

from booking.models import Meeting
from booking.operations.seminars import giving
from booking.operations.seminars.giving import SeminarTermsMissing
from consent.operations import Announcement, PlaceholdersRemain, announce, check, fill_placeholders, import_text
from consent.rules import Ground
from tests.booking.test_seminar_privacy import ROOM, Guest, Watched, found
from tests.cast import MORNING, Office
from tests.change import text
from tests.seminars import STARTS, drawn_up, press

pytestmark = pytest.mark.django_db
BLANK = "（会議用アプリ名）"
FIRST_DAY = Announcement(Ground.INITIAL, date(2023, 8, 29))


def test_blank_in_the_terms_keeps_seminars_back_and_stands_on_no_page_and_in_no_mail(office: Office) -> None:
    raw = text(f"{BLANK}を使います。", title="試験用セミナー規約", dated="令和５年８月２９日")
    (draft,) = import_text(raw, name="terms.txt", by=office.sato.user, now=MORNING)
    check(draft.pk, by=office.tanaka.user, now=MORNING)
    seminar = drawn_up(office)
    with pytest.raises(PlaceholdersRemain):
        announce(draft.pk, FIRST_DAY, by=office.staff, now=MORNING)
    with pytest.raises(SeminarTermsMissing):
        giving.publish(seminar.pk, press(office))

    fill_placeholders(draft.pk, {BLANK: "Zoom"}, by=office.sato.user, now=MORNING)
    check(draft.pk, by=office.tanaka.user, now=MORNING)
    announce(draft.pk, FIRST_DAY, by=office.staff, now=MORNING)
    giving.publish(seminar.pk, press(office))
    Meeting.objects.filter(seminar=seminar).update(meeting_id=85312345678, join_url=ROOM, passcode="aB3xYz", ready_at=MORNING)
    guest, anybody = Guest("竹野 美帆", "hanako@example.jp", "090-1234-5678", ""), Watched()
    guest.register(seminar)
    guest.now = STARTS - timedelta(minutes=10)
    assert guest.post(f"{guest.page}join/").status_code == 303
    anybody.look_at("/seminars/", f"/seminars/{seminar.number}/", "/terms/seminar/")
    assert found([BLANK], guest.seen, guest.mails, anybody.seen) == []
    assert found(["Zoomを使います。"], anybody.seen) == ["Zoomを使います。"]
