"""What a phone fetches when it opens a page for the first time."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

Fetch = Callable[[str], bytes]
STYLESHEET = re.compile(r'<link[^>]*rel="stylesheet"[^>]*href="([^"]+)"')
SCRIPT = re.compile(r'<script[^>]*src="([^"]+)"')
OTHER = re.compile(r'<(?:link rel="icon"|img|source)[^>]*(?:href|src)="([^"]+)"')
DRAWN = re.compile(r"url\([\"']?([^)\"']+)[\"']?\)")


@dataclass(frozen=True)
class FirstLoad:
    """Bytes of every body by address, the page itself first. Pictures named in a stylesheet count whether this page draws them or not."""

    sizes: dict[str, int]
    stylesheets: int
    scripts: int

    @property
    def total(self) -> int:
        return sum(self.sizes.values())


def first_load(address: str, text: Fetch, size: Callable[[str], int]) -> FirstLoad:
    """Follow what the page at this address names. ``text``: a body as it is read; ``size``: its bytes as they travel."""
    page = text(address).decode()
    stylesheets, scripts = STYLESHEET.findall(page), SCRIPT.findall(page)
    drawn = [urljoin(sheet, name) for sheet in stylesheets for name in DRAWN.findall(text(sheet).decode()) if not name.startswith("data:")]
    wanted = dict.fromkeys([address, *stylesheets, *scripts, *OTHER.findall(page), *drawn])
    return FirstLoad({each: size(each) for each in wanted}, len(stylesheets), len(scripts))
