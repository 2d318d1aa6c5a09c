"""What the office reads of the machinery's troubles: what to do, what to look at once one is over, and a hint for whoever mends it.

Each line fits into a mail: 34 full-width signs at most.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Incident, Meeting
from booking.rules.incidents import Kind, Trouble
from booking.rules.quota import CALLS_A_DAY, goes_on_at
from toyooka_hw.wording import ja_duration


@dataclass(frozen=True, slots=True)
class Advice:
    """``steps``: what staff do now; ``after``: what they look at once it is over; ``hint``: for those who look after the machinery."""

    steps: tuple[Any, ...]
    after: tuple[Any, ...]
    hint: Any


_BY_PHONE = gettext_lazy("まもなく始まる相談は、電話に切り替えてください。")
_TRY_AGAIN = gettext_lazy("「今日」の下の一覧で「もう一度試す」を押してください。")
_LOOK_AT_ZOOM = gettext_lazy("今日と明日の予約のZoomが「準備済み」か、見てください。")
_LOOK_AT_CALLS = gettext_lazy("「電話リスト」に、お電話する方がいないか見てください。")
_LOOK_AT_DOUBTS = gettext_lazy("「今日」に「要確認」の予約がないか、見てください。")

ADVICE: Mapping[Kind, Advice] = {
    Kind.BEAT: Advice(
        (
            gettext_lazy("受付や入室は、そのまま続けられます。"),
            gettext_lazy("自動のお知らせや取消しは、その間行われていません。"),
            _LOOK_AT_DOUBTS,
            gettext_lazy("止まったままなら、システム管理者に連絡してください。"),
        ),
        (_LOOK_AT_DOUBTS, _LOOK_AT_CALLS),
        gettext_lazy("Celeryのbeatとworker、Redisが動いているか、/readyz とそれぞれのログで確かめます。"),
    ),
    Kind.WEB: Advice(
        (
            gettext_lazy("利用者の画面が開くか、確かめてください。"),
            gettext_lazy("開かないときは、電話で受け付けてください。"),
        ),
        (_LOOK_AT_DOUBTS,),
        gettext_lazy("workerから PORTAL_URL の /healthz に届きません。Webサーバー、名前解決、証明書を確かめます。"),
    ),
    Kind.NOT_AUTHORISED: Advice(
        (gettext_lazy("直るまで、Zoomミーティングは作成できません。"), _BY_PHONE),
        (_TRY_AGAIN, _LOOK_AT_ZOOM),
        gettext_lazy(
            "ZOOM_ACCOUNT_ID、ZOOM_CLIENT_ID、ZOOM_CLIENT_SECRET と、Zoomのアプリが有効かを確かめます（manage.py check_zoom）。"
        ),
    ),
    Kind.SCOPES: Advice(
        (
            gettext_lazy("権限の名前は「システムの状態」の画面にあります。"),
            gettext_lazy("Zoomのアプリに追加するよう、手配してください。"),
        ),
        (_TRY_AGAIN, _LOOK_AT_ZOOM),
        gettext_lazy("Zoomのアプリの Scopes に追加し、manage.py check_zoom で確かめます。効くまで時間がかかることがあります。"),
    ),
    Kind.HOST: Advice(
        (
            gettext_lazy("Zoomの管理画面で、ライセンスを確かめてください。"),
            gettext_lazy("直らないときは、予約の担当者を変更してください。"),
        ),
        (_TRY_AGAIN, _LOOK_AT_ZOOM),
        gettext_lazy("Zoomの User Management で、ユーザーが有効で、Licensed であることを確かめます。"),
    ),
    Kind.QUOTA: Advice(
        (
            gettext_lazy("次の9:00に、自動で再開します。"),
            gettext_lazy("それより前の相談は、電話に切り替えてください。"),
        ),
        (_LOOK_AT_ZOOM,),
        gettext_lazy("Zoomは作成・変更をホストごとに1日100回まで受け付け、協定世界時の0時（日本時間9:00）に数え直します。"),
    ),
    Kind.UNSAFE: Advice(
        (
            gettext_lazy("待機室などの設定が、Zoomの側で変えられています。"),
            gettext_lazy("直るまで、その予約では電話で相談してください。"),
            gettext_lazy("直ったら「今日」で「もう一度試す」を押してください。"),
        ),
        (_LOOK_AT_ZOOM,),
        gettext_lazy("アカウントやグループの設定（待機室、ホストより先の参加、録画、AI機能、パスコード）のロックを確かめます。"),
    ),
    Kind.STRANGERS: Advice(
        (
            gettext_lazy("ポータルの印があり、どの予約のものでもありません。"),
            gettext_lazy("Zoomの管理画面で見て、不要なら削除してください。"),
        ),
        (gettext_lazy("確かめることはありません。"),),
        gettext_lazy("試験用の環境などが、同じZoomアカウントを使っていないか確かめます。"),
    ),
    Kind.MEETING_WAITS: Advice(
        (gettext_lazy("予約はそのままです。作成は自動で続けます。"), _BY_PHONE),
        (_LOOK_AT_ZOOM,),
        gettext_lazy("Zoomの稼働状況（status.zoom.us）と、ZOOM_API_URL への通信、workerのログ（meeting.later）を確かめます。"),
    ),
    Kind.MEETING_GIVEN_UP: Advice(
        (_TRY_AGAIN, _BY_PHONE),
        (_LOOK_AT_ZOOM,),
        gettext_lazy("「Zoomミーティング」の一覧で、状態「失敗」のものの直近のエラーを見ます。"),
    ),
    Kind.MAIL_WAITS: Advice(
        (
            gettext_lazy("メールはなくなりません。送信は自動で続けます。"),
            gettext_lazy("急ぐお知らせは、電話でお伝えください。"),
            gettext_lazy("番号が届かず、サインインできない方がいます。"),
        ),
        (_LOOK_AT_CALLS,),
        gettext_lazy("EMAIL_URL のメールサーバーが受け付けるかと、「送信メール」の直近のエラーを見ます。"),
    ),
    Kind.MAIL_GIVEN_UP: Advice(
        (_TRY_AGAIN, _LOOK_AT_CALLS),
        (_LOOK_AT_CALLS,),
        gettext_lazy("「送信メール」の一覧で、状態「失敗」のものの直近のエラーを見ます。"),
    ),
    Kind.NOTICE_WAITS: Advice(
        (
            gettext_lazy("入室の記録が遅れています。相談は続けられます。"),
            gettext_lazy("来た方は「今日」の「来た」で記録してください。"),
        ),
        (_LOOK_AT_DOUBTS,),
        gettext_lazy("workerのログ（notice.later）を見ます。"),
    ),
}  # fmt: skip

QUOTA_SPENT = gettext_lazy("Zoomの1日の上限に達したため、9:00に再開します")
# What staff do about a meeting in this trouble.
MEETING_STEPS: Mapping[str, Any] = {
    Meeting.Trouble.UNREACHABLE: gettext_lazy("つながるようになったら、もう一度試してください。"),
    Meeting.Trouble.BUSY: gettext_lazy("少し待って、もう一度試してください。"),
    Meeting.Trouble.QUOTA: gettext_lazy("それより前の相談は、別のZoomホストに移すか、電話に切り替えてください。"),
    Meeting.Trouble.NOT_AUTHORISED: gettext_lazy("システム管理者に連絡し、直ったら、もう一度試してください。"),
    Meeting.Trouble.HOST: gettext_lazy("Zoomのライセンスを確かめるか、「担当者を変更」で別のZoomホストに移してください。"),
    Meeting.Trouble.UNSAFE: gettext_lazy("Zoomの設定を元に戻してから、もう一度試してください。"),
    Meeting.Trouble.REFUSED: gettext_lazy("もう一度試しても断られるときは、システム管理者に連絡してください。"),
}


def why_of(meeting: Meeting) -> str:
    """What keeps this meeting, in words; empty where nothing is known to."""
    return str(QUOTA_SPENT) if meeting.trouble == Meeting.Trouble.QUOTA else str(meeting.get_trouble_display())


def how_much(trouble: Trouble | Incident, *, wall: datetime) -> str:
    """How many it concerns and since when: ``3件・20分前から``. Empty where there is neither."""
    kind, count = Kind(trouble.kind), trouble.count
    since = _("%(age)s前から") % {"age": ja_duration(wall - trouble.since)} if trouble.since else ""
    if kind is Kind.BEAT:
        return _("%(minutes)d分間") % {"minutes": count}
    if kind is Kind.QUOTA:
        left = ja_duration(goes_on_at(wall) - wall)
        return _("%(count)d回／%(most)d回・次の9:00まで%(left)s") % {"count": count, "most": CALLS_A_DAY, "left": left}
    rows = _("%(count)d件") % {"count": count} if count else ""
    return "・".join(filter(None, (rows, since)))
