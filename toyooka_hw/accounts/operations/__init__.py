"""The only writers of accounts: codes to mailboxes, people, roles and staff."""

from toyooka_hw.accounts.operations.codes import CodeExhausted, TooManyCodes, WrongCode, check_code, forget_codes, send_code
from toyooka_hw.accounts.operations.people import (
    LOOKS,
    DigitsExhausted,
    MailboxKnown,
    WrongDigits,
    enter_person,
    look_at,
    mark_switched,
    person_of_mailbox,
    prove_owner,
    survivor_of,
    verify_person,
)
from toyooka_hw.accounts.operations.roles import ROLES, ensure_roles

__all__ = [
    "LOOKS",
    "ROLES",
    "CodeExhausted",
    "DigitsExhausted",
    "MailboxKnown",
    "TooManyCodes",
    "WrongCode",
    "WrongDigits",
    "check_code",
    "ensure_roles",
    "enter_person",
    "forget_codes",
    "look_at",
    "mark_switched",
    "person_of_mailbox",
    "prove_owner",
    "send_code",
    "survivor_of",
    "verify_person",
]
