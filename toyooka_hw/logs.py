"""How a line of the log is written: neither personal links nor what staff search for stand in it."""

import logging
import re

_PERSONAL_LINK = re.compile(r"/(b|admin/welcome)/[^/\s\"']+")
# ``q=`` of an address, and of an address that another one carries (then its signs are written with %, perhaps more than once).
_SEARCH = re.compile(r"((?:[?&=]|%(?:25)*(?:3F|26|3D))q(?:=|%(?:25)*3D))[^&\s\"']+", re.IGNORECASE)


class DiscreetFormatter(logging.Formatter):
    """Masks the token of personal links and the words of a search wherever they came from: message, arguments or traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return _SEARCH.sub(r"\1***", _PERSONAL_LINK.sub(r"/\1/***", super().format(record)))
