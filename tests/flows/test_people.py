"""One person, two rows; and a person who is not served online for a while (issue point 8; C6-1-4c)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from booking.links import token_of
from booking.models import Booking
from booking.rules.calendar import tokyo_date
from tests.flows.applying import HANAKO, apply, at_the_last_step
from tests.flows.at_work import Colleague, mails_to
from tests.pages import submit
from tests.stories import Story
from tests.visitor import text_of
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person

pytestmark = pytest.mark.flow
AT_WORK = "hanako@company.example.jp"


def person_page(person: Person, step: str = "change/") -> str:
    return f"/admin/accounts/person/{person.pk}/{step}"


def test_two_rows_become_one_and_either_mailbox_leads_to_it(story: Story, sato: Colleague, colleague: Callable[[str], Colleague]) -> None:
    """She once wrote from home and once from work; after the merge what she does by either is hers, and nobody gets lost."""
    first = apply(Client(), story)
    sato.press(first, "decline", reason="日程が合わないため")
    survivor = first.applicant
    old_phone = Client()
    submit(old_phone, at_the_last_step(old_phone, story, AT_WORK))
    second = Booking.objects.exclude(pk=first.pk).get()
    address = f"/b/{token_of(second)}/"
    submit(old_phone, old_phone.get(f"{address}withdraw/"))
    loser = second.applicant
    assert loser != survivor

    manager = colleague("管理者")
    assert "豊岡花子" in text_of(manager.look(person_page(survivor, "merge/")))
    assert colleague("相談員").client.post(person_page(survivor, f"merge/{loser.pk}/"), {"reason": "x"}).status_code == 403
    preview = manager.look(person_page(survivor, f"merge/{loser.pk}/"))
    loser.refresh_from_db()
    assert ("統合は、元に戻せません。" in text_of(preview), loser.merged_into) == (True, None)
    assert "統合しました" in text_of(manager.fill(preview, reason="窓口で本人に確認"))
    page = text_of(manager.look(person_page(survivor)))
    assert [booking.number in page for booking in (first, second)] == [True, True]

    new_phone = Client()
    submit(new_phone, at_the_last_step(new_phone, story, AT_WORK))
    story.settle()
    third = Booking.objects.latest("pk")
    assert (third.applicant, third.state, Person.objects.filter(merged_into=None).count()) == (survivor, "requested", 1)
    assert "申込みを受け付けました" in mails_to(story, HANAKO)[-1].subject


def test_restriction_is_told_kindly_and_ends_by_itself(story: Story, sato: Colleague, colleague: Callable[[str], Colleague]) -> None:
    """Decided by a manager for today; at midnight the very same page of hers goes through."""
    phone = Client()
    waiting = at_the_last_step(phone, story, HANAKO)
    hanako = Person.objects.get(email=HANAKO)
    manager, today = colleague("管理者"), tokyo_date(clock.now()).isoformat()
    form = manager.look(f"/admin/accounts/usagerestriction/new/{hanako.pk}/")
    letter = form.context["form"].initial["letter"]
    decided = {"reason": "続けてのご連絡なし", "starts_on": today, "ends_on": today, "review_on": today, "letter": letter}
    assert "利用の制限を記録しました。" in text_of(manager.fill(form, **decided))
    told = mails_to(story, HANAKO)[-1]
    assert ("ご利用についてのお知らせ" in told.subject, "続けて" in told.text, "【開始日】" in told.text) == (True, False, False)

    refused = submit(phone, waiting)
    assert (refused.templates[0].name, Booking.objects.count()) == ("booking/not_online.html", 0)
    assert ("続けて" in text_of(refused), "0796-00-0000" in text_of(refused)) == (False, True)

    story.move(story.at(0) - timedelta(days=1))
    submit(phone, waiting)
    assert Booking.objects.get().applicant == hanako
