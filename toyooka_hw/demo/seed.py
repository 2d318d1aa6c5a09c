"""What the demo begins with: an office at work, its terms, and a few people who have asked before. Running it again changes nothing."""

from datetime import UTC, date, datetime, time, timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from booking.models import Booking, Counsellor, DutyHours, PolicyValue, ZoomHost
from booking.operations import calendar
from consent.models import ChangeNotice, TermsDocument, TermsVersion
from consent.operations import content_hash
from consent.queries import COUNSELLING
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import ensure_roles
from toyooka_hw.demo.accounts import DEMO_STAFF, PASSWORD, DemoStaff, totp_key
from toyooka_hw.demo.history import Office, tell
from toyooka_hw.demo.seminars import tell_seminars
from toyooka_hw.demo.terms import ARTICLES, MARK, TITLES

PUBLISHED = datetime(2023, 8, 28, 15, tzinfo=UTC)  # 2023-08-29 00:00 in Tokyo
PLACES_PER_START = "2"
BEFORE_HISTORY = timedelta(days=60)  # what the office has set holds for everything that is told of earlier days


def seed(*, now: datetime, wall: datetime) -> None:
    """Bring an empty database to the story's first moment; a seeded one is left as it is."""
    with transaction.atomic():
        ensure_roles()
        staff = {account.username: _staff(account) for account in DEMO_STAFF}
        counsellors = {account.username: _counsellor(staff[account.username]).pk for account in DEMO_STAFF if account.counsels}
        calendar.seed_closures(now=now)
        version = _terms(staff["kanri"])
        if not PolicyValue.objects.exists():
            begin = now - BEFORE_HISTORY
            calendar.set_policy("capacity_per_start", PLACES_PER_START, by=staff["kanri"], reason="デモの開始", now=begin)
        if not Booking.objects.exists():
            office = Office(staff, counsellors, version, now, wall)
            tell(office)
            tell_seminars(office)


def _staff(account: DemoStaff) -> User:
    user, created = User.objects.get_or_create(
        username=account.username,
        defaults={"display_name": account.display_name, "is_staff": True, "email": f"{account.username}@office.example.jp"},
    )
    if created:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        user.groups.add(Group.objects.get(name=account.role))
        TOTPDevice.objects.create(user=user, name="demo", key=totp_key(account.username), confirmed=True, tolerance=2)
    return user


def _counsellor(user: User) -> Counsellor:
    host, _ = ZoomHost.objects.get_or_create(email=f"{user.username}@zoom.example.jp", defaults={"name": f"ライセンス {user.display_name}"})
    counsellor, created = Counsellor.objects.get_or_create(user=user, defaults={"name": user.display_name, "default_host": host})
    if created:
        DutyHours.objects.bulk_create(
            DutyHours(counsellor=counsellor, weekday=weekday, starts=time(8, 30), ends=time(17, 15), since=date(2026, 1, 1))
            for weekday in range(5)
        )
    return counsellor


def _terms(manager: User) -> TermsVersion:
    for code, title in TITLES.items():
        document, _ = TermsDocument.objects.get_or_create(code=code, defaults={"title": title})
        version, created = TermsVersion.objects.get_or_create(
            document=document,
            number=1,
            defaults={
                "dated": date(2023, 8, 29),
                "issuer": "デモ",
                "preamble": MARK,
                "articles": ARTICLES[code],
                "content_sha256": content_hash(MARK, ARTICLES[code]),
                "is_digest": True,
                "announced_at": PUBLISHED,
                "effective_at": PUBLISHED,
            },
        )
        if created:
            ChangeNotice.objects.create(version=version, ground=ChangeNotice.Ground.INITIAL, summary="最初の公表", announced_by=manager)
    return TermsVersion.objects.get(document__code=COUNSELLING, number=1)
