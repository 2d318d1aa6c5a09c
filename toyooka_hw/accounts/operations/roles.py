"""The roles of staff: groups, and what each may do in the admin."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

_READ = (
    "accounts.view_person",
    "mail.view_outgoingmail",
    "booking.view_absence",
    "booking.view_booking",
    "booking.view_closure",
    "booking.view_counsellor",
    "booking.view_dutyhours",
    "booking.view_hold",
    "booking.view_meeting",
    "booking.view_policyvalue",
    "booking.view_zoomhost",
    "consent.view_changenotice",
    "consent.view_consent",
    "consent.view_consentwithdrawal",
    "consent.view_ministryrecord",
    "consent.view_termsdocument",
    "consent.view_termsversion",
)
_DAILY_WORK = (
    "accounts.change_person",
    "accounts.open_contact",
    "accounts.view_usagerestriction",
    "mail.change_outgoingmail",
    "booking.add_absence",
    "booking.delete_absence",
    "booking.add_booking",
    "booking.change_booking",
    "booking.open_free_text",
    "booking.change_meeting",
    "consent.add_consentwithdrawal",
    "consent.add_ministryrecord",
)
_MANAGING = (
    "accounts.merge_person",
    "accounts.add_usagerestriction",
    "accounts.change_usagerestriction",
    "accounts.view_user",
    "accounts.add_user",
    "accounts.change_user",
    "booking.view_stoprecord",
    "booking.add_closure",
    "booking.change_closure",
    "booking.delete_closure",
    "booking.add_counsellor",
    "booking.change_counsellor",
    "booking.add_dutyhours",
    "booking.change_dutyhours",
    "booking.add_policyvalue",
    "booking.add_zoomhost",
    "booking.change_zoomhost",
    "consent.add_termsversion",
    "consent.change_termsversion",
    "otp_totp.view_totpdevice",
    "otp_totp.add_totpdevice",
    "otp_totp.change_totpdevice",
    "otp_totp.delete_totpdevice",
)
# The groups of staff and what they may do in the admin.
ROLES = {"相談員": (*_READ, *_DAILY_WORK), "管理者": (*_READ, *_DAILY_WORK, *_MANAGING)}


def ensure_roles() -> None:
    """Create the two groups of staff, or bring their permissions up to date. An operator's command and the demo's seed call it."""
    for name, allowed in ROLES.items():
        group, _created = Group.objects.get_or_create(name=name)
        wanted = Q()
        for label, codename in (permission.split(".") for permission in allowed):
            wanted |= Q(content_type__app_label=label, codename=codename)
        group.permissions.set(Permission.objects.filter(wanted))
