"""Who agreed, refused, took it back; merged persons; the ministry's system: C0-2, C0-3, C4-2, C6-2-1b, C6-2-2, A4, A11."""

from datetime import date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from consent.models import Consent, ConsentWithdrawal, Method, MinistryRecord, TermsDocument, TermsVersion
from consent.operations import (
    ConsentMissing,
    Shown,
    TermsNotInForce,
    agree,
    announce,
    check,
    deem_by_application,
    mark_editorial,
    record_in_ministry_system,
    refuse,
    withdraw,
)
from consent.queries import (
    COUNSELLING,
    consent_on_record,
    consent_to,
    consents_of,
    ministry_record,
    must_agree_before_use,
    needs_consent,
    version_in_force,
    withdrawals_of,
)
from consent.rules import Ground
from tests.cast import MORNING, Office, make_person
from tests.change import announced, announcement, make_draft
from toyooka_hw.accounts.models import Person

LATER = MORNING + timedelta(hours=1)
AFTER = MORNING + timedelta(days=30)  # a change announced in the morning is in force


def shown(version_id: int, at: datetime = MORNING) -> Shown:
    return Shown(version_id, "利用規約を読み、同意します。", at)


def test_consent_is_evidence_of_what_was_shown(office: Office) -> None:
    """C0-2, C4-2, C6-2-2: the version, its hash, the words, Zoom's address and moment, the bureau's page."""
    consent = agree(
        make_person(), shown(office.version.pk), document=COUNSELLING, now=LATER, zoom_stated_at=LATER, bureau_confirmed_at=LATER
    )
    consent.refresh_from_db()
    assert (consent.version, consent.content_sha256, consent.label) == (
        office.version,
        office.version.content_sha256,
        "利用規約を読み、同意します。",
    )
    assert (consent.shown_at, consent.agreed_at, consent.agreed) == (MORNING, LATER, True)
    assert (bool(consent.zoom_terms_url), consent.zoom_stated_at, consent.bureau_confirmed_at) == (True, LATER, LATER)


def test_refusal_is_recorded_and_is_no_consent(office: Office) -> None:
    """C6-2-2."""
    hanako = make_person()
    refusal = refuse(hanako, shown(office.version.pk), document=COUNSELLING, now=LATER)
    assert (refusal.agreed, refusal.agreed_at, refusal.zoom_terms_url, refusal.zoom_stated_at) == (False, LATER, "", None)
    assert (consent_to(office.version, hanako.pk), consent_on_record(COUNSELLING, hanako.pk)) == (None, None)
    assert needs_consent(hanako.pk, COUNSELLING, now=LATER) is True


@pytest.mark.parametrize("answer", [agree, refuse])
def test_answer_to_a_version_that_no_longer_binds_is_not_recorded(office: Office, person: Person, answer: type[Consent]) -> None:
    """C13-0."""
    newer = announced(office)
    with pytest.raises(TermsNotInForce) as refusal:
        answer(person, shown(office.version.pk), document=COUNSELLING, now=AFTER)
    assert refusal.value.current == newer
    assert Consent.objects.count() == 1


def test_refusing_a_new_version_leaves_the_old_consent_on_record(office: Office, person: Person) -> None:
    newer = announced(office)
    refuse(person, shown(newer.pk), document=COUNSELLING, now=AFTER)
    assert (consent_to(newer, person.pk), consent_to(office.version, person.pk) is None) == (None, False)


def test_withdrawn_consent_counts_no_longer_until_given_again(office: Office, person: Person) -> None:
    withdraw(person, document=COUNSELLING, by=office.staff, now=LATER)
    assert (consent_to(office.version, person.pk), needs_consent(person.pk, COUNSELLING, now=LATER)) == (None, True)
    assert [row.recorded_by for row in withdrawals_of(person.pk)] == [office.staff]
    with pytest.raises(ConsentMissing):
        withdraw(person, document=COUNSELLING, by=office.staff, now=LATER)
    again = agree(person, shown(office.version.pk), document=COUNSELLING, now=LATER + timedelta(minutes=1))
    assert consent_to(office.version, person.pk) == again


def test_ministry_record_needs_a_consent_and_is_written_once(office: Office, person: Person) -> None:
    """C6-2-1b, A4: person and document, whatever the version."""
    with pytest.raises(ConsentMissing):
        record_in_ministry_system(make_person("但馬 太郎", "taro@example.jp"), document=COUNSELLING, by=office.staff, now=LATER)
    first = record_in_ministry_system(person, document=COUNSELLING, by=office.staff, now=LATER)
    assert record_in_ministry_system(person, document=COUNSELLING, by=office.tanaka.user, now=AFTER) == first
    announced(office)
    assert (ministry_record(COUNSELLING, person.pk), first.recorded_by, MinistryRecord.objects.count()) == (first, office.staff, 1)


def test_ministry_record_ends_with_a_withdrawal(office: Office, person: Person) -> None:
    record_in_ministry_system(person, document=COUNSELLING, by=office.staff, now=LATER)
    withdraw(person, document=COUNSELLING, by=office.staff, now=LATER)
    assert ministry_record(COUNSELLING, person.pk) is None


def test_consents_of_a_merged_person_count_for_the_survivor(office: Office, person: Person) -> None:
    survivor = make_person(email="hanako.new@example.jp")
    Person.objects.filter(pk=person.pk).update(merged_into=survivor)
    consent = Consent.objects.get()
    assert (consent.person_id, consent_to(office.version, survivor.pk), list(consents_of(survivor.pk))) == (person.pk, consent, [consent])
    ConsentWithdrawal.objects.create(person=survivor, document=office.version.document, withdrawn_at=LATER, recorded_by=office.staff)
    assert consent_to(office.version, survivor.pk) is None


def editorial(office: Office) -> None:
    version = mark_editorial(make_draft(office).pk, reason="誤字の訂正のみです。", by=office.sato.user, now=MORNING)
    check(version.pk, by=office.tanaka.user, now=MORNING)
    announce(version.pk, announcement(), by=office.staff, now=MORNING)


def test_editorial_version_takes_the_consent_given_before(office: Office, person: Person) -> None:
    """The deemed consent of the next application is tied to it; use under article 6-2 asks all the same (C0-3, C6-2-2)."""
    editorial(office)
    version = version_in_force(COUNSELLING, now=AFTER)
    assert version
    assert [needs_consent(person.pk, COUNSELLING, now=AFTER, ad_hoc=ad_hoc) for ad_hoc in (False, True)] == [False, True]
    deemed = deem_by_application(person, Shown(version.pk, "お申込み", LATER), document=COUNSELLING, now=AFTER)
    assert (deemed.version, deemed.based_on, deemed.method) == (version, consent_to(office.version, person.pk), Method.DEEMED_APPLICATION)
    assert needs_consent(person.pk, COUNSELLING, now=AFTER, ad_hoc=True) is True


@pytest.mark.parametrize(
    ("ground", "blocked"), [(Ground.GENERAL_BENEFIT, False), (Ground.REASONABLE, False), (Ground.INDIVIDUAL_CONSENT, True)]
)
def test_earlier_booking_waits_for_individual_consent_only(office: Office, person: Person, ground: Ground, blocked: bool) -> None:
    """A11."""
    version = announced(office, ground=ground)
    moments = (MORNING, datetime.combine(date(2027, 4, 20), datetime.min.time(), MORNING.tzinfo))
    assert [must_agree_before_use(person.pk, COUNSELLING, now=now) for now in moments] == [False, blocked]
    agree(person, shown(version.pk), document=COUNSELLING, now=AFTER)
    assert must_agree_before_use(person.pk, COUNSELLING, now=AFTER) is False


def test_without_terms_nobody_is_held_up_by_them(db: None) -> None:
    hanako = make_person()
    assert (must_agree_before_use(hanako.pk, COUNSELLING, now=MORNING), needs_consent(hanako.pk, COUNSELLING, now=MORNING)) == (False, True)


def test_questions_cost_what_they_say(office: Office, person: Person, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    announced(office)
    version = version_in_force(COUNSELLING, now=MORNING)
    assert version
    with django_assert_num_queries(2):
        consent_to(version, person.pk)
    with django_assert_num_queries(3):
        must_agree_before_use(person.pk, COUNSELLING, now=AFTER)


def test_statement_about_zoom_is_recorded_by_its_own_tick_only(office: Office) -> None:
    """C4-2: staff who take a consent by phone do not state it for the person."""
    hanako = make_person()
    told = agree(hanako, shown(office.version.pk), document=COUNSELLING, now=LATER, method=Method.STAFF_PHONE, by=office.staff)
    application = Shown(office.version.pk, "お申込み", LATER)
    stated = [deem_by_application(hanako, application, document=COUNSELLING, now=LATER, zoom_stated_at=at) for at in (None, MORNING)]
    assert [(row.zoom_terms_url != "", row.zoom_stated_at) for row in (told, *stated)] == [(False, None), (False, None), (True, MORNING)]


def test_deemed_consent_keeps_when_the_page_was_shown(office: Office, person: Person) -> None:
    """C0-3: twenty minutes may lie between reading and sending."""
    read = Shown(office.version.pk, "お申込みをもって、同意したものとみなします。", LATER - timedelta(minutes=20))
    deemed = deem_by_application(person, read, document=COUNSELLING, now=LATER)
    assert (deemed.label, deemed.shown_at, deemed.agreed_at) == (read.label, read.at, LATER)


def test_page_of_a_server_whose_clock_is_ahead_was_shown_at_the_answer(office: Office, person: Person) -> None:
    ahead = Shown(office.version.pk, "お申込み", LATER + timedelta(seconds=2))
    assert deem_by_application(person, ahead, document=COUNSELLING, now=LATER).shown_at == LATER


def test_consent_to_the_digest_does_not_count_for_the_office_text(office: Office) -> None:
    """The digest is the demo's, in the project's own words."""
    TermsVersion.objects.create(
        document=TermsDocument.objects.create(code="third", title="要約"),
        number=1,
        dated=MORNING.date(),
        issuer="デモ",
        articles=[],
        content_sha256="",
        is_digest=True,
        announced_at=MORNING,
        effective_at=MORNING,
    )
    digest = TermsVersion.objects.get(is_digest=True)
    hanako = make_person()
    agree(hanako, shown(digest.pk), document="third", now=MORNING)
    text = TermsVersion.objects.create(
        document=digest.document,
        number=2,
        dated=MORNING.date(),
        issuer="試験所長",
        articles=[],
        content_sha256="",
        editorial=True,
        editorial_by=office.staff,
        editorial_at=MORNING,
        editorial_reason="以前の版では選べました。",
        announced_at=MORNING,
        effective_at=LATER,
    )
    assert consent_to(text, hanako.pk) is None
