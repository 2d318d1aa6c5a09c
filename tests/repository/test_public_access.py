"""Whose is it: every public address with an id or a link in it, opened and pressed by people it does not belong to (IPA item 11).

The admin's addresses stand in test_access.py. A new public address with something to guess in it fails here until it has a line.
"""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from booking.links import token_of
from booking.models import Booking, BookingEvent, EmployerRequest, Registration, Seminar
from booking.operations.seminars import people
from tests.cast import MORNING, Office, make_regular
from tests.employers import asked, make_contact
from tests.seminars import drawn_up, guest, published, register
from tests.visitor import Visitor
from toyooka_hw.accounts.models import User

pytestmark = pytest.mark.django_db

# To whom each belongs. OPEN: everybody may read it, and it holds nobody's data. LINK: whoever has the link, see the tests of links below.
OPEN, BROWSER, CONTACT, LINK = "everybody", "the browser that began it", "the employer that asked for it", "whoever has the link"
BELONGS_TO = {
    "terms": OPEN,
    "terms_version": OPEN,
    "terms_notice": OPEN,
    "terms_comparison": OPEN,
    "seminar": OPEN,
    "seminar_calendar": OPEN,
    "seminar_register": OPEN,
    "sign_in": OPEN,
    "sign_in_code": OPEN,
    "sign_in_owner": OPEN,
    **dict.fromkeys(
        (f"apply_{step}" for step in ("terms", "declined", "email", "code", "owner", "details", "confirm", "done")),
        BROWSER,
    ),
    **dict.fromkeys(("employer_request", "employer_withdraw", "employer_seminar", "employer_seminar_join"), CONTACT),
    **dict.fromkeys(
        (
            "booking",
            *(f"booking_{name}" for name in ("withdraw", "answer", "contact", "terms", "join", "codes", "code_mail", "code_check")),
        ),
        LINK,
    ),
    **dict.fromkeys(("registration", *(f"registration_{name}" for name in ("withdraw", "answer", "calendar", "terms", "join"))), LINK),
}
SECRETS = (
    "豊岡 花子",
    "参加 1",
    "城崎 次郎",
    "城崎製作所",
    "hanako@example.jp",
    "guest1@example.jp",
    "jinji@example.jp",
    "090-1234-5678",
    "28090-1234567",
    "秘密の相談",
)


def patterns(found: list[URLPattern | URLResolver], above: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    for each in found:
        address = above + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each.url_patterns, address)
        else:
            yield address, str(each.name), each


PUBLIC = [row for row in patterns(get_resolver().url_patterns) if not row[0].startswith(("admin/", "demo/"))]
GUESSABLE = {name for address, name, _pattern in PUBLIC if "<" in address}


def test_every_address_with_something_to_guess_has_a_line() -> None:
    assert (sorted(GUESSABLE - set(BELONGS_TO)), sorted(set(BELONGS_TO) - GUESSABLE)) == ([], [])


@pytest.fixture
def theirs(office: Office, confirmed: Booking) -> dict[str, dict[str, object]]:
    """Rows of other people, and the arguments that lead to each; also the draft that another browser is filling in."""
    jinji = make_contact(office)
    wish = asked(jinji)
    tour = drawn_up(office, title="城崎製作所の見学会", kind="company_tour")
    people.add_partner(tour.pk, jinji, by=office.staff, now=MORNING, wall=MORNING)
    begun = Visitor()
    begun.choose()
    begun.agree()
    return {BROWSER: {"key": begun.draft.key}, CONTACT: {"number": wish.number}, "event": {"number": tour.number}}


@pytest.fixture
def strangers(office: Office, staff_client: Callable[[User], Client]) -> dict[str, Visitor]:
    """Nobody in particular, another job seeker, another employer, and staff, whose sign-in is worth nothing on the public side."""
    make_regular(office, "別の方", "other@example.jp", "+819044445555")
    make_contact(office, "但馬 四郎", "shiro@example.jp", number="2809-9-9", works="但馬牛舎")
    who = {name: Visitor() for name in ("nobody", "job seeker", "employer", "staff")}
    who["job seeker"].sign_in("mine", "other@example.jp")
    who["employer"].sign_in("employer", "shiro@example.jp")
    who["staff"].client = staff_client(office.staff)
    return who


def state_of_everything() -> list[object]:
    """What a press would change."""
    return [
        *Booking.objects.order_by("pk").values_list("state", "phone_tries", "link_generation"),
        *Registration.objects.order_by("pk").values_list("seat", "first_joined_at"),
        *EmployerRequest.objects.order_by("pk").values_list("pk", "sessions__state"),
        *Seminar.objects.order_by("pk").values_list("state"),
        BookingEvent.objects.count(),
    ]


@pytest.mark.parametrize("owner", [BROWSER, CONTACT])
def test_strangers_find_nothing_and_change_nothing(theirs: dict[str, dict[str, object]], strangers: dict[str, Visitor], owner: str) -> None:
    before, wrong = state_of_everything(), {}
    for name in (name for name, whose in BELONGS_TO.items() if whose == owner):
        arguments = theirs["event"] if "seminar" in name else theirs[owner]
        for who, stranger in strangers.items():
            answers = [stranger.get(reverse(name, kwargs=arguments)), stranger.post(reverse(name, kwargs=arguments), {"digits": "5678"})]
            told = [word for answer in answers for word in SECRETS if word in answer.content.decode()]
            kept_out = all(_keeps_out(answer.status_code, answer.headers.get("Location", "")) for answer in answers)
            if told or not kept_out:
                wrong[f"{name} by {who}"] = [told, [answer.status_code for answer in answers]]
    assert wrong == {}
    assert state_of_everything() == before


def _keeps_out(status: int, leads_to: str) -> bool:
    """Not there for them, or sent to prove who they are."""
    return status in (404, 410) or (
        status == 302 and leads_to.startswith(("/sign-in/", "/employer/")) and not leads_to.startswith("/employer/requests/")
    )


@pytest.mark.parametrize("spoil", ["{pk}", "{pk}-1", "{token}x", "x{token}", "{pk}-2.{signature}", "{other}-1.{signature}", "{foreign}"])
@pytest.mark.parametrize("kind", ["booking", "registration"])
def test_link_cannot_be_made_or_turned_to_another_row(office: Office, confirmed: Booking, kind: str, spoil: str) -> None:
    """A bare id, a changed generation, a changed id under the old signature, the other kind's link: none opens anything, by look or press."""
    seminar = published(office)
    rows: dict[str, Booking | Registration] = {"booking": confirmed, "registration": register(seminar, guest())}
    row, foreign = rows[kind], rows["registration" if kind == "booking" else "booking"]
    token = token_of(row)
    words = {"pk": row.pk, "other": row.pk + 1, "token": token, "signature": token.rpartition(".")[2], "foreign": token_of(foreign)}
    made = spoil.format(**words)
    before = state_of_everything()
    for name in (name for name, whose in BELONGS_TO.items() if whose == LINK and name.partition("_")[0] == kind):
        address = reverse(name, kwargs={"token": made})
        answers = [Visitor().get(address), Visitor().post(address, {"digits": "5678", "code": "000000"})]
        assert [answer.status_code for answer in answers] == [404, 404], name
    assert state_of_everything() == before


def test_keys_and_numbers_that_lead_nowhere_are_not_told_from_those_of_others(
    theirs: dict[str, dict[str, object]], strangers: dict[str, Visitor]
) -> None:
    """Whoever guesses does not learn what exists."""
    other = strangers["employer"]
    for name, missing in (("employer_request", "M0000-0000"), ("employer_seminar", "S0000-0000")):
        arguments = theirs["event"] if "seminar" in name else theirs[CONTACT]
        answers = [other.get(reverse(name, kwargs=each)) for each in (arguments, {"number": missing})]
        assert {answer.status_code for answer in answers} == {404}
    drafts = [other.get(reverse("apply_terms", kwargs={"key": key})) for key in (theirs[BROWSER]["key"], uuid4())]
    assert [answer.status_code for answer in drafts] == [410, 410]
    assert drafts[0].content == drafts[1].content


def test_what_is_not_published_is_open_to_nobody(office: Office, strangers: dict[str, Visitor]) -> None:
    draft = drawn_up(office)
    names = ("seminar", "seminar_calendar", "seminar_register")
    for who, stranger in strangers.items():
        statuses = {stranger.get(reverse(name, kwargs={"number": draft.number})).status_code for name in names}
        assert statuses == {404}, who
