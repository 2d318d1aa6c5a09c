"""One mail per person concerned, however often it is asked for; whom staff have to phone: C13-0, S9-0."""

from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from consent.models import ChangeNotice, NoticeDelivery
from consent.operations import Shown, agree, keep_outcomes, refuse, send_due_notices, send_notices, withdraw
from consent.queries import COUNSELLING, banners, compared, concerned, deliveries, unreachable
from consent.rules import Ground
from tests.cast import MORNING, Office, make_person, publish_terms
from tests.change import announced, checked
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

LATER = MORNING + timedelta(hours=1)


@pytest.fixture
def notice(office: Office, person: Person) -> ChangeNotice:
    announced(office)
    return ChangeNotice.objects.get()


def agreed(name: str, email: str, office: Office, phone: str = "+819055550101") -> Person:
    found = make_person(name, email, phone)
    agree(found, Shown(office.version.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING)
    return found


def send(*, hours: int = 1) -> int:
    moment = MORNING + timedelta(hours=hours)
    return send_due_notices(now=moment, wall=moment)


def test_notice_is_sent_once_however_often_the_task_runs(notice: ChangeNotice, person: Person) -> None:
    assert [send(), send(), send_notices(notice.pk, now=LATER, wall=LATER)] == [1, 0, 0]
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.key) == (person.email, f"terms-notice:{notice.pk}:{person.pk}")
    assert mail.subject == "【重要】利用規約の変更のお知らせ（令和9年（2027年）4月20日から）"


def test_mail_tells_what_article_13_demands(notice: ChangeNotice) -> None:
    """C13-0: the fact, the text after the change, the moment; and the reason with its clause."""
    send()
    body = OutgoingMail.objects.get().body
    told = [
        "「試験用オンライン職業相談利用規約」を\n次のとおり変更します。",
        "予約の手順を改めます。",
        "http://testserver/terms/counselling/2/\n",
        "http://testserver/terms/counselling/comparison/2/1/\n",
        "http://testserver/terms/counselling/notice/2/\n",
        "2 効力が発生する日\n令和9年（2027年）4月20日\n",
        "手続を分かりやすくするためです。\n（規約第13条第2号）\n",
        "https://bureau.example.jp/terms\n",
        "予約済みの相談は、そのままご利用いただけます。",
    ]
    assert [words for words in told if words not in body] == []
    assert [line for line in body.splitlines() if len(line) > 35 and not line.startswith("http")] == []


def test_people_concerned_have_a_consent_on_record(notice: ChangeNotice, person: Person, office: Office) -> None:
    taro = agreed("但馬 太郎", "taro@example.jp", office)
    withdraw(taro, document=COUNSELLING, by=office.staff, now=LATER)
    refuse(make_person("拒 否子", "no@example.jp"), Shown(office.version.pk, "", MORNING), document=COUNSELLING, now=LATER)
    make_person("見 学", "guest@example.jp")
    assert list(concerned(notice)) == [person]
    agree(taro, Shown(office.version.pk, "同意します。", LATER), document=COUNSELLING, now=LATER + timedelta(minutes=1))
    assert list(concerned(notice)) == [person, taro]


def test_person_who_agrees_to_the_old_text_meanwhile_is_told_too(notice: ChangeNotice, office: Office) -> None:
    assert send() == 1
    agreed("但馬 太郎", "taro@example.jp", office)
    assert send(hours=2) == 1


def test_merged_person_is_told_once_as_the_survivor(notice: ChangeNotice, person: Person, office: Office) -> None:
    survivor = agreed("豊岡 花子", "hanako.new@example.jp", office)
    Person.objects.filter(pk=person.pk).update(merged_into=survivor)
    send()
    assert [mail.to for mail in OutgoingMail.objects.all()] == ["hanako.new@example.jp"]


def test_state_of_delivery_is_that_of_the_mail(notice: ChangeNotice, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    send()
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE, delivered_at=LATER)
    with django_assert_num_queries(1):
        found = [(row.person.full_name, row.mail_state, row.sent_at) for row in deliveries(notice)]
    assert found == [("豊岡 花子", OutboxState.DONE, LATER)]


def test_people_without_address_or_with_a_refused_mail_are_listed_with_their_phone(
    notice: ChangeNotice, person: Person, office: Office
) -> None:
    taro = agreed("但馬 太郎", "", office, "+819055550101")
    assert (send(), NoticeDelivery.objects.count()) == (1, 1)
    assert [(row.pk, row.mail_failed, row.phone) for row in unreachable(notice)] == [(taro.pk, False, "+819055550101")]
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED)
    assert [(row.pk, row.mail_failed) for row in unreachable(notice)] == [(person.pk, True), (taro.pk, False)]


def test_banner_stands_from_the_announcement_until_fourteen_days_after_the_effect(notice: ChangeNotice) -> None:
    effect = notice.version.effective_at
    assert effect
    until = effect + timedelta(days=14)
    moments = (MORNING - timedelta(seconds=1), MORNING, effect, until - timedelta(seconds=1), until)
    assert [len(banners(now=now)) for now in moments] == [0, 1, 1, 1, 0]


def test_first_publication_is_told_to_nobody(office: Office, person: Person) -> None:
    ChangeNotice.objects.create(version=office.version, ground=Ground.INITIAL, summary="最初の公表")
    assert (banners(now=MORNING), send()) == ([], 0)


def test_change_is_told_late_but_surely_where_nothing_ran_before_its_effect(notice: ChangeNotice) -> None:
    assert send(hours=24 * 15) == 1


def test_comparison_costs_one_query(office: Office, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    version = checked(office)
    with django_assert_num_queries(1):
        found = compared(version.pk, office.version.pk)
    assert found
    assert found[:2] == (version, office.version)
    assert compared(version.pk, 0) is None


def test_outcome_outlives_the_mail(notice: ChangeNotice, person: Person) -> None:
    """Mails are deleted after a year; whom the notice reached is still known."""
    send()
    OutgoingMail.objects.update(outbox_state=OutboxState.DONE, delivered_at=LATER)
    assert [keep_outcomes(), keep_outcomes()] == [1, 0]
    OutgoingMail.objects.all().delete()
    assert [(row.person, row.mail_state, row.sent_at) for row in deliveries(notice)] == [(person, OutboxState.DONE, LATER)]


def test_outcome_of_a_mail_that_is_tried_again_follows_it(notice: ChangeNotice, person: Person) -> None:
    send()
    for state, changed in ((OutboxState.FAILED, 1), (OutboxState.WANTED, 1), (OutboxState.DONE, 1)):
        OutgoingMail.objects.update(outbox_state=state)
        assert (keep_outcomes(), NoticeDelivery.objects.get().outcome) == (changed, state)


def test_person_whose_mail_failed_stays_on_the_list_when_the_mail_is_gone(notice: ChangeNotice, person: Person) -> None:
    send()
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED)
    keep_outcomes()
    OutgoingMail.objects.all().delete()
    assert [(row.pk, row.mail_failed) for row in unreachable(notice)] == [(person.pk, True)]


def test_person_whose_mail_cannot_be_written_stops_nobody_behind(
    notice: ChangeNotice, person: Person, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    agreed("但馬 太郎", "taro@example.jp", office)
    with connection.cursor() as cursor:  # a row of this person that cannot be written
        cursor.execute("ALTER TABLE mail_outgoingmail ADD CONSTRAINT not_her CHECK (\"to\" <> 'hanako@example.jp')")
    assert send_notices(notice.pk, now=LATER, wall=LATER) == 1
    assert [row.person.email for row in NoticeDelivery.objects.all()] == ["taro@example.jp"]
    assert [record.message for record in caplog.records if "sweep" in record.message] == [
        f"sweep.row_failed sweep=terms_mails row={person.pk} error=IntegrityError"
    ]


def test_notice_of_a_version_that_was_replaced_is_told_no_longer(notice: ChangeNotice, office: Office, person: Person) -> None:
    """Such rows are older than the rule that no two versions take effect on one day."""
    assert banners(now=LATER) == [notice]
    publish_terms(number=3, effective_at=notice.version.effective_at)
    assert (banners(now=LATER), send()) == ([], 0)


def test_banners_cost_two_queries_and_no_text(notice: ChangeNotice, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2) as asked:
        assert [found.version.name for found in banners(now=LATER)] == ["試験用オンライン職業相談利用規約"]
    assert [query["sql"] for query in asked.captured_queries if "articles" in query["sql"]] == []
