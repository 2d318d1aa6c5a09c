"""Every page of the admin, for whoever may see it; nothing is deleted in bulk; nobody gets in without the second factor."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import models
from django.test import Client, RequestFactory
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from booking.models import ApplicationDraft, Booking, Heartbeat
from consent.models import TermsVersion
from tests.booking.admin.conftest import Desk, DeskOf
from tests.cast import MORNING, Office
from tests.visitor import at_time, text_of
from toyooka_hw.accounts.entrance import REFUSED
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import ROLES, ensure_roles
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.site import StaffModelAdmin

pytestmark = pytest.mark.django_db
OURS = ("accounts", "mail", "consent", "booking")
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label_lower)
OUR_MODELS = [model for model in MODELS if model._meta.app_label in OURS]


def name_of(model: type[models.Model]) -> str:
    return str(model._meta.label_lower)


def path_of(model: type[models.Model], step: str = "") -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{step}"


@pytest.mark.parametrize("model", OUR_MODELS, ids=name_of)
def test_list_is_readable_for_the_manager(
    desk_of: DeskOf, member: Callable[[str], User], confirmed: Booking, model: type[models.Model]
) -> None:
    desk = desk_of(member("管理者"))
    assert desk.get(path_of(model), q="28090").status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_each_page_renders_for_a_superuser(desk: Desk, confirmed: Booking, model: type[models.Model]) -> None:
    pages = [path_of(model), *(path_of(model, f"{row.pk}/change/") for row in model._default_manager.all()[:1])]
    if admin.site._registry[model].has_add_permission(request_of(confirmed)):
        pages.append(path_of(model, "add/"))
    assert [desk.get(page).status_code for page in pages] == [200] * len(pages)


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_anonymous_visitor_is_sent_to_the_login(office: Office, model: type[models.Model]) -> None:
    assert Client().get(path_of(model)).headers["Location"] == f"/admin/login/?next={path_of(model)}"


@pytest.mark.parametrize(
    "page", ["booking/booking/today/", "booking/booking/enter/", "booking/booking/enter/new/", "accounts/person/1/verify/"]
)
def test_own_pages_send_the_anonymous_visitor_to_the_login(office: Office, page: str) -> None:
    assert Client().get(f"/admin/{page}").headers["Location"] == f"/admin/login/?next=/admin/{page}"


def request_of(booking: Booking) -> object:
    request = RequestFactory().get("/")
    request.user = User.objects.get(username="sato")
    return request


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_nothing_is_done_in_bulk(confirmed: Booking, model: type[models.Model]) -> None:
    assert admin.site._registry[model].get_actions(request_of(confirmed)) == {}


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_no_page_writes_names_into_the_log_of_django(model: type[models.Model]) -> None:
    assert isinstance(admin.site._registry[model], StaffModelAdmin)


def test_history_of_a_row_is_what_the_audit_tells(desk: Desk, confirmed: Booking) -> None:
    history = f"/admin/booking/booking/{confirmed.pk}/history/"
    assert desk.get(history).redirect_chain == [(f"/admin/audit/auditentry/?subject_type=booking.booking&subject_pk={confirmed.pk}", 302)]
    assert "予約の確定" in text_of(desk.get(history))
    assert desk.get(f"/admin/booking/booking/{10**9}/history/").status_code == 404


def test_saving_through_a_stock_form_leaves_the_log_of_django_empty(desk: Desk, office: Office) -> None:
    page = f"/admin/booking/zoomhost/{office.sato.default_host_id}/change/"
    desk.post(page, name="ライセンス1", email="license1@zoom.example.jp", is_active="on")
    assert (AuditEntry.objects.get().subject_type, LogEntry.objects.count()) == ("booking.zoomhost", 0)


def test_what_is_no_business_of_the_admin_is_not_registered() -> None:
    assert {ApplicationDraft, Heartbeat} & set(MODELS) == set()


@pytest.mark.parametrize(
    "model", ["booking/booking", "booking/hold", "booking/meeting", "mail/outgoingmail", "consent/consent", "consent/termsversion"]
)
def test_rows_of_the_portal_are_only_looked_at(desk: Desk, confirmed: Booking, model: str) -> None:
    row = admin.site._registry[next(each for each in MODELS if path_of(each) == f"/admin/{model}/")].model._default_manager.first()
    steps = ["add/", f"{row.pk}/delete/", f"{row.pk}/change/"]
    assert [desk.post(f"/admin/{model}/{step}", state="completed").status_code for step in steps] == [403, 403, 403]


def test_counsellor_may_act_but_not_change_the_roster_or_the_accounts(
    desk_of: DeskOf, member: Callable[[str], User], requested: Booking
) -> None:
    desk = desk_of(member("相談員"))
    closed = ["booking/dutyhours/add/", "booking/policyvalue/add/", "accounts/user/", "accounts/user/add/"]
    assert [desk.get(f"/admin/{page}").status_code for page in closed] == [403] * 4
    desk.press(requested, "withdraw")
    assert requested.state == "withdrawn"


def test_whoever_may_only_look_presses_nothing(desk_of: DeskOf, office: Office, requested: Booking) -> None:
    looker = User.objects.create_user("looker", is_staff=True)
    desk = desk_of(looker)
    paths = [f"/admin/booking/booking/{requested.pk}/act/withdraw/", f"/admin/booking/booking/{requested.pk}/host/"]
    paths += ["/admin/booking/booking/enter/new/", "/admin/booking/booking/today/", "/admin/booking/booking/meeting/1/again/"]
    paths += ["/admin/mail/outgoingmail/1/again/", f"/admin/accounts/person/{requested.applicant_id}/verify/"]
    assert [desk.post(path).status_code for path in paths] == [403] * len(paths)


def test_roles_name_only_permissions_that_exist(office: Office) -> None:
    ensure_roles()
    ensure_roles()
    assert {group.name: group.permissions.count() for group in Group.objects.all()} == {
        name: len(allowed) for name, allowed in ROLES.items()
    }


# --- getting in -----------------------------------------------------------------------------------------------------------


def log_in(office: Office, code: str, password: str = "correct horse battery") -> object:
    with at_time(MORNING):
        return Client().post("/admin/login/", {"username": "sato", "password": password, "otp_token": code, "next": "/admin/"})


@pytest.fixture
def device(office: Office) -> TOTPDevice:
    return TOTPDevice.objects.create(user=office.staff, name="携帯電話", confirmed=True)


def code_of(device: TOTPDevice) -> str:
    with at_time(MORNING):
        return f"{totp(device.bin_key):06}"


def test_password_and_code_together_open_the_door(office: Office, device: TOTPDevice) -> None:
    assert log_in(office, code_of(device)).headers["Location"] == "/admin/"


def test_wrong_code_is_refused_in_words(office: Office, device: TOTPDevice) -> None:
    wrong = f"{(int(code_of(device)) + 1) % 10**6:06}"
    assert str(REFUSED) in text_of(log_in(office, wrong))


def test_entrances_and_failures_stand_in_the_audit_and_strangers_do_not(office: Office, device: TOTPDevice) -> None:
    log_in(office, "")
    log_in(office, code_of(device), password="wrong")
    with at_time(MORNING):
        client = Client()
        client.post("/admin/login/", {"username": "nobody", "password": "wrong", "otp_token": "", "next": "/admin/"})
        client.post("/admin/login/", {"username": "\0", "password": "wrong", "otp_token": "", "next": "/admin/"})
        signed = {"username": "sato", "password": "correct horse battery", "otp_token": code_of(device), "next": "/admin/"}
        client.post("/admin/login/", signed)
        client.post("/admin/logout/")
        client.post("/admin/logout/")
    found = AuditEntry.objects.order_by("pk").values_list("what", "kind", "by", "subject_pk")
    sato = (office.staff.pk, str(office.staff.pk))
    assert list(found) == [
        ("ログインの失敗", "sign_in", *sato),
        ("ログインの失敗", "sign_in", *sato),
        ("ログインする", "sign_in", *sato),
        ("ログアウトする", "sign_in", *sato),
    ]


def test_failures_of_a_locked_account_do_not_fill_the_audit(office: Office) -> None:
    for _try in range(8):
        log_in(office, "", password="wrong")
    assert AuditEntry.objects.filter(what="ログインの失敗").count() == 5


def test_password_alone_does_not_open_the_door(office: Office, device: TOTPDevice) -> None:
    assert str(REFUSED) in text_of(log_in(office, ""))


def test_account_without_a_second_factor_stays_outside(office: Office) -> None:
    assert log_in(office, "123456").status_code == 200


def test_those_with_several_devices_choose_one(office: Office, device: TOTPDevice) -> None:
    TOTPDevice.objects.create(user=office.staff, name="予備", confirmed=True)
    page = log_in(office, code_of(device))
    assert "認証コードを表示した機器を選んでください。" in text_of(page)
    assert "予備" in text_of(page)


def test_home_is_the_day(desk: Desk) -> None:
    assert desk.get("/admin/").redirect_chain == [("/admin/booking/booking/today/", 302)]


def test_pages_carry_no_inline_code(desk: Desk, confirmed: Booking) -> None:
    paths = ["/admin/login/", "/admin/booking/booking/today/", f"/admin/booking/booking/{confirmed.pk}/change/"]
    pages = [Client().get(paths[0]).content.decode(), *(desk.get(path).content.decode() for path in paths[1:])]
    assert [("<style" in page, " style=" in page, "<script>" in page) for page in pages] == [(False, False, False)] * 3


def test_terms_are_read_on_the_public_page(desk: Desk) -> None:
    version = TermsVersion.objects.get()
    assert f"/terms/counselling/{version.number}/" in desk.get(f"/admin/consent/termsversion/{version.pk}/change/").content.decode()


@pytest.mark.parametrize("name", ["²", "٣", "99999999999999999999999"])
def test_booking_of_a_strange_number_is_not_found(desk: Desk, name: str) -> None:
    assert desk.get(f"/admin/booking/booking/{name}/change/").status_code == 404
