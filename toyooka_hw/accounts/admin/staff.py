"""Staff accounts."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from toyooka_hw.accounts.models import User
from toyooka_hw.site import NeverDeleted


@admin.register(User)
class StaffAdmin(NeverDeleted, UserAdmin):
    """Accounts of staff. Nobody is deleted: their name stands in the history, so an account is switched off."""

    list_display = ("username", "display_name", "is_active", "last_login")
    search_fields = ("username", "display_name")
    fieldsets = (
        (None, {"fields": ("username", "password", "display_name", "email")}),
        (_("権限"), {"fields": ("is_active", "groups", "is_superuser")}),
        (_("記録"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "display_name", "usable_password", "password1", "password2")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        kept = ("last_login", "date_joined")
        return kept if request.user.is_superuser else (*kept, "is_superuser")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a superuser touches a superuser's account."""
        out_of_reach = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not out_of_reach and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Everybody in this table is staff."""
        obj.is_staff = True
        super().save_model(request, obj, form, change)


def staff_of(request: HttpRequest) -> User:
    """The member of staff who asks; behind the admin site there is always one."""
    return cast("User", request.user)
