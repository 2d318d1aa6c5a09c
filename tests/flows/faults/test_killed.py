"""A worker is killed (SIGKILL) at every step of making a meeting and of handing a mail over: its lease ends, and everything is as it should be."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest

from booking.models import Booking, Meeting
from tests.flows.faults.crowd import dismiss, more_mails, more_sessions
from tests.flows.faults.doomed import Nursery, book, starts
from tests.flows.faults.invariants import Findings, Ledger, Window
from tests.flows.faults.town import Town
from toyooka_hw import clock
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.flow
LEASES = timedelta(minutes=6)
MORE_THAN_STEPS = 75
A_FEW = 8
ALL_STEPS = range(1, 100)
ENSURE, DELIVER = ("booking.ensure_meeting", "meeting_id"), ("mail.deliver", "mail_id")


def kill_in_turn(town: Town, nursery: Nursery, task: tuple[str, str], rows: Sequence[int], steps: Sequence[int] = ALL_STEPS) -> list[str]:
    """One worker after the other dies over a row of its own, each one step further on, until one outlives its last step; where they died."""
    died: list[str] = []
    for row, step in zip(rows, steps, strict=False):
        town.forget_zoom()  # so that each has as many steps as the one before
        told = nursery.work("task", die_at=step, name=task[0], arguments={task[1]: row})
        if "died_at" not in told:
            return died
        died.append(told["died_at"])
    assert steps is not ALL_STEPS, "more steps than rows"
    return died


def leases_end(town: Town) -> Findings:
    """Whatever the dead had in hand is taken up by the sweeps; what is found then."""
    since = clock.wall() - LEASES
    town.time_passes(LEASES, portal=False)
    town.forget_zoom()  # or whoever died last holds the lock on the token for half a minute
    town.calm()
    return Ledger(town, windows=[Window(since, clock.wall(), "killed")]).findings()


def test_every_step_of_making_a_meeting(town: Town, nursery: Nursery) -> None:
    """One meeting stands for each session, wherever its worker died."""
    with town.workers_away():
        (one,) = book(nursery, 1)
        rows = more_sessions(Booking.objects.get(pk=one), MORE_THAN_STEPS)
        died = kill_in_turn(town, nursery, ENSURE, rows)
    dismiss(rows[len(died) + 1 :])
    found = leases_end(town)
    assert (found.wrong, found.counts["meetings"]) == ([], len(died) + 2)
    assert (died.count("waiting for Zoom's answer"), died[-1].endswith("settle")) == (2, True)  # for the token, and for the meeting


def test_every_step_of_handing_a_mail_over(town: Town, nursery: Nursery) -> None:
    """None is lost. One comes twice only where its worker died between the server's 250 and the note of it, and then is the same mail."""
    with town.workers_away():
        book(nursery, 1)
        rows = more_mails(OutgoingMail.objects.get(calendar_method="PUBLISH"), MORE_THAN_STEPS)
        died = kill_in_turn(town, nursery, DELIVER, rows)
    OutgoingMail.objects.filter(pk__in=rows[len(died) + 1 :]).delete()
    found = leases_end(town)
    ours = dict(OutgoingMail.objects.values_list("message_id", "pk"))
    twice = sorted(rows.index(ours[message_id]) for message_id in found.repeats)
    print(f"\n{len(died)} deaths, {len(twice)} mails came twice:", ", ".join(died[place] for place in twice))
    assert (found.wrong, set(found.repeats.values())) == ([], {1})
    stretch = died[twice[0] : twice[-1] + 1]
    assert twice == list(range(twice[0], twice[-1] + 1))
    assert (stretch[0], stretch[-1].endswith(" settle")) == ("waiting for the mail server's answer", True)


@pytest.mark.parametrize("change", ["move", "hand_over", "cancel"])
def test_some_steps_of_what_becomes_of_a_meeting(town: Town, nursery: Nursery, dice: Random, change: str) -> None:
    """The meeting follows its session, or goes, wherever its worker died."""
    ids = book(nursery, A_FEW)
    town.calm()
    with town.workers_away():
        alter(nursery, change, ids)
        rows = [Meeting.objects.get(booking=pk).pk for pk in ids]
        died = kill_in_turn(town, nursery, ENSURE, rows, sorted(dice.sample(range(1, 45), A_FEW)))
    print(f"\n{change}:", ", ".join(died))
    assert leases_end(town).wrong == []


def alter(nursery: Nursery, change: str, ids: list[int]) -> None:
    """Every one of these sessions."""
    if change == "move":
        last = Booking.objects.latest("starts_at").starts_at.date()
        later = [start.isoformat() for start in starts(len(ids), after=last)]
        nursery.do("move", starts=dict(zip(map(str, ids), later, strict=True)))
    else:
        nursery.do(change, ids=ids)
