"""The office's side of the terms: versions from import to announcement, notices and whom to phone, the evidence of consent."""

from consent.admin import evidence, notices, versions

__all__ = ["evidence", "notices", "versions"]
