"""Reading the notices of changes: who is told, by which mail, and whom no mail reaches."""

from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from consent.models import ChangeNotice, Consent, ConsentWithdrawal, NoticeDelivery
from consent.queries.merged import survivor
from consent.queries.versions import TEXTS
from consent.rules import BANNER_AFTER_EFFECT, Ground
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.queries import FATE
from toyooka_hw.outbox import OutboxState

# Asked by every page, and mostly answered by nothing: as a sentence to the database, because Django takes ten times as long to write it.
# An announced version that another one replaced before it took effect is not told of (rules.is_replaced).
_TOLD = """\
SELECT notice.id FROM consent_changenotice notice JOIN consent_termsversion version ON version.id = notice.version_id
WHERE version.announced_at <= %(now)s AND version.effective_at > %(since)s AND notice.ground <> %(initial)s AND NOT EXISTS (
  SELECT FROM consent_termsversion another
  WHERE another.document_id = version.document_id AND another.effective_at = version.effective_at
    AND another.announced_at < another.effective_at AND another.id > version.id)
"""


def banners(*, now: datetime) -> list[ChangeNotice]:
    """The notices every page tells of: from the announcement until 14 days after the effect, never of a first publication (C13-0, S9-0).

    One query where there is nothing to tell, two otherwise.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, {"now": now, "since": now - BANNER_AFTER_EFFECT, "initial": Ground.INITIAL.value})
        told = [pk for (pk,) in cursor.fetchall()]
    if not told:
        return []
    notices = ChangeNotice.objects.filter(pk__in=told).select_related("version__document")
    return list(notices.defer(*(f"version__{name}" for name in TEXTS)).order_by("version__effective_at", "pk"))


def concerned(notice: ChangeNotice) -> QuerySet[Person]:
    """Everybody who is told: people with a consent to the document on record, given before the change takes effect and not withdrawn
    (C13-0, S9-0)."""
    withdrawn = ConsentWithdrawal.objects.annotate(survivor=survivor()).filter(
        document=notice.version.document_id, survivor=OuterRef("survivor"), withdrawn_at__gte=OuterRef("agreed_at")
    )
    consents = Consent.objects.annotate(survivor=survivor()).filter(
        ~Exists(withdrawn), agreed=True, version__document=notice.version.document_id, agreed_at__lt=notice.version.effective_at
    )
    return Person.objects.filter(pk__in=consents.values("survivor")).order_by("pk")


def told(notice: ChangeNotice) -> QuerySet[NoticeDelivery]:
    """The mails of the notice to the person of the outer query, whichever of their merged rows it was written to."""
    return NoticeDelivery.objects.annotate(survivor=survivor()).filter(notice=notice, survivor=OuterRef("pk"))


def deliveries(notice: ChangeNotice) -> QuerySet[NoticeDelivery]:
    """The mails of the notice, each with ``mail_state`` and ``sent_at``: the mail's own, or what was kept of it. One query."""
    mail = OutgoingMail.objects.filter(key=OuterRef("mail_key")).annotate(fate=FATE)
    return (
        notice.deliveries.select_related("person")
        .annotate(
            mail_state=Coalesce(Subquery(mail.values("fate")), "outcome"),
            sent_at=Coalesce(Subquery(mail.values("delivered_at")), "delivered_at"),
        )
        .order_by("pk")
    )


def unreachable(notice: ChangeNotice) -> QuerySet[Person]:
    """Whom staff have to phone: no address, or the mail was given up or came back and no other one arrived. One query.

    ``mail_failed`` tells which; ``phone`` is the number.
    """
    mail = OutgoingMail.objects.filter(key=OuterRef("mail_key")).annotate(fate=FATE)
    state = Coalesce(Subquery(mail.values("fate")), "outcome")
    mails = told(notice).annotate(mail_state=state)
    failed = Exists(mails.filter(mail_state=OutboxState.FAILED)) & ~Exists(mails.exclude(mail_state=OutboxState.FAILED))
    untold = Q(email="") & ~Exists(mails)
    return concerned(notice).annotate(mail_failed=failed).filter(Q(mail_failed=True) | untold)
