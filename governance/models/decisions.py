from django.db import models
from django.db.models import Q

from accounts.models import User
from governance.models.change_requests import ChangeRequest
from governance.models.exceptions import ExceptionReport
from governance.models.meetings import Meeting
from workstreams.models import Programme


class Outcome(models.TextChoices):
    APPROVED = "approved", "Approved"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    RETURNED = "returned", "Returned"


class DecisionQuerySet(models.QuerySet["Decision"]):
    def newest_first(self) -> "DecisionQuerySet":
        return self.order_by("-decided_at", "-pk")

    def to_ratify(self) -> "DecisionQuerySet":
        """Chair's actions in force that no quorate meeting has confirmed yet."""
        return self.filter(
            meeting__isnull=True, ratification__isnull=True, superseded_by__isnull=True
        )

    def with_subject(self) -> "DecisionQuerySet":
        """Everything one line about a decision shows, in one query."""
        return self.select_related(
            "programme",
            "meeting",
            "ratification__meeting",
            "supersedes",
            "superseded_by",
            "decided_by",
            "change_request__programme",
            "change_request__milestone",
            "change_request__indicator",
            "change_request__project",
            "exception__programme",
            "exception__milestone",
            "exception__indicator",
        )


class Decision(models.Model):
    """What an ELT member decided on a request or report, at a meeting or as chair's action.

    Append-only: the database itself refuses a change.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="decisions")
    change_request = models.ForeignKey(
        ChangeRequest, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions"
    )
    exception = models.ForeignKey(
        ExceptionReport, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions"
    )
    outcome = models.CharField(max_length=20, choices=Outcome)
    comment = models.TextField(blank=True, max_length=3000)
    meeting = models.ForeignKey(
        Meeting, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions"
    )
    chairs_action_reason = models.CharField(max_length=500, blank=True)
    # An earlier decision that this one takes the place of: none is ever changed or deleted.
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_date = models.DateField()
    decided_at = models.DateTimeField()

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="decision_on_one_thing",
                condition=Q(change_request__isnull=False, exception__isnull=True)
                | Q(change_request__isnull=True, exception__isnull=False),
            ),
            models.CheckConstraint(
                name="decision_at_meeting_or_chairs_action",
                condition=Q(meeting__isnull=False, chairs_action_reason="")
                | (Q(meeting__isnull=True) & ~Q(chairs_action_reason="")),
            ),
            models.CheckConstraint(
                name="decision_refusal_has_comment",
                condition=Q(outcome__in=[Outcome.APPROVED, Outcome.ACCEPTED]) | ~Q(comment=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.change_request or self.exception}"

    @property
    def subject(self) -> ChangeRequest | ExceptionReport:
        subject = self.change_request or self.exception
        assert subject is not None  # the database's constraint
        return subject

    @property
    def is_chairs_action(self) -> bool:
        """Whether it was made outside a quorate meeting, which then has to ratify it."""
        return self.meeting_id is None

    @property
    def is_superseded(self) -> bool:
        return hasattr(self, "superseded_by")

    @property
    def is_ratified(self) -> bool:
        return hasattr(self, "ratification")

    @property
    def awaits_ratification(self) -> bool:
        return self.is_chairs_action and not self.is_ratified and not self.is_superseded

    @property
    def place(self) -> str:
        """Where it was decided, in words."""
        return str(self.meeting) if self.meeting else "Chair's action"


class Ratification(models.Model):
    """A quorate ELT meeting's confirmation of a chair's action. Append-only."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="ratification")
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="ratifications")
    ratified_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ratified_date = models.DateField()
    ratified_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.decision}, ratified at {self.meeting}"
