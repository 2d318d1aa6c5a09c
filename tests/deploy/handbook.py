"""The operator's handbook as tests read it."""

import re

from tests.deploy.compose import ROOT

HANDBOOK = (ROOT / "docs" / "operators-handbook.md").read_text()
SECTION = re.compile(r"^## (\d) ", re.MULTILINE)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands() -> dict[int, list[str]]:
    """The blocks of commands of each section, without those for root and systemd."""
    _before, *parts = SECTION.split(HANDBOOK)
    return {int(number): BLOCK.findall(text) for number, text in zip(parts[::2], parts[1::2], strict=True)}
