"""Every mail the portal sends is a row first."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from toyooka_hw.outbox import OutboxRow, OutboxState


class OutgoingMail(OutboxRow):
    """One mail to one address. ``key`` names the event it tells of, so the same event is told once; ``message_id`` never changes,
    so a repeat (death between the server's 250 and settling) is recognisable.

    ``queued_at`` and ``passed_from`` are real time. ``in_order``: waits for earlier mails to the address; codes do not. ``passed_from``: the
    server put off this very mail, so from then on later ones no longer wait for it. ``dropped``: why it was not sent. ``bounced_at``: the
    server refused the address, or the mail came back; ``bounce`` is the status code, never the server's words.
    """

    key = models.CharField(_("用件"), max_length=100, unique=True)
    to = models.EmailField(_("宛先"), max_length=254)
    subject = models.CharField(_("件名"), max_length=200)
    body = models.TextField(_("本文"))
    calendar = models.TextField(_("予定ファイル"), blank=True)
    calendar_method = models.CharField(max_length=10, blank=True)
    secrets = models.JSONField(_("送信後に伏せる語"), default=list, blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=120, unique=True)
    written_at = models.DateTimeField(_("作成日時"))
    queued_at = models.DateTimeField(editable=False)
    in_order = models.BooleanField(default=True, editable=False)
    passed_from = models.DateTimeField(null=True, blank=True, editable=False)
    delivered_at = models.DateTimeField(_("送信日時"), null=True, blank=True)
    dropped = models.CharField(_("送らなかった理由"), max_length=100, blank=True)
    bounced_at = models.DateTimeField(_("届かないことがわかった日時"), null=True, blank=True)
    bounce = models.CharField(_("届かない理由"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("送信メール")
        verbose_name_plural = _("送信メール")
        indexes = [
            # OutboxQuerySet.due: the sweep reads unfinished rows only
            models.Index(
                fields=["next_try_at"], condition=~Q(outbox_state__in=[OutboxState.DONE, OutboxState.FAILED]), name="mail_unfinished"
            ),
            models.Index(fields=["to", "id"], name="mail_by_address"),  # whose turn it is; a person's mails; what came back since
            models.Index(fields=["bounced_at"], condition=Q(bounced_at__isnull=False), name="mail_bounced"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}（{self.key}）"
