"""A half-configured production refuses to start, in words."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from toyooka_hw.checks import (
    ADDRESSES,
    REQUIRED_IN_PRODUCTION,
    networks_are_networks,
    production_is_complete,
    production_is_safe,
    production_keeps_real_time,
    refuse_unsafe_start,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def production(settings: Settings) -> Settings:
    settings.DEMO = False
    settings.DEBUG = False
    settings.PORTAL_URL = "https://portal.example.jp"
    settings.UNSET = []
    for name in REQUIRED_IN_PRODUCTION:
        setattr(settings, name, "set")
    settings.SECRET_KEY = "k" * 50
    settings.SECURE_TLS, settings.TRUSTED_PROXIES, settings.ALLOWED_HOSTS = True, ["172.30.0.0/24"], ["portal.example.jp"]
    return settings


def test_complete_production_is_silent(production: Settings) -> None:
    assert [*production_is_complete(), *production_is_safe(), *production_keeps_real_time(), *networks_are_networks()] == []


@pytest.mark.parametrize(("name", "check_id"), [(name, i) for name, i in REQUIRED_IN_PRODUCTION.items() if name != "SECRET_KEY"])
def test_missing_value_is_named(production: Settings, name: str, check_id: str) -> None:
    setattr(production, name, "")
    assert [(error.id, error.msg) for error in production_is_complete()] == [(check_id, f"{name} is not set.")]


@pytest.mark.parametrize(("name", "check_id"), ADDRESSES.items())
def test_address_that_leads_nowhere_is_named(production: Settings, name: str, check_id: str) -> None:
    production.UNSET = [name]
    assert [(error.id, error.msg) for error in production_is_complete()] == [(check_id, f"{name} is not set.")]


@pytest.mark.parametrize(
    ("name", "value", "check_id"),
    [
        ("DEBUG", True, "HW.E012"),
        ("PORTAL_URL", "http://portal.example.jp", "HW.E013"),
        ("SECURE_TLS", False, "HW.E015"),
        ("SECRET_KEY", "k" * 49, "HW.E018"),
        ("ALLOWED_HOSTS", ["portal.example.jp", "*"], "HW.E019"),
        ("ALLOWED_HOSTS", ["office.example.jp", ".portal.example.jp.example.com"], "HW.E022"),
        ("PORTAL_URL", "https://www.portal.example.jp", "HW.E022"),
        ("PORTAL_URL", "https://", "HW.E022"),
    ],
)
def test_unsafe_value_is_refused(production: Settings, name: str, value: object, check_id: str) -> None:
    setattr(production, name, value)
    assert [error.id for error in production_is_safe()] == [check_id]


@pytest.mark.parametrize("host", ["portal.example.jp", ".portal.example.jp", ".example.jp", "Portal.Example.jp"])
@pytest.mark.parametrize("url", ["https://portal.example.jp", "https://portal.example.jp:8443", "https://PORTAL.example.jp"])
def test_host_of_the_portal_is_found_as_django_would_find_it(production: Settings, host: str, url: str) -> None:
    production.PORTAL_URL, production.ALLOWED_HOSTS = url, ["office.example.jp", host]
    assert list(production_is_safe()) == []


@pytest.mark.parametrize(("name", "check_id"), [("TRUSTED_PROXIES", "HW.E017"), ("STAFF_NETWORKS", "HW.E020")])
@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "proxy", "10.0.0.1/8"])
def test_network_that_is_none_or_all_of_them_is_refused(production: Settings, name: str, check_id: str, network: str) -> None:
    setattr(production, name, ["172.30.0.5", network])
    assert [(error.id, error.msg) for error in networks_are_networks()] == [(check_id, f"{name} holds {network}.")]


def test_shifted_clock_is_refused_in_production(production: Settings) -> None:
    production.CLOCK_SOURCE = "toyooka_hw.demo.clock.now"
    assert [error.id for error in production_keeps_real_time()] == ["HW.E006"]
    with pytest.raises(SystemCheckError, match=r"HW\.E006"):
        refuse_unsafe_start()


def test_wsgi_of_a_half_configured_production_does_not_start() -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("ZOOM_", "OFFICE_", "DEMO", "CLOCK_", "PORTAL_URL"))}
    outcome = subprocess.run(
        [sys.executable, "-c", "import toyooka_hw.wsgi"],
        cwd=ROOT,
        env=bare | {"DEMO": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    told = [words in outcome.stderr for words in ("HW.E002: OFFICE_PHONE is not set.", "HW.E007: PORTAL_URL is not set.")]
    assert (outcome.returncode, told) == (1, [True, True])
