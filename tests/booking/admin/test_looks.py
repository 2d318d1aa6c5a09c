"""What stands masked: one press opens it, leaves a line, and closes by itself (C8-1, C12-3b, issue point 8)."""

from datetime import timedelta

import pytest

from booking.models import Booking
from tests.booking.admin.conftest import Desk, DeskOf
from tests.cast import Office
from tests.visitor import text_of
from toyooka_hw.accounts.models import User
from toyooka_hw.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
LOOK = "/admin/booking/booking/look"


@pytest.fixture
def written(confirmed: Booking) -> Booking:
    Booking.objects.filter(pk=confirmed.pk).update(topic="転職の相談", companion="手話通訳 1名")
    confirmed.refresh_from_db()
    return confirmed


def page_of(booking: Booking) -> str:
    return f"/admin/booking/booking/{booking.pk}/change/"


def lines() -> list[tuple[str, str, str, int | None]]:
    return list(AuditEntry.objects.filter(kind="look").order_by("pk").values_list("what", "subject_type", "door", "person_pk"))


@pytest.mark.parametrize(
    ("what", "masked", "shown", "verb"),
    [
        ("phone", "090-****-5678", "090-1234-5678", "電話番号を表示する"),
        ("number", "28***-****567", "28090-1234567", "求職番号を表示する"),
    ],
)
def test_number_is_masked_until_it_is_opened(  # noqa: PLR0917 - pytest passes parameters by name
    desk: Desk, confirmed: Booking, what: str, masked: str, shown: str, verb: str
) -> None:
    page, person = page_of(confirmed), confirmed.applicant_id
    before = text_of(desk.get(page))
    address = f"{LOOK}/{what}/{person}/"
    answer = desk.post(address, next=page)
    assert (masked in before, shown in before, shown in text_of(answer)) == (True, False, True)
    assert answer.redirect_chain == [(page, 302)]
    assert "no-store" in answer.headers["Cache-Control"]
    assert lines() == [(verb, "accounts.person", address, person)]


def test_free_text_is_an_icon_until_it_is_opened(desk: Desk, written: Booking) -> None:
    page = page_of(written)
    before = desk.get(page).content.decode()
    after = text_of(desk.post(f"{LOOK}/text/{written.pk}/", next=page))
    assert ("相談内容・同席者の記入あり" in before, "転職の相談" in before, "手話通訳" in before) == (True, False, False)
    assert ("転職の相談" in after, "手話通訳1名" in after) == (True, True)
    assert lines() == [("相談したいこと・同席を表示する", "booking.booking", f"{LOOK}/text/{written.pk}/", written.applicant_id)]


def test_what_was_opened_closes_after_five_minutes_and_in_no_other_session(desk: Desk, desk_of: DeskOf, confirmed: Booking) -> None:
    page = page_of(confirmed)
    desk.post(f"{LOOK}/phone/{confirmed.applicant_id}/", next=page)
    desk.now += timedelta(minutes=5) - timedelta(seconds=1)
    assert "090-1234-5678" in text_of(desk.get(page))
    assert "090-1234-5678" not in text_of(desk_of(confirmed.counsellor.user, desk.now).get(page))
    desk.now += timedelta(seconds=1)
    assert "090-1234-5678" not in text_of(desk.get(page))


def test_session_holds_no_number(desk: Desk, confirmed: Booking) -> None:
    desk.post(f"{LOOK}/phone/{confirmed.applicant_id}/")
    assert list(desk.client.session["looks"]) == [f"phone:{confirmed.applicant_id}"]


def test_asked_by_htmx_only_the_place_itself_comes_back(desk: Desk, confirmed: Booking) -> None:
    page, person = page_of(confirmed), confirmed.applicant_id
    answer = desk.client.post(f"{LOOK}/phone/{person}/", {"next": page}, headers={"HX-Request": "true"})
    assert (text_of(answer), "<html" in answer.content.decode()) == ("090-1234-5678", False)
    assert len(lines()) == 1


def test_action_page_masks_what_it_needs_not_show(desk: Desk, confirmed: Booking) -> None:
    words = text_of(desk.get(f"/admin/booking/booking/{confirmed.pk}/act/cancel_by_user/"))
    assert ("090-****-5678" in words, "28***-****567" in words, "1234-5678" in words) == (True, True, False)


def test_looking_by_get_is_no_look(desk: Desk, confirmed: Booking) -> None:
    assert desk.get(f"{LOOK}/phone/{confirmed.applicant_id}/").status_code == 405
    assert lines() == []


def test_what_does_not_exist_is_not_found(desk: Desk, confirmed: Booking) -> None:
    unknown = [f"phone/{10**9}", f"text/{10**9}", f"name/{confirmed.applicant_id}"]
    assert [desk.post(f"{LOOK}/{each}/").status_code for each in unknown] == [404] * 3
    assert lines() == []


def test_without_a_way_back_the_look_ends_on_the_list(desk: Desk, written: Booking, interview: Booking) -> None:
    opened = {"text": written.pk, "ask": interview.employer_request_id, "phone": written.applicant_id}
    ends = [desk.post(f"{LOOK}/{what}/{pk}/").redirect_chain for what, pk in opened.items()]
    lists = ["/admin/booking/booking/", "/admin/booking/booking/employers/", "/admin/accounts/person/"]
    assert ends == [[(each, 302)] for each in lists]


def test_whoever_may_not_open_it_sees_no_button_and_is_refused(desk_of: DeskOf, office: Office, written: Booking) -> None:
    from django.contrib.auth.models import Permission

    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_booking"))
    desk = desk_of(looker)
    assert f"{LOOK}/" not in desk.get(page_of(written)).content.decode()
    paths = [f"{LOOK}/phone/{written.applicant_id}/", f"{LOOK}/text/{written.pk}/"]
    assert ([desk.post(path).status_code for path in paths], lines()) == ([403, 403], [])


def test_page_for_reading_codes_out_shows_the_phone_and_leaves_a_line(desk: Desk, confirmed: Booking) -> None:
    from booking.models import Meeting
    from toyooka_hw.outbox import OutboxState

    Meeting.objects.filter(booking=confirmed).update(meeting_id=81234567890, passcode="123456", outbox_state=OutboxState.DONE)
    words = text_of(desk.post(f"/admin/booking/booking/{confirmed.pk}/codes/"))
    assert ("090-1234-5678" in words, [line[0] for line in lines()]) == (True, ["番号を電話で伝える", "電話番号を表示する"])
