"""``manage.py check_zoom``: in words what is missing, and an exit code for whoever asks by script."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.cast import Office
from tests.simulator import SimulatorHandle

pytestmark = pytest.mark.django_db


def told() -> str:
    out = StringIO()
    try:
        call_command("check_zoom", stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}! {error}"
    return out.getvalue()


def test_all_in_order(office: Office, zoom: SimulatorHandle) -> None:
    assert told() == (
        "ライセンス 佐藤（sato@zoom.example.jp）：ライセンスあり\n"
        "ライセンス 田中（tanaka@zoom.example.jp）：ライセンスあり\n"
        "認証・権限・Zoomホストに問題はありません。\n"
    )


def test_missing_scopes(office: Office, zoom: SimulatorHandle) -> None:
    zoom.control.switch(missing_scopes=["meeting:delete:meeting:admin", "user:read:user:admin"])
    assert told() == (
        "足りない権限：ミーティングの削除（meeting:delete:meeting:admin）\n"
        "足りない権限：Zoomホストの確認（user:read:user:admin）\n"
        "! Zoomの認証・権限に問題があります。Zoomのアプリの設定を確認してください。"
    )


def test_host_without_a_licence(office: Office, zoom: SimulatorHandle) -> None:
    zoom.control.switch(unknown_hosts=["tanaka@zoom.example.jp"])
    assert told() == (
        "ライセンス 佐藤（sato@zoom.example.jp）：ライセンスあり\n"
        "ライセンス 田中（tanaka@zoom.example.jp）：Zoomに登録がありません\n"
        "! ライセンスのあるZoomユーザーを、Zoomホストに設定してください。"
    )


def test_wrong_credentials(office: Office, zoom: SimulatorHandle) -> None:
    zoom.control.fault("reject_client")
    assert told() == "! Zoomの認証・権限に問題があります。Zoomのアプリの設定を確認してください。"


def test_zoom_out_of_reach(office: Office, zoom: SimulatorHandle) -> None:
    zoom.control.fault("outage")
    assert told() == "! Zoomにつながりません。しばらくたってから、もう一度お試しください。"
