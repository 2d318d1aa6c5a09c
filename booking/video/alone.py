"""A process that shares nothing: its own token, no pace, no count. For tools and tests that speak to Zoom by themselves."""

from contextlib import AbstractContextManager, nullcontext

from booking.video.port import Commons, Load, Token


class Alone(Commons):
    """Nobody else uses the account."""

    def kept_token(self) -> Token | None:
        return None

    def keep_token(self, token: Token) -> None:
        return None

    def renewing(self) -> AbstractContextManager[None]:
        return nullcontext()

    def await_turn(self, load: Load) -> None:
        return None

    def spend(self, host: str) -> None:
        return None

    def give_back(self, host: str) -> None:
        return None

    def spent(self, host: str) -> None:
        return None
