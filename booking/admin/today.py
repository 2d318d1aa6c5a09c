"""Today and the week: counsellors and starts, the next session, the ten-minute clocks."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from booking.admin.worklist import work_list
from toyooka_hw import clock
from toyooka_hw.site import Addresses, needs


@needs("booking.view_booking")
def today(request: HttpRequest) -> HttpResponse:
    """Everything that waits for somebody, and today's sessions."""
    context = {**admin.site.each_context(request), "title": _("今日"), "work": work_list(now=clock.now()), "here": request.path}
    return TemplateResponse(request, "admin/booking/worklist.html", context)


ADDRESSES: Addresses = (("today/", today, "booking_today"),)
