"""What two do at once in the terms is done once: mails of a notice, announcements, the same draft decided upon by two (C13-0)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from consent.models import ChangeNotice, NoticeDelivery, TermsVersion
from consent.operations import AlreadyAnnounced, EffectOutOfOrder, Shown, agree, announce, send_notices
from consent.queries import COUNSELLING
from tests.cast import MORNING, Office, make_person
from tests.change import announced, announcement, checked, make_draft
from tests.surroundings import PATIENCE_SECONDS
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 31


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each of them answers, or the error it meets, when all start together."""
    barrier = Barrier(len(acts))

    def start(act: Callable[[], Any]) -> Any:
        barrier.wait(timeout=PATIENCE_SECONDS)
        try:
            return act()
        except (AlreadyAnnounced, EffectOutOfOrder) as refusal:
            return type(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [each.result(timeout=PATIENCE_SECONDS) for each in [threads.submit(start, act) for act in acts]]


def test_two_senders_write_one_mail_to_each_person(office_at_work: Office) -> None:
    for number in range(PEOPLE):
        person = make_person(f"利用者 {number}", f"person{number}@example.jp")
        agree(person, Shown(office_at_work.version.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING)
    announced(office_at_work)
    notice = ChangeNotice.objects.get()
    send = lambda: send_notices(notice.pk, now=MORNING, wall=MORNING)  # noqa: E731 - the same act twice
    assert sum(at_once(send, send)) == PEOPLE
    assert sorted(OutgoingMail.objects.values_list("to", flat=True)) == sorted(f"person{number}@example.jp" for number in range(PEOPLE))
    assert NoticeDelivery.objects.count() == PEOPLE


def test_one_version_announced_by_two_is_announced_once(office_at_work: Office) -> None:
    version = checked(office_at_work)
    acts = [
        lambda by=by: announce(version.pk, announcement(), by=by, now=MORNING)
        for by in (office_at_work.sato.user, office_at_work.tanaka.user)
    ]
    answers = at_once(*acts)
    assert sorted(map(str, answers)) == sorted([str(version), str(AlreadyAnnounced)])
    assert ChangeNotice.objects.count() == 1


def test_two_versions_announced_at_once_for_one_day_leave_one(office_at_work: Office) -> None:
    drafts = [checked(office_at_work, make_draft(office_at_work, number, f"第{number}の本文。")) for number in (2, 3)]
    acts = [
        lambda pk=draft.pk: announce(pk, announcement(effective_on=date(2027, 5, 1)), by=office_at_work.staff, now=MORNING)
        for draft in drafts
    ]
    answers = at_once(*acts)
    assert answers.count(EffectOutOfOrder) == 1
    assert TermsVersion.objects.filter(number__in=(2, 3), announced_at__isnull=False).count() == 1
