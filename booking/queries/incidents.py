"""What the watch measures, and the incidents that came of it. Ages are real time, whatever the portal's clock says."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from booking.models import Heartbeat, HostDay, Incident, Meeting, ZoomCheck, ZoomHost, ZoomNotice
from booking.models.incidents import MAIL_PREFIX
from booking.queries.failures import failed_mails
from booking.rules import incidents as rule
from booking.rules.incidents import Host, Kind, Measured, Queue
from booking.rules.quota import zoom_day
from toyooka_hw.mail.queries import unfinished
from toyooka_hw.outbox import OutboxState

Trouble = Meeting.Trouble
MOST_MAILS = 200
BEATS_LOOKED_AT = 200  # each sweep of the ten-minute rule is a beat too: more than an hour's
GIVEN_UP_NOTICES_MATTER_FOR = timedelta(days=1)  # nobody can try them again; what they told is over by then
UNFIT = (ZoomHost.Finding.BASIC, ZoomHost.Finding.INACTIVE, ZoomHost.Finding.UNKNOWN)
# An incident of its own tells of what these meetings suffer from.
TOLD_APART = (Trouble.QUOTA, Trouble.NOT_AUTHORISED, Trouble.HOST, Trouble.UNSAFE)
NO_ANSWER = (Trouble.UNREACHABLE, Trouble.BUSY)  # whoever found nobody at Zoom says nothing of what is there
UNFINISHED = (OutboxState.WANTED, OutboxState.CLAIMED)
OUR_OWN = Q(key__startswith=MAIL_PREFIX)  # an alarm that is not delivered sets off no other


def measure(*, now: datetime, wall: datetime) -> Measured:
    """Everything the rule asks for. The number of queries does not depend on how much waits."""
    told = _told_by_meetings()
    return Measured(
        wall=wall,
        mails=_mails(now),
        meetings=Queue(**_unfinished_meetings(wall), given_up=told.pop("given_up"), lost=told.pop("lost")),
        notices=_notices(wall),
        hosts=[_host(row) for row in hosts_in_use(zoom_day(wall))],
        beats=tuple(reversed(_heard("beat")[:BEATS_LOOKED_AT])),
        web=_heard("web").first(),
        **told,
        **_checked(),
    )


def open_incidents() -> QuerySet[Incident]:
    """What is not over, in the order in which it began."""
    return Incident.objects.filter(closed_at=None).order_by("opened_at", "pk")


def closed_incidents(most: int) -> QuerySet[Incident]:
    """The last ones that are over, the latest first."""
    return Incident.objects.filter(closed_at__isnull=False).order_by("-closed_at", "-pk")[:most]


def troubles_known(*, wall: datetime) -> int:
    """How many troubles the boards speak of: the open incidents, and a standstill that nobody is left to note. Two queries."""
    kinds = list(open_incidents().values_list("kind", flat=True))
    last = _heard("beat").first()
    stands = last is not None and rule.standstill([last], wall=wall) is not None
    return len(kinds) + (stands and Kind.BEAT.value not in kinds)


def hosts_in_use(day: date) -> QuerySet[ZoomHost, Any]:
    """The Zoom users that sessions and seminars are given to, with ``calls``, and whether Zoom ``refuses`` them or says that their day is ``spent``."""
    meetings = Meeting.objects.filter(Q(booking__host=OuterRef("pk")) | Q(seminar__host=OuterRef("pk")))
    refuses, spent = (Exists(meetings.filter(trouble=trouble)) for trouble in (Trouble.HOST, Trouble.QUOTA))
    hosts = with_calls(ZoomHost.objects.filter(is_active=True), day)
    return hosts.annotate(refuses=refuses, spent=spent).order_by("name", "pk")


def with_calls(hosts: QuerySet[ZoomHost], day: date) -> QuerySet[ZoomHost, Any]:
    """Each with ``calls``: how many that make or change a meeting were counted on this day of Zoom's."""
    counted = HostDay.objects.filter(host_email=OuterRef("email"), day=day).values("calls")
    return hosts.annotate(calls=Coalesce(Subquery(counted), Value(0)))


def last_notice_at() -> datetime | None:
    """When Zoom last told the portal anything."""
    last: datetime | None = ZoomNotice.objects.aggregate(last=Max("received_at"))["last"]
    return last


def last_check() -> ZoomCheck | None:
    """The last look at Zoom's own side, whether it got an answer or not."""
    return ZoomCheck.objects.order_by("-pk").first()


def _heard(name: str) -> QuerySet[Heartbeat, datetime]:
    """The real moments of these heartbeats, the latest first; in the order of the portal's time, which never runs backwards."""
    return Heartbeat.objects.filter(name=name).order_by("-at", "-pk").values_list("wall", flat=True)


def _mails(now: datetime) -> Queue:
    failed = [mail.key for mail in failed_mails(now=now, most=MOST_MAILS)]
    lost = sum(not key.startswith(MAIL_PREFIX) for key in failed)
    waiting = unfinished().aggregate(waiting=Count("pk"), oldest=Min("queued_at"), late_since=Min("queued_at", filter=~OUR_OWN))
    return Queue(**waiting, given_up=len(failed), lost=lost)


def _unfinished_meetings(wall: datetime) -> dict[str, Any]:
    """What the watch has not yet seen waiting began to wait within the last minute."""
    rows = Meeting.objects.filter(outbox_state__in=UNFINISHED).annotate(since=Coalesce("waits_since", Value(wall)))
    found: dict[str, Any] = rows.aggregate(
        waiting=Count("pk"), oldest=Min("since"), late_since=Min("since", filter=~Q(trouble__in=TOLD_APART))
    )
    return found


def _told_by_meetings() -> dict[str, Any]:
    given_up = Q(outbox_state=OutboxState.FAILED)
    counts = {
        "given_up": given_up,
        "lost": given_up & ~Q(trouble__in=TOLD_APART),
        "unsafe": Q(trouble=Trouble.UNSAFE),
        "not_authorised": Q(trouble=Trouble.NOT_AUTHORISED),
    }
    told: dict[str, Any] = Meeting.objects.aggregate(**{name: Count("pk", filter=which) for name, which in counts.items()})
    return told


def _notices(wall: datetime) -> Queue:
    waits = Q(outbox_state__in=UNFINISHED)
    lost = Q(outbox_state=OutboxState.FAILED, received_at__gt=wall - GIVEN_UP_NOTICES_MATTER_FOR)
    oldest = Min("received_at", filter=waits)
    found = ZoomNotice.objects.aggregate(waiting=Count("pk", filter=waits), oldest=oldest, lost=Count("pk", filter=lost))
    return Queue(**found, late_since=found["oldest"], given_up=found["lost"])


def _checked() -> dict[str, Any]:
    """What the last look at Zoom found that got an answer. Its strangers are counted a little later than the rest: the look before counts too."""
    looks = list(ZoomCheck.objects.exclude(trouble__in=NO_ANSWER).order_by("-pk")[:2])
    if not looks:
        return {}
    return {
        "refused": looks[0].trouble == Trouble.NOT_AUTHORISED,
        "missing_scopes": looks[0].missing_in_words,
        "strangers": max(look.strangers for look in looks),
    }


def _host(row: Any) -> Host:
    return Host(row.email, is_fit=row.finding not in UNFIT and not row.refuses, calls=row.calls, is_spent=row.spent)
