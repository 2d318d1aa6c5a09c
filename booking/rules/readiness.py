"""Is everything ready for a session? What the portal knows of it goes in, what is missing comes out."""

from dataclasses import dataclass
from enum import StrEnum

from booking.rules.calls import Delivery


class Zoom(StrEnum):
    """How far the meeting has come. BY_HAND: it is ready because staff entered its link; BY_PHONE: none is needed."""

    READY = "ready"
    WAITING = "waiting"
    FAILED = "failed"
    MISSING = "missing"
    BY_HAND = "by_hand"
    BY_PHONE = "by_phone"


class Lack(StrEnum):
    """What is missing, in the order in which it is told."""

    DAY_CLOSED = "day_closed"
    NOT_HELD = "not_held"
    COUNSELLOR_GONE = "counsellor_gone"
    COUNSELLOR_ABSENT = "counsellor_absent"
    OFF_DUTY = "off_duty"
    HOST_GONE = "host_gone"
    HOST_TWICE = "host_twice"
    ZOOM_FAILED = "zoom_failed"
    ZOOM_MISSING = "zoom_missing"
    ZOOM_WAITING = "zoom_waiting"
    NO_NUMBER = "no_number"
    MAIL_FAILED = "mail_failed"
    MAIL_WAITING = "mail_waiting"
    NOT_TOLD = "not_told"
    ELIGIBILITY = "eligibility"
    SWITCH = "switch"
    RECORD = "record"
    UNVERIFIED = "unverified"
    CONSENT = "consent"


# To be done in the ministry's system; the session can be held without.
PAPERWORK = frozenset({Lack.SWITCH, Lack.RECORD})


@dataclass(frozen=True, kw_only=True)
class SessionReadiness:
    """What is known of a confirmed session. ``heard``: staff have spoken with the person about it; ``held``: its place is taken.

    ``verified``, ``agreed``: everybody in an interview is known to staff, and their consent stands (A18). ``callable``: everybody has a number
    that staff verified, which is what a session held by telephone needs (C6-2-3c).
    """

    day_open: bool
    held: bool
    counsellor_active: bool
    counsellor_absent: bool
    on_duty: bool
    host_active: bool
    host_twice: bool
    zoom: Zoom
    mail: Delivery
    heard: bool
    eligible: bool
    to_switch: bool
    recorded: bool
    verified: bool = True
    agreed: bool = True
    callable: bool = True


def lacks(known: SessionReadiness) -> tuple[Lack, ...]:
    """Everything that is missing (C2-1a, C2-1b, C6-1-3, C6-2-1b, A18); empty where the session can simply begin."""
    by_phone = known.zoom is Zoom.BY_PHONE
    missing = {
        Lack.DAY_CLOSED: not known.day_open,
        Lack.NOT_HELD: not known.held,
        Lack.COUNSELLOR_GONE: not known.counsellor_active,
        Lack.COUNSELLOR_ABSENT: known.counsellor_active and known.counsellor_absent,
        Lack.OFF_DUTY: known.counsellor_active and not known.counsellor_absent and not known.on_duty,
        Lack.HOST_GONE: not by_phone and not known.host_active,
        Lack.HOST_TWICE: not by_phone and known.host_active and known.host_twice,
        Lack.ZOOM_FAILED: known.zoom is Zoom.FAILED,
        Lack.ZOOM_MISSING: known.zoom is Zoom.MISSING,
        Lack.ZOOM_WAITING: known.zoom is Zoom.WAITING,
        Lack.NO_NUMBER: by_phone and not known.callable,
        Lack.MAIL_FAILED: not known.heard and known.mail is Delivery.FAILED,
        Lack.MAIL_WAITING: not known.heard and known.mail is Delivery.WAITING,
        Lack.NOT_TOLD: not known.heard and known.mail is Delivery.NONE,
        Lack.ELIGIBILITY: not known.eligible,
        Lack.SWITCH: known.to_switch,
        Lack.RECORD: not known.recorded,
        Lack.UNVERIFIED: not known.verified,
        Lack.CONSENT: not known.agreed,
    }
    return tuple(lack for lack, true in missing.items() if true)
