"""The roles of staff: groups, and what each may do in the admin (C8-1: what is not needed for the work is not seen)."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

COUNSELLOR = "相談員"
MANAGER = "管理者"
SYSTEM_ADMINISTRATOR = "システム管理者"
AUDITOR = "監査"

_EVIDENCE = (
    "consent.view_changenotice",
    "consent.view_consent",
    "consent.view_consentwithdrawal",
    "consent.view_ministryrecord",
    "consent.view_termsdocument",
    "consent.view_termsversion",
)
_READ = (
    *_EVIDENCE,
    "accounts.view_establishment",
    "accounts.view_person",
    "mail.view_outgoingmail",
    "booking.view_absence",
    "booking.view_booking",
    "booking.view_closure",
    "booking.view_counsellor",
    "booking.view_dutyhours",
    "booking.view_employerrequest",
    "booking.view_hold",
    "booking.view_meeting",
    "booking.view_policyvalue",
    "booking.view_registration",
    "booking.view_seminar",
    "booking.view_zoomhost",
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
    "booking.add_seminar",
    "booking.change_seminar",
    "consent.add_consentwithdrawal",
    "consent.add_ministryrecord",
)
_MANAGING = (
    "accounts.change_establishment",
    "accounts.merge_person",
    "accounts.add_usagerestriction",
    "accounts.change_usagerestriction",
    "accounts.view_user",
    "audit.view_auditentry",
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
    "booking.view_stoprecord",
    "consent.add_termsversion",
    "consent.change_termsversion",
)
# Accounts and machinery; nothing that names a job seeker (rules §1.4).
_SYSTEM = (
    "accounts.view_user",
    "accounts.add_user",
    "accounts.change_user",
    "mail.view_outgoingmail",
    "mail.change_outgoingmail",
    "booking.view_meeting",
    "booking.change_meeting",
    "booking.view_zoomhost",
    "booking.add_zoomhost",
    "booking.change_zoomhost",
)
# What happened and on what consent; neither free text nor whole phone numbers, and nothing to press.
_AUDITING = (
    *_EVIDENCE,
    "accounts.view_user",
    "audit.view_auditentry",
    "booking.view_booking",
    "booking.view_employerrequest",
    "booking.view_registration",
    "booking.view_seminar",
)

# The groups of staff and what they may do in the admin. ``docs/roles.md`` shows it as a table.
ROLES = {
    COUNSELLOR: (*_READ, *_DAILY_WORK),
    MANAGER: (*_READ, *_DAILY_WORK, *_MANAGING),
    SYSTEM_ADMINISTRATOR: _SYSTEM,
    AUDITOR: _AUDITING,
}


def ensure_roles() -> None:
    """Create the groups of staff, or bring their permissions up to date. An operator's command and the demo's seed call it."""
    for name, allowed in ROLES.items():
        group, _created = Group.objects.get_or_create(name=name)
        wanted = Q()
        for label, codename in (permission.split(".") for permission in allowed):
            wanted |= Q(content_type__app_label=label, codename=codename)
        group.permissions.set(Permission.objects.filter(wanted))


def matrix() -> str:
    """Who may do what, as a Markdown table: one line per permission, one column per role."""
    permissions = sorted({permission for allowed in ROLES.values() for permission in allowed})
    head = [f"| Permission | {' | '.join(ROLES)} |", f"|---|{'---|' * len(ROLES)}"]
    lines = [f"| `{each}` | {' | '.join('yes' if each in allowed else '' for allowed in ROLES.values())} |" for each in permissions]
    return "\n".join([*head, *lines])
