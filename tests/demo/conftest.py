"""Places for the demo's data."""

from pathlib import Path

import pytest


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """A folder that only its owner may enter."""
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    return folder
