"""The proxy of ``deploy/nginx.conf``, a real nginx before a real web process: TLS, who is believed, what the log tells.

Without nginx and openssl these tests skip aloud, and fail where REQUIRE_PROGRAMS is set.
"""

import http.client
import json
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.production import DEPLOY, HOST, Answer, Production, Web, answered, running_web
from tests.surroundings import PATIENCE_SECONDS, system_program, wait_until
from toyooka_hw.demo.processes import LOOPBACK, Order, accepts, free_port, start

TOKEN = "17-1:c2lnbmVkLWFuZC1zZWNyZXQ"
HEADERS_OF_THE_PROXY = (
    "Strict-Transport-Security: max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options: nosniff",
    "X-Frame-Options: DENY",
    "Referrer-Policy: same-origin",
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    "Cache-Control: no-store",
)


@dataclass(frozen=True)
class Proxy:
    """A running nginx and what stands behind it."""

    web: Web
    tls_port: int
    plain_port: int
    certificate: Path
    log: Path

    def ask(self, path: str, method: str = "GET", body: str = "", **headers: str) -> Answer:
        trust = ssl.create_default_context(cafile=str(self.certificate))
        connection = http.client.HTTPSConnection(HOST, self.tls_port, timeout=PATIENCE_SECONDS, context=trust)
        connection._create_connection = lambda address, *rest: socket.create_connection((LOOPBACK, address[1]), *rest)  # type: ignore[attr-defined]  # the name is only in the certificate
        return answered(connection, path, method, body, {"Host": HOST} | headers)

    def told(self, request: bytes) -> str:
        """What is answered to these very bytes, headers and all."""
        trust = ssl.create_default_context(cafile=str(self.certificate))
        with (
            socket.create_connection((LOOPBACK, self.tls_port), timeout=PATIENCE_SECONDS) as plain,
            trust.wrap_socket(plain, server_hostname=HOST) as wire,
        ):
            wire.sendall(request)
            return b"".join(iter(lambda: wire.recv(65536), b"")).decode()

    def lines(self) -> list[dict[str, object]]:
        """The access log so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


UNTRIED = "the proxy's configuration is not tried"


@pytest.fixture(scope="module")
def proxy(production: Production, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    nginx = system_program("nginx", otherwise=UNTRIED)
    openssl = system_program("openssl", otherwise=UNTRIED)
    folder = tmp_path_factory.mktemp("proxy")
    folder.chmod(0o755)
    subject = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    key = ["-newkey", "rsa:2048", "-nodes", "-keyout", folder / "tls_key", "-out", folder / "tls_certificate"]
    subprocess.run([openssl, "req", "-x509", "-days", "2", *key, *subject], capture_output=True, check=True)
    tls_port, plain_port = free_port(), free_port()
    with running_web(production, PRESSES_PER_ADDRESS="3") as web:
        conf = _conf(folder, web.port, tls_port, plain_port)
        checked = subprocess.run([nginx, "-t", "-c", conf], capture_output=True, text=True, check=False)
        assert "[warn]" not in checked.stderr, checked.stderr
        part = start(Order("nginx", [nginx, "-c", conf, "-g", "daemon off;"], folder / "nginx.log"))
        try:
            part.wait_until(lambda: accepts(tls_port), seconds=PATIENCE_SECONDS)
            yield Proxy(web, tls_port, plain_port, folder / "tls_certificate", folder / "access.log")
        finally:
            part.stop()


def _conf(folder: Path, web_port: int, tls_port: int, plain_port: int) -> Path:
    """The very file, with the places of this machine instead of a container's."""
    text = (DEPLOY / "nginx.conf").read_text()
    places = {
        "/tmp/": f"{folder}/",  # first: our own places lie below it
        "http://web:8000": f"http://{LOOPBACK}:{web_port}",
        "listen 80;": f"listen {LOOPBACK}:{plain_port};",
        "listen 443 ssl;": f"listen {LOOPBACK}:{tls_port} ssl;",
        "/run/secrets/": f"{folder}/",
        "access_log /dev/stdout": f"access_log {folder}/access.log",
    }
    for there, here in places.items():
        assert there in text
        text = text.replace(there, here)
    conf = folder / "nginx.conf"
    conf.write_text(text)
    return conf


def test_page_comes_through_tls_with_every_header(proxy: Proxy) -> None:
    answer = proxy.ask("/")
    assert (answer.status, "Django" in answer.text, answer.headers["Server"]) == (200, False, "nginx")
    told = {
        name: answer.headers[name] for name in ("Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy")
    }
    assert told == {
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
    }
    policies = [name for name in answer.headers if name in ("Content-Security-Policy", "Cross-Origin-Opener-Policy")]
    assert sorted(policies) == ["Content-Security-Policy", "Cross-Origin-Opener-Policy"]


def test_plain_http_is_sent_to_tls_without_reaching_the_portal(proxy: Proxy) -> None:
    connection = http.client.HTTPConnection(LOOPBACK, proxy.plain_port, timeout=PATIENCE_SECONDS)
    connection.request("GET", "/slots/?week=2027-04-05", headers={"Host": HOST})
    answer = connection.getresponse()
    connection.close()
    assert (answer.status, answer.headers["Location"]) == (308, f"https://{HOST}/slots/?week=2027-04-05")


def test_old_tls_is_refused(proxy: Proxy) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError), socket.create_connection((LOOPBACK, proxy.tls_port)) as plain:
        old.wrap_socket(plain)


def test_what_a_client_claims_of_itself_ends_at_the_proxy(proxy: Proxy) -> None:
    """Each press claims another address; they are counted as one all the same, and no claim makes another host of ours."""
    claims = [
        {
            "X-Forwarded-For": f"198.51.100.{number}",
            "X-Real-IP": "198.51.100.1",
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Host": "elsewhere.example.jp",
        }
        for number in range(4)
    ]
    assert [proxy.ask("/slots/begin/", "POST", **claim).status for claim in claims] == [403, 403, 403, 429]


def test_host_that_is_not_ours_is_refused(proxy: Proxy) -> None:
    assert proxy.ask("/", Host="elsewhere.example.jp").status == 400


def test_what_is_too_long_does_not_reach_the_portal(proxy: Proxy) -> None:
    assert proxy.ask("/zoom/webhook", "POST", "x" * (2 * 1024 * 1024 + 1)).status == 413


AT_OURS = f" HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GARBAGE\r\n", 400),
        ("GET / HTTP/9.9\r\n", 400),
        (f"GET /%zz{AT_OURS}", 400),
        (f"GET /{'a' * 9000}{AT_OURS}", 400),
        (f"GET /?{'a' * 7990}{AT_OURS}", 400),
        (f"GET /{AT_OURS}Cookie: {'a' * 40_000}\r\n", 400),
        (f"GET /{AT_OURS}X-Nul: a\0b\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n", 400),
        (f"TRACE /{AT_OURS}", 400),
        (f"POST /{AT_OURS}Transfer-Encoding: nonsense\r\n", 400),
        (f"POST /{AT_OURS}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", 400),
        (f"POST /{AT_OURS}Content-Length: 9000000\r\n", 413),
        (f"GET /proxy-refused{AT_OURS}", 400),
    ],
)
def test_what_the_proxy_refuses_itself_is_told_in_words_and_with_the_headers(proxy: Proxy, request_line: str, status: int) -> None:
    told = proxy.told(f"{request_line}\r\n".encode())
    assert told.startswith(f"HTTP/1.1 {status} "), told
    missing = [header for header in HEADERS_OF_THE_PROXY if header not in told]
    assert (missing, "送信された内容" in told, "nginx</center>" in told) == ([], True, False)


def test_longest_address_that_passes_is_read_by_the_portal(proxy: Proxy) -> None:
    told = proxy.told(f"GET /?{'a' * 7900}{AT_OURS}\r\n".encode())
    assert told.startswith("HTTP/1.1 200 "), told


def test_log_masks_personal_links_and_leaves_out_what_is_searched_for(proxy: Proxy) -> None:
    paths = (f"/b/{TOKEN}/join/?x=1", f"/e/{TOKEN}/", f"/admin/welcome/{TOKEN}/", "/admin/accounts/person/?q=%E8%B1%8A%E5%B2%A1")
    heard_of = {"User-Agent": "Hanako's phone", "Referer": f"https://{HOST}/b/{TOKEN}/"}
    numbers = [proxy.ask(path, **heard_of).headers["X-Request-ID"] for path in paths]
    wait_until(lambda: {line["request_id"] for line in proxy.lines()} >= set(numbers), what="these four in the access log")
    by_number = {line["request_id"]: line for line in proxy.lines()}  # lines come after the answers, those of earlier tests too
    lines = [by_number[number] for number in numbers]
    assert [(line["path"], line["status"]) for line in lines] == [
        ("/b/***/join/", 404),
        ("/e/***/", 404),
        ("/admin/welcome/***/", 404),
        ("/admin/accounts/person/", 302),
    ]
    assert {frozenset(line) for line in lines} == {
        frozenset({"time", "request_id", "client", "method", "path", "status", "bytes", "seconds"})
    }
    assert [word for word in (TOKEN, "q=", "Hanako") if word in proxy.log.read_text()] == []


def test_proxy_answers_for_itself(proxy: Proxy) -> None:
    connection = http.client.HTTPConnection(LOOPBACK, proxy.plain_port, timeout=PATIENCE_SECONDS)
    connection.request("GET", "/proxy-healthz")
    assert connection.getresponse().status == 204
    connection.close()


def test_portal_that_is_away_is_told_kindly(proxy: Proxy) -> None:
    """The last test here: it stops what the others ask."""
    proxy.web.part.stop()
    answer = proxy.ask("/")
    assert (answer.status, answer.headers["Content-Type"], answer.headers["Retry-After"]) == (503, "text/html; charset=utf-8", "60")
    assert "ただいまご利用いただけません" in answer.text
    assert [word for word in ("nginx", "127.0.0.1", "502") if word in answer.text] == []
