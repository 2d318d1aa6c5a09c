"""What the demo prints: addresses, accounts, and the second factor's live codes."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from toyooka_hw.demo.accounts import DEMO_STAFF, PASSWORD, live_code, seconds_left

WELCOME = """
オンライン職業相談 予約（デモ）が動いています。

  まずこちらから（お試しの手順）  {portal}/demo/
  ポータル（求職者の画面）        {portal}/
  職員用の画面                    {portal}/admin/
  届いたメール                    {mail}
  Zoom                            {zoom}

  職員のアカウント  {accounts}
  パスワード        {password}（どれも同じです）

  データ  {data_dir}
  終了するには Ctrl+C を押してください。はじめからやり直すには --reset を付けて起動してください。

"""


def welcome(environment: Mapping[str, str], data_dir: Path) -> str:
    """The words at the start; `environment` is that of the running parts."""
    portal = environment["PORTAL_URL"]
    return WELCOME.format(
        portal=portal,
        mail=f"{portal}/demo/mail/" if "EMAIL_URL" in environment else "EMAIL_URL のメールサーバーへ送ります",
        zoom=f"{environment['ZOOM_WEB_URLS']}/（模擬Zoom）" if "ZOOM_WEB_URLS" in environment else "ZOOM_* で指定したZoomを使います",
        accounts="、".join(f"{staff.username}（{staff.role}）" for staff in DEMO_STAFF),
        password=PASSWORD,
        data_dir=data_dir,
    )


def codes_line(at: datetime) -> str:
    """The live codes at this moment of real time."""
    codes = "　".join(f"{staff.username} {live_code(staff.username, at)}" for staff in DEMO_STAFF)
    return f"  ログインの番号（6けた）  {codes}　（あと{seconds_left(at):2}秒）"
