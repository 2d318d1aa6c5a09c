"""What lies in the way of a closure or an absence."""

from django.db.models import QuerySet

from booking.models import Counsellor, Hold
from booking.rules.interval import Interval


def live_holds_within(span: Interval, *, counsellor: Counsellor | None = None) -> QuerySet[Hold]:
    """Sessions that a closure or an absence over this span would hit."""
    holds = (
        Hold.objects.filter(span__startswith__lt=span.end, span__endswith__gt=span.start)
        .exclude(kind=Hold.Kind.ABSENCE)
        .select_related("booking")
    )
    return holds.filter(counsellor=counsellor) if counsellor else holds
