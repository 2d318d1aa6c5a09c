"""The staff's own pages about a version: one page per button, the upload with its preview, the 新旧対照表 and its rows."""

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from consent.admin.actions import ACTIONS, Press
from consent.admin.forms import CorrectForm, ImportForm, UploadForm, VersionForm, parcel
from consent.importer import ImportRefused, as_data, decode, doubts, parse, sha256
from consent.models import TermsDocument, TermsVersion
from consent.operations import ReadAnotherText, correct_row, import_text
from consent.queries import compared, is_corrected, staged
from consent.refusals import REFUSALS, told
from consent.rules import Stage
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import action_page, needs

VERSIONS = "admin:consent_termsversion_changelist"
VERSION = "admin:consent_termsversion_change"
COMPARISON = "admin:consent_comparison"


@needs("consent.change_termsversion")
def act(request: HttpRequest, version_id: int, name: str) -> HttpResponse:
    """The page of one button: GET shows what it does and its form, POST does the one operation."""
    if name not in ACTIONS:
        raise Http404
    try:
        return _act(request, TermsVersion.objects.select_related("document").get(pk=version_id), name)
    except (TermsVersion.DoesNotExist, TermsDocument.DoesNotExist):  # pressed twice, or discarded by somebody else meanwhile
        messages.warning(request, _("この版は、すでに破棄されています。"))
        return redirect(VERSIONS)


def _act(request: HttpRequest, version: TermsVersion, name: str) -> HttpResponse:
    action, now = ACTIONS[name], clock.now()
    back = reverse(VERSION, args=[version.pk])
    if not action.stands(version, stage_of(version)):
        messages.error(request, _("この版では、この操作はできません。最新の状態を確かめてください。"))
        return redirect(back)
    form = action.form(request.POST if request.method == "POST" else None, version=version, now=now)
    try:
        if form.is_valid() and _done(request, name, version, form):
            return redirect(VERSIONS if action.removes else back)
    except ReadAnotherText as refusal:
        messages.error(request, told(refusal))
        return redirect(back)
    page = {"title": action.label, "submit": action.label, "lead": action.does, "crumb": (version, back), "grave": action.removes}
    return action_page(request, admin.site, form=form, back=back, **page)


@needs("consent.add_termsversion")
def upload(request: HttpRequest) -> HttpResponse:
    """Choose the office's file; what was understood of it is shown before anything is saved."""
    form = UploadForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if form.is_valid():
        name, raw = form.read()
        try:
            return _preview(request, name, raw)
        except ImportRefused as refusal:
            form.add_error("file", told(refusal))
    page = {"title": _("規約のファイルを取り込む"), "submit": _("内容を確かめる")}
    return action_page(request, admin.site, form=form, back=reverse(VERSIONS), **page)


@needs("consent.add_termsversion")
def save(request: HttpRequest) -> HttpResponse:
    """Keep the file of the preview as drafts."""
    form = ImportForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["parcel"][0]))
        return redirect("admin:consent_upload")
    name, raw = form.cleaned_data["parcel"]
    try:
        drafts = import_text(raw, name=name, by=staff_of(request), now=clock.now())
    except REFUSALS as refusal:
        messages.error(request, told(refusal))
        return redirect("admin:consent_upload")
    titles = "、".join(f"「{draft}」" for draft in drafts)
    messages.success(request, _("下書きを作りました：%(titles)s。別の職員が確認してください。") % {"titles": titles})
    return redirect(VERSIONS)


@needs("consent.view_termsversion")
def comparison(request: HttpRequest, version_id: int, old_id: int) -> HttpResponse:
    """The 新旧対照表 as the public will see it; before the announcement each row has a button to correct it."""
    found = compared(version_id, old_id)
    if found is None:
        raise Http404
    new, old, table = found
    may_correct = new.announced_at is None and request.user.has_perm("consent.change_termsversion")
    context = {"title": _("新旧対照表"), "new": new, "old": old, "rows": table.rows, "may_correct": may_correct}
    return TemplateResponse(request, "admin/consent/comparison.html", {**admin.site.each_context(request), **context})


@needs("consent.change_termsversion")
def correct(request: HttpRequest, version_id: int, old_id: int, key: str) -> HttpResponse:
    """Move the marks of one row, or word its remark."""
    found = compared(version_id, old_id)
    row = next((row for row in found[2].rows if row.key == key), None) if found else None
    if row is None:
        raise Http404
    back = reverse(COMPARISON, args=[version_id, old_id])
    corrected = is_corrected(version_id, old_id, key)
    form = CorrectForm(request.POST if request.method == "POST" else None, row=row, corrected=corrected)
    if form.is_valid():
        try:
            correct_row(version_id, old_id, key, form.correction(), by=staff_of(request), now=clock.now())
        except REFUSALS as refusal:
            form.add_error(None, told(refusal))
        else:
            messages.success(request, _("新旧対照表の行を訂正しました。"))
            return redirect(f"{back}#row-{key}")
    page = {"title": _("行を訂正する"), "submit": _("訂正する"), "crumb": (_("新旧対照表"), back)}
    return action_page(request, admin.site, form=form, back=back, **page)


def stage_of(version: TermsVersion) -> Stage:
    """Where the version stands now."""
    return next(stage for row, stage in staged(version.document.code, now=clock.now()) if row.pk == version.pk)


def _done(request: HttpRequest, name: str, version: TermsVersion, form: VersionForm) -> bool:
    """Press the button; a refusal is told in the form."""
    action = ACTIONS[name]
    try:
        action.act(version, form, Press(staff_of(request), clock.now()))
    except ReadAnotherText:
        raise  # a form that was filled in beside another text is not offered again
    except REFUSALS as refusal:
        form.add_error(None, told(refusal))
        return False
    messages.success(request, f"{version}：{action.done}")
    return True


def _preview(request: HttpRequest, name: str, raw: bytes) -> HttpResponse:
    """What was understood of the file, and what to look at again. Raises ImportRefused."""
    text = decode(raw)
    documents = parse(text)
    context = {
        "title": _("取り込む内容の確認"),
        "name": name,
        "sha256": sha256(raw),
        "documents": [as_data(document) for document in documents],
        "doubts": doubts(text, documents),
        "parcel": parcel(name, raw),
    }
    return TemplateResponse(request, "admin/consent/preview.html", {**admin.site.each_context(request), **context})
