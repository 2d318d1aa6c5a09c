"""Who: staff (User), the people served (Person), and the codes that prove a mailbox. Staff and public are different tables."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from toyooka_hw.wording import ja_date, ja_datetime, mask_number, mask_phone


class User(AbstractUser):
    """A member of staff. Nobody else ever has a row here.

    ``link_generation`` and ``link_until``: the one personal link that still opens (see ``accounts.links``). Sessions begun before
    ``sessions_ended_at`` are over. Both moments are real time.
    """

    display_name = models.CharField(_("表示名"), max_length=50, blank=True)
    link_generation = models.PositiveIntegerField(default=0, editable=False)
    link_until = models.DateTimeField(_("リンクの期限"), null=True, blank=True, editable=False)
    sessions_ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("職員")
        verbose_name_plural = _("職員")
        constraints = [models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="one_member_of_staff_per_mailbox")]

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def audit_name(self) -> str:
        """How the audit calls this account."""
        return f"{self._meta.verbose_name} {self.username}"

    @property
    def role(self) -> str:
        """The name of the role (``operations.ROLES``); empty for an account without one."""
        return next((group.name for group in self.groups.all()), "")


class Role(models.TextChoices):
    JOB_SEEKER = "job_seeker", _("求職者")
    EMPLOYER_CONTACT = "employer_contact", _("人事担当者")


class Establishment(models.Model):
    """An establishment with job offers, by its number in the Hello Work system (C2-1d). Written when staff verify a contact of it."""

    number = models.CharField(_("事業所番号"), max_length=13, unique=True)
    name = models.CharField(_("事業所名"), max_length=100)
    created_at = models.DateTimeField(_("登録日時"))

    class Meta:
        verbose_name = _("事業所")
        verbose_name_plural = _("事業所")

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        return f"{self._meta.verbose_name} {self.number}"


class Person(models.Model):
    """A user of the service. Identity is what staff checked: only ``registered_phone`` is ever called back (C6-2-3c, A9)."""

    role = models.CharField(_("区分"), max_length=20, choices=Role, default=Role.JOB_SEEKER)
    full_name = models.CharField(_("氏名"), max_length=100, blank=True)
    name_kana = models.CharField(_("ふりがな"), max_length=100, blank=True)
    email = models.EmailField(_("メールアドレス"), max_length=254, blank=True)
    # when somebody first read a code there; empty for an address that staff typed and nobody has proven
    email_proven_at = models.DateTimeField(_("メールアドレスの確認日時"), null=True, blank=True)
    owner_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    job_seeker_number = models.CharField(_("求職番号"), max_length=14, blank=True)
    stated_phone = models.CharField(_("申込時の電話番号"), max_length=16, blank=True)
    registered_phone = models.CharField(_("確認済みの電話番号"), max_length=16, blank=True)
    # when staff last replaced one registered number by another: on that day nobody is called back there (C6-2-3c)
    phone_changed_at = models.DateTimeField(_("確認済みの電話番号の変更日時"), null=True, blank=True, editable=False)
    # of an employer's contact: what they stated, and the establishment to which staff have found them to belong (C2-1d)
    stated_establishment = models.CharField(_("申込みの事業所名"), max_length=100, blank=True)
    stated_establishment_number = models.CharField(_("申込みの事業所番号"), max_length=13, blank=True)
    department = models.CharField(_("部署"), max_length=60, blank=True)
    establishment = models.ForeignKey(
        Establishment, models.PROTECT, null=True, blank=True, related_name="contacts", verbose_name=_("事業所")
    )
    verified_at = models.DateTimeField(_("本人情報の確認日時"), null=True, blank=True)
    verified_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("確認した職員"))
    # Two rows of one person: this one leads to the survivor, which never leads on. What hangs on it stays and counts for the survivor.
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("統合先"))
    # staff have made an online registrant a ハローワーク利用登録者 (C2-1b)
    switched_at = models.DateTimeField(_("利用登録者への切替日時"), null=True, blank=True)
    switched_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("切り替えた職員"))
    created_at = models.DateTimeField(_("登録日時"))

    class Meta:
        verbose_name = _("利用者")
        verbose_name_plural = _("利用者")
        permissions = [
            ("open_contact", _("伏せてある電話番号・求職番号・メールアドレスを表示できる")),
            ("merge_person", _("重複した利用者を統合できる")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["role", "email"], condition=~Q(email=""), name="one_person_per_mailbox"),
            models.CheckConstraint(
                condition=Q(verified_at=None, verified_by=None) | Q(verified_at__isnull=False, verified_by__isnull=False),
                name="person_verified_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(switched_at=None, switched_by=None) | Q(switched_at__isnull=False, switched_by__isnull=False),
                name="person_switched_by_somebody",
            ),
            models.CheckConstraint(condition=Q(merged_into=None) | ~Q(merged_into=models.F("pk")), name="person_not_merged_into_itself"),
            models.CheckConstraint(
                condition=Q(establishment=None) | Q(role="employer_contact"), name="only_contacts_have_an_establishment"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or str(_("（氏名未登録）"))

    @property
    def phone(self) -> str:
        """The number on record, E.164: what staff verified, else what was stated."""
        return self.registered_phone or self.stated_phone

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    @property
    def masked_number(self) -> str:
        return mask_number(self.job_seeker_number)

    @property
    def establishment_number(self) -> str:
        """Of a contact: the establishment that staff found, else the stated one."""
        return self.establishment.number if self.establishment else self.stated_establishment_number

    @property
    def mypage(self) -> str:
        """What the ministry's own site, by which access codes may be told, is called for people of this role (C6-2-3a)."""
        return str(_("求人者マイページ") if self.role == Role.EMPLOYER_CONTACT else _("求職者マイページ"))

    @property
    def survivor_id(self) -> int:
        """The row that stands for this person: this one, or the one it was merged into."""
        return self.merged_into_id or self.pk

    @property
    def awaits_owner(self) -> bool:
        """Whether staff typed this mailbox beside somebody's data: a code that arrives there does not yet tell that it is theirs."""
        return self.email_proven_at is None and bool(self.full_name)

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    @property
    def has_left(self) -> bool:
        """Whether staff recorded that this contact speaks for their establishment no more: its requests stay, they see nothing of them."""
        return self.establishment_id is not None and not self.is_verified

    @property
    def is_known(self) -> bool:
        """Whether staff know who this is: somebody they verified, an employer's contact as one of an establishment (C2-1d)."""
        return self.is_verified and (self.role != Role.EMPLOYER_CONTACT or self.establishment_id is not None)


class UsageRestriction(models.Model):
    """A recorded human decision that somebody may not use the online channel for a while (C6-1-4c, C12-1); counter and phone stay open.

    It holds on the days ``starts_on`` to ``ends_on``, both included, unless lifted before.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="restrictions", verbose_name=_("利用者"))
    reason = models.CharField(_("理由"), max_length=400)
    starts_on = models.DateField(_("開始日"))
    ends_on = models.DateField(_("終了日"))
    review_on = models.DateField(_("見直す日"))
    letter = models.TextField(_("お知らせの文面"))
    decided_at = models.DateTimeField(_("決定日時"))
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("決定した職員"))
    lifted_at = models.DateTimeField(_("解除日時"), null=True, blank=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("解除した職員"))
    lift_reason = models.CharField(_("解除の理由"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("利用の制限")
        verbose_name_plural = _("利用の制限")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="restriction_ends_after_start"),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None, lift_reason="")
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason="")),
                name="restriction_lifted_by_somebody_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{ja_date(self.starts_on)}～{ja_date(self.ends_on)}"


class EmailCode(models.Model):
    """A six-digit code that proves a mailbox, not a person. All moments are real time."""

    email = models.EmailField(max_length=254)
    digest = models.CharField(max_length=128)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["email", "-sent_at"], name="email_code_latest")]

    def __str__(self) -> str:
        return f"#{self.pk} {ja_datetime(self.sent_at)}"
