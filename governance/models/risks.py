from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import User
from accounts.request_id import current_request_id
from metrics.models import Indicator
from milestones.models import Milestone
from workstreams.models import Programme, Project, Workstream

score_part = [MinValueValidator(1), MaxValueValidator(5)]


class RiskKind(models.TextChoices):
    RISK = "risk", "Risk"
    ISSUE = "issue", "Issue"


class RiskResponse(models.TextChoices):
    TREAT = "treat", "Treat"
    TOLERATE = "tolerate", "Tolerate"
    TRANSFER = "transfer", "Transfer"
    TERMINATE = "terminate", "Terminate"


class RiskLevel(models.TextChoices):
    """Who manages it; promotion moves one record upwards."""

    PROJECT = "project", "Project"
    WORKSTREAM = "workstream", "Work stream"
    PROGRAMME = "programme", "Programme"


class RiskBand(models.TextChoices):
    """The NHS bands of a score of likelihood times impact (5 x 5)."""

    LOW = "low", "Low"
    MODERATE = "moderate", "Moderate"
    HIGH = "high", "High"
    EXTREME = "extreme", "Extreme"


# The lowest and the highest score of each band, the worst first (National Patient Safety Agency).
BAND_SCORES = {
    RiskBand.EXTREME: (15, 25),
    RiskBand.HIGH: (8, 12),
    RiskBand.MODERATE: (4, 6),
    RiskBand.LOW: (1, 3),
}


class Likelihood(models.IntegerChoices):
    RARE = 1, "Rare"
    UNLIKELY = 2, "Unlikely"
    POSSIBLE = 3, "Possible"
    LIKELY = 4, "Likely"
    ALMOST_CERTAIN = 5, "Almost certain"


class Impact(models.IntegerChoices):
    NEGLIGIBLE = 1, "Negligible"
    MINOR = 2, "Minor"
    MODERATE = 3, "Moderate"
    MAJOR = 4, "Major"
    SEVERE = 5, "Severe"


def band(score: int) -> RiskBand:
    """Give the NHS band of a score of 1 to 25."""
    return next(each for each, (lowest, _) in BAND_SCORES.items() if score >= lowest)


CURRENT_SCORE = F("current_likelihood") * F("current_impact")


class RiskQuerySet(models.QuerySet["Risk"]):
    def open(self) -> "RiskQuerySet":
        return self.filter(closed_date__isnull=True)

    def closed(self) -> "RiskQuerySet":
        return self.filter(closed_date__isnull=False)

    def review_overdue(self, *, on: date) -> "RiskQuerySet":
        return self.open().filter(review_date__lt=on)

    def reviews_owed(self, *, on: date) -> "RiskQuerySet":
        """Overdue reviews with who owes them: what a digest of a day groups by ``owner``."""
        overdue = self.review_overdue(on=on).select_related("programme", "owner")
        return overdue.order_by("owner_id", "review_date", "number", "pk")

    def of_workstream(self, workstream: Workstream) -> "RiskQuerySet":
        return self.filter(workstream=workstream)

    def in_band(self, wanted: RiskBand | str) -> "RiskQuerySet":
        """Those whose current score lies in a band."""
        return self.alias(score=CURRENT_SCORE).filter(score__range=BAND_SCORES[RiskBand(wanted)])

    def worst_first(self) -> "RiskQuerySet":
        worst = self.alias(score=CURRENT_SCORE)
        return worst.order_by("-score", "-current_impact", "number", "pk")

    def with_subject(self) -> "RiskQuerySet":
        """Everything one row of a list shows, in one query."""
        return self.select_related(
            "programme",
            "workstream__executive_lead",
            "project__workstream",
            "owner",
            "happened_as__programme",
        )


class Risk(models.Model):
    """What may harm the plan (a risk) or harms it already (an issue), scored 5 x 5.

    One record from project to programme level; every change of it is kept as a RiskChange.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="risks")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=RiskKind, default=RiskKind.RISK)
    level = models.CharField(max_length=20, choices=RiskLevel, default=RiskLevel.PROJECT)
    # Where it comes from; both stay when it is promoted.
    workstream = models.ForeignKey(
        Workstream, null=True, blank=True, on_delete=models.PROTECT, related_name="risks"
    )
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.PROTECT, related_name="risks"
    )
    title = models.CharField(max_length=200)
    cause = models.TextField(max_length=2000, blank=True)
    effect = models.TextField(max_length=2000, blank=True)
    inherent_likelihood = models.PositiveSmallIntegerField(validators=score_part)
    inherent_impact = models.PositiveSmallIntegerField(validators=score_part)
    current_likelihood = models.PositiveSmallIntegerField(validators=score_part)
    current_impact = models.PositiveSmallIntegerField(validators=score_part)
    target_likelihood = models.PositiveSmallIntegerField(validators=score_part)
    target_impact = models.PositiveSmallIntegerField(validators=score_part)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="owned_risks")
    response = models.CharField(max_length=20, choices=RiskResponse, default=RiskResponse.TREAT)
    response_text = models.TextField(max_length=2000, blank=True)
    review_date = models.DateField()
    milestones = models.ManyToManyField(Milestone, related_name="risks", blank=True)
    indicators = models.ManyToManyField(Indicator, related_name="risks", blank=True)
    # The issue that this risk became when it happened.
    happened_as = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="came_from"
    )
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    raised_date = models.DateField()
    closed_date = models.DateField(null=True, blank=True)
    closed_because = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = RiskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="risk_number_once", fields=["programme", "number"]),
            models.CheckConstraint(
                name="risk_scores_are_one_to_five",
                condition=Q(
                    inherent_likelihood__range=(1, 5),
                    inherent_impact__range=(1, 5),
                    current_likelihood__range=(1, 5),
                    current_impact__range=(1, 5),
                    target_likelihood__range=(1, 5),
                    target_impact__range=(1, 5),
                ),
            ),
            models.CheckConstraint(
                name="risk_closed_with_reason",
                condition=Q(closed_date__isnull=True, closed_because="")
                | (Q(closed_date__isnull=False) & ~Q(closed_because="")),
            ),
            models.CheckConstraint(
                name="risk_of_a_project_names_it",
                condition=~Q(level=RiskLevel.PROJECT) | Q(project__isnull=False),
            ),
            models.CheckConstraint(
                name="risk_of_a_workstream_names_it",
                condition=Q(level=RiskLevel.PROGRAMME) | Q(workstream__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("governance:risk_detail", args=[self.programme.slug, self.number])

    @property
    def label(self) -> str:
        return f"{'R' if self.kind == RiskKind.RISK else 'I'}-{self.number:03}"

    @property
    def local_owner_id(self) -> int | None:
        """Its owner, by the name that permissions ask for."""
        return self.owner_id

    @property
    def inherent_score(self) -> int:
        return self.inherent_likelihood * self.inherent_impact

    @property
    def current_score(self) -> int:
        return self.current_likelihood * self.current_impact

    @property
    def target_score(self) -> int:
        return self.target_likelihood * self.target_impact

    @property
    def inherent_band(self) -> RiskBand:
        return band(self.inherent_score)

    @property
    def current_band(self) -> RiskBand:
        return band(self.current_score)

    @property
    def target_band(self) -> RiskBand:
        return band(self.target_score)

    @property
    def is_issue(self) -> bool:
        return self.kind == RiskKind.ISSUE

    @property
    def belongs_to(self) -> str:
        """Where it comes from, in words: its project, else its work stream, else the programme."""
        return str(self.project or self.workstream or "Programme")

    @property
    def next_level(self) -> RiskLevel | None:
        """Where it goes when it is promoted; None from the highest."""
        levels = list(RiskLevel)
        place = levels.index(RiskLevel(self.level)) + 1
        return levels[place] if place < len(levels) else None

    @property
    def is_open(self) -> bool:
        return self.closed_date is None

    def is_review_overdue(self, *, on: date) -> bool:
        return self.is_open and self.review_date < on


class RiskChange(models.Model):
    """One field of a risk that changed: from, to, who, when and why. Append-only."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="changes")
    # The risk's version that the change made; changes of one act share it.
    version = models.PositiveIntegerField()
    field = models.CharField(max_length=40)
    old_value = models.JSONField(null=True)
    new_value = models.JSONField(null=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_date = models.DateField()
    made_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=36, blank=True, default=current_request_id)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="risk_change_once_per_version", fields=["risk", "version", "field"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.risk.label} {self.field}"
