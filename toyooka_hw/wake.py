"""Nudge a task after commit. The table is the truth: a lost nudge is found again by the sweep a minute later."""

import logging
from typing import Any

from django.db import transaction

from toyooka_hw import request_id
from toyooka_hw.celery import app

logger = logging.getLogger(__name__)


def wake(task: str, **kwargs: Any) -> None:
    """Send the task of this name once the running transaction has committed.

    A broker that is down never reaches the person: the loss is logged and the row waits for the sweep.
    """
    transaction.on_commit(lambda: _send(task, kwargs))


def _send(task: str, kwargs: dict[str, Any]) -> None:
    try:
        app.send_task(task, kwargs=kwargs, retry=False, ignore_result=True, headers={request_id.TASK_HEADER: request_id.current()})
    except Exception as error:  # noqa: BLE001 - whatever the broker's client raises, the row is safe and the sweep comes
        logger.warning("wake.lost task=%s error=%s", task, type(error).__name__)
