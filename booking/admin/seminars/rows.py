"""Seminars found and read: the list, and one page with everything around a seminar. Nothing is edited here; every change is a button."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from booking.admin.calendar.rows import OnItsOwnPage
from booking.admin.rows import gatherings, zoom_state
from booking.admin.seminars import actions, attendance, calls, content, entry, people, registrations, seat_actions
from booking.admin.seminars.facts import people_page_of
from booking.models import Registration, Seminar
from booking.operations.seminars.people import GIVEN
from booking.queries import policy_at, with_counts
from booking.queries.seminar_calls import TOLD_OF
from booking.templatetags.board import seminar_tone
from toyooka_hw import clock
from toyooka_hw.site import ReadOnlyAdmin
from toyooka_hw.wording import ja_datetime, ja_short_datetime, ja_time_span

PAGES = (content, actions, people, registrations, seat_actions, entry, attendance, calls)


@admin.register(Seminar)
class SeminarAdmin(ReadOnlyAdmin):
    list_display = ("number", "name", "when", "state_chip", "seats", "given_by")
    list_filter = ("state", "kind", "organiser", "counsellor")
    list_select_related = ("counsellor",)
    search_fields = ("number", "title")
    search_help_text = _("受付番号・名称で検索できます。")
    date_hierarchy = "starts_at"
    ordering = ("-starts_at", "-pk")
    change_form_template = "admin/booking/seminar_page.html"
    fieldsets = (
        (_("内容"), {"fields": (("kind", "organiser"), "description", "audience", "materials")}),
        (_("日時と定員"), {"fields": (("span", "period"), ("capacity", "waiting_places"), ("counsellor", "host"))}),
        (_("参加のしかた"), {"fields": ("may_use", "access_support", "recorded", "zoom")}),
    )
    readonly_fields = ("span", "period", "may_use", "recorded", "zoom")

    @admin.display(description=_("名称"), ordering="title")
    def name(self, seminar: Seminar) -> SafeString:
        return format_html('<span class="quiet">{}</span><br>{}', seminar.get_kind_display(), seminar.title)

    @admin.display(description=_("日時"), ordering="starts_at")
    def when(self, seminar: Seminar) -> str:
        return ja_short_datetime(seminar.starts_at)

    @admin.display(description=_("状態"), ordering="state")
    def state_chip(self, seminar: Seminar) -> SafeString:
        return format_html('<span class="chip chip--{}">{}</span>', seminar_tone(seminar.state), seminar.get_state_display())

    @admin.display(description=_("参加／定員"))
    def seats(self, seminar: Any) -> SafeString:
        waiting = format_html("<br>{}", _("待ち %(count)s") % {"count": seminar.waiting}) if seminar.waiting else ""
        return format_html("{}／{}{}", seminar.taken, seminar.capacity, waiting)

    @admin.display(description=_("担当・共催"), ordering="counsellor")
    def given_by(self, seminar: Seminar) -> str:
        partners = [str(each.contact.establishment or each.contact) for each in seminar.partners.all()]
        return "、".join([str(seminar.counsellor), *dict.fromkeys(partners)])

    @admin.display(description=_("日時"))
    def span(self, seminar: Seminar) -> str:
        return ja_time_span(seminar.starts_at, seminar.ends_at)

    @admin.display(description=_("申込みの期間"))
    def period(self, seminar: Seminar) -> str:
        return f"{ja_datetime(seminar.opens_at)}～{ja_datetime(seminar.closes_at)}"

    @admin.display(description=_("使用できる機能"))
    def may_use(self, seminar: Seminar) -> str:
        return "、".join(seminar.functions_in_words) or str(_("なし"))

    @admin.display(description=_("録画"))
    def recorded(self, seminar: Seminar) -> str:
        return str(_("録画します（参加される方は録画に入りません）") if seminar.will_record else _("録画しません"))

    @admin.display(description=_("Zoomミーティング"))
    def zoom(self, seminar: Seminar) -> str:
        stands, meeting = str(zoom_state(seminar)[1]), getattr(seminar, "meeting", None)
        if meeting is None or not meeting.exists:
            return stands
        return f"{stands}（{_('待機室を使います') if meeting.waiting_room else _('待機室を使いません')}）"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Seminar]:
        return with_counts(super().get_queryset(request)).prefetch_related("partners__contact__establishment")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Seminar | None:
        """The page shows everything around the seminar."""
        rows = self.get_queryset(request).select_related("counsellor", "host", "meeting")
        rows = rows.prefetch_related("events__by", "speakers__recording_recorded_by")
        return rows.filter(pk=object_id).first() if object_id.isascii() and object_id.isdecimal() else None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("booking.add_seminar")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return content.draw_up(request)

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        ours = [path(address, guard(view), name=name) for module in PAGES for address, view, name in module.ADDRESSES]
        return [*ours, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        return super().render_change_form(request, context | around(context["original"], now=clock.now()), *args, **kwargs)


@admin.register(Registration)
class RegistrationAdmin(OnItsOwnPage):
    """A registration is read on the page of its seminar: to there the audit's lines lead."""

    page = "admin:booking_seminar_changelist"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return redirect(f"{people_page_of(row.seminar)}#{row.number}")


def around(seminar: Any, *, now: datetime) -> dict[str, Any]:
    """The buttons of the seminar, who speaks and who gives it, whom to phone."""
    by_phone = calls.rows_to_phone(now=now, only=seminar.pk)
    [gathering] = gatherings([seminar], policy_at(now), now=now)
    return {
        "seminar": seminar,
        "title": seminar.title,
        "subtitle": None,
        "buttons": actions.standing(seminar, now=now).items(),
        "may_enter": gathering.may_enter,
        "is_given": seminar.rule_state in GIVEN,
        "speakers": list(seminar.speakers.all()),
        "by_phone": by_phone,
        "known": calls.rows_known(seminar, by_phone, now=now) if seminar.rule_state in TOLD_OF else [],
    }
