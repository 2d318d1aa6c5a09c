"""Browsers that come in over the network, as the tests' other browsers do not: they meet what people meet while something is down."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from toyooka_hw import clock

PATIENCE_SECONDS = 60
NO_PAGE = 0  # nobody answered


@dataclass(frozen=True)
class Page:
    """One answer, with what ``tests.pages`` reads of an answer of Django's own client."""

    status_code: int
    content: bytes
    path: str
    query: str
    headers: Any = field(repr=False)

    @property
    def request(self) -> dict[str, str]:
        return {"PATH_INFO": self.path, "QUERY_STRING": self.query}

    @property
    def address(self) -> str:
        return self.path + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True)
class Met:
    """What somebody met at a page: when (real time), at which address, and with which status."""

    at: datetime
    path: str
    status: int
    words: str = ""

    @property
    def is_refusal(self) -> bool:
        """Whether the portal said no."""
        return HTTPStatus.BAD_REQUEST <= self.status < HTTPStatus.INTERNAL_SERVER_ERROR


class _From(HTTPAdapter):
    """Comes from a network address of its own: one address may ask for so many codes an hour only."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, source_address=(self.address, 0), **kwargs)


class Browser:
    """One person's browser. Everything it meets is told to ``tell``."""

    def __init__(self, url: str, *, number: int = 1, tell: Callable[[Met], object] = lambda _met: None) -> None:
        self.url = url
        self.tell = tell
        self.session = requests.Session()
        self.session.mount("http://", _From(f"127.{1 + number // 62500}.{1 + number // 250 % 250}.{1 + number % 250}"))

    def get(self, path: str, data: Any = None, **_follow: bool) -> Page:
        return self._send("GET", path, params=data)

    def post(self, path: str, data: Any = None, **_follow: bool) -> Page:
        return self._send("POST", path, data=data, headers={"Referer": self.url + path})

    def _send(self, method: str, path: str, **more: Any) -> Page:
        wanted = path if path.startswith("http") else self.url + path
        try:
            answer = self.session.request(method, wanted, timeout=PATIENCE_SECONDS, **more)
        except requests.RequestException:
            self.tell(Met(clock.wall(), path, NO_PAGE))
            return Page(NO_PAGE, b"", path, "", {})
        parts = urlsplit(answer.url)
        words = answer.text if answer.status_code >= HTTPStatus.BAD_REQUEST else ""
        self.tell(Met(clock.wall(), f"{method} {parts.path}", answer.status_code, words))
        return Page(answer.status_code, answer.content, parts.path, parts.query, answer.headers)
