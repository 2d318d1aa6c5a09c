"""The notices of changes: what was said, whom the mail reached, and whom to phone."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from consent.models import ChangeNotice
from consent.queries import deliveries, unreachable
from consent.rules import Ground
from toyooka_hw.outbox import OutboxState
from toyooka_hw.site import ReadOnlyAdmin
from toyooka_hw.wording import ja_datetime

ROWS = 100
STATES: dict[str, Any] = {
    OutboxState.WANTED: _("送信待ち"),
    OutboxState.CLAIMED: _("送信中"),
    OutboxState.DONE: _("送信済み"),
    OutboxState.FAILED: _("送信できませんでした"),
}


@admin.register(ChangeNotice)
class ChangeNoticeAdmin(ReadOnlyAdmin):
    list_display = ("version", "ground", "announced", "announced_by")
    list_select_related = ("version__document", "announced_by")
    ordering = ("-pk",)
    fields = ("version", "ground", "clause", "summary", "reason", "bureau_url", "content_matches", "announced", "announced_by")
    readonly_fields = ("announced",)
    change_form_template = "admin/consent/notice_page.html"

    @admin.display(description=_("告知日時"), ordering="version__announced_at")
    def announced(self, notice: ChangeNotice) -> str:
        return ja_datetime(notice.announced_at) if notice.announced_at else ""

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        around = told(context["original"], page=request.GET.get("p"))
        return super().render_change_form(request, context | around, *args, **kwargs)


def told(notice: ChangeNotice, *, page: str | None) -> dict[str, Any]:
    """How many mails stand where, one page of them, and the people whom no mail reaches."""
    if notice.ground == Ground.INITIAL:
        return {"told": False}
    mails = deliveries(notice)
    counts = mails.order_by().values_list("mail_state").annotate(number=Count("pk"))  # type: ignore[misc]  # annotated by the query
    shown = Paginator(mails, ROWS).get_page(page)
    return {
        "told": True,
        "counts": [(STATES[state], number) for state, number in counts],
        "mails": [(mail.person, STATES[mail.mail_state], mail.sent_at) for mail in shown],  # type: ignore[attr-defined]  # annotated by the query
        "shown": shown,
        "to_phone": unreachable(notice),
    }
