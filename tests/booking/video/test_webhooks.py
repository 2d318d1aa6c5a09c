"""Messages from Zoom: whose they are, and what they tell (zoom.md §6)."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from booking.video import webhooks
from booking.video.webhooks import Forged, Stale, Unreadable

SECRET = "zoom_webhook_secret"
STAMP = "1739923528"
BODY = b'{"event":"meeting.started","event_ts":1626230691572}'
SIGNED = "v0=71276689c37d865ee24535dab72c05883e9d083978e8d3161202634051b15404"
WALL = datetime.fromtimestamp(int(STAMP), UTC)
SAMPLES = sorted((Path(__file__).resolve().parents[4] / "shared" / "zoom" / "webhooks").glob("*.json"))
PERSONAL = ("Jill", "jchill", "8615250064084", "PaSsWoRd", "pwd=", "Key takeaways", "349589LkJyeW", "iFxeBPYun6SAiWUzBcEkX")


def message(**changes: Any) -> dict[str, Any]:
    """Somebody joined; the changes are those of the meeting."""
    person = {"user_id": "16778240", "user_name": "豊岡 花子", "participant_uuid": "55AA", "id": "", "join_time": "2021-07-13T21:44:51Z"}
    meeting = {"id": "85312345678", "uuid": "4444AAAiAAAAAiAiAiiAii==", "host_id": "x1yC", "participant": person}
    return {"event": "meeting.participant_joined", "event_ts": 1626230691572, "payload": {"object": {**meeting, **changes}}}


def test_published_vector_is_accepted() -> None:
    assert webhooks.signature(SECRET, STAMP, BODY) == SIGNED
    webhooks.check(SECRET, STAMP, SIGNED, BODY, wall=WALL)


def test_challenge_is_answered_with_the_published_vector() -> None:
    asked = {"event": "endpoint.url_validation", "payload": {"plainToken": "qgg8vlvZRS6UYooatFL8Aw"}}
    assert webhooks.answer_to_challenge(SECRET, asked) == {
        "plainToken": "qgg8vlvZRS6UYooatFL8Aw",
        "encryptedToken": "93356b1881fa787a5e2e469cd44e818116a9993195bb42619edc893b9f7d5483",
    }


@pytest.mark.parametrize("token", [None, "", 5, "\ud800"])
def test_challenge_without_a_token_cannot_be_read(token: object) -> None:
    asked = {"event": "endpoint.url_validation", "payload": {"plainToken": token}}
    with pytest.raises(Unreadable):
        webhooks.answer_to_challenge(SECRET, asked)


def test_message_that_is_no_challenge_is_not_answered() -> None:
    assert webhooks.answer_to_challenge(SECRET, message()) is None


def test_signature_is_of_the_raw_bytes() -> None:
    """The same content written in another way has another signature: letters outside ASCII, spaces."""
    raw = '{"topic": "職業相談"}'.encode()
    again = json.dumps(json.loads(raw)).encode()
    with pytest.raises(Forged):
        webhooks.check(SECRET, STAMP, webhooks.signature(SECRET, STAMP, raw), again, wall=WALL)


@pytest.mark.parametrize(
    ("secret", "stamp", "given", "body"),
    [
        ("", STAMP, SIGNED, BODY),
        ("", STAMP, webhooks.signature("", STAMP, BODY), BODY),
        ("another", STAMP, SIGNED, BODY),
        (SECRET, STAMP, "", BODY),
        (SECRET, STAMP, "v0=é", BODY),
        (SECRET, STAMP, SIGNED.removeprefix("v0="), BODY),
        (SECRET, "1739923529", SIGNED, BODY),
        (SECRET, STAMP, SIGNED, BODY + b" "),
    ],
)
def test_what_zoom_did_not_sign_is_forged(secret: str, stamp: str, given: str, body: bytes) -> None:
    with pytest.raises(Forged):
        webhooks.check(secret, stamp, given, body, wall=WALL)


@pytest.mark.parametrize(("seconds", "stale"), [(-301, True), (-300, False), (300, False), (301, True)])
def test_message_is_taken_for_five_minutes(seconds: int, stale: bool) -> None:
    wall = WALL + timedelta(seconds=seconds)
    if stale:
        with pytest.raises(Stale):
            webhooks.check(SECRET, STAMP, SIGNED, BODY, wall=wall)
    else:
        webhooks.check(SECRET, STAMP, SIGNED, BODY, wall=wall)


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "1e9", "9" * 400, "１７３９９２３５２８"])
def test_signed_nonsense_of_a_moment_is_stale(stamp: str) -> None:
    with pytest.raises(Stale):
        webhooks.check(SECRET, stamp, webhooks.signature(SECRET, stamp, BODY), BODY, wall=WALL)


@pytest.mark.parametrize("body", [b"", b"<xml/>", b"[1]", b'"text"', b"\xff", b"[" * 100_000])
def test_body_that_is_no_object_cannot_be_read(body: bytes) -> None:
    with pytest.raises(Unreadable):
        webhooks.content_of(body)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"event": 5, "event_ts": 1},
        {"event": "meeting.started"},
        {"event": "meeting.started", "event_ts": "now"},
        {"event": "meeting.started", "event_ts": True},
        {"event": "meeting.started", "event_ts": 10**20},
        {"event": "meeting.\x00started", "event_ts": 1},
        {"event": "m" * 81, "event_ts": 1},
    ],
)
def test_message_without_event_or_moment_cannot_be_read(content: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        webhooks.read(SECRET, content)


def test_notice_says_what_when_and_where() -> None:
    notice = webhooks.read(SECRET, message())
    assert (notice.event, notice.happened_at, notice.meeting_number, notice.instance, notice.is_host) == (
        "meeting.participant_joined",
        datetime(2021, 7, 14, 2, 44, 51, 572000, UTC),
        85312345678,
        "4444AAAiAAAAAiAiAiiAii==",
        False,
    )


@pytest.mark.parametrize("number", [85312345678, "85312345678"])
def test_number_is_the_same_as_number_and_as_text(number: object) -> None:
    told = webhooks.read(SECRET, message(id=number))
    assert (told.meeting_number, told.key) == (85312345678, webhooks.read(SECRET, message()).key)


@pytest.mark.parametrize("number", [None, True, 0, -5, 1.5, "", "abc", "８５３", "9" * 19, 2**63, [], {}])
def test_number_that_is_none_is_none(number: object) -> None:
    assert webhooks.read(SECRET, message(id=number)).meeting_number is None


@pytest.mark.parametrize("uuid", [None, 5, "x" * 81, "a\x00b", "職業"])
def test_instance_that_cannot_be_kept_is_left_out(uuid: object) -> None:
    assert webhooks.read(SECRET, message(uuid=uuid)).instance == ""


def test_host_is_who_has_the_hosts_id() -> None:
    assert [webhooks.read(SECRET, message(participant={"id": each, "user_id": "1"})).is_host for each in ("x1yC", "", "other")] == [
        True,
        False,
        False,
    ]
    assert webhooks.read(SECRET, message(host_id="", participant={"id": ""})).is_host is False


def test_same_event_has_the_same_key_and_every_other_one_another() -> None:
    first = webhooks.read(SECRET, message()).key
    others = [message(uuid="another=="), message(participant={"participant_uuid": "66BB"}), {**message(), "event_ts": 1626230691573}]
    keys = {webhooks.read(SECRET, each).key for each in others}
    assert (webhooks.read(SECRET, message()).key, len(keys | {first})) == (first, 4)


def test_participant_is_the_same_in_one_run_of_a_meeting_and_nobody_elsewhere() -> None:
    inside, again = webhooks.read(SECRET, message()), webhooks.read(SECRET, {**message(), "event": "meeting.participant_left"})
    elsewhere = webhooks.read(SECRET, message(uuid="another=="))
    assert (inside.participant == again.participant, inside.participant == elsewhere.participant) == (True, False)
    assert "55AA" not in repr(inside)


@pytest.fixture(params=SAMPLES or [None], ids=lambda path: path.stem if path else "none")
def sample(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each published example."""
    if request.param is None:
        pytest.skip("Zoom's published examples are not at hand")
    content: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8-sig"))
    return content


def test_published_example_is_read_and_nothing_personal_is_kept(sample: dict[str, Any]) -> None:
    notice = webhooks.read(SECRET, sample)
    named = sample["payload"]["object"]
    assert (notice.event, notice.meeting_number) == (sample["event"], int(named.get("id") or named["meeting_id"]))
    assert notice.instance == named.get("uuid", named.get("meeting_uuid", ""))
    assert [word for word in PERSONAL if word in repr(notice)] == []
