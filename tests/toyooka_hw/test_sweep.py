"""One row that fails never stops the others."""

import logging

import pytest

from toyooka_hw.sweep import each


def test_each_goes_on_after_a_row_that_fails_and_logs_no_words_of_it(caplog: pytest.LogCaptureFixture) -> None:
    rows = {1: "1", 2: "hanako@example.jp", 3: "3", 4: "0"}
    with caplog.at_level(logging.ERROR):
        assert each(rows, lambda row: int(rows[row]), name="test") == 2
    assert [record.getMessage() for record in caplog.records] == ["sweep.row_failed sweep=test row=2 error=ValueError"]
