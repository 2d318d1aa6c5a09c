"""Sessions that nobody reserved: one of article 6-2 at an odd minute, and an interview at another."""

from datetime import datetime

from booking.models import Booking
from booking.operations import immediate, interviews
from booking.operations.interviews import Arrangement
from booking.operations.invitations import Seeker
from tests.cast import THURSDAY, TUESDAY, Office, at, make_regular, now_please
from tests.employers import asked, make_contact
from toyooka_hw.accounts.models import Person

PRESSED = at(TUESDAY, 10, 6, 30)
SEVEN_PAST = at(TUESDAY, 10, 7)
QUARTER_TO = at(THURSDAY, 10, 45)  # an interview's start: none of the ten


def immediate_session(office: Office, person: Person | None = None, *, now: datetime = PRESSED) -> Booking:
    """A session of article 6-2 with 佐藤 for somebody who is verified, from the next whole minute."""
    person = person or make_regular(office, "竹野 浜子", "hamako@example.jp", "+819055556666")
    immediate.switch(office.sato.pk, on=True, by=office.sato.user, now=now)
    waiting = immediate.request(person, now_please(office.version, now), now=now, wall=now)
    return immediate.accept(waiting.pk, counsellor=office.sato.pk, by=office.sato.user, now=now, wall=now)


def interview(office: Office, start: datetime = QUARTER_TO, *, seeker: Person | None = None, contact: Person | None = None) -> Booking:
    """An interview that 佐藤 holds, for an employer's contact and one job seeker."""
    now = at(TUESDAY, 9, 30)
    seeker = seeker or make_regular(office, "但馬 太郎", "taro@example.jp", "+819011112222")
    waiting = asked(contact or make_contact(office)).sessions.get()
    wanted = Arrangement(start, Seeker(seeker.pk), counsellor=office.sato.pk)
    return interviews.arrange(waiting.pk, wanted, by=office.staff, now=now, wall=now)
