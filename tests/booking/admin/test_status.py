"""The status page, the line on 今日, and what the boards say of a meeting that something keeps."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from booking.models import Booking, Heartbeat, HostDay, Incident, Meeting, ZoomCheck, ZoomHost, ZoomNotice
from booking.operations import incidents
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.admin.crowd import fill, queries_of
from tests.cast import MORNING, THURSDAY, Office, at
from tests.visitor import text_of
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import ROLES
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
STATUS = "/admin/booking/booking/status/"
TODAY = "/admin/booking/booking/today/"
TOMORROW = "/admin/booking/booking/tomorrow/"
HOSTS = "/admin/booking/zoomhost/"
HINT = "技術的な手がかり"
MINUTE = timedelta(minutes=1)


def beat(minutes_ago: int = 0) -> None:
    moment = MORNING - minutes_ago * MINUTE
    Heartbeat.objects.bulk_create(Heartbeat(name=name, at=moment, wall=moment) for name in ("beat", "web"))


@pytest.fixture
def well(office: Office) -> None:
    """Everything runs, and Zoom was looked at an hour ago."""
    beat()
    hour_ago = MORNING - 60 * MINUTE
    ZoomCheck.objects.create(at=hour_ago)
    ZoomHost.objects.update(finding="licensed", checked_at=hour_ago)
    ZoomNotice.objects.create(
        key="k", event="meeting.started", happened_at=MORNING, received_at=MORNING - 7 * MINUTE, next_try_at=MORNING, outbox_state="done"
    )


def page(desk: Desk) -> str:
    return text_of(desk.get(STATUS))


def part(words: str, begin: str, end: str) -> str:
    return words.partition(begin)[2].partition(end)[0]


def test_page_says_kindly_that_all_is_well(desk: Desk, well: None) -> None:
    words = page(desk)
    assert part(words, "いまの問題", "動いているか") == "（0件）問題はありません。"
    assert part(words, "項目いま状態", "待っている件数") == (
        "いちばん古い未送信メールなしよし"
        "いちばん古い準備待ちのZoomミーティングなしよし"
        "いちばん古い未処理のZoomからの通知なしよし"
        "定期処理が最後に動いたときたったいまよし"
        "ポータルが最後に応答したときたったいまよし"
        "Zoomから最後に通知が来たとき7分前よし"
        "Zoomを最後に点検したとき1時間前よし"
    )
    assert part(words, "失敗", "Zoomホスト（") == "メール0件0件Zoomミーティング0件0件Zoomからの通知0件0件"
    assert (
        part(words, "きょうの作成・変更", "解消した問題")
        == "ライセンス佐藤ライセンスあり1時間前0/100ライセンス田中ライセンスあり1時間前0/100"
    )
    assert "最近解消した問題はありません。" in words


def test_page_of_a_new_portal_claims_nothing(desk: Desk) -> None:
    words = page(desk)
    assert ("問題はありません。" in words, "定期処理が最後に動いたときまだ記録がありません記録なし" in words) == (True, True)


def test_outage_is_told_with_ages_and_what_to_do(desk: Desk, confirmed: Booking, well: None) -> None:
    OutgoingMail.objects.update(queued_at=MORNING - 3 * MINUTE)
    Meeting.objects.update(waits_since=MORNING - 12 * MINUTE, trouble="unreachable")
    words = page(desk)
    assert part(words, "いまの問題", "技術的") == (
        "（1件）Zoomミーティングの準備が遅れています要対応1件・12分前から"
        "予約はそのままです。作成は自動で続けます。まもなく始まる相談は、電話に切り替えてください。"
    )
    assert "いちばん古い未送信メール3分前よし" in words
    assert "いちばん古い準備待ちのZoomミーティング12分前要対応" in words
    assert "メール2件0件Zoomミーティング1件0件" in words


def test_dead_beat_is_told_although_nobody_watches(desk: Desk, office: Office) -> None:
    """Nobody is left to note an incident: the page and the board see it themselves."""
    beat(minutes_ago=42)
    words = page(desk)
    assert "（1件）定期処理が止まりました要対応42分間" in words
    assert "定期処理が最後に動いたとき42分前要対応" in words
    assert (Incident.objects.count(), "システムの状態：1件の問題" in text_of(desk.get(TODAY))) == (0, True)


def test_trouble_that_is_away_for_a_moment_is_watched(desk: Desk, well: None) -> None:
    Incident.objects.create(kind="unsafe", count=2, opened_at=MORNING - 20 * MINUTE, seen_at=MORNING - 3 * MINUTE)
    told = part(page(desk), "いまの問題", "技術的")
    assert (
        told
        == "（1件）安全のための設定がZoom側で変えられました様子を見ていますいまは起きていません。15分続けて起きなければ、解消とします。"
    )


def test_last_ones_that_are_over_are_told(desk: Desk, well: None) -> None:
    for number in range(12):
        noticed = MORNING - timedelta(days=number, hours=2)
        host = "sato@zoom.example.jp" if number == 0 else ""
        Incident.objects.create(
            kind="host", subject=host, opened_at=noticed, seen_at=noticed + 25 * MINUTE, closed_at=noticed + 40 * MINUTE
        )
    told = part(page(desk), "気づいたとき続いた時間", "</main>")
    assert (told.startswith("Zoomホストが使えませんライセンス佐藤2時間前25分"), told.count("25分")) == (True, 10)


def test_zoom_users_and_missing_scopes_are_told_in_words(desk: Desk, office: Office, well: None) -> None:
    ZoomHost.objects.filter(pk=office.sato.default_host_id).update(finding="basic")
    HostDay.objects.create(host_email="tanaka@zoom.example.jp", day=MORNING.date(), calls=100)
    HostDay.objects.create(host_email="sato@zoom.example.jp", day=MORNING.date() - timedelta(days=1), calls=99)
    ZoomCheck.objects.create(at=MORNING - MINUTE, missing_scopes=["meeting:update:meeting:admin"], strangers=2)
    words = page(desk)
    assert "ライセンス佐藤ライセンスなし（40分で切れます）1時間前0/100ライセンス田中ライセンスあり1時間前100/1009:00に再開します" in words
    assert "Zoomのアプリに足りない権限ミーティングの変更（meeting:update:meeting:admin）" in words
    assert "Zoomホストが1日の上限に達しましたライセンス田中要対応100回／100回・次の9:00まで23時間30分" in words
    assert "いまの問題（4件）" in words


@pytest.mark.parametrize("role", ROLES)
def test_every_member_of_staff_may_look_and_operators_get_hints(
    desk_of: DeskOf, member: Callable[[str], User], confirmed: Booking, role: str
) -> None:
    Meeting.objects.update(outbox_state="failed", trouble="unsafe")
    desk = desk_of(member(role))
    words = page(desk)
    assert ("安全のための設定がZoom側で変えられました" in words, HINT in words) == (True, role in {"管理者", "システム管理者"})
    assert [name for name in ("花子", confirmed.number, "28090") if name in words] == []
    assert "システムの状態" in text_of(desk.get("/admin/"))  # the way there


def test_poll_gets_the_parts_alone(desk: Desk, well: None) -> None:
    response = desk.client.get(STATUS, headers={"X-Poll": "1"})
    assert (response.headers["X-Poll"], "<html" in response.content.decode()) == ("1", False)


def test_line_on_today_counts_what_is_open(desk: Desk, confirmed: Booking, well: None) -> None:
    assert "システムの状態：" not in text_of(desk.get(TODAY))
    Meeting.objects.update(outbox_state="failed", trouble="unsafe")
    ZoomHost.objects.update(finding="inactive")
    incidents.watch(now=MORNING, wall=MORNING)
    assert "システムの状態：3件の問題「システムの状態」を開く" in text_of(desk.get(TODAY))
    assert "システムの状態：" not in text_of(desk.get(TODAY, day="2027-04-09"))


def test_page_costs_the_same_for_one_and_for_many(desk: Desk, confirmed: Booking, well: None) -> None:
    def more(numbers: range) -> None:
        fill(confirmed, numbers)
        for number in numbers:
            Incident.objects.create(kind="host", subject=f"{number}@example.jp", opened_at=MORNING, seen_at=MORNING)
            Incident.objects.create(kind="web", opened_at=MORNING, seen_at=MORNING, closed_at=MORNING)

    more(range(1))
    one = queries_of(desk, STATUS)
    more(range(1, 20))
    assert (one, queries_of(desk, STATUS)) == (18, 18)


# --- the boards ---------------------------------------------------------------------------------------------------------------

SPENT = "Zoomの1日の上限に達したため、9:00に再開します"


@pytest.fixture
def spent(confirmed: Booking) -> Booking:
    """Its meeting waits because the host's day is spent."""
    Meeting.objects.update(trouble="quota", attempts=1)
    return confirmed


def test_day_says_why_a_meeting_waits(desk_of: DeskOf, office: Office, spent: Booking) -> None:
    assert f"準備中：{SPENT}" in text_of(desk_of(office.staff, at(THURSDAY, 8, 45)).get(TODAY))


def test_readiness_says_why_a_meeting_waits(desk: Desk, spent: Booking) -> None:
    assert f"Zoomミーティングを準備しています（{SPENT}）" in text_of(desk.get(TOMORROW, day=THURSDAY.isoformat()))
    Meeting.objects.update(trouble="host", outbox_state="failed")
    words = text_of(desk.get(TOMORROW, day=THURSDAY.isoformat()))
    assert "Zoomミーティングを作成できませんでした（Zoomホストに問題があります）" in words


def test_list_of_failures_says_what_to_do(desk: Desk, confirmed: Booking) -> None:
    Meeting.objects.update(outbox_state="failed", trouble="unsafe", last_error="waiting_room is False")
    words = text_of(desk.get(TODAY))
    assert "安全のための設定がZoom側で変えられましたZoomの設定を元に戻してから、もう一度試してください。" in words
    assert "waiting_room" not in words
    Meeting.objects.update(trouble="")
    assert "waiting_roomisFalse" in text_of(desk.get(TODAY))


def test_list_of_zoom_users_shows_finding_and_meter(desk: Desk, office: Office) -> None:
    HostDay.objects.create(host_email="sato@zoom.example.jp", day=MORNING.date(), calls=42)
    ZoomHost.objects.filter(email="sato@zoom.example.jp").update(finding="unknown", checked_at=MORNING - 90 * MINUTE)
    words = text_of(desk.get(HOSTS))
    assert ("Zoomに登録がありません1時間30分前42/100" in words, "未確認まだ確認していません0/100" in words) == (True, True)
