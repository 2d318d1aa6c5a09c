import logging
from typing import Any

from celery.signals import beat_init, celeryd_init, setup_logging, task_postrun, task_prerun, worker_ready, worker_shutting_down
from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.signals import request_finished

from toyooka_hw import logs, request_id


class StaffAdminConfig(AdminConfig):
    default_site = "toyooka_hw.accounts.entrance.StaffAdminSite"


class SiteConfig(AppConfig):
    name = "toyooka_hw"
    label = "site"

    def ready(self) -> None:
        from toyooka_hw.checks import end_unsafe_start  # noqa: PLC0415 - checks register themselves once the apps are loaded

        logging.captureWarnings(True)  # they are lines of the log like any other
        celeryd_init.connect(end_unsafe_start)
        beat_init.connect(end_unsafe_start)
        setup_logging.connect(keep_our_log)
        worker_ready.connect(look_at_zoom)
        worker_shutting_down.connect(say_that_it_ends)
        task_prerun.connect(begin_task)
        task_postrun.connect(rest)
        request_finished.connect(rest)


def keep_our_log(loglevel: int | None = None, **kwargs: Any) -> None:
    """Worker and beat write as everybody writes (settings.LOGGING), at the level they were started with."""
    logging.getLogger().setLevel(loglevel or logging.INFO)


def say_that_it_ends(sig: str, how: str, **kwargs: Any) -> None:
    """The worker was told to; what Celery itself cries out then is no line of a log, and ``deploy/worker`` keeps it away."""
    logs.write_at_once(__name__, "worker.ends signal=%s how=%s", sig, how)


def begin_task(task_id: str, task: Any, **kwargs: Any) -> None:
    """The worker goes on for the request that woke it; a task of beat's has its own number."""
    request_id.work_for(getattr(task.request, request_id.TASK_HEADER, "") or request_id.taken_or_made(task_id))


def rest(**kwargs: Any) -> None:
    """The request or task is over; what is written next belongs to none."""
    request_id.work_for("")


def look_at_zoom(**kwargs: Any) -> None:
    """Missing scopes are better known before the first booking needs them."""
    from toyooka_hw.wake import wake  # noqa: PLC0415 - the apps are loaded by now, and not when this module is

    wake("booking.check_zoom")
