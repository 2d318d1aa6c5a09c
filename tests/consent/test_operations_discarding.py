"""A draft that was never announced can be discarded; what it was and who did it stays in the audit."""

import pytest

from consent.comparison import Correction, compare
from consent.importer import sha256
from consent.models import ArticlePoint, Consent, RowCorrection, TermsVersion
from consent.operations import ReasonMissing, StillNeeded, correct_row, discard, set_point
from consent.queries import text_of
from tests.cast import MORNING, Office
from tests.change import checked, make_draft, text
from toyooka_hw.accounts.models import Person
from toyooka_hw.audit.models import AuditEntry

REASON = "取り違えたファイルのため。"


def first_row(old: TermsVersion, new: TermsVersion) -> str:
    return compare(text_of(old), text_of(new)).rows[0].key


@pytest.mark.parametrize("make", [make_draft, checked])
def test_discarded_draft_is_gone_with_what_staff_put_beside_it(office: Office, make: object) -> None:
    version = make(office)
    set_point(version.pk, "1", "要点", by=office.staff, now=MORNING)
    correct_row(version.pk, office.version.pk, first_row(office.version, version), Correction(remark="訂正"), by=office.staff, now=MORNING)
    assert discard(version.pk, reason=REASON, by=office.tanaka.user, now=MORNING) is True
    assert list(TermsVersion.objects.all()) == [office.version]
    assert (ArticlePoint.objects.count(), RowCorrection.objects.count()) == (0, 0)


def test_discarding_leaves_who_when_why_and_which_file(office: Office) -> None:
    version = make_draft(office)
    discard(version.pk, reason=REASON, by=office.tanaka.user, now=MORNING)
    entry = AuditEntry.objects.get(what="下書きの破棄")
    assert (entry.what, entry.by, entry.at, entry.reason) == ("下書きの破棄", office.tanaka.user, MORNING, REASON)
    assert (entry.subject_type, entry.subject_pk) == ("consent.termsversion", str(version.pk))
    assert entry.subject == "試験用オンライン職業相談利用規約　第2版"
    assert entry.changes == {
        "読み込んだファイル": ["terms.txt", ""],
        "読み込んだファイルのSHA-256": [sha256(text("第2版の本文。")), ""],
        "本文のSHA-256": [version.content_sha256, ""],
        "作成した職員": ["佐藤", ""],
    }


def test_draft_discarded_twice_is_discarded_once(office: Office) -> None:
    version = make_draft(office)
    assert [discard(version.pk, reason=REASON, by=office.staff, now=MORNING) for _ in range(2)] == [True, False]
    assert AuditEntry.objects.filter(what="下書きの破棄").count() == 1


def test_discarding_gives_its_reason(office: Office) -> None:
    version = make_draft(office)
    with pytest.raises(ReasonMissing):
        discard(version.pk, reason=" ", by=office.staff, now=MORNING)
    assert TermsVersion.objects.filter(pk=version.pk).exists()


def consent_to(version: TermsVersion, office: Office, person: Person) -> None:
    Consent.objects.create(
        person=person,
        version=version,
        content_sha256=version.content_sha256,
        method="checkbox",
        label="同意",
        shown_at=MORNING,
        agreed_at=MORNING,
    )


def correction_against(version: TermsVersion, office: Office, person: Person) -> None:
    third = make_draft(office, 3)
    correct_row(third.pk, version.pk, first_row(version, third), Correction(remark="訂正"), by=office.staff, now=MORNING)


@pytest.mark.parametrize("point_at", [consent_to, correction_against])
def test_draft_that_something_points_at_stays_whole(office: Office, person: Person, point_at: object) -> None:
    version = make_draft(office)
    set_point(version.pk, "1", "要点", by=office.staff, now=MORNING)
    point_at(version, office, person)
    with pytest.raises(StillNeeded):
        discard(version.pk, reason=REASON, by=office.staff, now=MORNING)
    version.refresh_from_db()
    assert (version.points.count(), AuditEntry.objects.filter(what="下書きの破棄").count()) == (1, 0)


def test_same_file_is_a_draft_again_once_the_first_one_is_discarded(office: Office) -> None:
    first = make_draft(office)
    discard(first.pk, reason=REASON, by=office.staff, now=MORNING)
    assert make_draft(office).content_sha256 == first.content_sha256
