"""What every sweep owes its rows: one that fails is logged and left for the next look, and never stops the others."""

import logging
from collections.abc import Callable, Iterable

logger = logging.getLogger(__name__)


def each(rows: Iterable[int], work: Callable[[int], object], *, name: str) -> int:
    """Do the work for every row by its id; returns how many times it answered true. Errors are logged by their type alone."""
    done = 0
    for row in rows:
        try:
            done += bool(work(row))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with this row, the next one may be fine
            logger.error("sweep.row_failed sweep=%s row=%s error=%s", name, row, type(error).__name__)  # noqa: TRY400 - a traceback could carry personal data
    return done
