"""What Zoom told of a session; alarms about recordings and AIs (C12-2), seen to with one press from the pages on which they are loud."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from booking.models import Booking, SessionAlarm
from booking.operations import alarms
from booking.queries import notices_of
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import WORK_LIST, Addresses, needs, return_address

# What the booking's page tells of Zoom's notices, by event; the others say nothing of the session.
TOLD = {
    "meeting.started": gettext_lazy("ミーティングを開始"),
    "meeting.ended": gettext_lazy("ミーティングが終了"),
    "meeting.participant_jbh_waiting": gettext_lazy("開始前に待機"),
    "meeting.participant_jbh_waiting_left": gettext_lazy("開始前の待機をやめた"),
    "meeting.participant_joined_waiting_room": gettext_lazy("待機室に入った"),
    "meeting.participant_put_in_waiting_room": gettext_lazy("待機室に移された"),
    "meeting.participant_left_waiting_room": gettext_lazy("待機室を出た"),
    "meeting.participant_joined": gettext_lazy("入室"),
    "meeting.participant_left": gettext_lazy("退室"),
    "recording.started": gettext_lazy("録画を開始"),
    "recording.stopped": gettext_lazy("録画を停止"),
    "meeting.summary_completed": gettext_lazy("AIの要約を作成"),
}


def told_by_zoom(booking: Booking) -> Sequence[tuple[datetime, Any, Any]]:
    """When what happened, and who it was as far as Zoom knows: the host, or somebody else."""
    sides = {True: gettext_lazy("担当者（ホスト）"), False: gettext_lazy("参加者")}
    told = notices_of(booking).filter(event__in=TOLD)
    return [(each.happened_at, TOLD[each.event], sides[each.is_host] if each.participant else "") for each in told]


@needs("booking.change_booking")
@require_POST
def seen(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """確認した: whoever was first stays."""
    alarm = get_object_or_404(SessionAlarm.objects.select_related("booking", "seminar"), pk=alarm_id)
    if alarms.see_to(alarm.pk, by=staff_of(request), now=clock.now()):
        messages.success(request, _("%(number)sの警告を「確認した」にしました。") % {"number": alarm.occasion.number})
    else:
        messages.info(request, _("この警告は、すでにほかの職員が確認しています。"))
    return redirect(return_address(request, reverse(WORK_LIST)))


ADDRESSES: Addresses = (("alarm/<int:alarm_id>/seen/", seen, "booking_alarm_seen"),)
