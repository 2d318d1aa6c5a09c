"""Measurements print figures and assert no times; they run on demand only: ``pytest tests/bench --bench -s``."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--bench"):
        return
    for item in items:
        if "tests/bench" in item.nodeid:
            item.add_marker(pytest.mark.skip(reason="measures; asked for with --bench"))
