"""``/metrics``: closed to everybody without the token, and numbers alone for whoever has it."""

from datetime import timedelta

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries, Settings

from booking.models import Booking, Heartbeat, HostDay, Incident, ZoomHost
from tests.booking.admin.crowd import fill
from tests.cast import MORNING, Office, at
from tests.discretion import secrets_of_tables
from tests.silence import readings
from tests.visitor import at_time
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-the-monitoring"
QUERIES = 16  # the watch's twelve, the hosts, the open troubles, and two around the transaction that only reads


@pytest.fixture
def token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def ask(authorization: str = f"Bearer {TOKEN}") -> tuple[int, str]:
    with at_time(MORNING):
        answer = Client().get("/metrics", headers={"Authorization": authorization})
    return answer.status_code, answer.content.decode()


def figure(name: str, **labels: str) -> float | None:
    """One figure, as Prometheus would read it."""
    status, page = ask()
    assert status == 200
    found = [
        sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    ]
    return found[0] if found else None


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN])
def test_nobody_without_the_token_finds_it(token: None, authorization: str) -> None:
    assert ask(authorization)[0] == 404


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer "])
def test_without_a_token_in_the_environment_there_is_nothing(settings: Settings, authorization: str) -> None:
    settings.METRICS_TOKEN = ""
    assert ask(authorization)[0] == 404


@pytest.mark.parametrize("method", ["post", "put"])
def test_strangers_learn_nothing_by_other_methods(token: None, method: str) -> None:
    here, nowhere = (getattr(Client(), method)(path).status_code for path in ("/metrics", "/nowhere"))
    assert here == nowhere


def test_requests_are_counted_by_view_and_never_by_address(token: None, confirmed: Booking) -> None:
    labels = {"view": "booking", "method": "GET", "status": "404"}
    before = figure("portal_requests_total", **labels) or 0
    Client().get("/b/no-token-of-ours/")
    Client().get("/no-address-of-ours/hanako")
    assert (figure("portal_requests_total", **labels) or 0) - before == 1
    page = ask()[1]
    assert ("no-token" in page, "no-address" in page) == (False, False)
    assert 'portal_requests_total{method="GET",status="404",view="none"}' in page
    assert 'portal_request_seconds_bucket{le="0.01",view="booking"}' in page


def test_unknown_methods_make_no_figures_of_their_own(token: None) -> None:
    Client().generic("BREW", "/")
    assert ('method="BREW"' in ask()[1], 'method="other"' in ask()[1]) == (False, True)


def test_ages_and_sizes_of_the_outboxes(token: None, confirmed: Booking) -> None:
    OutgoingMail.objects.update(queued_at=MORNING - timedelta(minutes=7))
    assert figure("portal_outbox_waiting", outbox="mails") == OutgoingMail.objects.count() > 0
    assert figure("portal_outbox_oldest_seconds", outbox="mails") == 420
    assert (figure("portal_outbox_waiting", outbox="meetings"), figure("portal_outbox_waiting", outbox="notices")) == (1, 0)
    assert (figure("portal_outbox_oldest_seconds", outbox="notices"), figure("portal_outbox_given_up", outbox="meetings")) == (0, 0)


def test_last_beat_and_what_was_never_heard(token: None, office: Office) -> None:
    assert figure("portal_last_heard_seconds", what="beat") is None
    Heartbeat.objects.create(name="beat", at=MORNING, wall=MORNING - timedelta(seconds=90))
    assert (figure("portal_last_heard_seconds", what="beat"), figure("portal_last_heard_seconds", what="web")) == (90, None)


def test_zooms_quota_and_open_troubles(token: None, office: Office) -> None:
    host = ZoomHost.objects.earliest("pk")
    HostDay.objects.create(host_email=host.email, day=MORNING.date(), calls=42)
    Incident.objects.create(kind="quota", subject=host.email, opened_at=MORNING, seen_at=MORNING)
    assert (figure("portal_zoom_calls", host=str(host.pk)), figure("portal_zoom_calls_limit")) == (42, 100)
    assert (figure("portal_incidents_open", kind="quota"), figure("portal_incidents_open", kind="beat")) == (1, 0)


def test_figures_tell_of_nobody(token: None, confirmed: Booking) -> None:
    """Neither name, number, phone, mailbox nor link; hosts are numbers too."""
    said = list(readings(ask()[1]))
    hosts = list(ZoomHost.objects.values_list("email", flat=True))
    assert [secret.what for secret in secrets_of_tables() if any(secret.pattern.search(each) for each in said)] == []
    assert [email for email in hosts if email in said[0]] == []


def test_cost_does_not_depend_on_how_much_waits(token: None, confirmed: Booking, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(QUERIES):
        ask()
    fill(confirmed, range(20))
    Incident.objects.bulk_create(
        Incident(kind="host", subject=f"{number}@example.jp", opened_at=MORNING, seen_at=at(MORNING.date(), 10)) for number in range(20)
    )
    with django_assert_num_queries(QUERIES):
        ask()
