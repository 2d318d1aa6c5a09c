"""The pictures of the counsellor's handbook, taken from a fresh demo: ``uv run python -m tests.pictures`` (needs Chromium).

Not part of the test suite. The story of a day is played once, in order; each picture shows the page's own content, without the demo's bar.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET
from tests.surroundings import wait_until
from toyooka_hw.demo.processes import free_port

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures" / "handbook"
BOOKINGS = "/admin/booking/booking/"
SEMINARS = "/admin/booking/seminar/"
DESK = {"width": 1180, "height": 800}
TALLEST = 900


@contextmanager
def fresh_demo() -> Iterator[str]:
    """The address of a demo that begins now and leaves nothing behind."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "output.txt").open("w+") as output:
        command = [sys.executable, str(ROOT / "manage.py"), "demo", "--port", str(port), "--data-dir", f"{folder}/demo"]
        with subprocess.Popen(command, stdout=output, stderr=output) as demo:
            said = Path(output.name)
            wait_until(lambda: "（あと" in said.read_text() or demo.poll() is not None, what="the demo", seconds=120)
            try:
                yield f"http://127.0.0.1:{port}"
            finally:
                demo.terminate()
                demo.wait(60)


class Photographer:
    """Somebody at the desk, with a camera."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base

    def sign_in(self, name: str) -> None:
        codes = self.page.request.get(f"{self.base}/demo/codes/").json()["codes"]
        self.page.goto(f"{self.base}/admin/")
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", "toyooka-demo-2027")
        self.page.fill("#id_otp_token", codes[name])
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/today/")

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else f"{self.base}{BOOKINGS}{path}")

    def take(self, name: str, tallest: int = TALLEST) -> None:
        """Keep what is on the page, at most a sheet of it."""
        self.page.evaluate("document.activeElement.blur()")
        box = self.page.locator("#content").bounding_box()
        assert box, name
        clip = {**box, "height": min(box["height"], tallest)}
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True, clip=clip)

    def shoot(self, name: str, path: str) -> None:
        """Take the page at this address; it must be there."""
        self.go(path)
        assert self.page.url == f"{self.base}{BOOKINGS}{path}", self.page.url
        self.take(name)

    def open_act(self, number: str, act: str) -> None:
        """The page of one button of a booking."""
        self.go(f"{number}/act/{act}/?next={BOOKINGS}today/")

    def send(self) -> None:
        self.page.locator(".submit-row input[type=submit]").first.click()
        self.page.wait_for_load_state()

    def booking_of(self, name: str) -> str:
        """The key of a person's booking."""
        self.go("?q=" + name)
        return re.findall(r"/booking/booking/(\d+)/change/", self.page.content())[0]

    def seminar_of(self, title: str) -> str:
        """The key of a seminar."""
        self.go(f"{self.base}{SEMINARS}?q={title}")
        return re.findall(r"/booking/seminar/(\d+)/change/", self.page.content())[0]

    def tomorrow(self) -> date:
        self.go("tomorrow/")
        year, month, day = map(int, re.findall(r"(\d+)年(\d+)月(\d+)日", self.page.inner_text("#content h1"))[0])
        return date(year, month, day)

    def move_to(self, moment: datetime) -> None:
        """Let the portal's clock go on, as the demo's bar does."""
        self.go("today/")
        self.page.locator(".demo-bar summary").click()
        self.page.fill("#demo-moment", moment.isoformat(timespec="seconds"))
        self.page.get_by_role("button", name="この日時に進める").click()
        self.page.wait_for_load_state()


def play(camera: Photographer, manager: Photographer) -> None:
    """A Tuesday morning, the readiness of Wednesday, a session on either day, the end of the second."""
    session, request, other = (camera.booking_of(name) for name in ("但馬", "城崎", "出石"))
    wednesday = camera.tomorrow()
    seminar = camera.seminar_of("オンライン面接の受け方")
    camera.go(f"{camera.base}{SEMINARS}{seminar}/change/")
    camera.take("seminar", tallest=815)
    camera.go(f"{camera.base}{SEMINARS}{seminar}/people/")
    camera.take("seminar_people")
    camera.shoot("inbox", "inbox/")
    camera.open_act(request, "confirm")
    camera.take("confirm")
    camera.page.check("input[name=eligibility] >> nth=0")
    camera.send()
    camera.shoot("tomorrow", "tomorrow/")
    camera.open_act(session, "cancel_by_user")
    camera.take("cancel")
    camera.shoot("entry", "enter/")
    manager.go(f"calendar/day/{wednesday + timedelta(days=1)}/")
    manager.page.fill("input[name=label]", "臨時閉庁（停電）")
    manager.send()
    manager.take("closure")
    camera.move_to(datetime.combine(wednesday - timedelta(days=1), time(10, 4)))
    camera.shoot("today", "today/")
    camera.move_to(datetime.combine(wednesday, time(10, 34)))
    camera.open_act(session, "complete")
    camera.page.check("input[name=outcome] >> nth=0")
    camera.send()
    camera.shoot("next", f"{session}/next/")
    camera.open_act(other, "decline")
    camera.page.fill("#id_reason", "ご希望の時間に担当者が不在のため")
    camera.send()
    camera.shoot("calls", "calls/")
    camera.move_to(datetime.combine(wednesday, time(16, 40)))
    camera.shoot("closing", "closing/")


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with fresh_demo() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *sandbox, "--lang=ja"])
        desks = [Photographer(browser.new_page(viewport=DESK, locale="ja-JP", timezone_id="Asia/Tokyo"), base) for _each in range(2)]
        for desk, name in zip(desks, ("sato", "kanri"), strict=True):
            desk.sign_in(name)
        play(*desks)
        browser.close()


if __name__ == "__main__":
    main()
