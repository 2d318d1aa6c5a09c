"""Which message at which event. Mails carry the portal's link, never Zoom's (A15)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy

from booking.calendar_entry import calendar_file
from booking.links import address_of, token_of
from booking.models import Booking, BookingEvent, EmployerRequest, Incident, NoticeText, Participant, SessionAlarm, ZoomHost
from booking.models.bookings import Kind, State
from booking.models.employers import about_expiry
from booking.models.incidents import MAIL_PREFIX as INCIDENT_PREFIX
from booking.queries import Board, policy_at, readers_of, reminder_key, text_at, why_needless, why_seat_needless
from booking.rules.calendar import tokyo_date
from booking.rules.incidents import Kind as Trouble
from booking.rules.interval import Interval
from booking.rules.readiness import Lack
from booking.rules.reminders import PREFIX, Needless, Reminder, ReminderKey
from booking.troubles import ADVICE, how_much
from toyooka_hw.accounts.models import Person, Role, User
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.operations import body_of, post

LACK_WORDS = {
    Lack.DAY_CLOSED: gettext_lazy("閉庁日です"),
    Lack.NOT_HELD: gettext_lazy("担当者とZoomホストの時間が確保されていません"),
    Lack.COUNSELLOR_GONE: gettext_lazy("担当者が「担当中」ではありません"),
    Lack.COUNSELLOR_ABSENT: gettext_lazy("担当者が不在です"),
    Lack.OFF_DUTY: gettext_lazy("担当者の担当時間の外です"),
    Lack.HOST_GONE: gettext_lazy("Zoomホストが「使用する」になっていません"),
    Lack.HOST_TWICE: gettext_lazy("同じ時間の別の予約と、Zoomホストが重なっています"),
    Lack.ZOOM_FAILED: gettext_lazy("Zoomミーティングを作成できませんでした"),
    Lack.ZOOM_MISSING: gettext_lazy("Zoomミーティングがありません"),
    Lack.ZOOM_WAITING: gettext_lazy("Zoomミーティングを準備しています"),
    Lack.NO_NUMBER: gettext_lazy("電話で行いますが、確認済みの電話番号がない方がいます"),
    Lack.MAIL_FAILED: gettext_lazy("確定のメールを送れませんでした"),
    Lack.MAIL_WAITING: gettext_lazy("確定のメールの送信を待っています"),
    Lack.NOT_TOLD: gettext_lazy("確定したことを、まだお知らせしていません"),
    Lack.ELIGIBILITY: gettext_lazy("資格を確認していません"),
    Lack.SWITCH: gettext_lazy("利用登録者への切替が済んでいません"),
    Lack.RECORD: gettext_lazy("ハローワークシステムへの記録が済んでいません"),
    Lack.UNVERIFIED: gettext_lazy("本人情報を確認していない方がいます"),
    Lack.CONSENT: gettext_lazy("利用規約への同意を取り下げた方がいます"),
}
NEEDLESS_WORDS = {
    Needless.NOT_CONFIRMED: gettext_lazy("予約が確定の状態ではなくなったため"),
    Needless.MOVED: gettext_lazy("日時が変わったため"),
    Needless.OTHER_WAY: gettext_lazy("Zoomと電話の別が変わったため"),
    Needless.OTHER_ADDRESS: gettext_lazy("メールアドレスが変わったため"),
    Needless.TOO_LATE: gettext_lazy("お知らせする時刻を過ぎたため"),
}
REMINDERS = {Reminder.TOMORROW: "remind_tomorrow", Reminder.SOON: "remind_soon"}


def key_of(event: BookingEvent) -> str:
    """The name under which the mail about this event is told once."""
    return event.mail_key


def received(booking: Booking, *, now: datetime, wall: datetime) -> None:
    _tell("received", booking, now=now, wall=wall)


def proposed(booking: Booking, event: BookingEvent, starts: Sequence[datetime], *, now: datetime, wall: datetime) -> None:
    _tell("proposed", booking, event=event, now=now, wall=wall, starts=starts)


def released(booking: Booking, *, now: datetime, wall: datetime) -> None:
    """The times that were proposed are taken back, and no other ones are proposed yet."""
    _tell("released", booking, now=now, wall=wall)


def confirmed(booking: Booking, *, now: datetime, wall: datetime) -> None:
    _tell("confirmed", booking, now=now, wall=wall, calendar_method="PUBLISH")


def moved(booking: Booking, *, now: datetime, wall: datetime) -> None:
    """The confirmed session has another time; the calendar file takes the place of the earlier one (same UID, higher sequence)."""
    _tell("moved", booking, now=now, wall=wall, calendar_method="PUBLISH")


def by_phone(booking: Booking, *, now: datetime, wall: datetime) -> None:
    """The session is held by telephone at its own time; its calendar entry says so from now on. No number stands in the mail."""
    _tell("by_phone", booking, now=now, wall=wall, begun=now >= booking.starts_at, calendar_method="PUBLISH")


def by_zoom(booking: Booking, *, now: datetime, wall: datetime) -> None:
    """It is held in Zoom after all, in another meeting than before."""
    _tell("by_zoom", booking, now=now, wall=wall, calendar_method="PUBLISH")


def declined(booking: Booking, reason: str, *, now: datetime, wall: datetime) -> None:
    _tell("declined", booking, now=now, wall=wall, reason=reason)


def declined_words(booking: Booking, reason: str, *, now: datetime) -> str:
    """What the person would read, for staff to see before they decide."""
    return body_of("declined", {**_words(booking, now), "reason": reason})


def expired(booking: Booking, *, now: datetime, wall: datetime) -> None:
    """Of an employer's request the sessions expire one by one, at the same limit: the contact reads of all of them once."""
    if booking.employer_request is None:
        _tell("expired", booking, now=now, wall=wall)
    else:
        _tell_employer("employer_expired", booking.employer_request, about_expiry(booking.confirm_limit), now=now, wall=wall)


def employer_received(request: EmployerRequest, *, now: datetime, wall: datetime) -> None:
    answer_by = request.sessions.latest("pk").answer_by
    _tell_employer("employer_received", request, "received", now=now, wall=wall, answer_by=answer_by)


def employer_declined(request: EmployerRequest, last: BookingEvent, reason: str, *, now: datetime, wall: datetime) -> None:
    """What was not arranged of a request is declined; ``last``: the last line of its sessions' histories."""
    _tell_employer("employer_declined", request, str(last.pk), now=now, wall=wall, reason=reason)


def employer_withdrawn(request: EmployerRequest, last: BookingEvent, *, now: datetime, wall: datetime) -> None:
    _tell_employer("employer_withdrawn", request, str(last.pk), now=now, wall=wall)


def employer_verified(contact: Person, *, now: datetime, wall: datetime) -> None:
    _tell_contact("employer_verified", contact, now=now, wall=wall)


def employer_ended(contact: Person, reason: str, *, was_verified: bool, now: datetime, wall: datetime) -> None:
    """Staff could not confirm the contact, or recorded that they left."""
    _tell_contact("employer_ended", contact, now=now, wall=wall, reason=reason, was_verified=was_verified)


def cancelled_by_user(booking: Booking, *, now: datetime, wall: datetime) -> None:
    _tell("cancelled_by_user", booking, now=now, wall=wall, calendar_method="CANCEL")


def cancelled_no_contact(booking: Booking, *, now: datetime, wall: datetime) -> None:
    """The mail about the closing itself: the outcome may have been corrected since."""
    closing = booking.events.filter(event=BookingEvent.Event.CANCEL_NO_CONTACT).latest("pk")
    _tell("cancelled_no_contact", booking, event=closing, now=now, wall=wall, calendar_method="CANCEL")


def cancelled_by_office(booking: Booking, reason: str, *, now: datetime, wall: datetime) -> None:
    _tell("cancelled_by_office", booking, now=now, wall=wall, reason=reason, calendar_method="CANCEL")


def withdrawn(booking: Booking, *, now: datetime, wall: datetime) -> None:
    _tell("withdrawn", booking, now=now, wall=wall)


def corrected(booking: Booking, *, now: datetime, wall: datetime) -> None:
    """A cancellation without contact, of which the person was told, was none; its calendar entry comes back where the booking does."""
    _tell("corrected", booking, now=now, wall=wall, calendar_method="PUBLISH" if booking.state == State.CONFIRMED else "")


def seeker_replaced(booking: Booking, left: Person, joined: Participant, *, now: datetime, wall: datetime) -> None:
    """Another job seeker comes to the interview: each of the three is told what changes for them, and nothing of why."""
    _tell("seeker_left", booking, now=now, wall=wall, readers=[left], calendar_method="CANCEL")
    _tell("confirmed", booking, now=now, wall=wall, readers=[joined.person], calendar_method="PUBLISH")
    _tell("seeker_changed", booking, now=now, wall=wall, readers=[booking.applicant])


def remind(booking: Booking, reminder: Reminder, people: Sequence[Person], *, now: datetime, wall: datetime) -> None:
    """The day before, or shortly before the start: each of these people once for each time of the session."""
    _tell(REMINDERS[reminder], booking, key=reminder_key(booking, reminder), readers=people, now=now, wall=wall)


def why_not_sent(mail: OutgoingMail, now: datetime) -> str:
    """Why a reminder is not to be sent after all, in words; empty for every other mail."""
    key = ReminderKey.read(mail.key)
    if key is None:
        return ""
    why = why_needless if key.prefix == PREFIX else why_seat_needless
    needless = why(key, mail.to, now=now)
    return str(NEEDLESS_WORDS[needless]) if needless else ""


def link(booking: Booking, *, now: datetime, wall: datetime) -> None:
    _tell("link", booking, now=now, wall=wall, key=f"{key_of_links(booking)}{booking.link_generation}")


def outcome_missing(bookings: Sequence[Booking], *, now: datetime, wall: datetime) -> bool:
    """Ask the counsellor of these sessions how they ended; at most one such mail a day. Nothing in it tells whose sessions they are."""
    user = bookings[0].counsellor.user  # type: ignore[union-attr]  # the constraint confirmed_is_complete
    context = {"staff": user, "bookings": bookings, "url": settings.PORTAL_URL + reverse("admin:booking_closing")}
    key = f"outcome-missing:{user.pk}:{tokyo_date(now)}"
    return post("outcome_missing", to=user.email, key=key, now=now, wall=wall, context=context) is not None


def alarm(alarm: SessionAlarm, *, now: datetime, wall: datetime) -> None:
    """The session is recorded, or an AI listens: to its counsellor, at once (C12-2). Neither the person nor the meeting's number stand in it."""
    occasion = alarm.occasion
    user = occasion.counsellor.user if occasion.counsellor else None
    if user is None or not user.email:
        return
    context = {"staff": user, "alarm": alarm, "booking": occasion, "url": settings.PORTAL_URL + reverse("admin:booking_today")}
    key = f"session-alarm:{alarm.pk}:{alarm.at.isoformat()}"
    post("session_alarm", to=user.email, key=key, now=now, wall=wall, context=context)


def incident(incident: Incident, readers: Iterable[User], *, now: datetime, wall: datetime) -> None:
    """Something is wrong with the machinery: once to each of these, however long it lasts. Of the people served it tells nothing."""
    _tell_staff("incident", incident, readers, now=now, wall=wall, steps=ADVICE[Trouble(incident.kind)].steps)


def incident_over(incident: Incident, readers: Iterable[User], *, now: datetime, wall: datetime) -> None:
    """It has stayed away long enough: what to look at now."""
    _tell_staff("incident_over", incident, readers, now=now, wall=wall, steps=ADVICE[Trouble(incident.kind)].after)


def keys_about(booking: Booking) -> list[str]:
    """How the names of the mails about this booking's steps begin."""
    return [key_of(event) for event in booking.events.all()]


def key_of_links(booking: Booking) -> str:
    """How the names of the mails with a new link to this booking begin."""
    return f"booking-link:{booking.pk}:"


def key_of_readiness(day: date) -> str:
    """How the names of the mails to staff about the readiness of this day begin."""
    return f"readiness:{day.isoformat()}:"


def readiness(board: Board, to: User, *, now: datetime, wall: datetime) -> None:
    """What is missing for the next open day, to one member of staff. Of the people served it names only numbers and times."""
    day = board.day.date
    post(
        "readiness",
        to=to.email,
        key=f"{key_of_readiness(day)}{to.pk}",
        now=now,
        wall=wall,
        context={
            "day": day,
            "sessions": board.sessions,
            "short": board.short,
            "to_do": [(row.booking, [LACK_WORDS[lack] for lack in row.lacks]) for row in board.sessions if row.lacks],
            "waiting": board.waiting,
            "asked": board.asked,
            "seminars": board.seminars,
            "url": f"{settings.PORTAL_URL}{reverse('admin:booking_readiness')}?day={day.isoformat()}",
        },
    )


PartRole = Participant.PartRole
# The texts of the other kinds stand beside those of reservations, under these prefixes.
_FAMILIES = {Kind.RESERVED.value: "", Kind.AD_HOC.value: "immediate_", Kind.INTERVIEW.value: "interview_"}


def _tell(
    template: str,
    booking: Booking,
    *,
    now: datetime,
    wall: datetime,
    event: BookingEvent | None = None,
    key: str = "",
    readers: Sequence[Person] = (),
    calendar_method: str = "",
    **context: Any,
) -> None:
    """Write the mail of the booking's latest event to its people (or these), the applicant first; those without an address are phoned.

    An immediate session's is a word about its state: neither a link into it nor a calendar file (C6-2-3a).
    """
    key = key or key_of(event or booking.events.order_by("-pk")[0])
    method = "" if booking.kind == Kind.AD_HOC else calendar_method
    for person in readers or readers_of(booking):
        if not person.email:
            continue
        post(
            _FAMILIES[booking.kind] + template,
            to=person.email,
            key=booking.key_for(person.pk, key),
            now=now,
            wall=wall,
            context={**_words(booking, now, person), **context},
            secrets=[token_of(booking)] if booking.kind == Kind.RESERVED else [],
            calendar=_calendar(booking, method, _page_of(booking, person), now) if method else "",
            calendar_method=method,
        )


def _tell_employer(template: str, request: EmployerRequest, about: str, *, now: datetime, wall: datetime, **context: Any) -> None:
    """Write one mail about a whole request to its contact; ``about`` tells it from the request's other mails."""
    if request.contact.email:
        words = {"request": request, "person": request.contact, "url": settings.PORTAL_URL + reverse("employer"), **usual_words(now)}
        post(template, to=request.contact.email, key=request.mail_key(about), now=now, wall=wall, context={**words, **context})


def _tell_contact(template: str, contact: Person, *, now: datetime, wall: datetime, **context: Any) -> None:
    """Write to a contact about themselves."""
    if contact.email:
        words = {"person": contact, "url": settings.PORTAL_URL + reverse("employer"), **usual_words(now)}
        key = f"{template}:{contact.pk}:{now.timestamp():.0f}"
        post(template, to=contact.email, key=key, now=now, wall=wall, context={**words, **context})


def _tell_staff(template: str, incident: Incident, readers: Iterable[User], *, now: datetime, wall: datetime, steps: Iterable[Any]) -> None:
    host = ZoomHost.objects.filter(email=incident.subject).first() if incident.subject else None
    context = {
        "incident": incident,
        "host": host,
        "much": how_much(incident, wall=wall),
        "steps": steps,
        "lasted": incident.seen_at - incident.opened_at,
        "url": settings.PORTAL_URL + reverse("admin:booking_status"),
    }
    for reader in readers:
        post(template, to=reader.email, key=f"{INCIDENT_PREFIX}{incident.pk}:{template}:{reader.pk}", now=now, wall=wall, context=context)


def _others(booking: Booking, person: Person) -> list[Participant]:
    """Whom the reader meets in an interview: of them only names and roles are told (A18)."""
    parts = booking.participants.exclude(person=person).select_related("person__establishment").order_by("pk")
    return list(parts) if person.role == Role.EMPLOYER_CONTACT else [part for part in parts if part.role != PartRole.JOB_SEEKER]


def _page_of(booking: Booking, person: Person) -> str:
    """The page on which this person sees how the booking stands."""
    if booking.kind == Kind.RESERVED:
        return address_of(booking)
    if booking.kind == Kind.AD_HOC:
        return settings.PORTAL_URL + reverse("immediate")
    return settings.PORTAL_URL + reverse("employer" if person.role == Role.EMPLOYER_CONTACT else "mine")


def _words(booking: Booking, now: datetime, person: Person | None = None) -> dict[str, Any]:
    person = person or booking.applicant
    return {
        "booking": booking,
        "person": person,
        "others": _others(booking, person) if booking.kind == Kind.INTERVIEW else [],
        "url": _page_of(booking, person),
        **usual_words(now),
    }


def usual_words(now: datetime) -> dict[str, Any]:
    """What any mail may say."""
    return {
        "top_url": settings.PORTAL_URL + reverse("top"),
        "slots_url": settings.PORTAL_URL + reverse("slots"),
        "employer_url": settings.PORTAL_URL + reverse("employer"),
        "policy": policy_at(now),
        "closing": text_at(NoticeText.Key.MAIL_CLOSING, now),
    }


def _calendar(booking: Booking, method: str, address: str, now: datetime) -> str:
    what = str(booking.employer_request.get_purpose_display()) if booking.employer_request else "オンライン職業相談"
    way = "・電話で実施" if booking.is_by_phone else ""
    uid, span = f"booking-{booking.number}", Interval(booking.starts_at, booking.ends_at)
    return calendar_file(uid, booking.events.count(), span, summary=what, way=way, address=address, method=method, now=now)
