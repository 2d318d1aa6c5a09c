"""The example of the environment is one that the settings take."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINES = dict(line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if not line.startswith("#"))
PROBE = (
    "import json; from toyooka_hw import settings as s; print(json.dumps([s.SMTP['EMAIL_USE_TLS'], s.SMTP['EMAIL_PORT'], s.PORTAL_URL]))"
)


def test_every_line_of_the_example_is_read_by_the_settings() -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    outcome = subprocess.run([sys.executable, "-c", PROBE], cwd=ROOT, env=environment | LINES, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr
    assert json.loads(outcome.stdout) == [True, 587, LINES["PORTAL_URL"]]


def test_example_names_every_setting_that_is_not_for_demos_only() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "toyooka_hw" / "settings.py").read_text()))
    assert read - set(LINES) == {"DEMO", "DEBUG", "CLOCK_SOURCE", "DEMO_DATA_DIR"}
