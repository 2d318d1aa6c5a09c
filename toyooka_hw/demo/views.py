"""The demo's own pages: the guided tour, the mails, the clock."""

from datetime import datetime
from pathlib import Path

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from toyooka_hw import clock
from toyooka_hw.demo.accounts import DEMO_STAFF, PASSWORD, live_code, seconds_left
from toyooka_hw.demo.context import scene
from toyooka_hw.demo.datadir import MAIL
from toyooka_hw.demo.forms import ClockForm
from toyooka_hw.demo.mailbox import Mail, find_mail, read_mails
from toyooka_hw.demo.operations import ClockRunsForwards, TooFarAhead, move_clock
from toyooka_hw.demo.story import leaps
from toyooka_hw.wording import ja_datetime

HTML_MAIL_POLICY = {"default-src": [NONE], "style-src": [UNSAFE_INLINE], "img-src": ["data:"], "frame-ancestors": [SELF], "sandbox": []}


@require_GET
def tour(request: HttpRequest) -> HttpResponse:
    """The guided tour: job seeker and counsellor, step by step."""
    wall = clock.wall()
    staff = [(account, live_code(account.username, wall)) for account in DEMO_STAFF]
    context = {"staff": staff, "password": PASSWORD, "seconds_left": seconds_left(wall), "now": clock.now()}
    return render(request, "demo/tour.html", context)


@require_GET
def codes(request: HttpRequest) -> JsonResponse:
    """The second factor's live codes, for the tour's page to refresh itself."""
    wall = clock.wall()
    return JsonResponse({"codes": {each.username: live_code(each.username, wall) for each in DEMO_STAFF}, "left": seconds_left(wall)})


@require_GET
def mails(request: HttpRequest) -> HttpResponse:
    """Every mail the portal sent, the newest first."""
    return render(request, "demo/mails.html", {"mails": read_mails(_mail_folder())[::-1]})


@require_GET
def mail(request: HttpRequest, key: str) -> HttpResponse:
    """One mail; its HTML part, if any, in a sandboxed frame."""
    return render(request, "demo/mail.html", {"mail": _mail_or_404(key)})


@require_GET
@xframe_options_sameorigin
@csp(HTML_MAIL_POLICY)  # type: ignore[arg-type]  # it is annotated for views without arguments
def mail_html(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML part of a mail, for the frame: no script, no address outside."""
    return HttpResponse(_mail_or_404(key).html)


@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Move the portal's clock forwards and go back to the page the bar was used on."""
    form = ClockForm(request.POST)
    now = clock.now()
    if not form.is_valid():
        messages.error(request, _("進める先の日時を、正しく入力してください。"))
    elif to := form.destination(leaps(scene(now))):
        _move(request, to)
    else:
        messages.error(request, _("その時刻はもう過ぎています。"))
    return redirect(_page_of(request))


def _move(request: HttpRequest, to: datetime) -> None:
    try:
        move_clock(to, wall=clock.wall())
    except ClockRunsForwards:
        messages.error(
            request, _("ポータルの時計は、先へ進めることしかできません。はじめに戻すには --reset を付けて起動し直してください。")
        )
    except TooFarAhead:
        messages.error(request, _("ポータルの時計は、1年先まで進められます。それより前の日時を選んでください。"))
    else:
        messages.success(request, _("ポータルの時計を %(moment)s に進めました。") % {"moment": ja_datetime(to)})


def _page_of(request: HttpRequest) -> str:
    back = request.POST.get("back", "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) else "demo_tour"


def _mail_folder() -> Path:
    return Path(settings.DEMO_DATA_DIR) / MAIL


def _mail_or_404(key: str) -> Mail:
    found = find_mail(_mail_folder(), key)
    if not found:
        raise Http404
    return found
