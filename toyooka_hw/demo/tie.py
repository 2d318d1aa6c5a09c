"""Run a program that cannot outlive the process which started it: ``python tie.py [options] -- program arguments``.

Started by path, not as a module, so that it costs only the bare interpreter. It ties itself to its parent (Linux tells the child when the
parent dies, however it dies), takes on the identity asked for, and then *becomes* the program: same process id, no one in between.

PostgreSQL refuses to run as root. ``--namespace`` enters a user namespace in which root is called by another number: files stay root's, and
folders that only root may enter stay usable. ``--user`` becomes that user for good.

Exit codes of its own: 125 the parent was gone, 126 the identity or the program is refused, 77 a path given by ``--need`` is not reachable.
"""

import argparse
import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
INSIDE_ID = 1000
PARENT_GONE, REFUSED, UNREACHABLE = 125, 126, 77


def die_with_parent(number: int) -> None:
    """Ask the kernel for this signal when the parent dies. Elsewhere than on Linux there is no such promise."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


def main(arguments: list[str]) -> None:
    """Tie, change identity, check the paths, become the program."""
    options = _parse(arguments)
    try:
        _take_identity(options)
    except OSError as error:
        _refuse(REFUSED, f"identity refused: {error}")
    # only now: a change of identity makes the kernel forget the tie
    die_with_parent(options.signal)
    if os.getppid() != options.parent:
        _refuse(PARENT_GONE, "the parent is gone")
    for path in options.need:
        if not os.access(path, os.W_OK | os.X_OK):
            _refuse(UNREACHABLE, f"not reachable: {path}")
    try:
        os.execv(options.program[0], options.program)  # noqa: S606 - becoming the program is the point
    except OSError as error:
        _refuse(REFUSED, f"{options.program[0]}: {error}")


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--signal", type=int, default=signal.SIGKILL)
    parser.add_argument("--namespace", action="store_true")
    parser.add_argument("--user", type=int, nargs=2, metavar=("UID", "GID"))
    parser.add_argument("--need", action="append", default=[])
    parser.add_argument("program", nargs="+")
    return parser.parse_args(arguments)


def _take_identity(options: argparse.Namespace) -> None:
    if options.namespace:
        _enter_namespace()
    if options.user:
        uid, gid = options.user
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)


def _enter_namespace() -> None:
    uid, gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{INSIDE_ID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{INSIDE_ID} {gid} 1")


def _refuse(code: int, words: str) -> None:
    print(f"tie: {words}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
