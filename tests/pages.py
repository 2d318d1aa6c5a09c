"""Filling in the portal's own pages: what a form carries hidden goes along, as in a browser."""

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client


class _Forms(HTMLParser):
    """The forms of a page with their hidden and ready-filled fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append((given.get("action") or "", {}))
        elif tag == "input" and self.forms and given.get("name"):
            ready = given.get("type") in ("hidden", "text", "email", "tel") or "checked" in given
            if ready:
                self.forms[-1][1][str(given["name"])] = given.get("value") or ""


def forms_of(response: HttpResponse) -> list[tuple[str, dict[str, str]]]:
    """Each form's action and what it already carries."""
    parser = _Forms()
    parser.feed(response.content.decode())
    return parser.forms


def submit(client: Client, response: Any, *, action: str = "", **values: Any) -> Any:
    """Send the page's form (the one whose action contains ``action``) with these values; follows redirects."""
    address, carried = next((form for form in forms_of(response) if action in form[0] and (action or form[0] == "")), ("", {}))
    page = response.request["PATH_INFO"] + (f"?{response.request['QUERY_STRING']}" if response.request["QUERY_STRING"] else "")
    return client.post(address or page, {**carried, **values}, follow=True)
