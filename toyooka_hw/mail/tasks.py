from typing import Any

from celery import shared_task

from toyooka_hw import clock
from toyooka_hw.mail import operations


@shared_task(name="mail.deliver")
def deliver(*, mail_id: int, **later_arguments: Any) -> None:
    operations.deliver(mail_id, now=clock.now(), wall=clock.wall())


@shared_task(name="mail.forget")
def forget(**later_arguments: Any) -> None:
    operations.forget(now=clock.now())


@shared_task(name="mail.sweep")
def sweep(**later_arguments: Any) -> None:
    operations.sweep(now=clock.now(), wall=clock.wall())
