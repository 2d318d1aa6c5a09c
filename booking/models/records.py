"""What is written down about a booking or a day beside its history: contacts, conduct, the closing of a day."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models.bookings import Booking
from booking.rules.lifecycle import Contact as RuleContact
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.wording import ja_date


class ContactRecord(models.Model):
    """A call or an online notice about a booking (C6-1-4a, A6). ``person``: with whom; None: with the applicant."""

    class Channel(models.TextChoices):
        PHONE = "phone", _("電話")
        ONLINE = "online", _("オンラインの連絡フォーム")
        COUNTER = "counter", _("窓口")

    class Meaning(models.TextChoices):
        CANNOT_COME = RuleContact.CANNOT_COME.value, _("参加できない")
        LATE = RuleContact.LATE.value, _("遅れる")
        UNCLEAR = RuleContact.UNCLEAR.value, _("不明・その他")
        # the office's own calls: no word of the person, so the ten-minute rule does not count them
        TOLD = "told", _("お知らせした")
        NOT_REACHED = "not_reached", _("つながらなかった")

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="contacts", verbose_name=_("予約"))
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("相手の方"))
    channel = models.CharField(_("方法"), max_length=10, choices=Channel)
    meaning = models.CharField(_("内容"), max_length=12, choices=Meaning)
    caller = models.CharField(_("連絡した方（ご本人以外のとき）"), max_length=60, blank=True)
    note = models.CharField(_("補足"), max_length=200, blank=True)
    at = models.DateTimeField(_("日時"))
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("記録した職員"))

    class Meta:
        verbose_name = _("連絡の記録")
        verbose_name_plural = _("連絡の記録")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.booking_id} {self.get_meaning_display()}"

    @property
    def is_ours(self) -> bool:
        """Whether the office called, and not the person."""
        return self.meaning in (self.Meaning.TOLD, self.Meaning.NOT_REACHED)

    def is_with(self, person_id: int) -> bool:
        """Whether it was this one of the booking's people."""
        return (self.person_id or self.booking.applicant_id) == person_id

    @property
    def is_talk(self) -> bool:
        """Whether staff spoke with the person, whoever called."""
        return self.recorded_by_id is not None and self.meaning != self.Meaning.NOT_REACHED


class StopRecord(models.Model):
    """Why a session was broken off for conduct (C12-1). Managers only; in no list, no export."""

    class Category(models.TextChoices):
        THREAT = "threat", _("脅迫")
        ABUSE = "abuse", _("暴言")
        OTHER_PURPOSE = "other_purpose", _("就職以外の目的")
        RECORDING = "recording", _("録画・録音")
        OTHER = "other", _("その他の規約違反")

    booking = models.OneToOneField(Booking, models.PROTECT, related_name="stop_record", verbose_name=_("予約"))
    category = models.CharField(_("区分"), max_length=16, choices=Category)
    note = models.CharField(_("経緯"), max_length=1000)
    at = models.DateTimeField(_("日時"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("記録した職員"))

    class Meta:
        verbose_name = _("途中で中止した経緯")
        verbose_name_plural = _("途中で中止した経緯")

    def __str__(self) -> str:
        return f"{self.booking_id} {self.get_category_display()}"


class DayClosing(models.Model):
    """Staff have looked through a day's sessions and closed it; only then does a cancellation without contact count (A7)."""

    day = models.DateField(_("日付"), unique=True)
    closed_at = models.DateTimeField(_("締めた日時"))
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("締めた職員"))

    class Meta:
        verbose_name = _("日締め")
        verbose_name_plural = _("日締め")

    def __str__(self) -> str:
        return ja_date(self.day)

    @property
    def audit_name(self) -> str:
        return f"{self._meta.verbose_name} {self.day:%Y-%m-%d}"
