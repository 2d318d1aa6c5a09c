"""Whether an address typed by hand leads into a meeting at Zoom: what a browser would open is what is judged."""

import pytest

from booking.rules.by_hand import Fault, fault_of

ZOOM = ("https://zoom.us", "https://*.zoom.us")
NUMBER = 85312345678


@pytest.mark.parametrize(
    "address",
    [
        "https://zoom.us/j/85312345678?pwd=abcDEF123",
        "https://us02web.zoom.us/j/85312345678?pwd=abcDEF123",
        "https://us02web.zoom.us:443/j/85312345678",
        "https://zoom.us/wc/join/85312345678",
        "https://zoom.us/wc/85312345678/join",
        "https://toyooka.zoom.us/my/some.room",
    ],
)
def test_join_address_at_zoom_is_fine(address: str) -> None:
    assert fault_of(address, NUMBER, ZOOM) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "zoom.us/j/85312345678",
        "http://zoom.us/j/85312345678",
        "https://zoom.us:8443/j/85312345678",
        "https://evilzoom.us/j/85312345678",
        "https://zoom.us.example.jp/j/85312345678",
        "https://example.jp/https://zoom.us/j/85312345678",
        "https://zoom.us@example.jp/j/85312345678",
        "https://example.jp\\.zoom.us/j/85312345678",
        "https://example.jp#.zoom.us/j/85312345678",
        "https://[zoom.us/j/85312345678",
        "https://zoom.us:port/j/85312345678",
        "https://ｚoom.us/j/85312345678",
        "https://zoom.us/j/85312345678\n",
        "javascript:alert(1)//zoom.us",
        "zoommtg://zoom.us/join?confno=85312345678",
    ],
)
def test_every_other_address_is_refused(address: str) -> None:
    assert fault_of(address, NUMBER, ZOOM) is Fault.ELSEWHERE


@pytest.mark.parametrize("address", ["https://zoom.us/s/85312345678", "https://zoom.us/j/85312345678?zak=eyJ0"])
def test_address_that_starts_the_meeting_is_the_hosts_own(address: str) -> None:
    assert fault_of(address, NUMBER, ZOOM) is Fault.HOSTS_OWN


def test_number_in_the_address_must_be_the_meetings() -> None:
    assert fault_of("https://zoom.us/j/85312345679", NUMBER, ZOOM) is Fault.OTHER_MEETING
    assert fault_of("https://zoom.us/j/85312345679", None, ZOOM) is None  # the number has a fault of its own


@pytest.mark.parametrize(("port", "fault"), [(8001, None), (0, Fault.ELSEWHERE)])
def test_place_of_the_simulated_zoom_is_taken_in_the_policys_own_words(port: int, fault: Fault | None) -> None:
    assert fault_of(f"http://127.0.0.1:{port}/j/85312345678", NUMBER, ("http://127.0.0.1:*",)) is fault
