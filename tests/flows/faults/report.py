"""What is printed of a storm, and kept in docs/proofs."""

from collections import Counter

from tests.flows.faults.browser import NO_PAGE
from tests.flows.faults.invariants import Findings
from tests.flows.faults.storm import Storm
from toyooka_hw.mail.models import OutgoingMail


def written(storm: Storm, found: Findings, *, seed: int) -> str:
    """The whole of it, as text."""
    return "\n".join([*_heads(storm, found, seed), "", *_troubles(storm), "", *_repeats(found), "", *_wrong(storm, found), ""])


def _heads(storm: Storm, found: Findings, seed: int) -> list[str]:
    journal = storm.journal
    seconds = (journal[-1].until - journal[0].since).total_seconds()
    met = Counter("no page" if each.status == NO_PAGE else str(each.status) for each in storm.witness.met)
    tally = storm.town.zoom.tally()
    calls = {operation: dict(sorted(counts.items())) for operation, counts in sorted(tally.items())}
    return [
        f"{storm.people} bookings, --fault-seed {seed}: {len(journal)} troubles in {seconds:.0f} s",
        "fates: " + _counted(storm.fates),
        "in the end: " + _counted(found.counts),
        "pages people and staff met: " + _counted(met),
        "refused: " + _counted(Counter(f"{each.path} {each.status}" for each in storm.witness.met if each.is_refusal)),
        *(f"Zoom, {operation}: {_counted(counts)}" for operation, counts in calls.items()),
    ]


def _troubles(storm: Storm) -> list[str]:
    begin = storm.journal[0].since
    return ["troubles, in their order (second, how long):"] + [
        f"  {(each.since - begin).total_seconds():7.1f}  {(each.until - each.since).total_seconds():5.1f} s  {each.name}"
        for each in storm.journal
    ]


def _repeats(found: Findings) -> list[str]:
    subjects = dict(OutgoingMail.objects.filter(message_id__in=found.repeats).values_list("message_id", "subject"))
    total = sum(found.repeats.values())
    lines = [f"  {count} more of: {subjects.get(message_id, '?')}" for message_id, count in found.repeats.items()]
    return [f"mails that came again, the same Message-ID, over a death between the server's 250 and the note of it: {total}", *lines]


def _wrong(storm: Storm, found: Findings) -> list[str]:
    unkind = [f"  {met.path} {met.status} {met.words[:200]}" for met in storm.unkind()]
    return [f"wrong: {len(found.wrong) + len(unkind)}", *(f"  {each}" for each in found.wrong), *unkind]


def _counted(counts: "Counter[str] | dict[str, int]") -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"
