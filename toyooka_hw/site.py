"""What the pages of the staff's admin share: nothing is changed but by an operation. The site itself is ``accounts.entrance``."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

WORK_LIST = "admin:booking_today"

View = Callable[..., HttpResponse]
Addresses = tuple[tuple[str, View, str], ...]
# What Django's filters and date hierarchies put behind the name of their field.
_ASKED_BY_FILTERS = frozenset({"", "exact", "id__exact", "isnull", "isempty", "gte", "lt", "year", "month", "day"})


class StaffModelAdmin(admin.ModelAdmin):
    """What all pages of rows share: a key that leads nowhere is not found, instead of Django's way back to the index.

    Django's own log stays empty, because it would keep people's names for ever: the history of a row is what the audit tells of it.
    ``linked_by``: what our own links ask of a list besides its filters.
    """

    linked_by: tuple[str, ...] = ()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only what the filters of the page ask: Django admits every column, and with it whatever the page masks (C8-1, C12-1)."""
        if lookup in self.linked_by:
            return True
        return any(_asks(lookup, each) for each in (*self.get_list_filter(request), self.date_hierarchy) if each)  # type: ignore[arg-type]  # the stubs want a request

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]  # there is no entry to hand back
        return

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]  # there is no entry to hand back
        return

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]  # there is no entry to hand back
        return

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """To the entries of the audit about this row."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        about = {"subject_type": row._meta.label_lower, "subject_pk": row.pk}
        return redirect(f"{reverse('admin:audit_auditentry_changelist')}?{urlencode(about)}")

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404


def _asks(lookup: str, filtered: Any) -> bool:
    """Whether this filter of a list (a field, a field with its class, or a class) writes such a lookup into the address."""
    if isinstance(filtered, type):
        return lookup == getattr(filtered, "parameter_name", None)
    field, _between, how = lookup.partition("__")
    return field == (filtered if isinstance(filtered, str) else filtered[0]) and how in _ASKED_BY_FILTERS


class ReadOnlyAdmin(StaffModelAdmin):
    """Rows that only operations write: staff look, search and filter."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NeverDeleted(StaffModelAdmin):
    """Rows that staff add and change, but that stay: switched off or ended instead of deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Choice(forms.RadioSelect):
    """Radio buttons of which only the first may ask for the focus."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        if option["index"] != "0":
            option["attrs"].pop("autofocus", None)
        return option


def needs(permission: str) -> Callable[[View], View]:
    """Only staff with this permission; the admin site has already seen to the second factor."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def action_page(
    request: HttpRequest, site: admin.AdminSite, *, title: Any, form: forms.BaseForm, submit: Any, back: str, **context: Any
) -> TemplateResponse:
    """The small page of one button: what it does, its form, and the way back. ``facts``: pairs of what is known."""
    for field in form.visible_fields()[:1]:
        field.field.widget.attrs["autofocus"] = True
    words = {"title": title, "form": form, "submit": submit, "back": back, **context}
    return TemplateResponse(request, "admin/action.html", {**site.each_context(request), **words})


def return_address(request: HttpRequest, otherwise: str) -> str:
    """The address of our own that the form or link carries as ``next``; else ``otherwise``. Without a stroke before it, it might be taken for the name of one."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return asked if ours and asked.startswith("/") else otherwise
