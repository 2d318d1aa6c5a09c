"""Python reads this at its start where PYTHONPATH names this folder: packages that production does not install are not to be found.

``MISSING_PACKAGES`` names them, separated by commas.
"""

import os
import sys

MISSING = frozenset(os.environ["MISSING_PACKAGES"].split(","))


class NotInstalled:
    """Finds nothing, loudly, where the name is one of those."""

    @staticmethod
    def find_spec(name: str, *_rest: object) -> None:
        if name.partition(".")[0] in MISSING:
            raise ModuleNotFoundError(f"No module named {name!r}: production does not install it", name=name)


sys.meta_path.insert(0, NotInstalled)  # type: ignore[arg-type]  # a class with the one method a finder needs
