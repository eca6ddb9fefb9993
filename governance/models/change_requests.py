from datetime import date

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from governance.models.changes import Change, ChangeKind, ChangeLine
from governance.models.exceptions import ExceptionReport
from metrics.models import Indicator
from milestones.models import Milestone
from workstreams.models import Programme, Project, Workstream

# What a request is about: it asks for changes of one of them.
Subject = Milestone | Indicator | Project


class ChangeRequestState(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    ENDORSED = "endorsed", "Endorsed"
    CHECKED = "checked", "Waiting for ELT"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    RETURNED = "returned", "Returned"
    WITHDRAWN = "withdrawn", "Withdrawn"


DECIDED = (ChangeRequestState.APPROVED, ChangeRequestState.REJECTED)
UNDER_WAY = (
    ChangeRequestState.DRAFT,
    ChangeRequestState.SUBMITTED,
    ChangeRequestState.ENDORSED,
    ChangeRequestState.CHECKED,
    ChangeRequestState.RETURNED,
)


EDITABLE = (ChangeRequestState.DRAFT, ChangeRequestState.RETURNED)
# How a request stands, to go after "CR-001 is" and to say whom it waits for.
STATE_WORDS = {
    ChangeRequestState.DRAFT: "a draft",
    ChangeRequestState.SUBMITTED: "submitted and waiting for the executive lead",
    ChangeRequestState.ENDORSED: "endorsed and waiting for the PMO’s check",
    ChangeRequestState.CHECKED: "checked and waiting for the ELT",
    ChangeRequestState.APPROVED: "approved",
    ChangeRequestState.REJECTED: "rejected",
    ChangeRequestState.RETURNED: "returned to its author",
    ChangeRequestState.WITHDRAWN: "withdrawn",
}


class ChangeRequestQuerySet(models.QuerySet["ChangeRequest"]):
    def under_way(self) -> "ChangeRequestQuerySet":
        return self.filter(state__in=UNDER_WAY)

    def awaiting_decision(self) -> "ChangeRequestQuerySet":
        return self.filter(state=ChangeRequestState.CHECKED)

    def of_workstream(self, workstream: Workstream) -> "ChangeRequestQuerySet":
        return self.filter(
            Q(milestone__project__workstream=workstream)
            | Q(indicator__workstream=workstream)
            | Q(project__workstream=workstream)
        )

    def about_the_same_as(self, request: "ChangeRequest") -> "ChangeRequestQuerySet":
        """Those for its milestone or indicator; several may ask for milestones of one project."""
        if request.milestone_id:
            return self.filter(milestone=request.milestone_id)
        return self.filter(indicator=request.indicator_id) if request.indicator_id else self.none()

    def owned_by(self, user: User) -> "ChangeRequestQuerySet":
        """Those for what a person is the local owner of."""
        return self.filter(
            Q(milestone__local_owner=user)
            | Q(indicator__local_owner=user)
            | Q(project__local_owner=user)
        )

    def led_by(self, user: User) -> "ChangeRequestQuerySet":
        """Those of the work streams that a person leads, and of enablers that they direct."""
        return self.filter(
            Q(milestone__project__workstream__executive_lead=user)
            | Q(indicator__workstream__executive_lead=user)
            | Q(project__workstream__executive_lead=user)
            | Q(milestone__enabler__isnull=False, milestone__lead_director=user)
        )

    def of_project(self, project: Project) -> "ChangeRequestQuerySet":
        """Those for its milestones and for new ones in it."""
        return self.filter(Q(milestone__project=project) | Q(project=project))

    def newest_first(self) -> "ChangeRequestQuerySet":
        return self.order_by("-number", "-pk")

    def with_subject(self) -> "ChangeRequestQuerySet":
        """Everything one row of a list shows: one query, and one for all the changes."""
        return self.select_related(
            "programme",
            "milestone__programme",
            "milestone__project__workstream__executive_lead",
            "milestone__enabler",
            "milestone__local_owner",
            "indicator__programme",
            "indicator__workstream__executive_lead",
            "indicator__local_owner",
            "project__workstream__programme",
            "project__workstream__executive_lead",
            "project__local_owner",
            "exception",
            "raised_by",
            "endorsed_by",
            "checked_by",
        ).prefetch_related(models.Prefetch("changes", Change.objects.order_by("pk")))


class ChangeRequest(models.Model):
    """The exact changes asked for of one milestone or indicator, or a new milestone of a project.

    ``changes`` are its field changes. Only its approval by the ELT makes them, all of them.
    """

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="change_requests"
    )
    number = models.PositiveIntegerField()
    milestone = models.ForeignKey(
        Milestone, null=True, blank=True, on_delete=models.PROTECT, related_name="change_requests"
    )
    indicator = models.ForeignKey(
        Indicator, null=True, blank=True, on_delete=models.PROTECT, related_name="change_requests"
    )
    # Of a request for a new milestone, which ``added_milestone`` is once it is approved.
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.PROTECT, related_name="change_requests"
    )
    added_milestone = models.OneToOneField(
        Milestone, null=True, blank=True, on_delete=models.PROTECT, related_name="added_by_request"
    )
    exception = models.ForeignKey(
        ExceptionReport,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="change_requests",
    )
    state = models.CharField(
        max_length=20, choices=ChangeRequestState, default=ChangeRequestState.DRAFT
    )
    reason = models.TextField(max_length=3000)
    delivery_impact = models.TextField(max_length=3000)
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    raised_date = models.DateField()
    # Everybody who wrote on it, whoever raised it: none of them decides it.
    authors = models.ManyToManyField(User, related_name="+")
    endorsed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    endorsed_date = models.DateField(null=True, blank=True)
    checked_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    checked_date = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ChangeRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="change_request_number_once", fields=["programme", "number"]
            ),
            models.UniqueConstraint(
                name="change_request_one_under_way_per_milestone",
                fields=["milestone"],
                condition=Q(state__in=UNDER_WAY),
            ),
            models.UniqueConstraint(
                name="change_request_one_under_way_per_indicator",
                fields=["indicator"],
                condition=Q(state__in=UNDER_WAY),
            ),
            models.CheckConstraint(
                name="change_request_has_one_subject",
                condition=Q(milestone__isnull=False, indicator__isnull=True, project__isnull=True)
                | Q(milestone__isnull=True, indicator__isnull=False, project__isnull=True)
                | Q(milestone__isnull=True, indicator__isnull=True, project__isnull=False),
            ),
            models.CheckConstraint(
                name="change_request_adds_once_approved",
                condition=Q(added_milestone__isnull=True)
                | Q(project__isnull=False, state=ChangeRequestState.APPROVED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.subject}"

    def get_absolute_url(self) -> str:
        return reverse("governance:change_request_detail", args=[self.programme.slug, self.number])

    @property
    def label(self) -> str:
        return f"CR-{self.number:03}"

    @property
    def subject(self) -> Subject:
        subject = self.milestone or self.indicator or self.project
        assert subject is not None  # the database's constraint
        return subject

    @property
    def subject_reference(self) -> str:
        return self.project.code if self.project else getattr(self.subject, "reference", "")

    @property
    def subject_title(self) -> str:
        subject = self.subject
        return subject.title if isinstance(subject, Milestone) else subject.name

    @property
    def home(self) -> Project | None:
        """The project that it touches; none for an indicator, or a milestone of an enabler."""
        return self.milestone.project if self.milestone else self.project

    @property
    def workstream(self) -> Workstream | None:
        return self.subject.workstream

    @property
    def local_owner_id(self) -> int | None:
        return self.subject.local_owner_id

    @property
    def lead_director_id(self) -> int | None:
        return getattr(self.subject, "lead_director_id", None)

    @property
    def author_id(self) -> int:
        return self.raised_by_id

    @property
    def checker_id(self) -> int | None:
        return self.checked_by_id

    @property
    def ready_date(self) -> date | None:
        """When it came to the ELT."""
        return self.checked_date

    def change(self, kind: ChangeKind) -> Change | None:
        """Give its change of one kind, from those that ``with_subject`` read."""
        return next((change for change in self.changes.all() if change.kind == kind), None)

    @property
    def planned_change(self) -> Change | None:
        return self.change(ChangeKind.PLANNED_DATE)

    @property
    def lines(self) -> list[ChangeLine]:
        """Every field that would change, old against proposed."""
        return [line for change in self.changes.all() for line in change.lines]

    @property
    def asked(self) -> str:
        """What is asked for: "Move the planned date to 10 Jun 2016, with 2 more changes"."""
        changes = list(self.changes.all())
        if not changes:
            return "Nothing yet"
        others = len(changes) - 1
        more = f", with {others} more change{'' if others == 1 else 's'}" if others else ""
        return changes[0].asked + more

    @property
    def if_approved(self) -> str:
        """What an approval does, to follow "Approve:"."""
        changes = list(self.changes.all())
        if len(changes) == 1 and (planned := self.planned_change):
            return f"the planned date moves to {planned.lines[0].new}, the baseline stays"
        if len(changes) == 1:
            asked = changes[0].asked
            return f"{asked[:1].lower()}{asked[1:]}"
        return f"all {len(changes)} changes become the plan, the baseline stays"

    @property
    def outcome_text(self) -> str:
        """What the plan holds now that the request is approved, as a sentence."""
        reference = self.subject_reference
        if self.added_milestone:
            return f"{self.added_milestone.reference} is added, with its baseline."
        if self.change(ChangeKind.WITHDRAWAL):
            return f"{reference} is withdrawn and counts no more."
        if planned := self.planned_change:
            return f"{reference} is now planned for {planned.lines[0].new}."
        return f"What was asked for is in force for {reference}."

    @property
    def days_moved(self) -> int | None:
        """Days by which the planned date would move; None where it stays."""
        return self.planned_change.days_moved if self.planned_change else None

    @property
    def days_from_baseline(self) -> int | None:
        planned = self.planned_change
        return self._from_baseline(planned.new_date) if planned else None

    @property
    def old_days_from_baseline(self) -> int | None:
        planned = self.planned_change
        return self._from_baseline(planned.old_date) if planned else None

    def _from_baseline(self, day: date) -> int | None:
        baseline = self.milestone.baseline_date if self.milestone else None
        return (day - baseline).days if baseline else None

    @property
    def state_words(self) -> str:
        return STATE_WORDS[ChangeRequestState(self.state)]

    @property
    def why_not_decided(self) -> str:
        """Say why the ELT cannot decide it as it stands, and what to do instead."""
        instead = "It can be decided once the PMO has checked it."
        if not self.is_under_way:
            instead = "Nothing is left to decide; a further change needs a new request."
        return f"{self.label} is {self.state_words}. {instead}"

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY
