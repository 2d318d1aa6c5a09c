"""Every kind of answer, as an auditor asks for it: its headers, the methods it takes, and words in the office's language (japan.md §4.3)."""

import re
from pathlib import Path

import pytest

from tests.deploy.production import HOST, Production, Web

ALWAYS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains; preload"


@pytest.fixture(scope="module")
def stylesheet(production: Production) -> str:
    return f"/static/{next(Path(production.environment['STATIC_ROOT']).glob('portal.*.css')).name}"


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/", "GET", 200),
        ("/slots", "GET", 301),
        ("/admin/", "GET", 302),
        ("/admin/login/", "GET", 200),
        ("/static/admin/css/base.css", "GET", 200),
        ("stylesheet", "GET", 200),
        ("stylesheet", "POST", 405),
        ("/static/../../etc/passwd", "GET", 404),
        ("/media/", "GET", 404),
        ("/nowhere%00/", "GET", 404),
        ("/%ff%fe/", "GET", 404),
        ("/slots/?week=%ff%00&page=%fe", "GET", 200),
        ("//elsewhere.example.jp/admin", "GET", 404),
        ("/slots/begin/", "POST", 403),
        ("/zoom/webhook", "GET", 405),
        ("/slots/", "TRACE", 405),
        ("/healthz", "GET", 200),
        ("/zoom/webhook", "POST", 401),
        ("/metrics", "GET", 404),
    ],
)
def test_answer_carries_the_headers(web: Web, stylesheet: str, path: str, method: str, status: int) -> None:
    answer = web.ask(stylesheet if path == "stylesheet" else path, method)
    assert (answer.status, {name: answer.headers[name] for name in ALWAYS}) == (status, ALWAYS)
    assert (answer.headers["Strict-Transport-Security"], "default-src 'none'" in answer.headers["Content-Security-Policy"]) == (HSTS, True)


@pytest.mark.parametrize("host", ["elsewhere.example.jp", f"{HOST}@elsewhere.example.jp", f"{HOST}/x"])
def test_refused_host_carries_them_too(web: Web, host: str) -> None:
    answer = web.ask("/", Host=host)
    assert (answer.status, {name: answer.headers[name] for name in ALWAYS}) == (400, ALWAYS)


def test_way_to_tls_is_the_portals_own_whatever_host_is_named(web: Web) -> None:
    answer = web.ask("/guide/", Host="elsewhere.example.jp", **{"X-Forwarded-Proto": "http", "X-Forwarded-Host": "elsewhere.example.jp"})
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/guide/")
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "DELETE", "PATCH", "CONNECT", "NONSENSE"])
@pytest.mark.parametrize("path", ["/slots/", "/admin/login/", "/healthz", "/zoom/webhook"])
def test_other_methods_are_refused_in_words(web: Web, path: str, method: str) -> None:
    answer = web.ask(path, method)
    assert (answer.status, answer.headers["Allow"], "このページは直接開くことができません" in answer.text) == (405, "GET, HEAD, POST", True)


def test_session_of_a_visitor_is_bound_to_this_host_and_to_tls(web: Web) -> None:
    answer = web.send("/sign-in/mine/", "email=cookie%40example.jp")
    (session,) = [each for each in answer.headers.get_all("Set-Cookie") or [] if "sessionid" in each]
    assert re.fullmatch(r"__Host-sessionid=\w{32}; expires=[^;]+; HttpOnly; Max-Age=\d+; Path=/; SameSite=Lax; Secure", session)


@pytest.mark.parametrize("body", ["a=1&" * 1500, "email=" + "a" * 2_700_000, "email=%ff%fe%00", "%00=%00"])
def test_body_that_no_form_sends_is_refused_in_words(web: Web, body: str) -> None:
    """With a token that is right, so that it is read to the end."""
    answer = web.send("/sign-in/mine/", body)
    assert (answer.status in (200, 400, 403, 413), 'lang="ja"' in answer.text, "Django" in answer.text) == (True, True, False)
