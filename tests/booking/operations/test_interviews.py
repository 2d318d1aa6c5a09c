"""Sessions out of employers' requests: one job seeker each, both under their own consent, both told (C0-1, C6-1-4c, C12-3b, A18)."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from booking.models import Booking, CodeDelivery, EmployerRequest, Hold, Meeting, PolicyValue
from booking.models.bookings import Source
from booking.operations import applications, bookings, corrections, interviews, moving, no_contact, sessions
from booking.operations.bookings import Decision
from booking.operations.clashes import TakesPartElsewhere
from booking.operations.interviews import Arrangement, CodeUnderWay, RequestOver
from booking.operations.invitations import InvitedTwice, Lack, NotReady, Seeker, SeekerWanted, Told
from booking.operations.moving import Change
from booking.operations.no_contact import NeverOfThisKind
from booking.operations.transitions import MovedMeanwhile, ReasonMissing, StateChanged, last_line
from booking.rules.slots import Reason, SlotRefused
from consent.models import Consent, Method
from consent.operations import Shown, TermsNotInForce, withdraw
from consent.queries import COUNSELLING
from tests.cast import MORNING, SESSION, THURSDAY, Office, application, at, make_person, make_regular, publish_terms
from tests.employers import CONTACT, WISHED, asked, make_contact
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import Sanction, restrict, verify_person
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def contact(office: Office) -> Person:
    return make_contact(office)


@pytest.fixture
def seeker(office: Office) -> Person:
    return make_regular(office)


@pytest.fixture
def booking(contact: Person) -> Booking:
    """What the contact asks for: an interview of one person."""
    return asked(contact).sessions.get()


def another_seeker(office: Office, name: str = "但馬 太郎", email: str = "taro@example.jp") -> Person:
    return make_regular(office, name, email, "+819011112222")


def wanted(seeker: Person | None, start: datetime = WISHED, *, again: bool = False, told: Told | None = None, **more: Any) -> Arrangement:
    return Arrangement(start, seeker and Seeker(seeker.pk, told, again=again), **more)


def arrange(office: Office, booking: Booking, wish: Arrangement, *, now: datetime = MORNING) -> Booking:
    return interviews.arrange(booking.pk, wish, by=office.staff, now=now, wall=now)


def replace(
    office: Office, booking: Booking, seeker: Person, *, again: bool = False, reason: str = "辞退", now: datetime = MORNING
) -> Booking:
    return interviews.replace_seeker(booking.pk, Seeker(seeker.pk, again=again), reason=reason, by=office.staff, now=now, wall=now)


def presence(office: Office, minutes: str) -> None:
    PolicyValue.objects.create(
        key="interview_presence_minutes", value=minutes, holds_from=MORNING, set_at=MORNING, set_by=office.staff, reason="試験"
    )


def in_session(booking: Booking) -> list[tuple[str, int]]:
    return list(booking.participants.order_by("pk").values_list("role", "person"))


def holds(booking: Booking) -> list[tuple[Any, ...]]:
    rows = booking.holds.order_by("span")
    return [(hold.kind, hold.counsellor_id, hold.span.lower, hold.span.upper, hold.host_span.upper) for hold in rows]


def told_of(booking: Booking) -> list[tuple[str, str]]:
    """To whom the mails about the booking's last event went, and their subjects."""
    key = booking.events.last().mail_key
    return list(OutgoingMail.objects.filter(key__startswith=key).order_by("pk").values_list("to", "subject"))


def test_arranged_interview_has_its_place_both_sides_and_a_meeting(
    office: Office, booking: Booking, contact: Person, seeker: Person
) -> None:
    done = arrange(office, booking, wanted(seeker))
    line = done.events.last()
    assert (done.state, done.starts_at, done.ends_at, done.confirmed_at) == ("confirmed", WISHED, WISHED + HALF_HOUR, MORNING)
    assert in_session(done) == [("employer", contact.pk), ("job_seeker", seeker.pk)]
    assert holds(done) == [("interview", done.counsellor_id, WISHED, WISHED + HALF_HOUR, WISHED + HALF_HOUR)]
    assert (line.event, line.by, Meeting.objects.get().booking) == ("confirm", office.staff, done)
    assert told_of(done) == [
        (CONTACT, "【ハローワーク豊岡】オンライン面接の日時が決まりました（4月8日（木）13:00）"),
        ("hanako@example.jp", "【ハローワーク豊岡】オンライン面接の日時が決まりました（4月8日（木）13:00）"),
    ]


@pytest.mark.parametrize(("hour", "minute"), [(8, 30), (9, 17), (12, 10), (16, 45)])
def test_interview_may_begin_at_any_moment_of_the_opening_hours(
    office: Office, booking: Booking, seeker: Person, hour: int, minute: int
) -> None:
    start = at(THURSDAY, hour, minute)
    assert arrange(office, booking, wanted(seeker, start)).starts_at == start


@pytest.mark.parametrize(
    ("start", "reasons"),
    [
        (at(THURSDAY, 8, 29), (Reason.OUTSIDE_HOURS,)),
        (at(THURSDAY, 16, 46), (Reason.OUTSIDE_HOURS,)),
        (at(date(2027, 4, 10), 10), (Reason.CLOSED_DAY,)),
        (MORNING - timedelta(minutes=1), (Reason.PAST,)),
    ],
)
def test_interview_outside_the_opening_hours_is_refused(
    office: Office, booking: Booking, seeker: Person, start: datetime, reasons: tuple[Reason, ...]
) -> None:
    with pytest.raises(SlotRefused) as refused:
        arrange(office, booking, wanted(seeker, start))
    booking.refresh_from_db()
    assert (refused.value.reasons, booking.state, len(in_session(booking)), Hold.objects.count()) == (reasons, "requested", 1, 0)


def test_counsellor_is_held_only_while_present_and_the_host_throughout(office: Office, booking: Booking, seeker: Person) -> None:
    presence(office, "10")
    done = arrange(office, booking, wanted(seeker, counsellor=office.sato.pk))
    assert holds(done) == [("interview", office.sato.pk, WISHED, WISHED + timedelta(minutes=10), WISHED + HALF_HOUR)]


def test_place_over_a_counselling_session_of_the_same_counsellor_is_impossible(
    office: Office, booking: Booking, confirmed: Booking
) -> None:
    seeker = another_seeker(office)
    for start in (SESSION, SESSION - timedelta(minutes=29), SESSION + timedelta(minutes=29)):
        with pytest.raises(SlotRefused) as refused:
            arrange(office, booking, wanted(seeker, start, counsellor=confirmed.counsellor_id))
        assert refused.value.reasons == (Reason.COUNSELLOR_TAKEN,)
    done = arrange(office, booking, wanted(seeker, SESSION))
    assert done.counsellor_id not in (None, confirmed.counsellor_id)


def test_contact_whom_nobody_verified_gets_no_interview(office: Office, seeker: Person) -> None:
    """C2-1d: staff compare establishment, name and phone first."""
    newcomer = make_contact(office, verified=False)
    with pytest.raises(NotReady) as refused:
        arrange(office, asked(newcomer).sessions.get(), wanted(seeker))
    assert (refused.value.person, refused.value.lack, OutgoingMail.objects.count()) == (
        newcomer,
        Lack.UNVERIFIED,
        1,
    )  # that it was received


def test_contact_without_an_establishment_gets_no_interview(office: Office, booking: Booking, contact: Person, seeker: Person) -> None:
    Person.objects.filter(pk=contact.pk).update(establishment=None)
    with pytest.raises(NotReady) as refused:
        arrange(office, booking, wanted(seeker))
    assert (refused.value.person, refused.value.lack) == (contact, Lack.UNVERIFIED)


def test_contact_who_took_the_consent_back_gets_no_interview(office: Office, booking: Booking, contact: Person, seeker: Person) -> None:
    withdraw(contact, document=COUNSELLING, by=office.staff, now=MORNING)
    with pytest.raises(NotReady) as refused:
        arrange(office, booking, wanted(seeker))
    assert (refused.value.person, refused.value.lack) == (contact, Lack.CONSENT)


def test_job_seeker_whom_nobody_verified_is_refused(office: Office, booking: Booking, person: Person) -> None:
    with pytest.raises(NotReady) as refused:
        arrange(office, booking, wanted(person))
    assert (refused.value.person, refused.value.lack) == (person, Lack.UNVERIFIED)


@pytest.mark.parametrize("who", ["contact", "seeker"])
def test_restricted_people_take_no_part(office: Office, booking: Booking, contact: Person, seeker: Person, who: str) -> None:
    """C6-1-4c, C12-1: a decision of people, for this channel and this time."""
    whom = {"contact": contact, "seeker": seeker}[who]
    wish = Sanction(reason="迷惑行為", starts_on=MORNING.date(), ends_on=THURSDAY, review_on=THURSDAY, letter="お知らせ")
    restrict(whom.pk, wish, by=office.staff, now=MORNING, wall=MORNING)
    with pytest.raises(NotReady) as refused:
        arrange(office, booking, wanted(seeker))
    assert (refused.value.person, refused.value.lack, len(in_session(booking))) == (whom, Lack.RESTRICTED, 1)


def test_job_seeker_without_consent_is_refused_until_staff_told_the_terms(office: Office, booking: Booking) -> None:
    """A18: each takes part under a consent of their own, to the version in force."""
    taro = make_person("但馬 太郎", "taro@example.jp")
    verify_person(taro, registered_phone="+819011112222", by=office.staff, now=MORNING)
    with pytest.raises(NotReady) as refused:
        arrange(office, booking, wanted(taro))
    assert (refused.value.lack, Consent.objects.filter(person=taro).count()) == (Lack.CONSENT, 0)
    told = Told(Shown(office.version.pk, "規約の案内をして同意を得た", MORNING), Source.PHONE)
    done = arrange(office, booking, wanted(taro, told=told))
    consent = done.participants.get(person=taro).consent
    assert (consent.method, consent.recorded_by, consent.version) == (Method.STAFF_PHONE, office.staff, office.version)


def test_consent_to_an_earlier_version_does_not_do(office: Office, booking: Booking, seeker: Person) -> None:
    publish_terms(number=2, effective_at=MORNING)
    with pytest.raises(NotReady) as refused:
        arrange(office, booking, wanted(seeker))
    assert (refused.value.person, refused.value.lack) == (seeker, Lack.CONSENT)
    old = Told(Shown(office.version.pk, "規約の案内をして同意を得た", MORNING), Source.COUNTER)
    with pytest.raises(TermsNotInForce):
        arrange(office, booking, wanted(seeker, told=old))
    assert len(in_session(booking)) == 1


def test_interview_needs_a_job_seeker_and_a_consultation_none(office: Office, booking: Booking, contact: Person, seeker: Person) -> None:
    consultation = asked(contact, EmployerRequest.Purpose.CONSULTATION).sessions.get()
    for session, whom in ((booking, None), (consultation, seeker), (booking, contact)):
        with pytest.raises(SeekerWanted):
            arrange(office, session, wanted(whom))
    done = arrange(office, consultation, wanted(None))
    assert (in_session(done), [to for to, _subject in told_of(done)]) == ([("employer", contact.pk)], [CONTACT])


def test_job_seeker_sits_in_one_session_at_a_time(office: Office, booking: Booking, seeker: Person) -> None:
    arrange(office, booking, wanted(seeker))
    other = asked(make_contact(office, "竹野 三郎", "takeno@example.jp")).sessions.get()
    with pytest.raises(TakesPartElsewhere) as refused:
        arrange(office, other, wanted(seeker, WISHED + timedelta(minutes=29)))
    assert (refused.value.person, refused.value.booking) == (seeker, booking)
    assert arrange(office, other, wanted(seeker, WISHED + HALF_HOUR)).state == "confirmed"


@pytest.mark.parametrize("decided", [False, True])
def test_job_seeker_with_a_reservation_at_that_time_is_refused(office: Office, booking: Booking, seeker: Person, decided: bool) -> None:
    reserved = applications.request(seeker, application(office.version), now=MORNING, wall=MORNING)
    if decided:
        bookings.confirm(reserved.pk, Decision("registered", office.staff), now=MORNING, wall=MORNING)
    with pytest.raises(TakesPartElsewhere) as refused:
        arrange(office, booking, wanted(seeker, SESSION))
    assert refused.value.booking == reserved


def test_contact_sits_in_one_session_at_a_time(office: Office, contact: Person, seeker: Person) -> None:
    first, second = asked(contact, EmployerRequest.Purpose.MANAGED_SELECTION, people=2).sessions.order_by("pk")
    arrange(office, first, wanted(seeker))
    with pytest.raises(TakesPartElsewhere) as refused:
        arrange(office, second, wanted(another_seeker(office)))
    assert (refused.value.person, refused.value.booking) == (contact, first)


def test_job_seeker_is_in_two_sessions_of_a_request_only_where_staff_insist(office: Office, contact: Person, seeker: Person) -> None:
    first, second = asked(contact, EmployerRequest.Purpose.MANAGED_SELECTION, people=2).sessions.order_by("pk")
    arrange(office, first, wanted(seeker))
    later = WISHED + HALF_HOUR
    for again, reason in ((False, "二次面接"), (True, " ")):
        with pytest.raises(InvitedTwice):
            arrange(office, second, wanted(seeker, later, again=again, reason=reason))
    done = arrange(office, second, wanted(seeker, later, again=True, reason="二次面接"))
    assert (done.state, done.events.last().reason) == ("confirmed", "二次面接")


def test_job_seeker_whose_session_was_cancelled_may_be_invited_anew(office: Office, contact: Person, seeker: Person) -> None:
    first, second = asked(contact, EmployerRequest.Purpose.MANAGED_SELECTION, people=2).sessions.order_by("pk")
    arrange(office, first, wanted(seeker))
    sessions.cancel_by_office(first.pk, reason="担当者の都合", by=office.staff, now=MORNING, wall=MORNING)
    assert arrange(office, second, wanted(seeker)).state == "confirmed"


def test_press_again_or_on_an_older_page_changes_nothing(office: Office, booking: Booking, seeker: Person) -> None:
    seen = last_line(booking.pk)
    arrange(office, booking, wanted(seeker, seen=seen))
    with pytest.raises(StateChanged) as refused:
        arrange(office, booking, wanted(seeker))
    assert refused.value.by == "佐藤"
    with pytest.raises(MovedMeanwhile):
        arrange(office, booking, wanted(seeker, seen=seen))
    assert (Hold.objects.count(), booking.participants.count()) == (1, 2)


def test_reservation_is_not_arranged_as_an_interview(office: Office, requested: Booking) -> None:
    with pytest.raises(StateChanged):
        arrange(office, requested, wanted(another_seeker(office)))


def test_series_for_three_has_each_applicant_alone(office: Office, contact: Person) -> None:
    """A18: applicants meet on no page, in no meeting and in no mail."""
    names = {"但馬 太郎": "taro@example.jp", "出石 四郎": "shiro@example.jp", "香住 五郎": "goro@example.jp"}
    people = [another_seeker(office, name, email) for name, email in names.items()]
    request = asked(contact, EmployerRequest.Purpose.MANAGED_SELECTION, people=3)
    for number, (session, seeker) in enumerate(zip(request.sessions.order_by("pk"), people, strict=True)):
        arrange(office, session, wanted(seeker, WISHED + number * HALF_HOUR))
    met = {}
    for name, email in names.items():
        (mail,) = OutgoingMail.objects.filter(to=email)
        met[name] = [other for other in names if other in mail.subject + mail.body + mail.calendar]
    assert met == {name: [name] for name in names}
    assert (Meeting.objects.count(), [len(in_session(each)) for each in request.sessions.all()]) == (3, [2, 2, 2])


# --- another session -----------------------------------------------------------------------------------------------------


def test_added_session_is_arranged_at_once_and_the_same_form_is_one_session(office: Office, contact: Person, seeker: Person) -> None:
    request, key = asked(contact), uuid4()
    arrange(office, request.sessions.get(), wanted(seeker))
    taro = another_seeker(office)
    wish = wanted(taro, WISHED + HALF_HOUR)
    first, second = (interviews.add_session(request.pk, wish, key=key, by=office.staff, now=MORNING, wall=MORNING) for _press in range(2))
    assert (first.pk, first.state, in_session(first)) == (second.pk, "confirmed", [("employer", contact.pk), ("job_seeker", taro.pk)])
    assert [(line.event, line.by) for line in first.events.all()] == [("request", office.staff), ("confirm", office.staff)]
    assert (request.sessions.count(), len(told_of(first))) == (2, 2)


def test_refused_session_is_not_added(office: Office, contact: Person, seeker: Person) -> None:
    request = asked(contact)
    with pytest.raises(SlotRefused):
        interviews.add_session(request.pk, wanted(seeker, at(THURSDAY, 20)), key=uuid4(), by=office.staff, now=MORNING, wall=MORNING)
    assert request.sessions.count() == 1


def test_nothing_is_added_to_a_request_that_was_taken_back(office: Office, contact: Person, seeker: Person) -> None:
    request = asked(contact)
    bookings.withdraw(request.sessions.get().pk, now=MORNING, wall=MORNING)
    with pytest.raises(RequestOver):
        interviews.add_session(request.pk, wanted(seeker), key=uuid4(), by=office.staff, now=MORNING, wall=MORNING)


# --- another job seeker --------------------------------------------------------------------------------------------------


def test_another_job_seeker_takes_the_session_and_all_three_are_told(
    office: Office, booking: Booking, contact: Person, seeker: Person
) -> None:
    arrange(office, booking, wanted(seeker))
    OutgoingMail.objects.all().delete()
    taro = another_seeker(office)
    done = replace(office, booking, taro, reason="本人の体調不良")
    assert in_session(done) == [("employer", contact.pk), ("job_seeker", taro.pk)]
    entry = AuditEntry.objects.latest("pk")
    assert (entry.what, entry.reason, entry.person_pk) == ("面接の求職者を替える", "本人の体調不良", taro.pk)
    mails = OutgoingMail.objects.order_by("pk")
    assert [(mail.to, mail.subject) for mail in mails] == [
        ("hanako@example.jp", "【ハローワーク豊岡】オンライン面接のご予定を取り消しました（4月8日（木）13:00）"),
        ("taro@example.jp", "【ハローワーク豊岡】オンライン面接の日時が決まりました（4月8日（木）13:00）"),
        (CONTACT, "【ハローワーク豊岡】オンライン面接に参加される方が変わりました（4月8日（木）13:00）"),
    ]
    texts = [mail.body for mail in mails]
    assert [["体調" in text, "但馬" in text, "豊岡 花子" in text] for text in texts] == [
        [False, False, True],
        [False, True, False],
        [False, True, False],
    ]


def test_job_seeker_is_replaced_only_with_a_reason_and_not_by_themselves(office: Office, booking: Booking, seeker: Person) -> None:
    arrange(office, booking, wanted(seeker))
    with pytest.raises(ReasonMissing):
        replace(office, booking, another_seeker(office), reason=" ")
    with pytest.raises(InvitedTwice):
        replace(office, booking, seeker, again=True)


def test_once_the_code_is_on_its_way_nobody_follows_into_that_meeting(office: Office, booking: Booking, seeker: Person) -> None:
    """C6-2-3: who was told the code of a meeting knows it; the next one gets another meeting."""
    arrange(office, booking, wanted(seeker))
    part = booking.participants.get(person=seeker)
    CodeDelivery.objects.create(participant=part, route="callback_phone", result="no_answer", at=MORNING, by=office.staff)
    with pytest.raises(CodeUnderWay):
        replace(office, booking, another_seeker(office))
    assert booking.participants.filter(person=seeker).exists()


def test_job_seeker_is_not_replaced_once_the_session_has_begun(office: Office, booking: Booking, seeker: Person) -> None:
    arrange(office, booking, wanted(seeker))
    with pytest.raises(SlotRefused):
        replace(office, booking, another_seeker(office), now=WISHED)


def test_request_or_consultation_has_nobody_to_replace(office: Office, booking: Booking, contact: Person) -> None:
    taro = another_seeker(office)
    with pytest.raises(StateChanged):
        replace(office, booking, taro)
    consultation = asked(contact, EmployerRequest.Purpose.CONSULTATION).sessions.get()
    arrange(office, consultation, wanted(None))
    with pytest.raises(SeekerWanted):
        replace(office, consultation, taro)


# --- what follows --------------------------------------------------------------------------------------------------------


def test_moved_interview_is_told_to_both_with_the_same_calendar_entry(office: Office, booking: Booking, seeker: Person) -> None:
    arrange(office, booking, wanted(seeker))
    later = at(THURSDAY, 9, 17)
    done = moving.move(booking.pk, later, Change(office.staff, "面接官の都合"), now=MORNING, wall=MORNING)
    mails = list(OutgoingMail.objects.filter(key__startswith=done.events.last().mail_key).order_by("pk"))
    assert [(mail.to, "日時が変わりました（4月8日（木）9:17）" in mail.subject) for mail in mails] == [
        (CONTACT, True),
        ("hanako@example.jp", True),
    ]
    assert [(f"booking-{done.number}@" in mail.calendar, "都合" in mail.body.split("【")[0]) for mail in mails] == [(True, False)] * 2
    assert (done.starts_at, holds(done)[0][0]) == (later, "interview")


def test_interview_is_not_moved_to_where_somebody_in_it_sits_elsewhere(office: Office, booking: Booking, seeker: Person) -> None:
    reserved = applications.request(seeker, application(office.version), now=MORNING, wall=MORNING)
    arrange(office, booking, wanted(seeker))
    with pytest.raises(TakesPartElsewhere) as refused:
        moving.move(booking.pk, SESSION + timedelta(minutes=5), Change(office.staff, "都合"), now=MORNING, wall=MORNING)
    assert (refused.value.person, refused.value.booking) == (seeker, reserved)


def test_handed_over_interview_is_told_to_nobody(office: Office, booking: Booking, seeker: Person) -> None:
    done = arrange(office, booking, wanted(seeker, counsellor=office.sato.pk))
    written = OutgoingMail.objects.count()
    moved = moving.reassign(done.pk, Change(office.staff, "会議", counsellor=office.tanaka.pk), now=MORNING, wall=MORNING)
    assert (moved.counsellor, holds(moved)[0][:2], OutgoingMail.objects.count()) == (
        office.tanaka,
        ("interview", office.tanaka.pk),
        written,
    )


@pytest.mark.parametrize("by_office", [False, True])
def test_cancelled_interview_is_told_to_both_without_whose_cause_it_was(
    office: Office, booking: Booking, seeker: Person, by_office: bool
) -> None:
    arrange(office, booking, wanted(seeker))
    if by_office:
        done = sessions.cancel_by_office(booking.pk, reason="求職者の体調不良", by=office.staff, now=MORNING, wall=MORNING)
    else:
        done = sessions.cancel_by_user(booking.pk, caller="求職者の母", note="体調不良", by=office.staff, now=MORNING, wall=MORNING)
    mails = list(OutgoingMail.objects.filter(key__startswith=done.events.last().mail_key).order_by("pk"))
    assert [mail.to for mail in mails] == [CONTACT, "hanako@example.jp"]
    assert [("体調" in mail.body, "母" in mail.body, "STATUS:CANCELLED" in mail.calendar) for mail in mails] == [(False, False, True)] * 2
    assert Hold.objects.count() == 0


def test_correction_is_told_to_both_without_the_reason(office: Office, booking: Booking, seeker: Person) -> None:
    arrange(office, booking, wanted(seeker))
    sessions.cancel_by_office(booking.pk, reason="担当者の不在", by=office.staff, now=MORNING, wall=MORNING)
    done = corrections.correct(booking.pk, "confirmed", reason="求職者の取り違え", by=office.staff, now=MORNING, wall=MORNING)
    mails = list(OutgoingMail.objects.filter(key__startswith=done.events.last().mail_key).order_by("pk"))
    assert [(mail.to, "取り違え" in mail.body, "予定どおりに行います" in mail.body) for mail in mails] == [
        (CONTACT, False, True),
        ("hanako@example.jp", False, True),
    ]


def test_nobody_in_an_interview_is_counted_as_gone_without_a_word(office: Office, booking: Booking, seeker: Person) -> None:
    """C6-1-4b is for reservations alone."""
    arrange(office, booking, wanted(seeker))
    late = WISHED + timedelta(minutes=20)
    no_contact.apply_no_contact_rule(now=late, wall=late)
    booking.refresh_from_db()
    assert booking.state == "confirmed"
    with pytest.raises(NeverOfThisKind):
        no_contact.cancel_no_contact(booking.pk, by=office.staff, now=late, wall=late)


# --- what each reads -----------------------------------------------------------------------------------------------------


def test_mails_tell_of_the_other_side_only_name_and_role(office: Office, booking: Booking, contact: Person, seeker: Person) -> None:
    """A18, C6-2-3a: nobody's address, phone or number; no code, and no way into the meeting."""
    done = arrange(office, booking, wanted(seeker))
    Meeting.objects.update(meeting_id=82345678901, passcode="geheim12", join_url="https://zoom.example/j/82345678901")
    moving.move(done.pk, at(THURSDAY, 9), Change(office.staff, "都合"), now=MORNING, wall=MORNING)
    sessions.cancel_by_office(done.pk, reason="停電", by=office.staff, now=MORNING, wall=MORNING)
    secrets = (
        "82345678901",
        "geheim12",
        "zoom.example",
        "hanako@example.jp",
        CONTACT,
        "1234-5678",
        "28090",
        "79623",
        "0796-23-0202",
        "秘密",
    )
    mails = OutgoingMail.objects.filter(key__startswith="booking-event:")
    assert [(mail.to, each) for mail in mails for each in secrets if each in mail.subject + mail.body + mail.calendar] == []
    told = {mail.to: mail.body for mail in mails.order_by("-pk")}
    assert "求職者：豊岡 花子 様" in told[CONTACT]
    assert "事業所：城崎製作所\n人事担当者：城崎 次郎 様" in told["hanako@example.jp"]


def test_lines_of_the_mails_fit_a_phone(office: Office, booking: Booking, seeker: Person) -> None:
    arrange(office, booking, wanted(seeker))
    taro = another_seeker(office)
    replace(office, booking, taro)
    moving.move(booking.pk, at(THURSDAY, 9), Change(office.staff, "都合"), now=MORNING, wall=MORNING)
    sessions.cancel_by_user(booking.pk, by=office.staff, now=MORNING, wall=MORNING)
    corrections.correct(booking.pk, "cancelled_by_office", reason="押し間違い", by=office.staff, now=MORNING, wall=MORNING)
    corrections.correct(booking.pk, "confirmed", reason="押し間違い", by=office.staff, now=MORNING, wall=MORNING)
    sessions.cancel_by_office(booking.pk, reason="停電", by=office.staff, now=MORNING, wall=MORNING)
    own = [line for mail in OutgoingMail.objects.all() for line in mail.body.splitlines() if "http" not in line]
    assert [line for line in own if sum(2 if ord(letter) > 255 else 1 for letter in line) > 70] == []
