"""Chromium of the system, at a phone's width; without it these tests skip aloud, and fail where REQUIRE_CHROMIUM is set."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.surroundings import PATIENCE_SECONDS

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
# pytest-playwright runs an event loop in this thread; Django would refuse the tests' own queries because of it
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
expect.set_options(timeout=1000 * PATIENCE_SECONDS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if not CHROMIUM:
        if os.environ.get("REQUIRE_CHROMIUM"):
            pytest.fail("REQUIRE_CHROMIUM is set and no chromium is on the PATH")
        pytest.skip("no chromium on the PATH: install Debian's packages chromium and fonts-noto-cjk, or set CHROMIUM")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses its sandbox to root
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": [*QUIET, *sandbox]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], live_server: LiveServer) -> dict[str, Any]:
    return {**browser_context_args, "viewport": PHONE, "base_url": live_server.url, "locale": "ja-JP", "timezone_id": "Asia/Tokyo"}


@pytest.fixture
def new_context(new_context: Callable[..., BrowserContext]) -> Callable[..., BrowserContext]:
    """Another browser of somebody's own, as patient as all others."""

    def patient(**usual: Any) -> BrowserContext:
        context = new_context(**usual)
        context.set_default_timeout(1000 * PATIENCE_SECONDS)
        return context

    return patient


@pytest.fixture(autouse=True)
def refused(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Whatever a test does in the browser: no script, style, form or frame of ours is one that the content policy refuses (japan.md §4.3, IPA item 5)."""
    told: list[str] = []
    if "page" in request.fixturenames:
        page: Page = request.getfixturevalue("page")
        page.context.on("console", lambda said: told.append(said.text) if "Content Security Policy" in said.text else None)
    yield told
    assert told == []


@pytest.fixture
def look(request: pytest.FixtureRequest, refused: list[str]) -> Callable[[Page, str], None]:
    """Check a page as a whole: axe is silent, nothing sticks out sideways, every style and script is the portal's own."""

    def check(page: Page, name: str) -> None:
        page.wait_for_load_state()
        ours = len(refused)
        found = Axe().run(page)
        del refused[ours:]  # what the examiner itself tried
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} is wider than the screen"
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png", full_page=True)

    return check


def source(page: Page) -> str:
    """All of a page, once it is there as a whole: for what must stand nowhere in it."""
    page.wait_for_load_state()
    return page.content()
