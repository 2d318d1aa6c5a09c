"""The one client of Zoom's Meetings API, and the only module that knows zoomus.

Of zoomus 1.2.1 it uses the meeting component's request methods only. ``ZoomClient`` asks for a token in its constructor without any timeout
and never renews it; the component's own verbs send Japanese times as UTC and repeat the host's address in body and query.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, NoReturn
from urllib.parse import quote

import requests
from zoomus import util
from zoomus.components.meeting import MeetingComponentV2

from booking.video import answers
from booking.video.alone import Alone
from booking.video.meeting import (
    TIMEZONE,
    breaches,
    differences,
    mark_of,
    meeting_body,
    meeting_info,
    reference_in,
    standing_of,
    unsafe_settings,
)
from booking.video.port import (
    Commons,
    Gone,
    HostUnfit,
    Load,
    Marked,
    MeetingInfo,
    MeetingPort,
    MeetingSpec,
    QuotaSpent,
    Standing,
    Throttled,
    TryLater,
    Unsafe,
    VideoError,
    ZoomConfig,
)
from booking.video.scopes import missing
from booking.video.token import shared_tokens

_PAGE_SIZE = 300
_MOST_PAGES = 20


class ZoomMeetings(MeetingPort):
    """Zoom's meetings through one Server-to-Server app. Threads may share it."""

    def __init__(self, config: ZoomConfig, commons: Commons | None = None) -> None:
        self._config = config
        self._tokens = shared_tokens(config)
        self._commons = commons or Alone()

    def create(self, spec: MeetingSpec) -> MeetingInfo:
        path, body = f"/users/{_quoted(spec.host)}/meetings", json.dumps(meeting_body(spec))
        with self._counted(spec.host):
            answer = self._json(lambda zoom: zoom.post_request(path, data=body), Load.MEDIUM, creates=True)
        info = _understood(answer, spec.host, creates=True)
        if wrong := breaches(answer, spec):
            self._undo(info.meeting_id, wrong)
        return info

    def find(self, host: str, reference: str, day: date) -> list[MeetingInfo]:
        ours = [item for item in self._listed(host, day, day) if reference_in(item) == reference]
        ours.sort(key=lambda item: (str(item.get("created_at")), item["id"]))
        return [info for item in ours if (info := self._still_there(int(item["id"]), host))]

    def get(self, meeting_id: int) -> MeetingInfo:
        return _understood(self._meeting(meeting_id), host="")

    def update(self, meeting_id: int, spec: MeetingSpec, *, anew: bool = False) -> MeetingInfo:
        before = self._meeting(meeting_id)
        differs = differences(before, spec)
        running = before.get("status") == "started"
        if running and differs:
            raise TryLater(None, unclear=False, message=f"the meeting is running and cannot be changed: {', '.join(differs)}")
        if running or not (anew or differs or unsafe_settings(before, spec)):
            return _understood(before, spec.host)  # a change counts against the host's hundred a day even when it changes nothing
        return self._changed(meeting_id, spec)

    def end(self, meeting_id: int) -> None:
        self._call(lambda zoom: zoom.put_request(f"/meetings/{meeting_id}/status", data=json.dumps({"action": "end"})))

    def delete(self, meeting_id: int) -> None:
        if self._meeting(meeting_id).get("status") == "started":
            self.end(meeting_id)
        # the portal writes its own mails: Zoom's reminder to the host stays off
        self._call(lambda zoom: zoom.delete_request(f"/meetings/{meeting_id}", params={"schedule_for_reminder": "false"}))

    def host_link(self, meeting_id: int) -> str:
        link = self._meeting(meeting_id).get("start_url")
        if not isinstance(link, str) or not link:
            raise TryLater(None, unclear=False, message="an answer without a host link")
        return link

    def marked(self, host: str, first: date, last: date) -> Iterator[Marked]:
        for item in self._listed(host, first, last):
            if mark := mark_of(item, host):
                yield mark

    def standing(self, host: str) -> Standing:
        try:
            return standing_of(self._json(lambda zoom: zoom.get_request(f"/users/{_quoted(host)}")))
        except (Gone, HostUnfit):
            return Standing.UNKNOWN

    def missing_scopes(self) -> list[str]:
        return missing(self._tokens.renewed(self._commons).scopes)

    def _changed(self, meeting_id: int, spec: MeetingSpec) -> MeetingInfo:
        body = json.dumps(meeting_body(spec))
        with self._counted(spec.host):
            self._call(lambda zoom: zoom.patch_request(f"/meetings/{meeting_id}", data=body))
        after = self._meeting(meeting_id)
        if wrong := breaches(after, spec):
            raise Unsafe(f"Zoom did not take over: {', '.join(wrong)}")
        return _understood(after, spec.host)

    @contextmanager
    def _counted(self, host: str) -> Iterator[None]:
        """One of the host's hundred a day; where Zoom counts otherwise, Zoom is right."""
        self._commons.spend(host)
        try:
            yield
        except QuotaSpent:
            self._commons.spent(host)
            raise
        except Throttled:
            self._commons.give_back(host)
            raise

    def _meeting(self, meeting_id: int) -> dict[str, Any]:
        return self._json(lambda zoom: zoom.get_request(f"/meetings/{meeting_id}"))

    def _listed(self, host: str, first: date, last: date) -> Iterator[dict[str, Any]]:
        # "scheduled" and not "upcoming", which leaves out what began a minute ago; a day more on both sides, because the
        # reference decides and Zoom's reading of a date's zone is not proven
        query = {
            "type": "scheduled",
            "page_size": str(_PAGE_SIZE),
            "from": (first - timedelta(days=1)).isoformat(),
            "to": (last + timedelta(days=1)).isoformat(),
            "timezone": TIMEZONE,
        }
        for _ in range(_MOST_PAGES):
            page = self._json(lambda zoom: zoom.get_request(f"/users/{_quoted(host)}/meetings", params=query), Load.MEDIUM)
            yield from page.get("meetings", [])
            if not page.get("next_page_token"):
                return
            query["next_page_token"] = page["next_page_token"]

    def _still_there(self, meeting_id: int, host: str) -> MeetingInfo | None:
        try:
            return _understood(self._meeting(meeting_id), host)
        except Gone:
            return None

    def _undo(self, meeting_id: int, wrong: list[str]) -> NoReturn:
        left = ""
        try:
            self.delete(meeting_id)
        except Gone:
            pass
        except VideoError as error:
            left = f"; meeting {meeting_id} is left behind ({error})"
        raise Unsafe(f"Zoom did not keep to what was asked: {', '.join(wrong)}{left}")

    def _json(self, request: Callable[[Any], requests.Response], load: Load = Load.LIGHT, *, creates: bool = False) -> dict[str, Any]:
        content = answers.body(self._call(request, load, creates=creates))
        if not content:
            raise TryLater(None, creates, "a success without a JSON object")
        return content

    def _call(self, request: Callable[[Any], requests.Response], load: Load = Load.LIGHT, *, creates: bool = False) -> requests.Response:
        token = self._tokens.current(self._commons).value
        response = self._send(request, token, load, creates)
        if answers.token_refused(response):
            response = self._send(request, self._tokens.current(self._commons, refused=token).value, load, creates)
        if error := answers.failure(response, creates):
            raise error
        return response

    def _send(self, request: Callable[[Any], requests.Response], token: str, load: Load, creates: bool) -> requests.Response:
        self._commons.await_turn(load)
        component = MeetingComponentV2(
            base_uri=self._config.api_url,
            config={"version": util.API_VERSION_2, "token": token},
            timeout=self._config.timeout_seconds,
        )
        return answers.send(lambda: request(component), creates)


def _understood(answer: dict[str, Any], host: str, creates: bool = False) -> MeetingInfo:
    try:
        return meeting_info(answer, host)
    except ValueError as error:
        reason = str(error)
    raise TryLater(None, creates, reason)


def _quoted(host: str) -> str:
    return quote(host, safe="@")
