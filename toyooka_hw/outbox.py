"""Rows that want something done outside: wanted → claimed → done | failed.

The table is the queue. A claim is one conditional UPDATE that takes a lease; whoever changes the row owns it until the lease ends. Settling
asks for the claim's token, so a worker that was slow, killed or replaced cannot write over its successor. All moments here are real time
(``clock.wall()``), never the portal's.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class OutboxState(models.TextChoices):
    WANTED = "wanted", _("実行待ち")
    CLAIMED = "claimed", _("実行中")
    DONE = "done", _("完了")
    FAILED = "failed", _("失敗")


class OutboxQuerySet(models.QuerySet["OutboxRow"]):
    def due(self, wall: datetime) -> Self:
        """Rows to act on now: wanted and due, or claimed by a worker whose lease has ended."""
        wanted = Q(outbox_state=OutboxState.WANTED, next_try_at__lte=wall)
        abandoned = Q(outbox_state=OutboxState.CLAIMED, leased_until__lte=wall)
        return self.filter(wanted | abandoned).order_by("next_try_at", "pk")

    def claim(self, pk: int, *, lease: timedelta, wall: datetime) -> Any:
        """Take a due row for ``lease``; return it, or None where another worker has it or nothing is due."""
        token = uuid.uuid4()
        taken = (
            self.filter(pk=pk)
            .due(wall)
            .order_by()
            .update(outbox_state=OutboxState.CLAIMED, claim=token, leased_until=wall + lease, attempts=F("attempts") + 1)
        )
        return self.get(pk=pk, claim=token) if taken else None


class OutboxRow(models.Model):
    """What every outbox row carries. ``next_try_at`` and ``leased_until`` are real time."""

    outbox_state = models.CharField(_("処理の状態"), max_length=10, choices=OutboxState, default=OutboxState.WANTED)
    attempts = models.PositiveIntegerField(_("試行回数"), default=0)
    next_try_at = models.DateTimeField(_("次の試行"))
    claim = models.UUIDField(null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.CharField(_("直近のエラー"), max_length=300, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        abstract = True

    def settle(self, state: OutboxState, **changes: Any) -> bool:
        """Write the outcome where the claim is still ours; False means another worker took over meanwhile."""
        changes = {"outbox_state": state, "claim": None, "leased_until": None, **changes}
        return bool(type(self).objects.filter(pk=self.pk, claim=self.claim).update(**changes))

    def settle_later(self, *, at: datetime, error: str, **changes: Any) -> bool:
        """Put the row back, to be tried again at ``at`` (real time)."""
        return self.settle(OutboxState.WANTED, next_try_at=at, last_error=error[:300], **changes)

    def settle_failed(self, *, error: str, **changes: Any) -> bool:
        """Give up visibly; staff may press "try again"."""
        return self.settle(OutboxState.FAILED, last_error=error[:300], **changes)
