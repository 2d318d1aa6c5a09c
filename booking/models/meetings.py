"""The Zoom meeting of a booking as wanted and as it is, and the portal's own heartbeats."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from booking.models.bookings import Booking
from toyooka_hw.outbox import OutboxRow, OutboxState


class Meeting(OutboxRow):
    """One booking's meeting. ``reference`` travels in Zoom's agenda: after an unclear answer we look for it and adopt, never post blindly.

    ``starts_at`` and ``host_email`` are those of the meeting that stands; ``asked_start`` and ``asked_host`` were written down before it was
    asked for, so that what nobody told us of is looked for in the right place even where the booking has moved meanwhile.
    """

    booking = models.OneToOneField(Booking, models.PROTECT, related_name="meeting", verbose_name=_("予約"))
    reference = models.CharField(max_length=40, unique=True, editable=False)
    meeting_id = models.BigIntegerField(_("ミーティングID"), null=True, blank=True)
    host_email = models.EmailField(_("Zoomホスト"), blank=True)
    starts_at = models.DateTimeField(_("Zoom上の開始"), null=True, blank=True)
    asked_host = models.EmailField(blank=True, editable=False)
    asked_start = models.DateTimeField(null=True, blank=True, editable=False)
    join_url = models.URLField(max_length=500, blank=True, editable=False)
    passcode = models.CharField(max_length=10, blank=True, editable=False)
    # when the meeting that stands was made: a code that was told before is another meeting's
    made_at = models.DateTimeField(null=True, blank=True, editable=False)
    ready_at = models.DateTimeField(_("準備完了"), null=True, blank=True)
    removed_at = models.DateTimeField(_("削除完了"), null=True, blank=True)

    class Meta:
        verbose_name = _("Zoomミーティング")
        verbose_name_plural = _("Zoomミーティング")
        indexes = [
            # OutboxQuerySet.due: the sweep reads unfinished rows only
            models.Index(
                fields=["next_try_at"], condition=~Q(outbox_state__in=[OutboxState.DONE, OutboxState.FAILED]), name="meeting_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking}"

    @property
    def exists(self) -> bool:
        """Whether a meeting stands at Zoom, as far as we know."""
        return self.meeting_id is not None and self.removed_at is None

    def is_for(self, booking: Booking) -> bool:
        """Whether what stands at Zoom is for the booking's present time and host; after a move or another hand it follows a little later."""
        return self.starts_at == booking.starts_at and booking.host is not None and self.host_email == booking.host.email

    @property
    def grouped_id(self) -> str:
        """``853 1234 5678``: eleven digits as 3-4-4, ten as 3-3-4, nine as 3-3-3, the way Zoom writes them."""
        digits = str(self.meeting_id or "")
        middle = 4 if len(digits) > 10 else 3
        return f"{digits[:3]} {digits[3 : 3 + middle]} {digits[3 + middle :]}"


class Heartbeat(models.Model):
    """Beat and web were alive: ``at`` is the portal's time, ``wall`` real time. After a gap nobody is closed by the ten-minute rule."""

    name = models.CharField(max_length=10)
    at = models.DateTimeField()
    wall = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["name", "at"], name="heartbeat_by_time")]

    def __str__(self) -> str:
        return self.name
