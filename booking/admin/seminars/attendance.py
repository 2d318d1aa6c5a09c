"""Who came: proposed from who pressed the button to go in, written down by staff, closed with the seminar, taken out as a list (issue 7.7)."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from booking.admin.buttons import too_late
from booking.admin.forms import reason_field
from booking.admin.refusals import OVERTAKEN, REFUSALS, told
from booking.admin.seminars.actions import ACTIONS
from booking.admin.seminars.facts import crumb_of, facts_of, page_of
from booking.models import Registration, Seminar
from booking.operations.press import Press
from booking.operations.seminars import desk, giving, people
from booking.operations.seminars.steps import changed
from booking.queries import registrations_for
from booking.rules.seminars import Seat
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.admin.entry_forms import StillMe
from toyooka_hw.site import Addresses, action_page, needs
from toyooka_hw.wording import ja_datetime

Attendance = Registration.Attendance
CAME = [(each.value, each.label) for each in (Attendance.ATTENDED, Attendance.ABSENT)]
_MAY_BE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class AttendanceForm(forms.Form):
    """One choice for each who had a seat; what nobody has said yet is proposed from whether they went in."""

    def __init__(self, *args: Any, rows: Sequence[Registration], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        for row in rows:
            proposed = row.attendance or (Attendance.ATTENDED if row.first_joined_at else Attendance.ABSENT)
            label = _("%(number)s %(name)sさんの出欠") % {"number": row.number, "name": row.reader}
            missing = {"required": _("出欠を選んでください。")}
            self.fields[_field(row)] = forms.ChoiceField(
                choices=CAME, initial=str(proposed), label=label, widget=forms.RadioSelect, error_messages=missing
            )

    @property
    def lines(self) -> list[tuple[Registration, forms.BoundField]]:
        """Each with their choice."""
        return [(row, self[_field(row)]) for row in self.rows]

    def came(self) -> dict[int, str]:
        """What was said, by registration."""
        return {row.pk: self.cleaned_data[_field(row)] for row in self.rows}


@needs("booking.change_seminar")
@never_cache
def attendance(request: HttpRequest, seminar_id: int) -> HttpResponse:
    """Write down who came; one of the two buttons also closes the seminar."""
    seminar, now = get_object_or_404(Seminar.objects.select_related("counsellor", "host"), pk=seminar_id), clock.now()
    if not ACTIONS["attendance"].stands(seminar, now=now):
        return too_late(request, seminar, changed(seminar), page_of(seminar))
    rows = [row for row in registrations_for(seminar) if row.rule_seat is Seat.SEATED]
    form = AttendanceForm(request.POST if request.method == "POST" else None, rows=rows)
    if form.is_valid():
        return _write(request, seminar, form, Press(staff_of(request), now, clock.wall()))
    page = {
        "title": ACTIONS["attendance"].label,
        "seminar": seminar,
        "form": form,
        "facts": facts_of(seminar),
        "crumb": crumb_of(seminar),
        "joined": sum(row.first_joined_at is not None for row in rows),
        "seated": len(rows),
        "partners": seminar.partners.exclude(first_joined_at=None).count(),
        "may_close": ACTIONS["close"].stands(seminar, now=now),
        "back": page_of(seminar),
    }
    return TemplateResponse(request, "admin/booking/seminar_attendance.html", {**admin.site.each_context(request), **page})


class TakeOutForm(StillMe):
    """Why a list with names leaves the portal, and that it is still the same person who asks."""

    reason = reason_field(gettext_lazy("書き出す目的"), help_text=gettext_lazy("記録に残ります。"))
    field_order = ("reason", "password_now")


@needs("booking.change_seminar")
@never_cache
def take_out(request: HttpRequest, seminar_id: int) -> HttpResponse:
    """The list of who came as a file for the office: it holds names, so who took it out and why stands in the audit; nothing about a device (S4-2)."""
    seminar = get_object_or_404(Seminar, pk=seminar_id)
    form = TakeOutForm(request.POST if request.method == "POST" else None, request=request)
    if not form.is_valid():
        words = {
            "title": _("出欠の一覧を書き出す"),
            "submit": _("書き出す（CSV）"),
            "lead": _("氏名のあるファイルが、この端末に保存されます。"),
        }
        back = reverse("admin:booking_seminar_people", args=[seminar.pk])
        return action_page(request, admin.site, form=form, back=back, crumb=crumb_of(seminar), **words)
    rows = desk.take_out_attendance(seminar, reason=form.cleaned_data["reason"], by=staff_of(request), now=clock.now())
    return HttpResponse(
        sheet_of(list(rows)).encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="attendance-{seminar.number}.csv"', "Cache-Control": "no-store"},
    )


def sheet_of(rows: Sequence[Registration]) -> str:
    """The lines of the file; no cell is read as a formula by whatever opens it."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([_("受付番号"), _("氏名"), _("申込日時"), _("出欠"), _("入室のボタンを押した日時")])
    for row in rows:
        joined = ja_datetime(row.first_joined_at) if row.first_joined_at else ""
        cells = [row.number, row.reader.full_name, ja_datetime(row.registered_at), str(row.get_attendance_display()), joined]
        writer.writerow([_harmless(cell) for cell in cells])
    return text.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_MAY_BE_A_FORMULA) else cell


def _write(request: HttpRequest, seminar: Seminar, form: AttendanceForm, press: Press) -> HttpResponse:
    try:
        people.write_attendance(seminar.pk, form.came(), by=press.by, now=press.now)
        if "close" in request.POST:
            giving.close(seminar.pk, press)
    except OVERTAKEN as refusal:
        return too_late(request, seminar, refusal, page_of(seminar))
    except REFUSALS as refusal:
        messages.error(request, f"{seminar.number}：{told(refusal)}")
        return redirect(reverse("admin:booking_seminar_attendance", args=[seminar.pk]))
    done = _("出欠を記録し、実施済にしました。") if "close" in request.POST else _("出欠を記録しました。")
    messages.success(request, f"{seminar.number}：{done}")
    return redirect(page_of(seminar))


def _field(row: Registration) -> str:
    return f"came_{row.pk}"


ADDRESSES: Addresses = (
    ("<int:seminar_id>/attendance/", attendance, "booking_seminar_attendance"),
    ("<int:seminar_id>/attendance/list/", take_out, "booking_seminar_list"),
)
