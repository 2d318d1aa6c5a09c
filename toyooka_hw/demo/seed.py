"""What the demo begins with: an office at work, its terms, and a few people who have asked before. Running it again changes nothing."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

from django.contrib.auth.models import Group
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from booking.models import Booking, Counsellor, DutyHours, PolicyValue, ZoomHost
from booking.operations import applications, bookings, calendar
from booking.operations.applications import Application, Details
from booking.operations.bookings import Decision
from booking.rules.calendar import Calendar, tokyo, tokyo_date
from consent.models import ChangeNotice, TermsDocument, TermsVersion
from consent.operations import Shown, agree, content_hash
from consent.queries import COUNSELLING
from toyooka_hw.accounts.models import Person, Role, User
from toyooka_hw.accounts.operations import ensure_roles, verify_person
from toyooka_hw.demo.accounts import DEMO_STAFF, PASSWORD, DemoStaff, totp_key
from toyooka_hw.demo.terms import ARTICLES, MARK, TITLES

PUBLISHED = datetime(2023, 8, 28, 15, tzinfo=UTC)  # 2023-08-29 00:00 in Tokyo
PLACES_PER_START = "2"
PEOPLE = (
    ("但馬 太郎", "タジマ タロウ", "taro@example.jp", "+819055550101", "28090-1000101"),
    ("城崎 桜", "キノサキ サクラ", "sakura@example.jp", "+819055550102", "28090-1000102"),
    ("出石 健一", "イズシ ケンイチ", "kenichi@example.jp", "+819055550103", "28090-1000103"),
)


def seed(*, now: datetime, wall: datetime) -> None:
    """Bring an empty database to the story's first moment; a seeded one is left as it is."""
    with transaction.atomic():
        ensure_roles()
        staff = {account.username: _staff(account) for account in DEMO_STAFF}
        _counsellors([staff[account.username] for account in DEMO_STAFF if account.counsels])
        calendar.seed_closures(now=now)
        version = _terms(staff["kanri"])
        if not PolicyValue.objects.exists():
            calendar.set_policy("capacity_per_start", PLACES_PER_START, by=staff["kanri"], reason="デモの開始", now=now)
    if not Booking.objects.exists():
        _bookings(version, staff["sato"], now=now, wall=wall)


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


def _counsellors(users: list[User]) -> None:
    for user in users:
        host, _ = ZoomHost.objects.get_or_create(
            email=f"{user.username}@zoom.example.jp", defaults={"name": f"ライセンス {user.display_name}"}
        )
        counsellor, created = Counsellor.objects.get_or_create(user=user, defaults={"name": user.display_name, "default_host": host})
        if created:
            DutyHours.objects.bulk_create(
                DutyHours(counsellor=counsellor, weekday=weekday, starts=time(8, 30), ends=time(17, 15), since=date(2026, 1, 1))
                for weekday in range(5)
            )


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


def _bookings(version: TermsVersion, counsellor: User, *, now: datetime, wall: datetime) -> None:
    """Two requests that wait for an answer and one session that is confirmed, so that the work list is not empty."""
    tomorrow = Calendar().next_open_day(tokyo_date(now))
    after = Calendar().next_open_day(tomorrow)
    starts = (tokyo(tomorrow, time(10, 30)), tokyo(after, time(13)), tokyo(after, time(14, 30)))
    for (name, kana, email, phone, number), start in zip(PEOPLE, starts, strict=True):
        person = Person.objects.create(
            role=Role.JOB_SEEKER, full_name=name, email=email, email_proven_at=now, stated_phone=phone, created_at=now
        )
        read = Shown(version.pk, "利用規約を読み、同意します。", now - timedelta(minutes=3))
        agree(person, read, document=COUNSELLING, now=now, zoom_stated_at=now)
        details = Details(full_name=name, name_kana=kana, job_seeker_number=number)
        booking = applications.request(
            person,
            Application(
                starts_at=start,
                details=details,
                shown=Shown(version.pk, "お申込みをもって、利用規約に同意したものとみなします。", now),
                environment_declared_at=now,
                zoom_stated_at=now,
                draft_key=uuid4(),
            ),
            now=now,
            wall=wall,
        )
        if start is starts[0]:
            verify_person(person, registered_phone=phone, by=counsellor, now=now)
            bookings.confirm(booking.pk, Decision("registered", counsellor), now=now, wall=wall)
