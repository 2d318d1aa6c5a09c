"""Alarms about sessions that are recorded or listened to (C12-2): seen to with one press, from the pages on which they are loud."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.models import SessionAlarm
from booking.operations import alarms
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import WORK_LIST, Addresses, needs, return_address


@needs("booking.change_booking")
@require_POST
def seen(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """確認した: whoever was first stays."""
    alarm = get_object_or_404(SessionAlarm.objects.select_related("booking"), pk=alarm_id)
    if alarms.see_to(alarm.pk, by=staff_of(request), now=clock.now()):
        messages.success(request, _("%(number)sの警告を「確認した」にしました。") % {"number": alarm.booking.number})
    else:
        messages.info(request, _("この警告は、すでにほかの職員が確認しています。"))
    return redirect(return_address(request, reverse(WORK_LIST)))


ADDRESSES: Addresses = (("alarm/<int:alarm_id>/seen/", seen, "booking_alarm_seen"),)
