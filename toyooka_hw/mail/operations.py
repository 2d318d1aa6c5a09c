"""Writing mails down, delivering what is written, and what came back."""

import re
import smtplib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from email.utils import make_msgid, parseaddr
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext

from toyooka_hw.audit.operations import record
from toyooka_hw.context import office_facts
from toyooka_hw.mail.bounces import Bounce, status_of
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.queries import in_the_way_of, unfinished, waiting_for
from toyooka_hw.mail.smtp import hand_over
from toyooka_hw.outbox import OutboxState
from toyooka_hw.sweep import each
from toyooka_hw.wake import wake

LEASE = timedelta(seconds=180)  # longer than the dozen waits of one conversation together, each up to settings.SMTP_TIMEOUT
GIVE_UP_AFTER = 30
PASSED_AFTER = timedelta(minutes=15)
BOUNCES_WITHIN = timedelta(days=5)  # for as long servers try before they give a mail back
KEPT_FOR = timedelta(days=365)
_OUTDATED: list[Callable[[str], bool]] = []
_NEEDLESS: list[Callable[[OutgoingMail, datetime], str]] = []
BLANK = "（送信後に消去しました）"


class Outdated(Exception):
    """What the mail tells is no longer so."""


class NoAddress(Exception):
    """There is no mailbox to write to."""


def post(
    template: str,
    *,
    to: str,
    key: str,
    now: datetime,
    wall: datetime,
    context: Mapping[str, Any],
    secrets: Iterable[str] = (),
    calendar: str = "",
    calendar_method: str = "",
    in_order: bool = True,
    mark: str = "",
) -> OutgoingMail | None:
    """Write one mail from ``templates/mail/<template>`` in the caller's transaction and wake its delivery after commit.

    The same ``key`` twice is one mail: the second call returns None. ``secrets`` are blanked in the row once delivered. ``in_order``: not
    before earlier mails to the address. ``mark`` stands before the subject.
    """
    row, created = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={
            "to": to,
            "subject": mark + subject_of(template, context),
            "body": body_of(template, context),
            "secrets": list(secrets),
            "calendar": calendar,
            "calendar_method": calendar_method,
            "message_id": make_msgid(domain=_sender_domain()),
            "written_at": now,
            "queued_at": wall,
            "next_try_at": wall,
            "in_order": in_order,
        },
    )
    if not created:
        return None
    wake("mail.deliver", mail_id=row.pk)
    return row


def subject_of(template: str, context: Mapping[str, Any]) -> str:
    """The subject of this mail, on one line."""
    return " ".join(render_to_string(f"mail/{template}.subject.txt", {**context, "office": office_facts()}).split())


def body_of(template: str, context: Mapping[str, Any]) -> str:
    """The text of this mail, whether it is to be written or only shown beforehand."""
    return render_to_string(f"mail/{template}.body.txt", {**context, "office": office_facts()}).strip() + "\n"


def post_test(template: str, context: Mapping[str, Any], *, by: AbstractUser, now: datetime, wall: datetime) -> OutgoingMail | None:
    """Send a mail with made-up data to whoever asks for it; pressed twice within a minute it is one. Raises NoAddress."""
    if not by.email:
        raise NoAddress
    key = f"test:{by.pk}:{template}:{wall:%Y%m%d%H%M}"
    with transaction.atomic():
        mail = post(template, to=by.email, key=key, now=now, wall=wall, context=context, in_order=False, mark=gettext("【試験】"))
        if mail:
            record(gettext("試験のメールを自分に送る"), mail, by=by, now=now)
    return mail


def deliver(mail_id: int, *, now: datetime, wall: datetime) -> None:
    """Claim one mail, hand it to the mail server with no transaction open, settle. What it tells is looked at again before (A7)."""
    mail = _claim(mail_id, wall)
    if mail is None:
        return
    if why := next(filter(None, (why_not(mail, now) for why_not in _NEEDLESS)), ""):
        mail.settle(OutboxState.DONE, dropped=why, last_error="", secrets=[], **_blanked(mail))
    else:
        _hand_over(mail, now=now, wall=wall)
    _wake_next(mail)


def sweep(*, now: datetime, wall: datetime) -> None:
    """Deliver what is due: nudges that were lost, retries, and rows whose worker died."""
    due = OutgoingMail.objects.due(wall).values_list("pk", flat=True)[:200]
    each(due, lambda mail_id: deliver(mail_id, now=now, wall=wall), name="mails")


def record_bounce(bounce: Bounce, *, now: datetime, wall: datetime) -> bool:
    """A mail came back: staff will see that it did not arrive. False where no mail of ours is meant, or it is known already.

    A report that names no Message-ID means the last mail that the address was sent.
    """
    with transaction.atomic():
        ours = OutgoingMail.objects.select_for_update().filter(bounced_at=None)
        recent = ours.filter(to=bounce.recipient, outbox_state=OutboxState.DONE, dropped="", queued_at__gt=wall - BOUNCES_WITHIN)
        meant = ours.filter(message_id=bounce.message_id) if bounce.message_id else recent.order_by("-pk")
        mail = meant.first()
        if mail is None:
            return False
        OutgoingMail.objects.filter(pk=mail.pk).update(bounced_at=now, bounce=bounce.status)
        record(gettext("メールが届かずに戻る"), mail, by=None, now=now)
    return True


def forget(*, now: datetime) -> int:
    """Delete mails a year after they were written."""
    deleted, _ = OutgoingMail.objects.filter(written_at__lt=now - KEPT_FOR).delete()
    return deleted


def hold_back(*, wall: datetime) -> int:
    """The database came from a dump: whatever is not finished may have been sent, so staff decide over it. Codes have run out. Returns how many.

    Staff find them where failed mails stand; "try again" sends one after all.
    """
    waiting = unfinished()
    over = {"claim": None, "leased_until": None, "next_try_at": wall}
    for code in waiting.filter(in_order=False):
        dropped: dict[str, Any] = {"dropped": gettext("復元の前の認証コード"), "secrets": [], **_blanked(code), **over}
        OutgoingMail.objects.filter(pk=code.pk).update(outbox_state=OutboxState.DONE, **dropped)
    words = gettext("復元の前に送られた可能性があります")
    return waiting.update(outbox_state=OutboxState.FAILED, last_error=words, **over)


def ask_before_again(is_outdated: Callable[[str], bool]) -> None:
    """Let an app that writes mails say, by a mail's key, that it is outdated; told once, when the app is ready."""
    _OUTDATED.append(is_outdated)


def ask_before_sending(why_not: Callable[[OutgoingMail, datetime], str]) -> None:
    """Let an app that writes mails say, just before one is handed over, why it is not to be sent; told once, when the app is ready."""
    _NEEDLESS.append(why_not)


def try_again(mail_id: int, *, by: AbstractUser, now: datetime, wall: datetime) -> bool:
    """Put a failed mail back into the queue (staff pressed "try again"). False where it is not, or no longer, failed.

    Raises Outdated where other news have followed.
    """
    with transaction.atomic():
        mail = OutgoingMail.objects.select_for_update().get(pk=mail_id)
        if mail.outbox_state != OutboxState.FAILED:
            return False
        if any(is_outdated(mail.key) for is_outdated in _OUTDATED):
            raise Outdated
        OutgoingMail.objects.filter(pk=mail_id).update(
            outbox_state=OutboxState.WANTED, next_try_at=wall, attempts=0, passed_from=None, bounced_at=None, bounce=""
        )
        record(gettext("メールをもう一度送る"), mail, by=by, now=now)
        wake("mail.deliver", mail_id=mail_id)
    return True


def _claim(mail_id: int, wall: datetime) -> OutgoingMail | None:
    """As every outbox claims, once it is this mail's turn."""
    mail = OutgoingMail.objects.filter(pk=mail_id).first()
    if mail is None or in_the_way_of(mail, wall=wall).exists():
        return None
    claimed: OutgoingMail | None = OutgoingMail.objects.claim(mail_id, lease=LEASE, wall=wall)
    return claimed


def _hand_over(mail: OutgoingMail, *, now: datetime, wall: datetime) -> None:
    try:
        hand_over(mail)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        refused = {"bounced_at": now, "bounce": status_of(code, words)}
        _settle_refusal(mail, code, wall, **refused)
    except smtplib.SMTPDataError as error:
        _settle_refusal(mail, error.smtp_code, wall)
    except OSError as error:  # the connection, the password, the sender: not this mail's fault, so it keeps its turn (SMTPException is one)
        _settle_later(mail, type(error).__name__, wall)
    except Exception as error:  # noqa: BLE001 - whatever cannot be put into a message: tried again, and others need not wait for it
        _settle_later(mail, type(error).__name__, wall, own_fault=True)
    else:
        mail.settle(OutboxState.DONE, delivered_at=now, last_error="", secrets=[], **_blanked(mail))


def _wake_next(mail: OutgoingMail) -> None:
    """Whoever waited for this mail may be next."""
    if following := waiting_for(mail).values_list("pk", flat=True).first():
        wake("mail.deliver", mail_id=following)


def _settle_refusal(mail: OutgoingMail, code: int, wall: datetime, **known: Any) -> None:
    """The server refused this recipient or this text: 4xx is worth another try, 5xx is its last word."""
    if 400 <= code < 500:
        _settle_later(mail, f"SMTP {code}", wall, own_fault=True)
    else:
        mail.settle(OutboxState.FAILED, last_error=f"SMTP {code}", **known)


def _settle_later(mail: OutgoingMail, error: str, wall: datetime, *, own_fault: bool = False) -> None:
    """``own_fault``: what stands in the way concerns this mail alone."""
    if mail.attempts >= GIVE_UP_AFTER:
        mail.settle_failed(error=error)
        return
    at = wall + min(timedelta(seconds=10) * 2 ** min(mail.attempts, 8), timedelta(minutes=15))
    passed = {"passed_from": wall + PASSED_AFTER} if own_fault and mail.passed_from is None else {}
    mail.settle(OutboxState.WANTED, next_try_at=at, last_error=error, **passed)


def _blanked(mail: OutgoingMail) -> dict[str, str]:
    """Subject and body without the secrets. The calendar file goes whole: it folds its lines, so no secret would be found in it."""
    changes = {"calendar": ""}
    for field in ("subject", "body"):
        text = getattr(mail, field)
        for secret in mail.secrets:
            text = re.sub(re.escape(secret), BLANK, text)
        changes[field] = text
    return changes


def _sender_domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"
