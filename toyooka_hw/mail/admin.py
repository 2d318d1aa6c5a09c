"""The mails the portal has written: read, and sent again where they failed."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from toyooka_hw import clock
from toyooka_hw.mail.bounces import in_words
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.operations import Outdated, try_again
from toyooka_hw.mail.queries import oldest_unsent
from toyooka_hw.site import ReadOnlyAdmin, return_address
from toyooka_hw.wording import ja_datetime, mask_mail

HIDDEN = "●●●"


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    """Codes and personal links are masked before delivery, and gone after it."""

    list_display = ("subject_shown", "to_shown", "written", "outbox_state", "delivered")
    list_filter = ("outbox_state", "written_at")
    search_fields = ("to", "subject")
    search_help_text = _("宛先・件名で検索できます。")
    ordering = ("-written_at", "-pk")
    fields = (
        "subject_shown", "to", "written", "outbox_state", "delivered", "came_back", "attempts", "last_error", "message_id", "body_shown"
    )  # fmt: skip
    readonly_fields = ("subject_shown", "to_shown", "written", "delivered", "came_back", "body_shown")
    change_form_template = "admin/mail/outgoingmail_page.html"
    change_list_template = "admin/mail/outgoingmails.html"

    @admin.display(description=_("件名"), ordering="subject")
    def subject_shown(self, mail: OutgoingMail) -> str:
        return masked(mail.subject, mail)

    @admin.display(description=_("宛先"), ordering="to")
    def to_shown(self, mail: OutgoingMail) -> str:
        return mask_mail(mail.to)

    @admin.display(description=_("本文"))
    def body_shown(self, mail: OutgoingMail) -> str:
        return masked(mail.body, mail)

    @admin.display(description=_("作成日時"), ordering="written_at")
    def written(self, mail: OutgoingMail) -> str:
        return ja_datetime(mail.written_at)

    @admin.display(description=_("送信日時"), ordering="delivered_at")
    def delivered(self, mail: OutgoingMail) -> str:
        if mail.dropped:
            return str(_("送りませんでした（%(why)s）")) % {"why": mail.dropped}
        if mail.bounced_at:
            return str(_("届きませんでした（%(at)s）")) % {"at": ja_datetime(mail.bounced_at)}
        return ja_datetime(mail.delivered_at) if mail.delivered_at else ""

    @admin.display(description=_("届かない理由"))
    def came_back(self, mail: OutgoingMail) -> str:
        return f"{in_words(mail.bounce)}（{mail.bounce}）" if mail.bounced_at else ""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the mail that has waited longest: its age is real time."""
        oldest = oldest_unsent()
        age = clock.wall() - oldest.queued_at if oldest else None
        return super().changelist_view(request, {**(extra_context or {}), "oldest": oldest, "age": age})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Text and whole address belong to those who work with people; whoever looks after the machinery needs neither."""
        if request.user.has_perm("accounts.view_person"):
            return self.fields
        return tuple("to_shown" if name == "to" else name for name in self.fields if name != "body_shown")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return self.search_fields if request.user.has_perm("accounts.view_person") else ("subject",)

    def get_urls(self) -> list[URLPattern]:
        again = path("<int:mail_id>/again/", self.admin_site.admin_view(require_POST(self.again)), name="mail_outgoingmail_again")
        return [again, *super().get_urls()]

    def again(self, request: HttpRequest, mail_id: int) -> HttpResponse:
        """Put a failed mail back into the queue."""
        if not request.user.has_perm("mail.change_outgoingmail"):
            raise PermissionDenied
        mail = get_object_or_404(OutgoingMail, pk=mail_id)
        try:
            if try_again(mail.pk, by=cast("AbstractUser", request.user), now=clock.now(), wall=clock.wall()):
                messages.success(request, _("メールをもう一度送ります。"))
            else:
                messages.info(request, _("このメールは、すでに送信済みか、送信の途中です。"))
        except Outdated:
            words = _(
                "このメールのあとで予約に変更があり、内容が古くなったため、送りません。いまの状態がお知らせできているかは、「電話リスト」で確かめてください。"
            )
            messages.warning(request, words)
        return redirect(return_address(request, reverse("admin:mail_outgoingmail_change", args=[mail_id])))


def masked(text: str, mail: OutgoingMail) -> str:
    """The text without the codes and links that are still in it."""
    for secret in mail.secrets:
        text = text.replace(secret, HIDDEN)
    return text
