"""The office's calls to those whom no mail about a seminar reaches."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from booking.models.seminars import Seminar
from toyooka_hw.accounts.models import Person, User


class SeminarCall(models.Model):
    """Somebody was phoned about a seminar, or called in vain. Append-only. ``about``: the news, as in the name of its mail; told once to each."""

    seminar = models.ForeignKey(Seminar, models.PROTECT, related_name="calls", verbose_name=_("催し"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("お電話した方"))
    about = models.CharField(max_length=40, editable=False)
    reached = models.BooleanField(_("お知らせした"))
    at = models.DateTimeField(_("日時"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("職員"))

    class Meta:
        verbose_name = _("催しの電話の記録")
        verbose_name_plural = _("催しの電話の記録")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["seminar", "person", "about"], condition=Q(reached=True), name="news_of_seminar_told_once")
        ]

    def __str__(self) -> str:
        return f"{self.seminar_id} {self.about}"
