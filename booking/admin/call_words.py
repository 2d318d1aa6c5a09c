"""Why somebody is phoned, in words."""

from django.utils.translation import gettext_lazy

from booking.rules.calls import Why

WHY_WORDS = {
    Why.NO_ADDRESS: gettext_lazy("メールアドレスがありません"),
    Why.NO_MAIL: gettext_lazy("メールではお知らせしていません"),
    Why.MAIL_FAILED: gettext_lazy("メールが届いていません（送れなかったか、戻ってきました）"),
    Why.MAIL_WAITS: gettext_lazy("メールがまだ送れていません（相談日が近い方）"),
    Why.SHORT_NOTICE: gettext_lazy("相談日が近く、メールだけでは間に合わないおそれがあります"),
}
