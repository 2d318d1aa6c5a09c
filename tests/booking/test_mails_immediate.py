"""The mails about immediate sessions: told at each step, in short lines, and never with the way in (C6-2-3)."""

from collections.abc import Callable

import pytest

from booking.models import Booking, Meeting
from booking.operations import bookings, corrections, immediate, sessions
from tests.cast import MORNING, Office, make_regular, now_please
from toyooka_hw.accounts.models import Establishment, Person
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
CODE = ("853 1234 5678", "85312345678", "abcdEFGH23", "zoom.example.jp")
Step = Callable[[Booking, Office], object]


@pytest.fixture
def waiting(office: Office) -> Booking:
    immediate.switch(office.sato.pk, on=True, by=office.sato.user, now=MORNING)
    return immediate.request(make_regular(office), now_please(office.version), now=MORNING, wall=MORNING)


def taken(booking: Booking, office: Office) -> None:
    immediate.accept(booking.pk, counsellor=office.sato.pk, by=office.staff, now=MORNING, wall=MORNING)
    code = {"meeting_id": 85312345678, "passcode": CODE[2], "join_url": f"https://{CODE[3]}/j/85312345678", "ready_at": MORNING}
    Meeting.objects.filter(booking=booking).update(**code)


def called_off(booking: Booking, office: Office) -> None:
    taken(booking, office)
    sessions.cancel_by_office(booking.pk, reason="担当者の急な用務のため。", by=office.staff, now=MORNING, wall=MORNING)


def given_up(booking: Booking, office: Office) -> None:
    taken(booking, office)
    sessions.cancel_by_user(booking.pk, by=office.staff, now=MORNING, wall=MORNING)


def set_right(booking: Booking, office: Office) -> None:
    called_off(booking, office)
    corrections.correct(booking.pk, "confirmed", reason="押し間違い", by=office.staff, now=MORNING, wall=MORNING)


STEPS: list[tuple[Step, str, str]] = [
    (lambda _booking, _office: None, "いますぐの相談のお申込みを受け付けました", "お返事の期限：2027年4月6日（火）9:40"),
    (taken, "いますぐの相談をお受けします", "メールではお送りしません。留守番電話にも残しません。"),
    (
        lambda booking, office: bookings.decline(booking.pk, reason="担当者不在", by=office.staff, now=MORNING, wall=MORNING),
        "いますぐの相談をお受けできませんでした",
        "理由：担当者不在",
    ),
    (
        lambda booking, _office: bookings.expire(booking.pk, now=booking.answer_by, wall=MORNING),
        "いますぐの相談をお受けできませんでした",
        "受付中であれば、あらためてお申し込みいただけます。",
    ),
    (
        lambda booking, _office: bookings.withdraw(booking.pk, now=MORNING, wall=MORNING),
        "いますぐの相談のお申込みを取り下げました",
        "キャンセルには数えません。",
    ),
    (called_off, "いますぐの相談を終了しました", "理由：担当者の急な用務のため。"),
    (given_up, "いますぐの相談を取りやめました", "ご連絡により、いますぐの相談を取りやめました。"),
    (set_right, "いますぐの相談の記録を訂正しました", "訂正後の記録：予約確定"),
]


@pytest.mark.parametrize(("step", "subject", "words"), STEPS)
def test_each_step_is_told_in_short_lines_without_the_way_in(
    office: Office, waiting: Booking, step: Step, subject: str, words: str
) -> None:
    step(waiting, office)
    mail = OutgoingMail.objects.filter(to="hanako@example.jp").latest("pk")
    assert mail.subject == f"【ハローワーク豊岡】{subject}"
    lines = mail.body.splitlines()
    assert (lines[0], words in mail.body, f"受付番号：{waiting.number}" in lines) == ("豊岡 花子 様", True, True)
    assert [line for line in lines if len(line) > 35 and not line.startswith("http")] == []
    assert "\n\n豊岡公共職業安定所（ハローワーク豊岡）\n" in mail.body
    assert ([part for part in CODE if part in mail.body], mail.calendar) == ([], "")


@pytest.mark.parametrize(("role", "pages"), [("job_seeker", ["/slots/"]), ("employer_contact", ["/employer/"])])
@pytest.mark.parametrize("step", [STEPS[2][0], STEPS[3][0], called_off])
def test_refusals_lead_everybody_to_the_page_that_is_theirs(
    office: Office, waiting: Booking, step: Step, role: str, pages: list[str]
) -> None:
    """A10: starts of the reserved kind are for job seekers."""
    shop = Establishment.objects.create(number="2809-123456-7", name="城崎製作所", created_at=MORNING)
    Person.objects.filter(pk=waiting.applicant_id).update(role=role, establishment=shop if role == "employer_contact" else None)
    step(Booking.objects.get(pk=waiting.pk), office)
    body = OutgoingMail.objects.filter(to="hanako@example.jp").latest("pk").body
    assert [page for page in ("/slots/", "/employer/") if page in body] == pages
