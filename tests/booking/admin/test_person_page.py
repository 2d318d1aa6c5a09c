"""What the pages about a person and their booking tell whom (C8-1, C12-1)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from booking.models import Booking, ContactRecord
from booking.operations import calls, outcomes
from tests.booking.admin.conftest import Desk, DeskOf
from tests.cast import MORNING, SESSION, THURSDAY, TUESDAY, Office, make_person
from tests.visitor import at_time, text_of
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import Sanction, restrict, verify_person
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
Member = Callable[[str], User]


@pytest.mark.parametrize("role", ["相談員", "管理者"])
def test_conduct_is_told_to_managers_only(desk_of: DeskOf, office: Office, confirmed: Booking, member: Member, role: str) -> None:
    """C12-1: that conduct was the reason stands on no page of a counsellor."""
    outcomes.stop(confirmed.pk, outcome="conduct", category="abuse", note="怒鳴られた", by=office.staff, now=SESSION, wall=SESSION)
    confirmed.refresh_from_db()
    desk, told = desk_of(member(role), SESSION), role == "管理者"
    words = text_of(desk.get(f"/admin/accounts/person/{confirmed.applicant_id}/change/"))
    label = "".join(str(confirmed.get_outcome_display()).split())
    assert (confirmed.number in words, label in words, "管理者だけが閲覧できます" in words) == (True, told, not told)


# --- what was said about a booking, and decisions about the person ---------------------------------------------------------

SAID = "体調が悪く入院しました"
CALLER = "ご家族（母）"
RUNNING = SESSION + timedelta(minutes=1)
BOOKINGS = "/admin/booking/booking"


@pytest.mark.parametrize("role", ["相談員", "監査"])
def test_words_of_callers_are_for_those_who_work_with_them(
    desk_of: DeskOf, office: Office, confirmed: Booking, member: Member, role: str
) -> None:
    """C8-1, C12-3b: what people say of their health is free text, whichever page it stands on."""
    Booking.objects.update(proxy_contact=CALLER)
    Person.objects.update(email="")
    OutgoingMail.objects.all().delete()
    said = {"channel": "online", "meaning": "unclear", "note": SAID, "caller": CALLER}
    ContactRecord.objects.create(booking=confirmed, at=MORNING + timedelta(hours=2), **said)
    seen = confirmed.events.latest("pk").pk
    calls.record_call(confirmed.pk, reached=False, seen=seen, note=SAID, by=office.staff, now=MORNING + timedelta(hours=1))
    user = member(role)
    desk = desk_of(user, MORNING + timedelta(hours=3))
    shown = {page: spoken(desk, page) for page in (f"{confirmed.pk}/change/", "inbox/", "calls/", "week/?day=2027-04-08")}
    shown["today/"] = spoken(desk_of(user, RUNNING), "today/")
    assert shown == dict.fromkeys(shown, role == "相談員")


def spoken(desk: Desk, page: str) -> bool:
    """Whether the words stand on the page; which shows the booking in either case."""
    words = text_of(desk.get(f"{BOOKINGS}/{page}"))
    assert "豊岡花子" in words
    return SAID in words or CALLER in words


def test_auditor_sees_that_a_restriction_stands_nowhere(desk_of: DeskOf, office: Office, requested: Booking, member: Member) -> None:
    """C6-1-4c: sanctions are the managers' business, shown to those who act on them."""
    sanction = Sanction("理由", TUESDAY, THURSDAY, TUESDAY, "文面")
    restrict(requested.applicant_id, sanction, by=office.staff, now=MORNING, wall=MORNING)
    shown = ["オンラインの利用を制限中" in text_of(desk_of(member(role)).get(f"{BOOKINGS}/inbox/")) for role in ("相談員", "監査")]
    assert shown == [True, False]


# --- verifying (C2-1a) -----------------------------------------------------------------------------------------------------


def test_verifying_a_merged_row_leads_to_who_counts_now(desk: Desk, office: Office, person: Person) -> None:
    old = make_person("豊岡 花子", "old@example.jp", "+819055550101")
    Person.objects.filter(pk=old.pk).update(merged_into=person)
    for ask in (desk.get, desk.post):
        page = ask(f"/admin/accounts/person/{old.pk}/verify/?next=/admin/me/")
        assert (page.request["PATH_INFO"], page.request["QUERY_STRING"]) == (
            f"/admin/accounts/person/{person.pk}/verify/",
            "next=%2Fadmin%2Fme%2F",
        )
        assert "統合先の登録" in text_of(page)
    assert Person.objects.filter(verified_at=None).count() == 2


def test_what_was_compared_counts_for_the_survivor(office: Office, person: Person) -> None:
    """The operation itself, where a colleague merges between the page and the press."""
    old = make_person("豊岡 花子", "old@example.jp", "+819055550101")
    Person.objects.filter(pk=old.pk).update(merged_into=person)
    verified = verify_person(old, registered_phone="+81796221111", by=office.staff, now=MORNING)
    old.refresh_from_db()
    assert (verified, verified.verified_by, old.is_verified) == (person, office.staff, False)
    assert AuditEntry.objects.latest("pk").person_pk == person.pk


def test_names_in_messages_travel_in_no_cookie(desk: Desk, office: Office, person: Person) -> None:
    """What was done is told once, from the session: a cookie would carry the name through the browser's store."""
    with at_time(MORNING):
        answer = desk.client.post(f"/admin/accounts/person/{person.pk}/switched/")
    assert ("messages" in answer.cookies, "切替を記録しました" in text_of(desk.get("/admin/me/"))) == (False, True)
