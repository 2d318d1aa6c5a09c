"""Bookings: found, read and acted upon. Nothing is edited here; every change is a button with its own page."""

from functools import reduce
from operator import or_
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from booking import mails
from booking.admin import (
    alarms,
    arranging,
    asking,
    calendar,
    calls,
    closing,
    delivery,
    desk,
    entry,
    inbox,
    interviews,
    looks,
    mail_texts,
    pages,
    readiness,
    status,
    today,
)
from booking.admin.actions import standing
from booking.admin.rows import calls_of, may_enter, zoom_state
from booking.models import Booking, Meeting
from booking.models.bookings import Kind
from booking.operations.evidence import joined_at
from booking.queries import policy_at, with_history
from booking.templatetags.portal import state_tone
from toyooka_hw import clock
from toyooka_hw.accounts.admin import people_matching
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.site import ReadOnlyAdmin
from toyooka_hw.wording import ja_datetime, ja_limit, ja_time_span

# The office's own pages; each module lists (address, view, name) and is asked in this order.
PAGES = (
    today,
    desk,
    alarms,
    delivery,
    inbox,
    readiness,
    calls,
    closing,
    entry,
    asking,
    interviews,
    arranging,
    calendar,
    looks,
    mail_texts,
    status,
    pages,
)


@admin.register(Booking)
class BookingAdmin(ReadOnlyAdmin):
    list_display = ("number", "when", "kind", "state_chip", "person", "numbers", "counsellor")
    list_filter = ("kind", "state", "source", "counsellor")
    list_select_related = ("applicant", "counsellor")
    search_fields = ("number",)
    search_help_text = _("受付番号・氏名・ふりがな・求職番号・電話番号の末尾（4けた以上）で検索できます。")
    date_hierarchy = "starts_at"
    ordering = ("-starts_at", "-pk")
    change_form_template = "admin/booking/booking_page.html"
    fieldsets = (
        (_("予約"), {"fields": (("number", "kind"), ("span", "source"), ("asked", "answer"), ("limit", "confirmed"))}),
        (_("利用者"), {"fields": (("person_link", "has_mail"), ("identity", "environment"))}),
        (_("資格の確認"), {"fields": ("eligibility", ("eligibility_checked_by", "checked"))}),
        (_("当日"), {"fields": (("counsellor", "host"), ("zoom", "phone"), ("delay", "counsellor_seen"), "joined")}),
    )
    readonly_fields = (
        "span",
        "asked",
        "answer",
        "limit",
        "confirmed",
        "person_link",
        "identity",
        "has_mail",
        "environment",
        "checked",
        "zoom",
        "phone",
        "delay",
        "counsellor_seen",
        "joined",
    )

    @admin.display(description=_("日時"), ordering="starts_at")
    def when(self, booking: Booking) -> str:
        return ja_datetime(booking.starts_at)

    @admin.display(description=_("日時"))
    def span(self, booking: Booking) -> str:
        return ja_time_span(booking.starts_at, booking.ends_at)

    @admin.display(description=_("状態"), ordering="state")
    def state_chip(self, booking: Booking) -> SafeString:
        return format_html('<span class="chip chip--{}">{}</span>', state_tone(booking.state), booking.get_state_display())

    @admin.display(description=_("利用者"), ordering="applicant__full_name")
    def person(self, booking: Booking) -> str:
        return str(booking.applicant)

    @admin.display(description=_("求職番号・電話番号"))
    def numbers(self, booking: Booking) -> SafeString:
        person = booking.applicant
        masked = [person.job_seeker_number and person.masked_number, person.phone and person.masked_phone]
        return format_html_join(mark_safe("<br>"), "{}", ((number,) for number in masked if number))

    @admin.display(description=_("申込日時"))
    def asked(self, booking: Booking) -> str:
        return ja_datetime(booking.requested_at)

    @admin.display(description=_("回答の期限"))
    def answer(self, booking: Booking) -> str:
        return ja_limit(booking.answer_by)

    @admin.display(description=_("確定の期限"))
    def limit(self, booking: Booking) -> str:
        return ja_limit(booking.confirm_limit)

    @admin.display(description=_("確定日時"))
    def confirmed(self, booking: Booking) -> str:
        return ja_datetime(booking.confirmed_at) if booking.confirmed_at else ""

    @admin.display(description=_("氏名"))
    def person_link(self, booking: Booking) -> SafeString:
        address = reverse("admin:accounts_person_change", args=[booking.applicant_id])
        return format_html('<a href="{}">{}</a>', address, booking.applicant)

    @admin.display(description=_("本人情報"))
    def identity(self, booking: Booking) -> str:
        return str(_("確認済み") if booking.applicant.is_verified else _("未確認"))

    @admin.display(description=_("連絡先メールアドレス"))
    def has_mail(self, booking: Booking) -> str:
        return str(_("あり") if booking.applicant.email else _("なし（電話でお知らせください）"))

    @admin.display(description=_("利用環境の確認日時"))
    def environment(self, booking: Booking) -> str:
        return ja_datetime(booking.environment_declared_at) if booking.environment_declared_at else ""

    @admin.display(description=_("資格の確認日時"))
    def checked(self, booking: Booking) -> str:
        return ja_datetime(booking.eligibility_checked_at) if booking.eligibility_checked_at else ""

    @admin.display(description=_("Zoomミーティング"))
    def zoom(self, booking: Booking) -> str:
        meeting: Meeting | None = getattr(booking, "meeting", None)
        words = str(zoom_state(booking)[1])
        return f"{words}（{ja_datetime(meeting.manual_at)} {meeting.manual_by}）" if meeting and meeting.manual_at else words

    @admin.display(description=_("電話への切替"))
    def phone(self, booking: Booking) -> str:
        return f"{ja_datetime(booking.phone_at)} {booking.phone_by}" if booking.phone_at else ""

    @admin.display(description=_("ハローワーク側の遅れ"))
    def delay(self, booking: Booking) -> str:
        return f"{ja_datetime(booking.delayed_at)} {booking.delayed_by}" if booking.delayed_at else ""

    @admin.display(description=_("担当者の入室"))
    def counsellor_seen(self, booking: Booking) -> str:
        return ja_datetime(booking.counsellor_seen_at) if booking.counsellor_seen_at else ""

    @admin.display(description=_("利用者の入室"))
    def joined(self, booking: Booking) -> str:
        moment = joined_at(booking)
        return ja_datetime(moment) if moment else ""

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Booking], search_term: str) -> tuple[QuerySet[Booking], bool]:
        if not search_term.strip():
            return queryset, False
        people = people_matching(Person.objects.all(), search_term)
        theirs = Q(applicant__in=people) | Q(applicant__merged_into__in=people)
        return queryset.filter(theirs | Q(number__contains=search_term.strip())), False

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        ours = [path(address, guard(view), name=name) for module in PAGES for address, view, name in module.ADDRESSES]
        return [*ours, *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Booking | None = None) -> Any:
        """Eligibility is asked of job seekers who reserve (C2-1a)."""
        sets = super().get_fieldsets(request, obj)
        return sets if obj is None or obj.kind == Kind.RESERVED else [each for each in sets if "eligibility" not in each[1]["fields"]]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Booking | None:
        """The page shows everything around the booking."""
        return with_history(Booking.objects.all()).filter(pk=object_id).first() if object_id.isascii() and object_id.isdecimal() else None

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        return super().render_change_form(request, context | around(context["original"]), *args, **kwargs)


def around(booking: Booking) -> dict[str, Any]:
    """The buttons of the booking, and the mails about it."""
    now = clock.now()
    keys = mails.keys_about(booking)
    about = reduce(or_, (Q(key__startswith=f"{key}:") for key in keys), Q(key__in=keys) | Q(key__startswith=mails.key_of_links(booking)))
    told = OutgoingMail.objects.filter(about).order_by("pk")
    return {
        "booking": booking,
        "buttons": standing(booking, now=now).items(),
        "calls": calls_of(booking, now=now),
        "may_enter": may_enter(booking, policy_at(now), now=now),
        "mails": told,
        "told_by_zoom": alarms.told_by_zoom(booking),
    }
