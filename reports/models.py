import json
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from reports.outgoing import Delivery, DeliveryAttempt, DeliveryState, Notice, Outcome
from reports.rendering import PackKind
from workstreams.models import Programme, ReportingMonth

__all__ = [
    "Audience",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryState",
    "Heartbeat",
    "Job",
    "JobKind",
    "Notice",
    "Outcome",
    "Pack",
    "Recipient",
    "Snapshot",
]


class AudienceQuerySet(models.QuerySet["Audience"]):
    def in_order(self) -> "AudienceQuerySet":
        return self.order_by("position", "pk")

    def readable_by(self, user: User) -> "AudienceQuerySet":
        """Audiences to which the person belongs as a recipient."""
        return self.filter(recipients__user=user, recipients__is_active=True).distinct()


class Audience(models.Model):
    """A group for which packs are made, with the kind of pack it gets."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="audiences")
    code = models.SlugField(max_length=20)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=PackKind)
    purpose = models.TextField(blank=True)
    previously_considered_by = models.JSONField(default=list, blank=True)
    # The codes of its pack's chapters, in order; empty for those of its kind (``audiences``).
    sections = models.JSONField(default=list, blank=True)
    # Outside the trust: gets nothing before sign-off.
    is_external = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField()

    objects = AudienceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="audience_code_once", fields=["programme", "code"])
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        """Its name with the usual abbreviation, where its code is that: "Trust Board" has none."""
        initials = "".join(word[:1] for word in self.name.split()).upper()
        is_usual = len(initials) > 1 and initials == self.code.upper()
        return f"{self.name} ({initials})" if is_usual else self.name


class Recipient(models.Model):
    """One person of an audience to whom its packs are e-mailed."""

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="recipients")
    name = models.CharField(max_length=150)
    email = models.EmailField()
    # The recipient's sign-in, if any: an external reader sees the packs of the own audience.
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="recipient_once", fields=["audience", "email"])]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class Snapshot(models.Model):
    """Every figure, word, rating and rule of a month as frozen; packs are made from it alone.

    Version n+1 appears when a month is reopened; version n stays as it is.
    """

    month = models.ForeignKey(ReportingMonth, on_delete=models.PROTECT, related_name="snapshots")
    version = models.PositiveSmallIntegerField()
    as_of_date = models.DateField()
    # Canonical JSON, kept as text: the hash is of exactly these bytes.
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    frozen_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    frozen_at = models.DateTimeField()
    signed_off_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_off_at = models.DateTimeField(null=True, blank=True)
    issued_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField(null=True, blank=True)
    # Set when its month is opened again: the next freeze makes the version after this one.
    reopened_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopen_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="snapshot_version_once", fields=["month", "version"]),
            models.CheckConstraint(
                name="snapshot_reopened_with_reason",
                condition=Q(reopened_at__isnull=True, reopen_reason="")
                | (Q(reopened_at__isnull=False) & ~Q(reopen_reason="")),
            ),
            models.CheckConstraint(
                name="snapshot_issued_only_after_sign_off",
                condition=Q(issued_at__isnull=True) | Q(signed_off_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def programme(self) -> Programme:
        return self.month.programme

    @property
    def number(self) -> str:
        """Give the snapshot's name as packs print it: "las-2016/2016-11/v1"."""
        return f"{self.programme.slug}/{self.month}/v{self.version}"

    @property
    def key(self) -> str:
        """Give what tells it from the programme's others in an address: "2016-11-v1"."""
        return f"{self.month}-v{self.version}"

    @property
    def data(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.content)
        return content


class Commentary(models.Model):
    """What a person says of a month, for one chapter of its packs. Append-only.

    Each save is a row; the newest accepted one of a section is printed. It belongs to the version
    of the snapshot that the month has, or will get at its next freeze.
    """

    SUMMARY = "summary"

    month = models.ForeignKey(ReportingMonth, on_delete=models.PROTECT, related_name="commentary")
    snapshot_version = models.PositiveSmallIntegerField()
    # The code of a work stream, or "summary".
    section = models.CharField(max_length=20)
    # Counts the saves of this section.
    version = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    is_accepted = models.BooleanField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="commentary_version_once",
                fields=["month", "snapshot_version", "section", "version"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.section}"

    @property
    def programme(self) -> Programme:
        return self.month.programme


class PackQuerySet(models.QuerySet["Pack"]):
    def current(self) -> "PackQuerySet":
        """The newest edition of each: not made again since for the sake of its commentary."""
        return self.filter(superseded_at__isnull=True)


class Pack(models.Model):
    """One PDF for one audience, made from one snapshot and its commentary. It never changes.

    Commentary accepted after the rendering makes a new edition; the earlier one is kept.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="packs")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="packs")
    edition = models.PositiveSmallIntegerField(default=1)
    superseded_at = models.DateTimeField(null=True, blank=True)
    # Empty until the worker has rendered it; a failed render leaves a reason instead.
    file = models.FileField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    # The accepted commentary that it shows, as canonical JSON.
    commentary = models.TextField(default="{}")
    started_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=400, blank=True)
    rendered_at = models.DateTimeField(null=True, blank=True)

    objects = PackQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="pack_edition_once", fields=["snapshot", "audience", "edition"]
            ),
            models.UniqueConstraint(
                name="pack_one_current_edition",
                fields=["snapshot", "audience"],
                condition=Q(superseded_at__isnull=True),
            ),
            models.CheckConstraint(
                name="pack_rendered_has_file_and_hash",
                condition=Q(rendered_at__isnull=True) | (~Q(file="") & ~Q(sha256="")),
            ),
        ]

    def __str__(self) -> str:
        edition = f" edition {self.edition}" if self.edition > 1 else ""
        return f"{self.snapshot.number} {self.audience}{edition}"

    def get_absolute_url(self) -> str:
        month = self.snapshot.month
        return reverse(
            "reports:pack_download", args=[month.programme.slug, month.month, self.audience.code]
        )

    def get_version_url(self) -> str:
        """Give the address that stays this version's when a later one exists."""
        month = self.snapshot.month
        keys = [month.programme.slug, month.month, self.snapshot.version, self.audience.code]
        return reverse("reports:pack_of_version", args=keys)

    @property
    def programme(self) -> Programme:
        return self.snapshot.programme

    @property
    def key(self) -> str:
        """Give what tells it from the programme's others in an address: "2016-11-v1-cqrg"."""
        return f"{self.snapshot.key}-{self.audience.code}"

    def read(self) -> bytes:
        """Give the file's bytes, as they were rendered."""
        with self.file.open("rb") as file:
            content: bytes = file.read()
        return content

    @property
    def file_name(self) -> str:
        """Give the name that a reader's computer sees."""
        snapshot = self.snapshot
        edition = f"-{self.edition}" if self.edition > 1 else ""
        name = f"{self.programme.slug}-{snapshot.month}-{self.audience.code}"
        return f"{name}-v{snapshot.version}{edition}.pdf"


class Heartbeat(models.Model):
    """When a worker last did what the schedule asked: the sign that both of them live."""

    name = models.CharField(max_length=20, unique=True)
    beaten_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class JobKind(models.TextChoices):
    EXCEPTIONS = "exceptions", "Exceptions"
    DIGESTS = "digests", "Digests"


class Job(models.Model):
    """A daily job of a programme that was done: the key that lets it happen once."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=12, choices=JobKind)
    day = models.DateField()
    done_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="job_once_a_day", fields=["programme", "kind", "day"])
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.day}"
