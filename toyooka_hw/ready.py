"""Whether requests may be sent to this process: the database answers, every migration is applied, the broker answers.

Asked over connections of its own that wait two seconds and no longer: the patience of Django and of Celery is for work, not for a probe.
"""

from collections.abc import Set
from functools import cache

from django.conf import settings
from django.db import Error, ProgrammingError, connection
from django.db.migrations.loader import MigrationLoader
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

PATIENCE_SECONDS = 2
_DATABASE_PATIENCE = {
    "connect_timeout": PATIENCE_SECONDS,
    "tcp_user_timeout": PATIENCE_SECONDS * 1000,  # a peer that has vanished: milliseconds
    "options": f"-c statement_timeout={PATIENCE_SECONDS}s -c default_transaction_read_only=on",
}


def unready() -> list[str]:
    """What is not ready, of ``database``, ``migrations`` and ``broker``; empty where all is. A silent database does not tell its migrations."""
    return [*_database(), *_broker()]


def _database() -> list[str]:
    own = connection.copy()
    own.settings_dict["OPTIONS"] = {**own.settings_dict["OPTIONS"], **_DATABASE_PATIENCE}
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = set(cursor.fetchall())
    except ProgrammingError:  # no such table: nothing was ever applied
        applied = set()
    except Error:
        return ["database"]
    finally:
        own.close()
    return [] if known_migrations() <= applied else ["migrations"]


def _broker() -> list[str]:
    wait = {"socket_connect_timeout": PATIENCE_SECONDS, "socket_timeout": PATIENCE_SECONDS}
    with Redis.from_url(settings.CELERY_BROKER_URL, retry=Retry(NoBackoff(), 0), **wait) as broker:
        try:
            broker.ping()
        except RedisError:
            return ["broker"]
    return []


@cache
def known_migrations() -> Set[tuple[str, str]]:
    """Every migration this code comes with; it does not change while the process lives."""
    return MigrationLoader(None, ignore_no_migrations=True).disk_migrations.keys()
