"""Closing a day: outcomes, and what counts from then on; and the record of a session that was stopped for conduct."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from booking.models import StopRecord
from booking.operations import outcomes
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import Addresses, needs


@needs("booking.view_stoprecord")
@never_cache
@require_POST
def stop_record(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Category and note of a stop for conduct; each look is a row (C12-1)."""
    record = get_object_or_404(StopRecord.objects.select_related("booking__applicant", "by"), booking=booking_id)
    outcomes.open_stop_record(record, by=staff_of(request), now=clock.now())
    back = reverse("admin:booking_booking_change", args=[booking_id])
    context = {**admin.site.each_context(request), "title": _("中止の経緯"), "record": record, "back": back}
    return TemplateResponse(request, "admin/booking/stop_record.html", context)


ADDRESSES: Addresses = (("<int:booking_id>/stop-record/", stop_record, "booking_stop_record"),)
