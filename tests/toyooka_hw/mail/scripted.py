"""A mail server that answers one command of its choice with a line of the test's choice, hangs up on it, or never answers it at all."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

USUAL = {"DATA": "354 go on", "AUTH": "235 come in"}
HANGS_UP = ""
SILENT = "…"


@contextmanager
def scripted_server(**answers: str) -> Iterator[int]:
    """The port of a server on loopback that says yes to everything but the commands named."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=_serve, args=(listener, USUAL | answers), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
    thread.join(timeout=10)


def _serve(listener: socket.socket, answers: dict[str, str]) -> None:
    try:
        client, _address = listener.accept()
    except OSError:
        return
    with client, client.makefile("rwb") as lines:
        _say(lines, "220 scripted")
        in_text = False
        for line in lines:
            command = line[:4].decode("ascii", "replace").upper().strip()
            if in_text:
                in_text = line != b".\r\n"
                if not in_text and not _say(lines, answers.get("TEXT", "250 kept")):
                    return
                continue
            in_text = command == "DATA" and answers["DATA"].startswith("354")
            usual = "250-scripted\r\n250 AUTH PLAIN" if command == "EHLO" else "250 yes"
            if not _say(lines, answers.get(command, usual)) or command == "QUIT":
                return


def _say(lines: object, words: str) -> bool:
    """False where the server hangs up instead."""
    if words not in (HANGS_UP, SILENT):
        lines.write(f"{words}\r\n".encode())
        lines.flush()
    return words != HANGS_UP
