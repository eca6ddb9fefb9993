from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone

from accounts.request_id import current_request_id


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person who signs in with the e-mail address; without a password nobody can."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address.

    What they may do comes from their memberships of programmes, never from this row.
    """

    email = models.EmailField("e-mail address", unique=True)
    full_name = models.CharField(max_length=150)
    job_title = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)
    # Whether the person's first page in a demonstration shows its guide no more.
    has_closed_tour = models.BooleanField(default=False, db_default=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    def __str__(self) -> str:
        return self.full_name

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name


class AuditEntry(models.Model):
    """One act that matters to an investigation: who did what to what, when, and why.

    An act that changes fields has an entry for each of them: from which value to which.

    Append-only and chained: each row holds the hash of the one before it, so a change or a
    missing row shows. Written by ``accounts.audit.record`` alone; no rule of the product reads it.
    """

    at = models.DateTimeField()
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # The programme's slug and not a foreign key: this app knows nothing of programmes.
    programme = models.CharField(max_length=60, blank=True, db_index=True)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=200)
    field = models.CharField(max_length=60, blank=True)
    old_value = models.JSONField(null=True)
    new_value = models.JSONField(null=True)
    details = models.JSONField(default=dict)
    request_id = models.CharField(max_length=36, blank=True, default=current_request_id)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"{self.action} {self.target}"

    @property
    def act_words(self) -> str:
        """The act in words: "change_request.approved" reads "Change request approved"."""
        return self.action.replace("_", " ").replace(".", " ").capitalize()

    @property
    def field_words(self) -> str:
        """The changed field in words: "planned_date" reads "Planned date"; "" without one."""
        return self.field.removesuffix("_id").replace("_", " ").capitalize()

    @property
    def about(self) -> str:
        """What it was done to, without the table and number that stand before the name."""
        return self.target.partition(" ")[2]
