"""Accounts of staff: each change is one operation with a line in the audit, and nobody decides about themselves."""

from datetime import timedelta

import pytest
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.toyooka_hw.accounts.conftest import MORNING, PASSWORD, WHO, Colleague, at_time, code_now
from toyooka_hw.accounts.links import LINK_VALID, address_of, user_of
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import staff
from toyooka_hw.accounts.operations.factors import WrongFactorCode, codes_left, digest, enrol, fresh_codes, new_key, plain
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
NOW = {"now": MORNING, "wall": MORNING}


def token(user: User) -> str:
    return address_of(user).rstrip("/").rpartition("/")[2]


def last() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def test_invitation_mails_a_link_and_leaves_a_line(system: User, invited: User) -> None:
    mail = OutgoingMail.objects.get(to=invited.email)
    assert address_of(invited) in mail.body
    assert mail.secrets == [address_of(invited)]
    assert (invited.has_usable_password(), invited.is_staff, invited.is_superuser, invited.role) == (False, True, False, "相談員")
    assert (last().what, last().by, last().subject, last().changes) == (
        "職員を招待する",
        system,
        "職員 nakamura",
        {"役割": ["", "相談員"]},
    )


@pytest.mark.parametrize("taken", [{"username": "system"}, {"email": "SYSTEM@office.example.jp"}])
def test_invitation_is_refused_where_name_or_mailbox_is_taken(system: User, taken: dict[str, str]) -> None:
    with pytest.raises(staff.AccountTaken):
        staff.invite(**WHO | taken, by=system, **NOW)
    assert User.objects.count() == 1


def test_link_opens_until_72_hours_are_over(invited: User) -> None:
    known = token(invited)
    assert user_of(known, wall=MORNING + LINK_VALID - timedelta(seconds=1)) == invited
    assert user_of(known, wall=MORNING + LINK_VALID) is None
    assert user_of(f"{known}x", wall=MORNING) is None


def test_new_link_kills_the_one_before(system: User, invited: User) -> None:
    before = token(invited)
    staff.send_link_again(invited, by=system, **NOW)
    invited.refresh_from_db()
    assert (user_of(before, wall=MORNING), user_of(token(invited), wall=MORNING)) == (None, invited)
    assert OutgoingMail.objects.filter(to=invited.email).count() == 2


def test_revoked_link_is_dead(system: User, invited: User) -> None:
    staff.revoke_link(invited, by=system, reason="宛先の誤り", now=MORNING)
    assert user_of(token(invited), wall=MORNING) is None
    with pytest.raises(staff.AccountChanged):
        staff.revoke_link(invited, by=system, reason="もう一度", now=MORNING)


def set_up(user: User, *, key: str | None = None, code: str | None = None) -> list[str]:
    key = key or new_key()
    with at_time(MORNING):
        return staff.set_up(user, password=PASSWORD, key=key, code=code or code_now(key), **NOW)


def test_setting_up_gives_password_app_and_ten_codes_and_ends_the_link(invited: User) -> None:
    known = token(invited)
    codes = set_up(user_of(known, wall=MORNING))
    invited.refresh_from_db()
    assert (len(set(codes)), codes_left(invited)) == (10, 10)
    assert (invited.check_password(PASSWORD), TOTPDevice.objects.filter(user=invited, confirmed=True).count()) == (True, 1)
    assert user_of(known, wall=MORNING) is None
    assert (last().what, last().by) == ("ログインの設定をする", invited)


def test_setting_up_twice_from_two_windows_is_refused(invited: User) -> None:
    first, second = (User.objects.get(pk=invited.pk) for _ in range(2))
    set_up(first)
    with pytest.raises(staff.LinkOver):
        set_up(second)


def test_wrong_code_sets_up_nothing(invited: User) -> None:
    key = new_key()
    with at_time(MORNING):
        wrong = f"{(int(code_now(key)) + 1) % 10**6:06}"
    with pytest.raises(WrongFactorCode):
        set_up(invited, key=key, code=wrong)
    invited.refresh_from_db()
    assert (invited.has_usable_password(), TOTPDevice.objects.filter(user=invited).exists(), invited.link_until is None) == (
        False,
        False,
        False,
    )


def test_code_shown_at_enrolment_opens_no_door_afterwards(colleague: Colleague) -> None:
    user, key = colleague(), new_key()
    with at_time(MORNING):
        code = code_now(key)
        enrol(user, key=key, code=code, wall=MORNING)
        assert TOTPDevice.objects.get(user=user).verify_token(code) is False


def test_recovery_codes_are_kept_as_digests_only(colleague: Colleague) -> None:
    user = colleague()
    codes = fresh_codes(user)
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert kept == {digest(user, code) for code in codes}
    assert plain(f" {codes[0][:5].upper()}－{codes[0][5:]} ") == codes[0]


def test_role_changes_with_before_and_after(system: User, colleague: Colleague) -> None:
    user = colleague()
    staff.change_role(user, "管理者", by=system, reason="異動", now=MORNING)
    assert (User.objects.get(pk=user.pk).role, last().changes, last().reason) == ("管理者", {"役割": ["相談員", "管理者"]}, "異動")
    with pytest.raises(staff.AccountChanged):
        staff.change_role(user, "管理者", by=system, reason="異動", now=MORNING)


def test_nobody_decides_about_themselves(system: User) -> None:
    with pytest.raises(staff.OwnAccount):
        staff.change_role(system, "管理者", by=system, reason="", now=MORNING)
    with pytest.raises(staff.OwnAccount):
        staff.switch_off(system, by=system, reason="", **NOW)
    with pytest.raises(staff.OwnAccount):
        staff.reset_access(system, by=system, reason="", **NOW)


def test_switched_off_account_is_switched_on_again(system: User, colleague: Colleague) -> None:
    user = colleague()
    staff.switch_off(user, by=system, reason="休職", **NOW)
    with pytest.raises(staff.AccountChanged):
        staff.switch_off(user, by=system, reason="休職", **NOW)
    staff.switch_on(user, by=system, reason="復職", now=MORNING)
    user.refresh_from_db()
    assert (user.is_active, user.sessions_ended_at) == (True, MORNING)


def test_reset_leaves_no_way_in_but_the_link(system: User, colleague: Colleague) -> None:
    user = colleague()
    fresh_codes(user)
    staff.reset_access(user, by=system, reason="電話の紛失", **NOW)
    user.refresh_from_db()
    assert (user.has_usable_password(), TOTPDevice.objects.filter(user=user).exists(), codes_left(user)) == (False, False, 0)
    assert user_of(token(user), wall=MORNING) == user
    assert last().reason == "電話の紛失"


def test_correction_names_only_what_changed(system: User, colleague: Colleague) -> None:
    user = colleague()
    staff.correct(user, display_name="酒井", email=user.email, by=system, now=MORNING)
    assert last().changes == {"表示名": ["sakai", "酒井"]}
    with pytest.raises(staff.AccountTaken):
        staff.correct(user, display_name="酒井", email=system.email, by=system, now=MORNING)


def test_link_in_a_mistyped_mailbox_opens_nothing_once_the_address_is_corrected(system: User, invited: User) -> None:
    known = token(invited)
    staff.correct(invited, display_name=invited.display_name, email="right@office.example.jp", by=system, now=MORNING)
    invited.refresh_from_db()
    assert (user_of(known, wall=MORNING), invited.link_until, user_of(token(invited), wall=MORNING)) == (None, None, None)
    staff.send_link_again(invited, by=system, **NOW)
    invited.refresh_from_db()
    assert (user_of(known, wall=MORNING), user_of(token(invited), wall=MORNING)) == (None, invited)
    assert OutgoingMail.objects.latest("pk").to == "right@office.example.jp"


def test_link_outlives_a_corrected_name(system: User, invited: User) -> None:
    known = token(invited)
    staff.correct(invited, display_name="中村 葵", email=invited.email, by=system, now=MORNING)
    assert user_of(known, wall=MORNING) == invited


@pytest.mark.parametrize("first", ["off", "role"])
def test_of_two_who_end_each_others_rights_one_is_left(system: User, colleague: Colleague, first: str) -> None:
    """Both pages stood open: whoever is second has no right any more when the lock is theirs."""
    other = colleague("other", system.role)
    if first == "off":
        staff.switch_off(other, by=system, reason="退職", **NOW)
    else:
        staff.change_role(other, "相談員", by=system, reason="異動", now=MORNING)
    with pytest.raises(staff.RightEnded):
        staff.switch_off(system, by=other, reason="退職", **NOW)
    with pytest.raises(staff.RightEnded):
        staff.change_role(system, "相談員", by=other, reason="異動", now=MORNING)
    system.refresh_from_db()
    assert (system.is_active, system.role) == (True, "システム管理者")
