"""Whom the portal believes who asks and by which scheme: its own proxy, and nobody else (japan.md §4.3)."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from toyooka_hw.accounts.session import client_of
from toyooka_hw.proxy import from_proxy_only

FORWARDED = {"X-Forwarded-For": "198.51.100.9, 203.0.113.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "elsewhere.example.jp"}


def seen(address: str, **headers: str) -> HttpRequest:
    """The request as the views behind the middleware see it."""
    requests: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        requests.append(request)
        return HttpResponse()

    from_proxy_only(view)(RequestFactory().get("/", headers=headers, REMOTE_ADDR=address))
    return requests[0]


@pytest.fixture(autouse=True)
def behind_a_proxy(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["172.30.0.0/24", "2001:db8::7"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize("proxy", ["172.30.0.5", "2001:db8::7"])
def test_client_is_whom_our_own_proxy_saw(proxy: str) -> None:
    """What the client itself claimed stands further left in the header."""
    request = seen(proxy, **FORWARDED)
    assert (client_of(request), request.is_secure()) == ("203.0.113.7", True)


@pytest.mark.parametrize("stranger", ["172.30.1.5", "2001:db8::8", "127.0.0.1"])
def test_headers_of_whoever_comes_around_the_proxy_count_for_nothing(stranger: str) -> None:
    request = seen(stranger, **FORWARDED)
    assert (client_of(request), request.is_secure()) == (stranger, False)
    assert [name for name in request.META if "FORWARDED" in name] == []


def test_without_an_address_nothing_is_believed() -> None:
    """A Unix socket has none."""
    assert client_of(seen("", **FORWARDED)) == ""


def test_proxy_that_names_nobody_is_the_client_itself() -> None:
    assert client_of(seen("172.30.0.5")) == "172.30.0.5"
