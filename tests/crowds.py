"""People who look at a page again and again while something is done to the portal."""

import threading
from collections import Counter
from collections.abc import Callable

from tests.surroundings import wait_until


class Crowd:
    """So many people, each of whom looks (``look``: the status that is met) as long as the crowd is there, ``pause`` seconds between two looks."""

    def __init__(self, look: Callable[[], int], *, at_once: int, pause: float = 0) -> None:
        self.answers: Counter[int] = Counter()
        self._look, self._pause, self._over = look, pause, threading.Event()
        self._people = [threading.Thread(target=self._ask) for _person in range(at_once)]

    def __enter__(self) -> "Crowd":
        for person in self._people:
            person.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._over.set()
        for person in self._people:
            person.join()

    def asks(self, more: int) -> None:
        """Wait until so many more were answered."""
        wanted = self.answers.total() + more
        wait_until(lambda: self.answers.total() >= wanted, what=f"{more} answers")

    def _ask(self) -> None:
        while not self._over.wait(self._pause):
            self.answers[self._look()] += 1
