"""Every mail of the portal, to be read with made-up data and sent to oneself."""

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.admin.samples import contexts, templates
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.mail.operations import NoAddress, body_of, post_test, subject_of
from toyooka_hw.site import Addresses, needs


@needs("mail.view_outgoingmail")
def mail_texts(request: HttpRequest) -> HttpResponse:
    """The subjects of all of them. Three queries."""
    context_of = contexts(now=clock.now(), by=staff_of(request))
    page = {"title": _("メールの文面"), "texts": [(name, subject_of(name, context_of(name))) for name in templates()]}
    return TemplateResponse(request, "admin/mail/texts.html", {**admin.site.each_context(request), **page})


@needs("mail.view_outgoingmail")
def mail_text(request: HttpRequest, name: str) -> HttpResponse:
    """One of them, whole."""
    if name not in templates():
        raise Http404
    context = contexts(now=clock.now(), by=staff_of(request))(name)
    page = {"title": subject_of(name, context), "name": name, "body": body_of(name, context)}
    return TemplateResponse(request, "admin/mail/text.html", {**admin.site.each_context(request), **page})


@needs("mail.change_outgoingmail")
@require_POST
def mail_test(request: HttpRequest, name: str) -> HttpResponse:
    """Send it to the member of staff who presses."""
    if name not in templates():
        raise Http404
    by, now = staff_of(request), clock.now()
    try:
        post_test(name, contexts(now=now, by=by)(name), by=by, now=now, wall=clock.wall())
    except NoAddress:
        messages.error(request, _("ご自分のメールアドレスが登録されていません。システム管理者に登録を依頼してください。"))
    else:
        messages.success(request, _("試験のメールを、ご自分のアドレスに送ります。届かないときは「送信メール」で状態を確かめてください。"))
    return redirect("admin:mail_text", name)


ADDRESSES: Addresses = (
    ("mails/", mail_texts, "mail_texts"),
    ("mails/<slug:name>/", mail_text, "mail_text"),
    ("mails/<slug:name>/test/", mail_test, "mail_test"),
)
