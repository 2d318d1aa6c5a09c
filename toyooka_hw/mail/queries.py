"""Reading the outbox of mails."""

from datetime import datetime

from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When

from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

# A mail's state as far as its reader is concerned: what came back has failed, whatever the server first said.
FATE = Case(When(bounced_at__isnull=False, then=Value(OutboxState.FAILED.value)), default=F("outbox_state"))


def unfinished() -> QuerySet[OutgoingMail]:
    """Mails that are still to be sent."""
    return OutgoingMail.objects.exclude(outbox_state__in=[OutboxState.DONE, OutboxState.FAILED])


def in_the_way_of(mail: OutgoingMail, *, wall: datetime) -> QuerySet[OutgoingMail]:
    """Earlier mails to the same address that this one waits for: what somebody reads last is what was written last."""
    if not mail.in_order:
        return OutgoingMail.objects.none()
    return unfinished().filter(to=mail.to, in_order=True, pk__lt=mail.pk).exclude(passed_from__lte=wall)


def waiting_for(mail: OutgoingMail) -> QuerySet[OutgoingMail]:
    """Later mails to the same address that may have waited for this one, the next one first."""
    if not mail.in_order:
        return OutgoingMail.objects.none()
    return unfinished().filter(to=mail.to, in_order=True, pk__gt=mail.pk).order_by("pk")


def oldest_unsent() -> OutgoingMail | None:
    """The mail that has waited longest; its age counts from ``queued_at``, in real time. One query."""
    return unfinished().order_by("queued_at", "pk").first()


def lost_addresses(*, since: datetime) -> QuerySet[OutgoingMail]:
    """The latest mail that did not reach each address, where none has been accepted there since. One query."""
    later = OutgoingMail.objects.filter(
        to=OuterRef("to"), pk__gt=OuterRef("pk"), outbox_state=OutboxState.DONE, dropped="", bounced_at=None
    )
    return OutgoingMail.objects.filter(~Exists(later), bounced_at__gte=since).order_by("to", "-pk").distinct("to")
