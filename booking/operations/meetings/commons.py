"""What all processes share of the one Zoom account: its token and its pace in Redis, its hosts' counted days in the database.

Redis measures time itself, so the clocks of our machines play no part. Where it cannot be reached each process goes on alone: Zoom's own
refusals remain, and none of them is fatal.
"""

import hashlib
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db.models import F
from redis import Redis, RedisError
from redis.exceptions import LockError

from booking.models import HostDay
from booking.rules.quota import CALLS_A_DAY, goes_on_at, zoom_day
from booking.video.port import Commons, Load, QuotaSpent, Throttled, Token, ZoomConfig

logger = logging.getLogger(__name__)

# Zoom's calls per second by the account's plan, for all apps of the account together.
PER_SECOND = {
    "free": {Load.LIGHT: 4, Load.MEDIUM: 2},
    "pro": {Load.LIGHT: 30, Load.MEDIUM: 20},
    "business": {Load.LIGHT: 80, Load.MEDIUM: 60},
}
OUR_SHARE = 0.8
LONGEST_QUEUE = timedelta(seconds=5)
RENEWAL_SECONDS = 25  # longer than the token's call may take (ten seconds for connecting, ten for its answer)

# One queue for each load: returns how many milliseconds the caller has to wait for its turn, below zero where the queue is too long to join.
_TAKE_A_TURN = """
local at = redis.call('TIME')
local now = at[1] * 1000 + at[2] / 1000
local turn = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
if turn - now > tonumber(ARGV[2]) then return math.floor(now - turn) end
redis.call('SET', KEYS[1], string.format('%.3f', turn + ARGV[1]), 'PX', 60000)
return math.ceil(turn - now)
"""


@cache
def _redis(url: str) -> Redis:
    return Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1, decode_responses=True)


class OfficeCommons(Commons):
    """The commons of one app's account, at this real moment."""

    def __init__(self, config: ZoomConfig, *, wall: datetime) -> None:
        app = hashlib.sha256(f"{config.account_id} {config.client_id} {config.token_url}".encode()).hexdigest()[:16]
        self._name = f"{settings.CACHES['default']['KEY_PREFIX']}:zoom:{app}"
        self._redis = _redis(settings.REDIS_URL)
        self._wall = wall

    def kept_token(self) -> Token | None:
        name = f"{self._name}:token"
        with _going_on_alone():
            kept, milliseconds = self._redis.get(name), self._redis.pttl(name)
            if kept and milliseconds > 0:
                content = json.loads(kept)
                return Token(content["value"], frozenset(content["scopes"]), milliseconds / 1000)
        return None

    def keep_token(self, token: Token) -> None:
        milliseconds = int(token.seconds * 1000)
        if milliseconds > 0:
            content = json.dumps({"value": token.value, "scopes": sorted(token.scopes)})
            with _going_on_alone():
                self._redis.set(f"{self._name}:token", content, px=milliseconds)

    @contextmanager
    def renewing(self) -> Iterator[None]:
        lock = self._redis.lock(f"{self._name}:renewing", timeout=RENEWAL_SECONDS, blocking_timeout=RENEWAL_SECONDS)
        with _going_on_alone():
            lock.acquire()
        try:
            yield
        finally:
            with _going_on_alone():
                if lock.owned():
                    lock.release()

    def await_turn(self, load: Load) -> None:
        pause = 1000 / (PER_SECOND[settings.ZOOM_PLAN][load] * OUR_SHARE)
        milliseconds = 0
        with _going_on_alone():
            longest = LONGEST_QUEUE.total_seconds() * 1000
            milliseconds = int(self._redis.eval(_TAKE_A_TURN, 1, f"{self._name}:turn:{load}", str(pause), str(longest)))
        if milliseconds < 0:
            raise Throttled(timedelta(milliseconds=-milliseconds), unclear=False, message="our own queue for Zoom is too long")
        time.sleep(milliseconds / 1000)  # its turn is an appointment: nothing happens earlier that would be worth waking for

    def spend(self, host: str) -> None:
        day = HostDay.objects.get_or_create(host_email=host, day=zoom_day(self._wall))[0]
        if not HostDay.objects.filter(pk=day.pk, calls__lt=CALLS_A_DAY).update(calls=F("calls") + 1):
            raise QuotaSpent(
                goes_on_at(self._wall) - self._wall, unclear=False, message=f"{CALLS_A_DAY} calls of this host's day are spent"
            )

    def give_back(self, host: str) -> None:
        HostDay.objects.filter(host_email=host, day=zoom_day(self._wall), calls__range=(1, CALLS_A_DAY - 1)).update(calls=F("calls") - 1)

    def spent(self, host: str) -> None:
        HostDay.objects.filter(host_email=host, day=zoom_day(self._wall)).update(calls=CALLS_A_DAY)


@contextmanager
def _going_on_alone() -> Iterator[None]:
    try:
        yield
    except (RedisError, LockError) as error:
        logger.warning("zoom.alone error=%s", type(error).__name__)
