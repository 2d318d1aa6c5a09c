"""Several tests at a time (decision 30): how many workers of pytest-xdist there are, and what one of them gets as a whole."""

import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

AT_LEAST, AT_MOST = 3, 4  # not every core that is seen may be used
# Folders that start a whole town of processes stay with one worker, which starts it once; everything else is given out file by file.
TOGETHER = ("tests/flows/faults/", "tests/deploy/")
# What takes longest begins first, so that nothing long is left when everything else is done.
LONGEST_FIRST = (
    "tests/flows/faults/",
    "tests/deploy/",
    "tests/demo/test_supervisor.py",
    "tests/flows/",
    "tests/browser/",
    "tests/repository/",
)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores where everything is run: much of a story is waiting. Whoever names tests sees them run in this very process."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or AT_LEAST
    return min(max(cores + 1, AT_LEAST), AT_MOST) if everything else 0


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return Rooms(config, log)


class Rooms(LoadScopeScheduling):
    """Gives out whole files, or whole folders, the longest first."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in TOGETHER if file.startswith(folder)), file)

    def _assign_work_unit(self, node: Any) -> None:
        self.workqueue.move_to_end(min(self.workqueue, key=place_in_line), last=False)
        super()._assign_work_unit(node)


def place_in_line(room: str) -> int:
    return next((place for place, name in enumerate(LONGEST_FIRST) if room.startswith(name)), len(LONGEST_FIRST))
