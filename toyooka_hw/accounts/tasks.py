from typing import Any

from celery import shared_task

from toyooka_hw import clock
from toyooka_hw.accounts import operations


@shared_task(name="accounts.forget")
def forget(**later_arguments: Any) -> None:
    wall = clock.wall()
    operations.forget_codes(wall=wall)
    operations.forget_sessions(wall=wall)
