"""Who may open what: every role against every address of the admin (rules §1.4, C8-1).

The pages of a model follow its permissions. Every page of our own has a line below; a new address without one fails here.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from django.urls.exceptions import NoReverseMatch

from booking.models import Booking
from tests.cast import MORNING, Office
from tests.visitor import at_time
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import ROLES, ensure_roles
from toyooka_hw.accounts.operations.roles import matrix

pytestmark = pytest.mark.django_db
NOWHERE = 999_999_999
EVERYBODY = ""
# Our own pages: the permission each asks for. Words of an address that are neither numbers nor keys stand in WORDS.
NEEDS = {
    "index": EVERYBODY,
    "password_change": EVERYBODY,
    "password_change_done": EVERYBODY,
    "staff_own": EVERYBODY,
    "staff_password": EVERYBODY,
    "staff_app": EVERYBODY,
    "staff_recovery": EVERYBODY,
    "staff_invite": "accounts.add_user",
    "staff_act": "accounts.change_user",
    "accounts_person_merge": "accounts.merge_person",
    "accounts_person_merge_find": "accounts.merge_person",
    "accounts_restrict": "accounts.add_usagerestriction",
    "accounts_person_switched": "accounts.change_person",
    "accounts_person_verify": "accounts.change_person",
    "accounts_person_end": "accounts.change_person",
    "accounts_establishment_correct": "accounts.change_establishment",
    "accounts_restriction_letter": "accounts.view_usagerestriction",
    "accounts_restriction_lift": "accounts.change_usagerestriction",
    "mail_outgoingmail_again": "mail.change_outgoingmail",
    "mail_texts": "mail.view_outgoingmail",
    "mail_text": "mail.view_outgoingmail",
    "mail_test": "mail.change_outgoingmail",
    "consent_records": "consent.view_consent",
    "consent_ministry": "consent.add_ministryrecord",
    "consent_withdraw": "consent.add_consentwithdrawal",
    "consent_upload": "consent.add_termsversion",
    "consent_import": "consent.add_termsversion",
    "consent_act": "consent.change_termsversion",
    "consent_comparison": "consent.view_termsversion",
    "consent_correct": "consent.change_termsversion",
    "booking_stop_record": "booking.view_stoprecord",
    "booking_today": "booking.view_booking",
    "booking_week": "booking.view_booking",
    "booking_day_print": "booking.view_booking",
    "booking_worklist": "booking.view_booking",
    "booking_desk": "booking.view_booking",
    "booking_standby": "booking.change_booking",
    "booking_accept": "booking.change_booking",
    "booking_alarm_seen": "booking.change_booking",
    "booking_delivery": "booking.change_booking",
    "booking_code": "booking.change_booking",
    "booking_delivery_press": "booking.change_booking",
    "booking_inbox": "booking.view_booking",
    "booking_decline_many": "booking.change_booking",
    "booking_declined": "booking.change_booking",
    "booking_calls": "booking.view_booking",
    "booking_readiness": "booking.view_booking",
    "booking_employer_requests": "booking.view_employerrequest",
    "booking_employer_request": "booking.view_employerrequest",
    "booking_employer_find": "booking.add_booking",
    "booking_employer_contact": "accounts.change_person",
    "booking_employer_ask": "booking.add_booking",
    "booking_employer_decline": "booking.change_booking",
    "booking_employer_withdraw": "booking.change_booking",
    "booking_interview_arrange": "booking.change_booking",
    "booking_interview_seeker": "booking.change_booking",
    "booking_interview_add": "booking.change_booking",
    "booking_next": "booking.add_booking",
    "booking_closing": "booking.view_booking",
    "booking_enter": "booking.add_booking",
    "booking_enter_new": "booking.add_booking",
    "booking_enter_for": "booking.add_booking",
    "booking_year_now": "booking.view_closure",
    "booking_year": "booking.view_closure",
    "booking_day": "booking.change_closure",
    "booking_given_way": "booking.view_booking",
    "booking_roster": "booking.view_dutyhours",
    "booking_roster_week": "booking.change_dutyhours",
    "booking_absence_enter": "booking.add_absence",
    "booking_absence_remove": "booking.delete_absence",
    "booking_policy": "booking.view_policyvalue",
    "booking_policy_value": "booking.add_policyvalue",
    "booking_policy_text": "booking.add_policyvalue",
    "booking_look": "accounts.open_contact",
    "booking_act": "booking.change_booking",
    "booking_press": "booking.change_booking",
    "booking_host": "booking.change_booking",
    "booking_codes": "booking.change_booking",
    "booking_meeting_again": "booking.change_meeting",
    "booking_status": EVERYBODY,
    "booking_seminar_edit": "booking.change_seminar",
    "booking_seminar_act": "booking.change_seminar",
    "booking_seminar_host": "booking.change_seminar",
    "booking_seminar_speaker_add": "booking.change_seminar",
    "booking_seminar_speaker": "booking.change_seminar",
    "booking_seminar_partner_find": "booking.change_seminar",
    "booking_seminar_partner_add": "booking.change_seminar",
    "booking_seminar_partner": "booking.change_seminar",
    "booking_seminar_people": "booking.view_seminar",
    "booking_seminar_seat": "booking.change_seminar",
    "booking_seminar_enter": "booking.change_seminar",
    "booking_seminar_enter_new": "booking.change_seminar",
    "booking_seminar_enter_for": "booking.change_seminar",
    "booking_seminar_attendance": "booking.change_seminar",
    "booking_seminar_list": "booking.change_seminar",
    "booking_seminar_call": "booking.change_seminar",
}
WORDS = {
    "booking_look": {"what": "phone"},
    "booking_act": {"name": "confirm"},
    "booking_press": {"name": "arrived"},
    "booking_delivery_press": {"name": "mypage"},
    "booking_year": {"number": 1},
    "booking_day": {"iso": "9999-99-99"},
    "booking_policy_value": {"key": "nowhere"},
    "booking_policy_text": {"key": "nowhere"},
    "booking_seminar_act": {"name": "publish"},
    "booking_seminar_speaker": {"name": "consent"},
    "booking_seminar_partner": {"name": "remove"},
    "booking_seminar_seat": {"name": "remove"},
    "booking_seminar_call": {"name": "told"},
    "consent_act": {"name": "announce"},
    "staff_act": {"name": "role"},
    "mail_text": {"name": "nowhere"},
    "mail_test": {"name": "nowhere"},
    "app_list": {"app_label": "booking"},
}
MOVE_ON = {"consent_act"}  # a version may be discarded at any time: whoever comes late is told so on the list
# Django's own, open to whoever is signed in or to all; the last two only lead on to pages that ask for themselves.
STOCK = {"login", "logout", "jsi18n", "autocomplete", "view_on_site", "app_list", "staff_welcome"}
STEPS = {"changelist": "view", "add": "add", "change": "view", "history": "view", "delete": "delete"}


def patterns(found: list[Any]) -> list[URLPattern]:
    flat: list[URLPattern] = []
    for each in found:
        flat += patterns(each.url_patterns) if isinstance(each, URLResolver) else [each]
    return flat


ADDRESSES = {str(each.name): each for each in patterns(admin.site.urls[0]) if each.name}
OF_MODELS = {
    f"{model._meta.app_label}_{model._meta.model_name}_{step}": (model, f"{model._meta.app_label}.{right}_{model._meta.model_name}")
    for model in admin.site._registry
    for step, right in STEPS.items()
}
OWN = sorted(set(ADDRESSES) - set(OF_MODELS) - STOCK)


@pytest.fixture
def client_in(office: Office, staff_client: Callable[[User], Client]) -> Callable[[str], Client]:
    """A client of somebody in this role."""
    ensure_roles()

    def sit(role: str) -> Client:
        user = User.objects.create_user(role, display_name=role, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        with at_time(MORNING):
            return staff_client(user)

    return sit


def path_of(name: str) -> str:
    """The address with keys that lead nowhere."""
    keys: dict[str, Any] = dict.fromkeys(ADDRESSES[name].pattern.converters, NOWHERE)
    try:
        return reverse(f"admin:{name}", kwargs=keys | WORDS.get(name, {}))
    except NoReverseMatch:
        return pytest.fail(f"{name}: an address with words of its own needs a line in WORDS")


def answer(client: Client, path: str) -> int:
    """What the page answers, or the one it leads on to; one that is only for pressing is pressed."""
    with at_time(MORNING):
        status = client.get(path, follow=True).status_code
        return client.post(path).status_code if status == 405 else status


def test_every_address_of_our_own_has_a_line() -> None:
    assert (sorted(set(OWN) - set(NEEDS)), sorted(set(NEEDS) - set(OWN))) == ([], [])


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_our_own_are_open_to_those_who_need_them(client_in: Callable[[str], Client], confirmed: Booking, role: str) -> None:
    client, wrong = client_in(role), {}
    for name, permission in NEEDS.items():
        allowed = permission in (EVERYBODY, *ROLES[role])
        expected = (403,) if not allowed else (404,) if ADDRESSES[name].pattern.converters and name not in MOVE_ON else (200,)
        if (status := answer(client, path_of(name))) not in expected:
            wrong[name] = status
    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_models_follow_the_permissions(client_in: Callable[[str], Client], confirmed: Booking, role: str) -> None:
    """A key that leads nowhere is not found; a row that exists stays closed to who has no business with it."""
    client, wrong = client_in(role), {}
    for name, (model, permission) in OF_MODELS.items():
        is_open, has_key = permission in ROLES[role], bool(ADDRESSES[name].pattern.converters)
        expected = (403, 404) if has_key else (200, 403) if is_open else (403,)
        if (status := answer(client, path_of(name))) not in expected:
            wrong[name] = status
        row = model._default_manager.first() if has_key and not is_open else None
        if row and (status := answer(client, reverse(f"admin:{name}", args=[row.pk]))) != 403:
            wrong[f"{name} {row.pk}"] = status
    assert wrong == {}


def test_anonymous_visitor_is_sent_to_the_login(office: Office) -> None:
    client, wrong = Client(), {}
    for name in sorted(set(ADDRESSES) - {"login", "staff_welcome"}):
        path = path_of(name)
        expected = "/admin/" if name == "logout" else f"/admin/login/?next={path}"
        answers = [client.get(path), client.post(path)]
        if any(each.headers.get("Location") != expected for each in answers):
            wrong[name] = [each.status_code for each in answers]
    assert wrong == {}


def test_first_page_is_the_day_for_those_who_work_with_bookings(client_in: Callable[[str], Client]) -> None:
    with at_time(MORNING):
        firsts = {role: client_in(role).get("/admin/").status_code for role in ROLES}
    assert firsts == {"相談員": 302, "管理者": 302, "システム管理者": 200, "監査": 200}


def test_index_shows_a_role_only_what_it_needs(client_in: Callable[[str], Client]) -> None:
    with at_time(MORNING):
        pages = {role: client_in(role).get("/admin/") for role in ("システム管理者", "監査")}
    shown = {role: {model["object_name"] for app in page.context["app_list"] for model in app["models"]} for role, page in pages.items()}
    assert shown == {
        "システム管理者": {"User", "OutgoingMail", "Meeting", "ZoomHost"},
        "監査": {
            "User",
            "AuditEntry",
            "Booking",
            "ChangeNotice",
            "Registration",
            "Seminar",
            "Consent",
            "ConsentWithdrawal",
            "MinistryRecord",
            "TermsDocument",
            "TermsVersion",
        },
    }


def test_table_of_the_docs_is_fresh() -> None:
    """``manage.py ensure_roles --table`` writes it."""
    from pathlib import Path

    page = (Path(__file__).resolve().parents[2] / "docs" / "roles.md").read_text()
    assert matrix() in page
