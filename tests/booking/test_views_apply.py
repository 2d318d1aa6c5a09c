"""The steps of an application: nothing typed is lost, nothing is taken twice, nobody sees another's."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from booking.models import Booking
from booking.models.bookings import State
from booking.operations import applications, bookings
from consent.models import Consent, Method
from consent.operations import Shown, agree, mark_editorial
from consent.queries import COUNSELLING
from tests.cast import MORNING, SESSION, THURSDAY, Office, application, at, make_person, publish_terms
from tests.change import announced, make_draft
from tests.visitor import HANAKO, TICKS, Visitor, at_time, field_value, mailed_code, text_of
from toyooka_hw.accounts.models import EmailCode, Person
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
WEDNESDAY = THURSDAY - timedelta(days=1)


@pytest.fixture
def visitor(office: Office) -> Visitor:
    return Visitor()


def test_whole_way_as_a_stranger(visitor: Visitor) -> None:
    """C0-2, C0-3, C6-1-2: from the choice to one request, with an explicit consent and the deemed one tied to it."""
    assert visitor.choose().url == visitor.step("terms")
    assert visitor.agree().url == visitor.step("email")
    assert visitor.prove().url == visitor.step("details")
    assert visitor.fill().url == visitor.step("confirm")
    assert visitor.send().url == visitor.step("done")
    booking = Booking.objects.get()
    assert (booking.state, booking.starts_at, booking.applicant.full_name) == (State.REQUESTED, SESSION, "豊岡 花子")
    assert (booking.applicant.job_seeker_number, booking.applicant.stated_phone) == ("28090-1234567", "+819012345678")
    assert list(Consent.objects.order_by("pk").values_list("method", "based_on__method")) == [
        (Method.CHECKBOX, None),
        (Method.DEEMED_APPLICATION, Method.CHECKBOX),
    ]
    receipt = text_of(visitor.get(visitor.step("done")))
    assert booking.number in receipt
    assert "2027年4月7日（水）17:15" in receipt


def test_same_draft_sent_ten_times_is_one_request(visitor: Visitor) -> None:
    visitor.choose()
    visitor.agree()
    visitor.prove()
    visitor.fill()
    note = visitor.shown("confirm")
    answers = [visitor.post(visitor.step("confirm"), {"shown": note}) for _ in range(10)]
    assert {answer.url for answer in answers} == {visitor.step("done")}
    assert Booking.objects.count() == 1
    assert OutgoingMail.objects.exclude(key__startswith="code:").count() == 1


def test_step_of_a_sent_draft_leads_to_its_receipt(visitor: Visitor) -> None:
    visitor.apply()
    assert {visitor.get(visitor.step(name)).url for name in ("terms", "email", "code", "details", "confirm")} == {visitor.step("done")}


def test_draft_of_another_browser_is_not_shown(visitor: Visitor) -> None:
    visitor.choose()
    visitor.agree()
    stranger = Visitor()
    answer = stranger.get(visitor.step("terms"))
    assert answer.status_code == 410
    assert "はじめからお申し込みください" in text_of(answer)


def test_draft_after_a_day_asks_to_begin_again(visitor: Visitor) -> None:
    visitor.choose()
    visitor.now = MORNING + timedelta(hours=24)
    assert visitor.get(visitor.step("terms")).status_code == 410


def test_unknown_draft_is_gone(visitor: Visitor) -> None:
    assert visitor.get(f"/apply/{uuid4()}/terms/").status_code == 410


@pytest.mark.parametrize("name", ["email", "code", "details", "confirm"])
def test_later_step_leads_back_to_the_terms(visitor: Visitor, name: str) -> None:
    visitor.choose()
    answer = visitor.get(visitor.step(name))
    while answer.status_code == 302 and answer.url != visitor.step("terms"):
        answer = visitor.get(answer.url)
    assert answer.url == visitor.step("terms")


@pytest.mark.parametrize("missing", TICKS)
def test_terms_without_one_tick_names_it_and_keeps_the_others(visitor: Visitor, missing: str) -> None:
    """C0-2, C2-1b, C4-2, C5, C12-2: each box is its own declaration."""
    visitor.choose()
    answer = visitor.agree(**{name: "on" for name in TICKS if name != missing})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [missing]
    page = visitor.get(visitor.step("terms"))
    checked = re.findall(r'name="(\w+)"[^>]* checked', page.content.decode())
    assert sorted(checked) == sorted(set(TICKS) - {missing})


def test_terms_that_changed_while_reading_record_nothing(visitor: Visitor) -> None:
    """C13-0: the POST carries the version that was read."""
    visitor.choose()
    visitor.agree(zoom="on")
    note = visitor.shown("terms")
    publish_terms(number=2, effective_at=MORNING)
    answer = visitor.post(visitor.step("terms"), {"shown": note, **TICKS})
    assert answer.url == visitor.step("terms")
    page = visitor.get(answer.url)
    assert "第2版の本文。" in text_of(page)
    assert re.findall(r'name="(\w+)"[^>]* checked', page.content.decode()) == []
    assert "declared_to" not in visitor.draft.answers
    assert Consent.objects.count() == 0


def test_terms_with_a_forged_note_record_nothing(visitor: Visitor) -> None:
    visitor.choose()
    assert visitor.post(visitor.step("terms"), {"shown": "forged", **TICKS}).url == visitor.step("terms")
    assert "declared_to" not in visitor.draft.answers


def test_terms_that_change_before_the_last_press_are_asked_again(visitor: Visitor) -> None:
    visitor.choose()
    visitor.agree()
    visitor.prove()
    visitor.fill()
    note = visitor.shown("confirm")
    publish_terms(number=2, effective_at=MORNING)
    assert visitor.post(visitor.step("confirm"), {"shown": note}).url == visitor.step("terms")
    assert Booking.objects.count() == 0
    assert visitor.agree().url == visitor.step("details")
    assert field_value(visitor.get(visitor.step("details")), "full_name") == "豊岡 花子"


def test_not_agreeing_shows_the_other_ways(visitor: Visitor) -> None:
    """C1-1."""
    visitor.choose()
    page = text_of(visitor.get(visitor.step("terms/declined")))
    assert "窓口またはお電話でご相談ください" in page


def test_email_answers_alike_for_known_and_unknown_addresses(visitor: Visitor) -> None:
    make_person(email="known@example.jp")
    visitor.choose()
    visitor.agree()
    pages = []
    for address in ("known@example.jp", "other@example.jp"):
        answer = visitor.post(visitor.step("email"), {"email": address})
        pages.append((answer.status_code, answer.url, text_of(visitor.get(answer.url)).replace(address, "")))
    assert pages[0] == pages[1]


def test_email_wrong_is_kept_and_explained(visitor: Visitor) -> None:
    visitor.choose()
    visitor.agree()
    answer = visitor.post(visitor.step("email"), {"email": "hanako..t@docomo.ne.jp"})
    assert "「.」が続くアドレス" in text_of(answer)
    assert 'value="hanako..t@docomo.ne.jp"' in visitor.get(visitor.step("email")).content.decode()
    assert EmailCode.objects.count() == 0


def test_email_after_too_many_codes_names_the_phone(visitor: Visitor) -> None:
    visitor.choose()
    visitor.agree()
    answers = [visitor.post(visitor.step("email"), {"email": "hanako@example.jp"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [200]
    assert "お急ぎの方はお電話ください" in text_of(answers[-1])


def test_code_wrong_six_times_is_dead(visitor: Visitor) -> None:
    visitor.choose()
    visitor.agree()
    visitor.post(visitor.step("email"), {"email": "hanako@example.jp"})
    right = mailed_code("hanako@example.jp")
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    told = [text_of(visitor.post(visitor.step("code"), {"code": code})) for code in [wrong] * 5 + [right]]
    assert ["正しくないか" in words for words in told] == [True] * 5 + [False]
    assert "入力できる回数を超えました" in told[-1]
    assert Person.objects.count() == 0


def test_code_in_full_width_is_taken(visitor: Visitor) -> None:
    visitor.choose()
    visitor.agree()
    visitor.post(visitor.step("email"), {"email": "ＨＡＮＡＫＯ＠example.jp"})
    digits = mailed_code("hanako@example.jp").translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert visitor.post(visitor.step("code"), {"code": digits}).url == visitor.step("details")
    assert visitor.draft.person == Person.objects.get(email="hanako@example.jp")


def test_details_wrong_are_kept_through_reload(visitor: Visitor) -> None:
    """Everything typed survives errors, back and reload."""
    visitor.choose()
    visitor.agree()
    visitor.prove()
    typed = {"full_name": "豊岡 花子", "name_kana": "とよおか", "job_seeker_number": "12", "phone": "119", "topic": "転職", "companion": ""}
    answer = visitor.fill(**typed)
    assert sorted(answer.context["form"].errors) == ["job_seeker_number", "phone"]
    page = visitor.get(visitor.step("details"))
    assert {name: page.context["form"][name].value() for name in typed} == typed
    assert page.context["form"].errors == {}


def test_strange_input_is_kept_as_far_as_it_can_be(visitor: Visitor) -> None:
    visitor.choose()
    visitor.agree()
    visitor.post(visitor.step("email"), {"email": "a\0b"})
    assert visitor.draft.answers["email"] == "ab"
    visitor.prove()
    visitor.fill(full_name="豊\0岡", topic="長" * 5000)
    assert visitor.draft.answers["details"]["full_name"] == "豊岡"
    assert visitor.draft.answers["details"]["topic"] == "長" * 4000


def test_details_without_a_number_are_taken_for_those_who_have_none(visitor: Visitor) -> None:
    """A3."""
    visitor.choose()
    visitor.agree()
    visitor.prove()
    assert visitor.fill(full_name="豊岡 花子", phone="090-1234-5678").status_code == 200
    assert visitor.fill(full_name="豊岡 花子", phone="090-1234-5678", no_number_yet="on").url == visitor.step("confirm")
    visitor.send()
    assert Booking.objects.get().no_number_yet


def test_details_typed_after_the_sign_in_ended_survive_it(visitor: Visitor) -> None:
    visitor.choose()
    visitor.agree()
    visitor.prove()
    visitor.now = MORNING + timedelta(minutes=61)
    assert visitor.fill().url == visitor.step("email")
    assert visitor.prove().url == visitor.step("details")
    assert field_value(visitor.get(visitor.step("details")), "full_name") == "豊岡 花子"


def test_next_user_of_a_shared_browser_finds_nothing_typed_or_ticked(visitor: Visitor) -> None:
    """Another mailbox is another person: the draft begins anew, and nobody is held to ticks of somebody else (C0-2)."""
    visitor.choose()
    visitor.agree()
    visitor.prove()
    visitor.fill(**HANAKO, topic="秘密の相談")
    visitor.now = MORNING + timedelta(minutes=61)
    page = visitor.get(visitor.step("email")).content.decode()
    assert ("hanako@example.jp" in page, "h***@example.jp" in page) == (False, True)
    assert visitor.get(visitor.step("code")).url == visitor.step("email")
    visitor.prove("taro@example.jp")
    assert visitor.draft.answers == {}
    assert Consent.objects.filter(person__email="taro@example.jp").count() == 0
    visitor.agree()
    page = visitor.get(visitor.step("details")).content.decode()
    assert ("秘密" in page, 'value="豊岡' in page, "２８０９０" in page) == (False, False, False)


def test_receipt_after_the_sign_in_ended_names_neither_number_nor_link(visitor: Visitor) -> None:
    visitor.apply()
    receipt = visitor.get(visitor.step("done")).content.decode()
    visitor.now = MORNING + timedelta(minutes=61)
    later = visitor.get(visitor.step("done")).content.decode()
    number = Booking.objects.get().number
    assert [(number in page, "/b/" in page) for page in (receipt, later)] == [(True, True), (False, False)]
    assert "受付のメールでご確認ください" in later


def test_person_who_returns_finds_items_filled_and_numbers_masked(visitor: Visitor, person: Person) -> None:
    visitor.choose()
    visitor.agree()
    visitor.prove()
    page = visitor.get(visitor.step("details")).content.decode()
    assert 'value="豊岡 花子"' in page
    assert "28***-****567" in page
    assert "090-****-5678" in page
    assert ("28090-1234567" in page, "9012345678" in page, 'name="phone"' in page) == (False, False, False)
    assert visitor.fill(full_name="豊岡 花子").url == visitor.step("confirm")
    assert visitor.send().url == visitor.step("done")
    assert Booking.objects.get().applicant == person


@pytest.fixture
def typed_by_staff(person: Person) -> Person:
    """A person on record whose mailbox staff typed and nobody has proven."""
    Person.objects.update(email_proven_at=None)
    return person


def test_mailbox_typed_by_staff_shows_nothing_before_the_digits_of_the_phone(visitor: Visitor, typed_by_staff: Person) -> None:
    """A typing error at the counter must not open somebody's data to the mailbox's true owner."""
    visitor.choose()
    visitor.agree()
    assert visitor.prove().url == visitor.step("owner")
    for name in ("details", "owner"):
        page = visitor.get(visitor.step(name))
        assert [word for word in ('value="豊岡', "****", "hanako") if word in page.content.decode()] == []
    assert visitor.get(visitor.step("details")).url == visitor.step("email")
    assert visitor.post(visitor.step("owner"), {"digits": "5678"}).url == visitor.step("details")
    typed_by_staff.refresh_from_db()
    assert (typed_by_staff.email_proven_at, visitor.draft.person) == (MORNING, typed_by_staff)
    assert visitor.fill(full_name="豊岡 花子").url == visitor.step("confirm")


def test_five_wrong_digits_close_the_mailbox_typed_by_staff(visitor: Visitor, typed_by_staff: Person) -> None:
    visitor.choose()
    visitor.agree()
    visitor.prove()
    told = [text_of(visitor.post(visitor.step("owner"), {"digits": digits})) for digits in ["1111"] * 5 + ["5678"]]
    assert ["番号が一致しません" in words for words in told] == [True] * 5 + [False]
    assert "入力できる回数を超えました" in told[-1]
    typed_by_staff.refresh_from_db()
    assert (typed_by_staff.email_proven_at, visitor.draft.person) == (None, None)


def test_digits_are_asked_only_of_those_whose_mailbox_staff_typed(visitor: Visitor) -> None:
    visitor.choose()
    visitor.agree()
    assert visitor.get(visitor.step("owner")).url == visitor.step("email")
    assert visitor.prove().url == visitor.step("details")
    assert Person.objects.get().email_proven_at == MORNING


@pytest.mark.parametrize("where", ["details", "confirm"])
def test_other_phone_is_refused_and_logged(visitor: Visitor, person: Person, where: str, caplog: pytest.LogCaptureFixture) -> None:
    """C6-2-3c, A9: no change of the phone together with an application."""
    visitor.choose()
    visitor.agree()
    visitor.prove()
    visitor.fill(full_name="豊岡 花子", **({"phone": "080-9999-8888"} if where == "details" else {}))
    answer = visitor.send(**({"phone": "080-9999-8888"} if where == "confirm" else {}))
    assert answer.url == visitor.step("details")
    assert "異なる番号では、お申込みいただけません" in text_of(visitor.get(answer.url))
    person.refresh_from_db()
    assert person.stated_phone == "+819012345678"
    assert Booking.objects.count() == 0
    assert [record.message for record in caplog.records if "other_phone" in record.message] == [
        f"booking.other_phone_refused person={person.pk}"
    ]


def test_signed_in_person_is_not_asked_again(visitor: Visitor) -> None:
    """C0-2: consent is asked once per version and recorded again as deemed at each application."""
    visitor.apply()
    bookings.withdraw(Booking.objects.get().pk, now=MORNING, wall=MORNING)
    visitor.choose()
    agreed = "2027年4月6日（火）に、現在の利用規約に同意いただいています。"
    assert agreed in text_of(visitor.get(visitor.step("terms")))
    assert visitor.agree(**{name: "on" for name in TICKS if name != "agree"}).url == visitor.step("details")
    assert visitor.fill(full_name="豊岡 花子").url == visitor.step("confirm")
    last_page = text_of(visitor.get(visitor.step("confirm")))
    assert (agreed in last_page, "第1版の本文。" in last_page) == (True, True)
    assert visitor.send().url == visitor.step("done")
    assert list(Consent.objects.order_by("pk").values_list("method", flat=True)) == [
        Method.CHECKBOX,
        Method.DEEMED_APPLICATION,
        Method.DEEMED_APPLICATION,
    ]


def test_returning_person_states_zooms_terms_anew(visitor: Visitor) -> None:
    """C4-2: the tick of the second application is kept with the consent it implies, and when it was made."""
    visitor.apply()
    bookings.withdraw(Booking.objects.get().pk, now=MORNING, wall=MORNING)
    visitor.choose()
    visitor.now = MORNING + timedelta(minutes=1)
    visitor.agree(**{name: "on" for name in TICKS if name != "agree"})
    visitor.fill(full_name="豊岡 花子")
    shown = visitor.shown("confirm")
    visitor.now = MORNING + timedelta(minutes=11)
    visitor.post(visitor.step("confirm"), {"shown": shown})
    deemed = Consent.objects.latest("pk")
    times = (deemed.zoom_stated_at, deemed.shown_at, deemed.agreed_at)
    assert times == tuple(MORNING + timedelta(minutes=minutes) for minutes in (1, 1, 11))


def test_person_who_agreed_before_an_editorial_change_is_told_to_which_version(visitor: Visitor, office: Office) -> None:
    visitor.apply()
    bookings.withdraw(Booking.objects.get().pk, now=MORNING, wall=MORNING)
    draft = make_draft(office)
    mark_editorial(draft.pk, reason="誤字の訂正のみです。", by=office.sato.user, now=MORNING)
    announced(office, draft, on=WEDNESDAY)
    visitor.now = at(WEDNESDAY, 0, 30)
    with at_time(MORNING):
        session = visitor.client.session
        session["person_until"] = (visitor.now + timedelta(hours=1)).timestamp()
        session.save()
    visitor.choose(at(THURSDAY, 13))
    page = visitor.get(visitor.step("terms"))
    assert "2027年4月6日（火）に、第1版（令和5年（2023年）8月29日）に同意いただいています。" in text_of(page)
    assert re.findall(r"<details><summary>(.*?)</summary>", page.content.decode()) == ["試験用オンライン職業相談利用規約"]


def test_signed_in_person_is_shown_masked_on_the_email_step(visitor: Visitor) -> None:
    visitor.choose()
    visitor.agree()
    visitor.prove()
    page = text_of(visitor.get(visitor.step("email")))
    assert "h***@example.jpは確認済みです" in page
    assert visitor.post(visitor.step("email")).url == visitor.step("details")


def test_other_mailbox_after_signing_out_must_agree_itself(visitor: Visitor) -> None:
    visitor.apply()
    bookings.withdraw(Booking.objects.get().pk, now=MORNING, wall=MORNING)
    visitor.choose()
    visitor.agree(**{name: "on" for name in TICKS if name != "agree"})
    assert visitor.post("/sign-out/", {"draft": str(visitor.draft.key)}).url == visitor.step("email")
    visitor.prove("taro@example.jp")
    assert visitor.get(visitor.step("details")).url == visitor.step("terms")
    assert visitor.agree().url == visitor.step("details")


def test_signing_out_without_a_draft_forgets_the_drafts(visitor: Visitor) -> None:
    visitor.choose()
    visitor.agree()
    visitor.prove()
    step = visitor.step("details")
    assert visitor.post("/sign-out/").url == "/"
    assert "この端末での利用を終了しました。" in text_of(visitor.get("/"))
    assert visitor.get(step).status_code == 410


def test_place_taken_meanwhile_leads_back_to_the_slots_with_everything_kept(visitor: Visitor, office: Office) -> None:
    visitor.choose()
    visitor.agree()
    visitor.prove()
    visitor.fill()
    for number in range(2):
        rival = make_person(email=f"rival{number}@example.jp")
        _consented(rival, office)
        applications.request(rival, application(office.version), now=MORNING, wall=MORNING)
    answer = visitor.send()
    key = visitor.draft.key
    assert answer.url == f"/slots/?week=2027-04-08&draft={key}"
    page = visitor.get(answer.url)
    assert "ほかの方の申込みにより受付を終了しました" in text_of(page)
    assert visitor.choose(at(THURSDAY, 11), draft=str(key)).url == visitor.step("terms")
    assert visitor.draft.key == key
    assert visitor.send().url == visitor.step("done")
    assert Booking.objects.get(applicant__email="hanako@example.jp").starts_at == at(THURSDAY, 11)


def test_second_application_shows_the_open_one(visitor: Visitor, requested: Booking) -> None:
    """A16: one open booking per person."""
    visitor.choose(at(THURSDAY, 11))
    visitor.agree()
    visitor.prove()
    visitor.fill(full_name="豊岡 花子")
    answer = visitor.send()
    assert answer.status_code == 200
    assert answer.context["booking"] == requested
    assert Booking.objects.count() == 1


def test_confirm_screen_shows_purpose_and_every_item(visitor: Visitor) -> None:
    """C8-1: the purpose stands above the button."""
    visitor.choose()
    visitor.agree()
    visitor.prove()
    visitor.fill(**HANAKO, name_kana="とよおか はなこ", topic="転職の相談", companion="手話通訳")
    page = visitor.get(visitor.step("confirm"))
    assert [row["text"] for row in page.context["rows"]] == [
        "2027年4月8日（木）10:00～10:30",
        "豊岡 花子",
        "トヨオカ ハナコ",
        "28090-1234567",
        "090-1234-5678",
        "h***@example.jp",
        "転職の相談",
        "手話通訳",
    ]
    words = text_of(page)
    assert words.index("職業安定法第5条の5") < words.index("この内容で申し込む", words.index("職業安定法第5条の5"))
    assert "お申込みをもって、利用規約に同意したものとみなします。" in words


@pytest.mark.parametrize("name", ["terms", "email", "details", "confirm"])
def test_steps_are_never_stored(visitor: Visitor, name: str) -> None:
    visitor.choose()
    visitor.agree()
    if name in ("details", "confirm"):
        visitor.prove()
        visitor.fill()
    assert "no-store" in visitor.get(visitor.step(name)).headers["Cache-Control"]


@pytest.mark.parametrize(("name", "queries"), [("terms", 12), ("details", 11), ("confirm", 13)])
@pytest.mark.parametrize("many", [False, True])
def test_step_costs_the_same_at_many_versions(
    visitor: Visitor, name: str, queries: int, many: bool, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(2, 8 if many else 2):
        publish_terms(number=number, effective_at=MORNING - timedelta(days=30 - number))
    visitor.choose()
    visitor.agree()
    visitor.prove()
    visitor.fill()
    path = visitor.step(name)
    with at_time(MORNING), django_assert_num_queries(queries):
        assert visitor.client.get(path).status_code == 200


def _consented(person: Person, office: Office) -> None:
    agree(person, Shown(office.version.pk, "同意", MORNING), document=COUNSELLING, now=MORNING)
