"""How a line of the log is written: personal links never stand in it."""

import logging
import re

_PERSONAL_LINK = re.compile(r"/(b|admin/welcome)/[^/\s\"']+")


class DiscreetFormatter(logging.Formatter):
    """Masks the token of personal links wherever it came from: message, arguments or traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return _PERSONAL_LINK.sub(r"/\1/***", super().format(record))
