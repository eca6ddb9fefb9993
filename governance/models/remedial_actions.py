from datetime import date

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from governance.models.change_requests import ChangeRequest, ChangeRequestState
from governance.models.exceptions import ExceptionReport
from workstreams.models import Programme, Role, Workstream

# The states of a change request whose actions bind nobody: not submitted, or come to nothing.
NOT_IN_FORCE = (
    ChangeRequestState.DRAFT,
    ChangeRequestState.REJECTED,
    ChangeRequestState.WITHDRAWN,
)


class RemedialActionQuerySet(models.QuerySet["RemedialAction"]):
    def of_programme(self, programme: Programme) -> "RemedialActionQuerySet":
        return self.filter(
            Q(exception__programme=programme) | Q(change_request__programme=programme)
        )

    def of_workstream(self, workstream: Workstream) -> "RemedialActionQuerySet":
        return self.filter(
            Q(exception__in=ExceptionReport.objects.of_workstream(workstream))
            | Q(change_request__in=ChangeRequest.objects.of_workstream(workstream))
        )

    def in_force(self) -> "RemedialActionQuerySet":
        """All but those of a change request that nobody has submitted, or that came to nothing."""
        return self.exclude(change_request__state__in=NOT_IN_FORCE)

    def open(self) -> "RemedialActionQuerySet":
        """In force and not done yet, whatever became of the exception."""
        return self.in_force().filter(done_date__isnull=True)

    def done(self) -> "RemedialActionQuerySet":
        return self.filter(done_date__isnull=False)

    def overdue(self, *, on: date) -> "RemedialActionQuerySet":
        return self.open().filter(due_date__lt=on)

    def changeable_by(self, user: User, roles: frozenset[str]) -> "RemedialActionQuerySet":
        """Those that a person with these roles marks as done or moves: own ones, and those of
        exceptions and change requests that the person may raise."""
        if roles & {Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER}:
            return self
        mine = Q(owner=user)
        if Role.LOCAL_OWNER in roles:
            mine |= Q(exception__milestone__local_owner=user)
            mine |= Q(exception__indicator__local_owner=user)
            mine |= Q(change_request__in=ChangeRequest.objects.owned_by(user))
        if Role.EXECUTIVE_LEAD in roles:
            mine |= Q(exception__in=ExceptionReport.objects.led_by(user))
            mine |= Q(change_request__in=ChangeRequest.objects.led_by(user))
        return self.filter(mine)

    def by_due_date(self) -> "RemedialActionQuerySet":
        return self.select_related("owner").order_by("due_date", "pk")

    def with_record(self) -> "RemedialActionQuerySet":
        """With what each belongs to, and the milestone, indicator or project that is about."""
        about = ("programme", "milestone__project__workstream", "milestone__enabler")
        return self.select_related(
            "owner",
            "exception__indicator__workstream",
            "change_request__indicator__workstream",
            "change_request__project__workstream",
            *(f"{record}__{name}" for record in ("exception", "change_request") for name in about),
        )

    def for_list(self) -> "RemedialActionQuerySet":
        """Everything one row of a list shows, in one query: what is due first, then what is done,
        the latest first."""
        return self.with_record().order_by(F("done_date").desc(nulls_first=True), "due_date", "pk")


class RemedialAction(models.Model):
    """What will bring something back on plan: who does what by when. Tracked until done.

    Named in an exception report, or in a change request of its own.
    """

    exception = models.ForeignKey(
        ExceptionReport,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="remedial_actions",
    )
    change_request = models.ForeignKey(
        ChangeRequest,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="remedial_actions",
    )
    text = models.CharField(max_length=500)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="remedial_actions")
    due_date = models.DateField()
    done_date = models.DateField(null=True, blank=True)

    objects = RemedialActionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="remedial_action_of_one_record",
                condition=Q(exception__isnull=False, change_request__isnull=True)
                | Q(exception__isnull=True, change_request__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def record(self) -> ExceptionReport | ChangeRequest:
        """The exception report or the change request that it belongs to."""
        record = self.exception or self.change_request
        assert record is not None  # the database's constraint
        return record

    @property
    def programme(self) -> Programme:
        return self.record.programme

    @property
    def outlives_its_exception(self) -> bool:
        return self.exception is not None and not self.exception.is_open

    def is_overdue(self, *, on: date) -> bool:
        return self.done_date is None and self.due_date < on

    @property
    def is_done_late(self) -> bool:
        return self.done_date is not None and self.done_date > self.due_date
