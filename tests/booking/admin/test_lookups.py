"""What all lists of the admin share (``toyooka_hw.site``): an address asks only what the page's own filters ask (C8-1, C12-1)."""

from collections.abc import Callable

import pytest
from django.contrib.admin.sites import site
from django.test import Client

from booking.models import Booking
from tests.cast import MORNING
from tests.visitor import at_time
from toyooka_hw.accounts.models import User
from toyooka_hw.site import StaffModelAdmin

pytestmark = pytest.mark.django_db
StaffClient = Callable[[User], Client]


@pytest.fixture
def manager(office: object, member: Callable[[str], User], staff_client: StaffClient) -> Client:
    """Somebody who may see every list with names in it."""
    with at_time(MORNING):
        return staff_client(member("管理者"))


def status(client: Client, path: str, asked: str) -> int:
    with at_time(MORNING):
        return client.get(f"/admin/{path}/?{asked}").status_code


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("booking/booking", "outcome=conduct"),
        ("booking/booking", "outcome__exact=conduct"),
        ("booking/booking", "stop_record__isnull=0"),
        ("booking/booking", "topic__contains=持病"),
        ("booking/booking", "companion__contains=通訳"),
        ("booking/booking", "applicant__stated_phone__startswith=%2B8190"),
        ("booking/booking", "counsellor__user__email__startswith=s"),
        ("booking/booking", "state__contains=conf"),
        ("accounts/person", "stated_phone__startswith=%2B8190123"),
        ("accounts/person", "registered_phone__endswith=5678"),
        ("accounts/person", "job_seeker_number__startswith=28090"),
        ("accounts/person", "email__startswith=hanako"),
        ("accounts/usagerestriction", "reason__contains=連絡"),
        ("mail/outgoingmail", "body__contains=豊岡 花子"),
        ("mail/outgoingmail", "to__startswith=hanako"),
        ("mail/outgoingmail", "secrets__contains=1"),
        ("accounts/user", "password__startswith=md5"),
        ("audit/auditentry", "changes__icontains=090"),
        ("consent/consent", "person__stated_phone__startswith=%2B8190"),
    ],
)
def test_address_cannot_ask_what_the_page_does_not_show(manager: Client, confirmed: Booking, path: str, asked: str) -> None:
    assert status(manager, path, asked) == 400


@pytest.mark.parametrize("role", ["相談員", "監査"])
def test_conduct_and_free_text_cannot_be_asked_out(
    confirmed: Booking, member: Callable[[str], User], staff_client: StaffClient, role: str
) -> None:
    """C12-1, C12-3b: whether somebody was stopped for their conduct, and what they wrote, is for few."""
    with at_time(MORNING):
        client = staff_client(member(role))
    asked = ["outcome=conduct", "stop_record__isnull=0", "topic__contains=持病"]
    assert [status(client, "booking/booking", each) for each in asked] == [400] * 3


@pytest.mark.parametrize(("path", "asked"), [("mail/outgoingmail", "to__startswith=hanako"), ("mail/outgoingmail", "body__contains=花子")])
def test_whoever_looks_after_the_machinery_cannot_ask_out_people(
    confirmed: Booking, member: Callable[[str], User], staff_client: StaffClient, path: str, asked: str
) -> None:
    with at_time(MORNING):
        client = staff_client(member("システム管理者"))
    assert status(client, path, asked) == 400


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("booking/booking", "state__exact=confirmed&source__exact=web"),
        ("booking/booking", "counsellor__id__exact=1"),
        ("booking/booking", "counsellor__isnull=True"),
        ("booking/booking", "starts_at__year=2027&starts_at__month=4&starts_at__day=8"),
        ("booking/booking", "o=1.-2&p=1"),
        ("accounts/person", "verified_at__isempty=1&role__exact=job_seeker&switch=open"),
        ("accounts/usagerestriction", "state=review"),
        ("audit/auditentry", "subject_type=booking.booking&subject_pk=1"),
        ("mail/outgoingmail", "written_at__gte=2027-04-06 00:00:00%2B09:00&written_at__lt=2027-04-07 00:00:00%2B09:00"),
        ("mail/outgoingmail", "outbox_state__exact=failed"),
        ("consent/consent", "agreed__exact=1&version__id__exact=1"),
    ],
)
def test_filters_of_the_page_still_work(manager: Client, confirmed: Booking, path: str, asked: str) -> None:
    assert status(manager, path, asked) == 200


def test_every_list_of_the_admin_shares_this() -> None:
    assert [model for model, page in site._registry.items() if not isinstance(page, StaffModelAdmin)] == []


@pytest.mark.parametrize("model", ["booking.booking", "mail.outgoingmail", "consent.consent", "accounts.person", "audit.auditentry"])
def test_every_link_of_a_filter_is_followed(manager: Client, confirmed: Booking, model: str) -> None:
    """Whatever Django's own filters write into an address is admitted."""
    path = model.replace(".", "/")
    with at_time(MORNING):
        shown = manager.get(f"/admin/{path}/").context["cl"]
        links = [choice["query_string"] for each in shown.filter_specs for choice in each.choices(shown)]
        assert {manager.get(f"/admin/{path}/{link}").status_code for link in links} == {200}
