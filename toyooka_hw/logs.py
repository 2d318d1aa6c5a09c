"""How a line of the log is written: neither personal links, nor Zoom's addresses, nor what staff search for stand in it."""

import logging
import re

_PERSONAL_LINK = re.compile(r"/(b|e|admin/welcome)/[^/\s\"']+")
# A meeting's address at Zoom, its API's too: the id, and in join and host addresses what opens it (C6-2-3a).
_MEETING = re.compile(r"/(meetings|j|s|wc|wc/join)/\d{9,}[^\s\"']*")
# ``q=`` of an address, and of an address that another one carries (then its signs are written with %, perhaps more than once).
_SEARCH = re.compile(r"((?:[?&=]|%(?:25)*(?:3F|26|3D))q(?:=|%(?:25)*3D))[^&\s\"']+", re.IGNORECASE)


class DiscreetFormatter(logging.Formatter):
    """Masks the token of personal links, meetings' addresses and the words of a search wherever they came from: message, arguments or traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = _PERSONAL_LINK.sub(r"/\1/***", super().format(record))
        return _SEARCH.sub(r"\1***", _MEETING.sub(r"/\1/***", line))
