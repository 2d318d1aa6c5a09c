"""Terms that change between application and session (A11): asked for, never blocked but by individual consent."""

from datetime import date, timedelta

import pytest

from booking.links import token_of
from booking.models import Booking, Meeting, Participant
from consent.models import Consent, TermsVersion
from consent.operations import withdraw
from consent.queries import COUNSELLING, needs_consent
from consent.rules import Ground
from tests.cast import MORNING, SESSION, THURSDAY, Office, at
from tests.change import announced, make_draft
from tests.visitor import Visitor, field_value, text_of

WEDNESDAY = date(2027, 4, 7)
AFTER = at(WEDNESDAY, 9)
OPENS = SESSION - timedelta(minutes=10)
ROOM = "http://127.0.0.1:9/j/85312345678?pwd=abc"


def page_of(booking: Booking, below: str = "") -> str:
    return f"/b/{token_of(booking)}/{below}"


@pytest.fixture
def reasonable(office: Office, confirmed: Booking) -> TermsVersion:
    """In force since Wednesday 00:00."""
    return announced(office, make_draft(office), on=WEDNESDAY)


@pytest.fixture
def individual(office: Office, confirmed: Booking) -> TermsVersion:
    """In force since Wednesday 00:00, by individual consent only; the meeting is ready."""
    Meeting.objects.filter(booking=confirmed).update(meeting_id=85312345678, join_url=ROOM, passcode="aB3xYz", ready_at=MORNING)
    return announced(office, make_draft(office), ground=Ground.INDIVIDUAL_CONSENT, on=WEDNESDAY)


def answer(visitor: Visitor, booking: Booking, answered: str, **data: str) -> object:
    shown = field_value(visitor.get(page_of(booking, "terms/")), "shown")
    return visitor.post(page_of(booking, "terms/"), {"shown": shown, "answer": answered, "digits": "5678", **data})


def answers_to(version: TermsVersion) -> list[tuple[str, bool]]:
    return list(Consent.objects.filter(version=version).order_by("pk").values_list("method", "agreed"))


def test_the_eve_of_a_change_asks_nothing(confirmed: Booking, reasonable: TermsVersion) -> None:
    eve = Visitor(at(WEDNESDAY, 0) - timedelta(seconds=1))
    assert "新しい利用規約を確認する" not in text_of(eve.get(page_of(confirmed)))
    assert eve.get(page_of(confirmed, "terms/")).status_code == 302


def test_reasonable_change_is_told_and_blocks_nothing(confirmed: Booking, reasonable: TermsVersion) -> None:
    words = text_of(Visitor(AFTER).get(page_of(confirmed)))
    assert "このご予約は、そのままご利用いただけます。" in words
    assert "ご参加いただけません" not in words


def test_agreement_on_the_booking_page_is_recorded_once(confirmed: Booking, reasonable: TermsVersion) -> None:
    visitor = Visitor(AFTER)
    answer(visitor, confirmed, "agree", agree="on", zoom="on")
    assert answers_to(reasonable) == [("checkbox", True)]
    assert "新しい利用規約を確認する" not in text_of(visitor.get(page_of(confirmed)))
    assert visitor.get(page_of(confirmed, "terms/")).status_code == 302


def test_refusal_is_recorded_and_the_booking_stays(confirmed: Booking, reasonable: TermsVersion) -> None:
    visitor = Visitor(AFTER)
    answer(visitor, confirmed, "refuse")
    assert answers_to(reasonable) == [("checkbox", False)]
    assert "新しい利用規約には同意されていません。このご予約は、そのままご利用いただけます。" in text_of(visitor.get(page_of(confirmed)))
    assert needs_consent(confirmed.applicant_id, COUNSELLING, now=AFTER)


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({"zoom": "on"}, ["agree"]),
        ({"agree": "on"}, ["zoom"]),
        ({"agree": "on", "zoom": "on", "digits": "1234"}, ["digits"]),
        ({"agree": "on", "zoom": "on", "shown": "x"}, ["shown"]),
        ({"agree": "on", "zoom": "on", "answer": "perhaps"}, ["answer"]),
    ],
)
def test_incomplete_answer_records_nothing(confirmed: Booking, reasonable: TermsVersion, data: dict[str, str], wrong: list[str]) -> None:
    page = answer(Visitor(AFTER), confirmed, **{"answered": "agree", **data})
    assert list(page.context["form"].errors) == wrong
    assert answers_to(reasonable) == []


def test_version_that_flips_meanwhile_records_nothing(office: Office, confirmed: Booking, reasonable: TermsVersion) -> None:
    """C13-0."""
    newest = announced(office, make_draft(office, 3), on=THURSDAY, now=AFTER)
    visitor = Visitor(AFTER)
    shown = field_value(visitor.get(page_of(confirmed, "terms/")), "shown")
    visitor.now = at(THURSDAY, 0)
    visitor.post(page_of(confirmed, "terms/"), {"shown": shown, "answer": "agree", "digits": "5678", "agree": "on", "zoom": "on"})
    assert (answers_to(reasonable), answers_to(newest)) == ([], [])
    assert "利用規約が新しくなりました" in text_of(visitor.get(page_of(confirmed, "terms/")))


def test_individual_consent_blocks_joining_until_agreed(confirmed: Booking, individual: TermsVersion) -> None:
    """C13-x, A11; the press itself is a sign of life (C6-1-4b)."""
    visitor = Visitor(OPENS)
    barred = visitor.post(page_of(confirmed, "join/"), {"digits": "5678"})
    assert (barred.status_code, barred.url) == (302, page_of(confirmed, "terms/"))
    assert Participant.objects.get(booking=confirmed).first_joined_at == OPENS
    answer(visitor, confirmed, "agree", agree="on", zoom="on")
    assert visitor.post(page_of(confirmed, "join/"), {"digits": "5678"}).url == ROOM


def test_individual_consent_refused_names_the_other_ways(confirmed: Booking, individual: TermsVersion) -> None:
    visitor = Visitor(OPENS)
    answer(visitor, confirmed, "refuse")
    words = text_of(visitor.get(page_of(confirmed)))
    assert "オンラインの相談にはご参加いただけません。窓口またはお電話でご相談ください。" in words
    assert "オンライン以外のご相談" in words
    assert visitor.post(page_of(confirmed, "join/"), {"digits": "5678"}).url == page_of(confirmed, "terms/")


def test_summary_names_what_is_missing_in_the_order_of_the_page(confirmed: Booking, reasonable: TermsVersion) -> None:
    page = answer(Visitor(AFTER), confirmed, "agree", digits="")
    assert list(page.context["form"].errors) == ["agree", "zoom", "digits"]
    assert [field.name for field in page.context["form"]] == ["shown", "agree", "zoom", "digits", "answer"]


def test_withdrawn_consent_is_called_that_and_no_change(office: Office, confirmed: Booking) -> None:
    """A11: nothing changed but the person's mind."""
    withdraw(confirmed.applicant, document=COUNSELLING, by=office.staff, now=MORNING + timedelta(hours=2))
    visitor = Visitor(AFTER)
    words = text_of(visitor.get(page_of(confirmed)))
    assert ("同意が取り下げられています" in words, "利用規約が変わりました" in words) == (True, False)
    page = visitor.get(page_of(confirmed, "terms/"))
    words = text_of(page)
    assert ("同意が取り下げられています" in words, "利用規約が変わりました" in words, page.context["asked"].withdrawn) == (
        True,
        False,
        True,
    )
    answer(visitor, confirmed, "agree", agree="on", zoom="on")
    assert "同意が取り下げられています" not in text_of(visitor.get(page_of(confirmed)))


def test_statement_about_zoom_is_kept_with_the_answer(confirmed: Booking, reasonable: TermsVersion) -> None:
    """C4-2."""
    visitor = Visitor(AFTER)
    answer(visitor, confirmed, "agree", agree="on", zoom="on")
    assert Consent.objects.get(version=reasonable).zoom_stated_at == AFTER
