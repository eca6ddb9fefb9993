from django.db import models
from django.db.models import Q

from accounts.models import User
from milestones.models import Evidence
from workstreams.models import CqcAction, Enabler, PartnerCommitment, Programme


class CqcState(models.TextChoices):
    OPEN = "open", "Open"
    CLAIMED = "claimed", "Owner says complete"
    SUBMITTED = "submitted", "Evidence submitted"
    ASSURED = "assured", "Assured"
    EMBEDDED = "embedded", "Embedded"
    REOPENED = "reopened", "Reopened"


class CqcStepQuerySet(models.QuerySet["CqcStep"]):
    def newest_of(self, programme: Programme) -> "CqcStepQuerySet":
        """The last step of each of a programme's actions that has one: its state."""
        own = self.filter(cqc_action__programme=programme)
        newest = own.order_by().values("cqc_action").annotate(newest=models.Max("pk"))
        return self.filter(pk__in=newest.values("newest")).select_related("made_by")

    def newest_first(self) -> "CqcStepQuerySet":
        return self.select_related("made_by").order_by("-number", "-pk")


class CqcStep(models.Model):
    """One step of a CQC action towards being embedded. Append-only; the newest is its state.

    An action without a step is open. Who assures or embeds is never who claimed or submitted.
    """

    cqc_action = models.ForeignKey(CqcAction, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=20, choices=CqcState)
    comment = models.TextField(max_length=3000, blank=True)
    # What was submitted: evidence of the milestones of its projects, as it stood.
    evidence = models.ManyToManyField(Evidence, related_name="cqc_steps", blank=True)
    # For an assured action: the day from which on it is checked again.
    recheck_date = models.DateField(null=True, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_date = models.DateField()
    made_at = models.DateTimeField()

    objects = CqcStepQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="cqc_step_number_once", fields=["cqc_action", "number"]),
            models.CheckConstraint(
                name="cqc_reopened_with_reason",
                condition=~Q(state=CqcState.REOPENED) | ~Q(comment=""),
            ),
            models.CheckConstraint(
                name="cqc_assured_is_checked_again",
                condition=~Q(state=CqcState.ASSURED) | Q(recheck_date__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cqc_action.reference}: {self.get_state_display()}"


class LineState(models.TextChoices):
    ON_TRACK = "on_track", "On track"
    CONCERN = "concern", "Concern"
    OFF_TRACK = "off_track", "Off track"
    DONE = "done", "Done"


class MonthlyLine(models.Model):
    """How an enabler or a partner's commitment stands in a month, in a line. Append-only.

    The newest of a month is the month's.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="monthly_lines")
    enabler = models.ForeignKey(
        Enabler, null=True, blank=True, on_delete=models.PROTECT, related_name="monthly_lines"
    )
    commitment = models.ForeignKey(
        PartnerCommitment,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="monthly_lines",
    )
    month = models.DateField()
    state = models.CharField(max_length=20, choices=LineState)
    text = models.CharField(max_length=500)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_date = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="monthly_line_on_one_thing",
                condition=Q(enabler__isnull=False, commitment__isnull=True)
                | Q(enabler__isnull=True, commitment__isnull=False),
            ),
            models.CheckConstraint(
                name="monthly_line_month_is_a_first_day", condition=Q(month__day=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enabler or self.commitment} {self.month:%Y-%m}"
