"""What stands at the head of a seminar's small pages, and the ways between its pages."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from booking.models import Registration, Seminar
from booking.rules.seminars import TAKING
from toyooka_hw.wording import ja_datetime, ja_time_span

Facts = list[tuple[str, str]]


def page_of(seminar: Seminar) -> str:
    """The seminar's own page."""
    return reverse("admin:booking_seminar_change", args=[seminar.pk])


def people_page_of(seminar: Seminar) -> str:
    """The page of those who registered."""
    return reverse("admin:booking_seminar_people", args=[seminar.pk])


def crumb_of(seminar: Seminar) -> tuple[str, str]:
    """The way back in the breadcrumbs."""
    return seminar.number, page_of(seminar)


def facts_of(seminar: Seminar) -> Facts:
    """What staff must have before their eyes when they decide. One query, for the seats."""
    taken = seminar.registrations.filter(seat__in=[seat.value for seat in TAKING]).count()
    return [
        (_("受付番号"), seminar.number),
        (_("種類"), str(seminar.get_kind_display())),
        (_("名称"), seminar.title),
        (_("状態"), str(seminar.get_state_display())),
        (_("日時"), ja_time_span(seminar.starts_at, seminar.ends_at)),
        (_("参加者と定員"), _("%(taken)s名／定員%(capacity)s名") % {"taken": taken, "capacity": seminar.capacity}),
        (_("担当者"), str(seminar.counsellor)),
        (_("録画"), _("録画する") if seminar.will_record else ""),
    ]


def facts_of_registration(row: Registration) -> Facts:
    """The same of one registration; the page adds the masked phone number of its person."""
    seminar: Any = row.seminar
    return [
        (_("催し"), str(seminar)),
        (_("受付番号"), row.number),
        (_("氏名"), str(row.reader)),
        (_("状態"), str(row.get_seat_display())),
        (_("お返事の期限"), ja_datetime(row.answer_by) if row.answer_by else ""),
        (_("申込日時"), ja_datetime(row.registered_at)),
    ]
