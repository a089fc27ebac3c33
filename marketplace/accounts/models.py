"""Who uses the marketplace: people, the organisations they act for, how far each is verified."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from marketplace.core.language import Language
from marketplace.core.models import Record


def validate_time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError("No such time zone; write one such as Asia/Hong_Kong.")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin, Record):
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=8, choices=Language.choices, default=Language.EN)
    time_zone = models.CharField(
        max_length=40, default="Asia/Hong_Kong", validators=[validate_time_zone]
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May open the admin.")
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="email_in_lower_case"
            )
        ]

    def __str__(self) -> str:
        return self.email


class Organisation(Record):
    class Kind(models.TextChoices):
        LICENSOR = "licensor"
        BUYER = "buyer"
        TRANSFER_CENTRE = "transfer_centre"
        OPERATOR = "operator"

    class Verification(models.TextChoices):
        UNVERIFIED = "unverified"
        PENDING = "pending"
        VERIFIED = "verified"
        REJECTED = "rejected"

    name = models.CharField(max_length=200)
    name_zh = models.CharField("name in Chinese", max_length=200, blank=True)
    kinds = ArrayField(models.CharField(max_length=20, choices=Kind.choices))
    jurisdiction = models.CharField(
        max_length=2,
        blank=True,
        help_text="Where it is registered: WIPO ST.3, mainland CN, HK, MO, TW apart.",
    )
    city = models.CharField(max_length=60, blank=True, help_text="City of registration.")
    zone = models.CharField(
        max_length=40, blank=True, help_text="Special zone of registration, such as Qianhai."
    )
    registration_number = models.CharField(max_length=40, blank=True)
    hk_macao_invested = models.BooleanField(
        null=True,
        blank=True,
        help_text="Wholly or partly invested by a Hong Kong or Macao person; empty: unknown.",
    )
    website = models.URLField(blank=True)
    is_sample = models.BooleanField(default=False, help_text="Sample data of the demo.")
    verification = models.CharField(
        max_length=12, choices=Verification.choices, default=Verification.UNVERIFIED
    )
    verified_until = models.DateField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "registration_number"],
                condition=~models.Q(registration_number=""),
                name="one_organisation_a_registration",
            ),
            models.CheckConstraint(
                condition=models.Q(is_sample=True) | ~models.Q(jurisdiction=""),
                name="registered_somewhere",
            ),
            models.CheckConstraint(
                condition=~models.Q(verification="verified")
                | models.Q(verified_until__isnull=False),
                name="verified_until_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VerificationEvidence(Record):
    """What an organisation showed, and what the operators made of it."""

    class Kind(models.TextChoices):
        BUSINESS_REGISTRATION = "business_registration"
        BUSINESS_LICENCE = "business_licence"
        IDENTITY = "identity"
        AUTHORISATION = "authorisation"
        OTHER = "other"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=24, choices=Kind.choices)
    reference = models.CharField(
        max_length=300, help_text="Number of the document, or where it is."
    )
    note = models.TextField(blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"


class Membership(Record):
    class Role(models.TextChoices):
        ADMIN = "admin"
        DEALMAKER = "dealmaker"
        VIEWER = "viewer"
        FINANCE = "finance"

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    roles = ArrayField(models.CharField(max_length=10, choices=Role.choices))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="one_membership"),
            models.CheckConstraint(
                condition=models.Q(roles__len__gt=0), name="a_member_has_a_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.organisation}"


class RefreshToken(models.Model):
    """One link of a log-in's chain: each refresh uses up a token and adds the next of its family.

    Only the digest is kept; who reads the table cannot log in with it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    family = models.UUIDField(db_index=True)
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"refresh token of {self.user}"
