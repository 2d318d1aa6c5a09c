"""Alarms about sessions that are recorded, or listened to by an AI (C12-2): told at once, loud until staff have seen to them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from booking import mails
from booking.models import Booking, Seminar, SessionAlarm
from toyooka_hw.accounts.models import User
from toyooka_hw.audit import operations as audit


def sound(
    occasion: Booking | Seminar, kind: SessionAlarm.Kind, instance: str, *, at: datetime, anew: bool, now: datetime, wall: datetime
) -> None:
    """Raise the alarm and write to the counsellor; the row of what it is about is locked by the caller's transaction.

    One alarm per kind and run of a meeting. ``anew``: it began again, which makes an alarm loud once more that was seen to before.
    """
    of = {"booking": occasion} if isinstance(occasion, Booking) else {"seminar": occasion}
    alarm, is_new = SessionAlarm.objects.get_or_create(**of, kind=kind, instance=instance, defaults={"at": at})
    if is_new:
        mails.alarm(alarm, now=now, wall=wall)
    elif anew and alarm.seen_at is not None and alarm.seen_at < at:
        SessionAlarm.objects.filter(pk=alarm.pk).update(at=at, seen_at=None, seen_by=None)
        alarm.refresh_from_db()
        mails.alarm(alarm, now=now, wall=wall)


def see_to(alarm_id: int, *, by: User, now: datetime) -> bool:
    """A member of staff saw to it: whoever did so first stays. False where nothing was left to see to."""
    with transaction.atomic():
        alarm = SessionAlarm.objects.select_for_update(of=("self",)).select_related("booking", "seminar").get(pk=alarm_id)
        if not SessionAlarm.objects.filter(pk=alarm_id, seen_at=None).update(seen_at=now, seen_by=by):
            return False
        what = _("警告を確認した（%(kind)s）") % {"kind": alarm.get_kind_display()}
        person_pk = alarm.booking.applicant_id if alarm.booking else None
        audit.record(what, alarm.occasion, by=by, now=now, person_pk=person_pk)
    return True
