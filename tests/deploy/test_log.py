"""What production's web process writes about those who ask: a line each, by view, without addresses; gunicorn's own lines too."""

import json
import socket

from tests.deploy.production import Web
from tests.surroundings import wait_until
from toyooka_hw.demo.processes import LOOPBACK

TOKEN = "17-1.c2lnbmVkLWFuZC1zZWNyZXQ"
NAME = "%E8%B1%8A%E5%B2%A1"


def test_log_of_web_is_json_and_carries_neither_links_nor_names(web: Web) -> None:
    before = web.part.log.stat().st_size
    for path in (f"/b/{TOKEN}/join/?x=1", f"/e/{TOKEN}/", f"/admin/welcome/{TOKEN}/", f"/admin/accounts/person/?q={NAME}"):
        web.ask(path, **{"User-Agent": "Hanako's phone", "X-Request-ID": "0123456789abcdef0123456789abcdef"})
    with socket.create_connection((LOOPBACK, web.port)) as rude:
        rude.sendall(f"GET /b/{TOKEN}/ HTTP/9.9\r\nHost: x\r\n\r\n".encode())
        rude.recv(1024)
    wait_until(lambda: b"Invalid" in web.part.log.read_bytes()[before:], what="gunicorn's own word about a request that is none")
    said = web.part.log.read_bytes()[before:].decode()
    lines = [json.loads(line) for line in said.splitlines()]
    noted = [(line["view"], line["status"], line["request"]) for line in lines if line["event"] == "request.done"]
    assert [each for each in noted if each[2].startswith("01234567")] == [
        ("booking_join", 404, "0123456789abcdef0123456789abcdef"),
        ("registration", 404, "0123456789abcdef0123456789abcdef"),
        ("admin:staff_welcome", 404, "0123456789abcdef0123456789abcdef"),
        ("admin:accounts_person_changelist", 302, "0123456789abcdef0123456789abcdef"),
    ]
    assert [word for word in (TOKEN, NAME, "Hanako", "203.0.113.7") if word in said] == []
