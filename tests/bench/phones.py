"""Browsers of the measured portal, and the whole way from the slot page to the receipt, with what each part of it cost."""

import re
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.cookiejar import Cookie
from typing import Any

from requests.cookies import RequestsCookieJar

from booking.models import Booking
from tests.bench.server import BEHIND_TLS, LOOPBACK, Cost, Served
from tests.flows.applying import DECLARED, DETAILS
from tests.flows.faults.browser import PATIENCE_SECONDS, Browser, Page
from tests.pages import forms_of, submit
from tests.visitor import mailed_code, text_of

NUMBER = re.compile(r"\d{4}-\d{4}")


class _Jar(RequestsCookieJar):
    """The cookies are for TLS, which would end before this server."""

    def set_cookie(self, cookie: Cookie, *more: Any, **options: Any) -> None:
        cookie.secure = False
        super().set_cookie(cookie, *more, **options)


class Phone(Browser):
    """Comes in as through the proxy that ends TLS, from a network address of its own."""

    def __init__(self, served: Served, number: int = 1, **cookies: str) -> None:
        super().__init__(served.address, number=number)
        seen_from = {"X-Forwarded-For": f"10.{number // 62500 % 250}.{number // 250 % 250}.{1 + number % 250}"}
        own = {"Origin": f"https://{LOOPBACK}:{served.port}", "Accept-Encoding": "gzip, br"}
        self.session.headers.update({**BEHIND_TLS, **seen_from, **own})
        self.session.cookies = _Jar()
        self.session.cookies.update(cookies)

    def press(self, page: Page, **values: Any) -> int:
        """Send the form of this page, without following where the answer leads; its status."""
        _address, carried = next(form for form in forms_of(page) if form[0] == "")  # type: ignore[arg-type]  # it reads the content only
        return self.send(page.address, {**carried, **values})

    def send(self, path: str, data: dict[str, Any]) -> int:
        """One POST and nothing more; its status."""
        return self.session.post(self.url + path, data=data, allow_redirects=False, timeout=PATIENCE_SECONDS).status_code


@dataclass(frozen=True)
class Flow:
    """One application and what it cost: the way to the last step, that step's POST, and the receipt."""

    booking: Booking
    way: Cost
    request: Cost
    receipt: Cost

    @property
    def whole(self) -> Cost:
        return self.way + self.request + self.receipt


def apply(served: Served, number: int, start: datetime) -> Flow:
    """From the slot page to the receipt: thirteen requests, the code read in the outbox."""
    phone, email = Phone(served, number), f"flow-{number}@example.jp"
    begun = served.spent()
    page = at("terms", submit(phone, phone.get("/slots/"), action="begin", start=start.isoformat()))
    page = at("email", submit(phone, page, **DECLARED))
    page = at("code", submit(phone, page, email=email))
    page = at("details", submit(phone, page, code=mailed_code(email)))
    page = at("confirm", submit(phone, page, **DETAILS))
    ready = served.spent()
    status = phone.press(page)
    sent = served.spent()
    assert status == HTTPStatus.FOUND
    receipt = phone.get(page.path.replace("confirm", "done"))
    done = served.spent()
    found = NUMBER.search(text_of(receipt))
    assert found, text_of(receipt)
    return Flow(Booking.objects.get(number=found[0]), ready - begun, sent - ready, done - sent)


def at(step: str, page: Page) -> Page:
    """The same page, which must be this step's."""
    assert page.path.endswith(f"/{step}/"), f"{page.status_code} {page.path}: {text_of(page)}"  # type: ignore[arg-type]  # it reads the content only
    return page
