"""The account's people. Everybody with an address is licensed and active unless a switch says otherwise."""

import hashlib
from typing import Any

from toyooka_hw.demo.simulator.errors import refused
from toyooka_hw.demo.simulator.fields import ACCOUNT_ZONE
from toyooka_hw.demo.simulator.messages import ACCOUNT
from toyooka_hw.demo.simulator.state import host_id
from toyooka_hw.demo.simulator.switches import Switches

BASIC, LICENSED = 1, 2


def check_known(host: str, switches: Switches) -> None:
    """Return if there is such a person. Raises ZoomError with code 1001."""
    if "@" not in host or host in switches.unknown_hosts:
        raise refused(404, 1001, f"User does not exist: {host}.")


def check_host(host: str, switches: Switches) -> None:
    """Return if this person can have meetings: for that, whoever was deactivated is as unknown as a stranger."""
    check_known(host, switches)
    if host in switches.inactive_hosts:
        raise refused(404, 1001, f"User does not exist: {host}.")


def described(host: str, switches: Switches) -> dict[str, Any]:
    """Return what Zoom says of this person."""
    number = int(hashlib.sha256(host.lower().encode()).hexdigest(), 16) % 9_000_000_000 + 1_000_000_000
    name = host.partition("@")[0]
    return {
        "id": host_id(host),
        "first_name": name,
        "last_name": "",
        "display_name": name,
        "email": host,
        "type": BASIC if host in switches.basic_hosts else LICENSED,
        "role_name": "Member",
        "role_id": "2",
        "pmi": number,
        "use_pmi": False,
        "personal_meeting_url": f"https://us06web.zoom.us/j/{number}",
        "timezone": ACCOUNT_ZONE,
        "verified": 1,
        "dept": "",
        "created_at": "2030-04-01T00:00:00Z",
        "user_created_at": "2030-04-01T00:00:00Z",
        "group_ids": [],
        "im_group_ids": [],
        "account_id": ACCOUNT,
        "language": "jp-JP",
        "phone_country": "",
        "phone_number": "",
        "status": "inactive" if host in switches.inactive_hosts else "active",
        "login_types": [100],
    }
