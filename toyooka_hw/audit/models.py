"""What staff did and looked at: who, what, when, from where in the portal, and why. Only ever added to."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from toyooka_hw.wording import ja_datetime


class AuditEntry(models.Model):
    """One thing a member of staff did, or the portal itself (``by`` None). Holds no names, numbers or addresses of the people served: the subject is named by its key.

    ``changes``: {name of the field: [before, after]}, masked by whoever records it.
    """

    class Kind(models.TextChoices):
        CHANGE = "change", _("変更")
        LOOK = "look", _("閲覧")
        SIGN_IN = "sign_in", _("サインイン")

    at = models.DateTimeField(_("日時"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("職員"))
    kind = models.CharField(_("種類"), max_length=10, choices=Kind, default=Kind.CHANGE)
    what = models.CharField(_("内容"), max_length=100)
    subject_type = models.CharField(_("対象の種類"), max_length=60)
    subject_pk = models.CharField(_("対象の番号"), max_length=40)
    subject = models.CharField(_("対象"), max_length=100)
    person_pk = models.BigIntegerField(_("利用者の番号"), null=True, blank=True)
    changes = models.JSONField(_("変更点"), default=dict, blank=True)
    reason = models.CharField(_("理由"), max_length=400, blank=True)
    door = models.CharField(_("画面"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("監査の記録")
        verbose_name_plural = _("監査の記録")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["subject_type", "subject_pk"], name="audit_by_subject"),
            models.Index(fields=["person_pk", "-at"], condition=models.Q(person_pk__isnull=False), name="audit_by_person"),
            models.Index(fields=["-at", "-id"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{ja_datetime(self.at)} {self.what} {self.subject}"
