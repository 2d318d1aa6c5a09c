"""What the simulated Zoom remembers: meetings with the people in them, tokens, the hosts' counted requests."""

import hashlib
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

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
    """A meeting and its room. ``fields`` and ``settings`` are in Zoom's words; ``door`` is the passcode as it stands in the join link."""

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
    host_keys: dict[str, str] = field(default_factory=dict)
    people: list[Participant] = field(default_factory=list)

    @property
    def starts_at(self) -> datetime:
        return datetime.fromisoformat(self.fields["start_time"])

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.fields["duration"])

    def new_host_key(self, now: datetime) -> str:
        """Return a fresh key of the host link; forget those that have run out."""
        self.host_keys = {key: until for key, until in self.host_keys.items() if datetime.fromisoformat(until) > now}
        key = secrets.token_urlsafe(24)
        self.host_keys[key] = (now + HOST_LINK_LIFE).isoformat()
        return key

    def opens_for_host(self, key: str, now: datetime) -> bool:
        """Whether this host key still holds."""
        return key in self.host_keys and datetime.fromisoformat(self.host_keys[key]) > now

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
class Switches:
    """What tests may turn: a token's life, requests a day per host (None: uncounted), requests a second by Zoom's kinds ({"Light": 4,
    "Medium": 2}; a kind left out is not counted), hosts nobody knows, scopes the app lacks, the time, and where messages about the rooms go.
    """

    token_seconds: int = 3599
    daily_limit: int | None = None
    per_second: dict[str, int] = field(default_factory=dict)
    unknown_hosts: list[str] = field(default_factory=list)
    missing_scopes: list[str] = field(default_factory=list)
    now: str | None = None
    webhook_url: str = ""
    webhook_secret: str = ""
    webhook_pauses: list[float] = field(default_factory=lambda: [300, 1200, 3600])


@dataclass
class State:
    """Everything that survives a restart."""

    meetings: dict[int, Meeting] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)
    switches: Switches = field(default_factory=Switches)

    def dump(self) -> dict[str, Any]:
        """Return the state as JSON can hold it."""
        return {**asdict(self), "meetings": [asdict(meeting) for meeting in self.meetings.values()]}

    @classmethod
    def load(cls, content: dict[str, Any]) -> "State":
        """Return the state that ``dump`` described."""
        meetings = [Meeting(**{**each, "people": [Participant(**person) for person in each["people"]]}) for each in content["meetings"]]
        return cls(
            meetings={meeting.meeting_id: meeting for meeting in meetings},
            tokens={value: Token(**each) for value, each in content["tokens"].items()},
            counted=content["counted"],
            switches=Switches(**content["switches"]),
        )


def host_id(host: str) -> str:
    """Return the opaque id Zoom would have for this user."""
    return hashlib.sha256(host.lower().encode()).hexdigest()[:22]
