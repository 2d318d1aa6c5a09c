"""What the simulated Zoom remembers: meetings with the people in them, tokens, what it counted, the switches."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any, Literal

from toyooka_hw.demo.simulator.switches import Switches

Place = Literal["waiting", "inside", "left"]

HOST_LINK_LIFE = timedelta(hours=2)


def _new_uuid() -> str:
    return secrets.token_urlsafe(16) + "=="


@dataclass
class Participant:
    """Somebody who gave a name at the door. ``key`` is their own page's address."""

    name: str
    place: Place
    key: str = field(default_factory=lambda: secrets.token_urlsafe(12))


@dataclass
class Meeting:
    """A meeting and its room. ``fields`` and ``settings`` are in Zoom's words; ``door`` is the passcode as it stands in the join link, ``zak``
    what every key of the host link begins with, and ``seal`` what makes such a key a true one.
    """

    meeting_id: int
    host: str
    created_at: str
    fields: dict[str, Any]
    settings: dict[str, Any]
    uuid: str = field(default_factory=_new_uuid)
    status: Literal["waiting", "started"] = "waiting"
    deleted: bool = False
    recorded: bool = False
    door: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    zak: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    seal: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    people: list[Participant] = field(default_factory=list)

    @property
    def starts_at(self) -> datetime:
        return datetime.fromisoformat(self.fields["start_time"])

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.fields["duration"])

    def new_host_key(self, now: datetime) -> str:
        """Return a fresh key of the host link. Nothing is noted, so that looking at a meeting changes nothing."""
        return self._sealed(f"{int((now + HOST_LINK_LIFE).timestamp())}-{secrets.token_hex(4)}")

    def opens_for_host(self, key: str, now: datetime) -> bool:
        """Whether this host key is ours and still holds."""
        stamp = key.partition(".")[2].partition(".")[0]
        return hmac.compare_digest(self._sealed(stamp).encode(), key.encode()) and now.timestamp() < int(stamp.partition("-")[0])

    def _sealed(self, stamp: str) -> str:
        return f"{self.zak}.{stamp}.{hmac.new(self.seal.encode(), stamp.encode(), hashlib.sha256).hexdigest()[:32]}"

    def change_password(self, password: str) -> None:
        """Set another passcode; as with Zoom, the old join link no longer carries the right one."""
        self.fields["password"] = password
        self.door = secrets.token_urlsafe(16)

    def join(self, name: str) -> Participant:
        """Let somebody in as far as the settings allow."""
        open_to_all = not self.settings["waiting_room"] and (self.status == "started" or self.settings["join_before_host"])
        person = Participant(name=name, place="inside" if open_to_all else "waiting")
        self.people.append(person)
        return person

    def start(self) -> None:
        """The host opens the meeting, which makes a new instance of it; who need not wait for admission goes in."""
        if self.status == "started":
            return
        self.status, self.uuid = "started", _new_uuid()
        if not self.settings["waiting_room"]:
            self._move("waiting", "inside")

    def end(self) -> None:
        """Everybody leaves. The meeting stays and may be started again."""
        self.status, self.recorded = "waiting", False
        self._move("waiting", "left")
        self._move("inside", "left")

    def _move(self, origin: Place, to: Place) -> None:
        for person in self.people:
            if person.place == origin:
                person.place = to

    def person(self, key: str) -> Participant | None:
        """Return who has this key."""
        return next((person for person in self.people if person.key == key), None)

    def admit(self, key: str) -> None:
        """Bring somebody from the waiting room into the running meeting."""
        person = self.person(key)
        if person and person.place == "waiting" and self.status == "started":
            person.place = "inside"


@dataclass
class Token:
    """An access token: until when it holds and what it allows. Scopes added to the app later need a new one."""

    until: str
    scopes: list[str]


@dataclass
class State:
    """Everything that survives a restart. ``counted``: requests of the day by host and by kind. ``tally``: what became of every call."""

    meetings: dict[int, Meeting] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    counted: dict[str, dict[str, int]] = field(default_factory=dict)
    tally: dict[str, dict[str, int]] = field(default_factory=dict)
    switches: Switches = field(default_factory=Switches)

    def standing(self, meeting_id: int) -> Meeting | None:
        """Return the meeting unless it was deleted or never was."""
        meeting = self.meetings.get(meeting_id)
        return None if meeting is None or meeting.deleted else meeting

    def in_the_way(self, meeting: Meeting) -> list[Meeting]:
        """Return the host's running meetings where there are so many that this one cannot start beside them."""
        running = [each for each in self.meetings.values() if each.host.lower() == meeting.host.lower() and each.status == "started"]
        return running if meeting not in running and len(running) >= self.switches.running_at_once(meeting.host) else []

    def takes(self, name: str, day: date, most: int | None) -> bool:
        """Whether one more request in this name is within the day's limit (None: there is none); if it is, it counts. Other days are forgotten."""
        today = self.counted.get(day.isoformat(), {})
        if most is not None and today.get(name, 0) >= most:
            return False
        self.counted = {day.isoformat(): {**today, name: today.get(name, 0) + 1}}
        return True

    def note(self, operation: str, what: str) -> int:
        """Note that a call of this operation was made, answered or troubled so; return how many were by now."""
        noted = self.tally.setdefault(operation, {})
        noted[what] = noted.get(what, 0) + 1
        return noted[what]

    def dump(self) -> dict[str, Any]:
        """Return the state so that JSON can hold it, where ``vars`` helps with our own classes; ``asdict`` is ten times as slow."""
        return {**vars(self), "meetings": list(self.meetings.values())}

    @classmethod
    def load(cls, content: dict[str, Any]) -> "State":
        """Return the state that ``dump`` described; what an earlier version knew besides is left."""
        meetings = [
            _known(Meeting, {**each, "people": [Participant(**person) for person in each["people"]]}) for each in content["meetings"]
        ]
        return cls(
            meetings={meeting.meeting_id: meeting for meeting in meetings},
            tokens={value: Token(**each) for value, each in content["tokens"].items()},
            counted=content["counted"],
            tally=content.get("tally", {}),
            switches=_known(Switches, content["switches"]),
        )


def _known(part: type[Any], content: dict[str, Any]) -> Any:
    names = {each.name for each in fields(part)}
    return part(**{name: value for name, value in content.items() if name in names})


def host_id(host: str) -> str:
    """Return the opaque id Zoom would have for this user."""
    return hashlib.sha256(host.lower().encode()).hexdigest()[:22]
