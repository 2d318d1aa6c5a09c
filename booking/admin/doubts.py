"""Why a session is not closed by itself, in words."""

from django.utils.translation import gettext_lazy

from booking.rules.lifecycle import Doubt

DOUBT_WORDS = {
    Doubt.MEETING_NOT_READY: gettext_lazy("開始までにZoomの準備ができていませんでした"),
    Doubt.CONFIRMATION_NOT_DELIVERED: gettext_lazy("開始までに確定のメールを送れていませんでした"),
    Doubt.COUNSELLOR_ABSENT: gettext_lazy("担当者の入室の記録がありません"),
    Doubt.CLOCK_GAP: gettext_lazy("システムが止まっていた時間があります"),
    Doubt.JOINED: gettext_lazy("利用者が入室しています"),
    Doubt.CONTACTED: gettext_lazy("利用者から連絡がありました"),
    Doubt.OFFICE_DELAY: gettext_lazy("ハローワーク側の遅れ、または訂正の記録があります"),
}
