from datetime import date, timedelta

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import User
from metrics.models import Indicator
from milestones.models import Milestone
from workstreams.calendar import is_working_day
from workstreams.models import Programme, Workstream


class ExceptionState(models.TextChoices):
    DRAFT = "draft", "Report due"
    SUBMITTED = "submitted", "Submitted"
    RETURNED = "returned", "Returned"
    ACCEPTED = "accepted", "Accepted"
    CLOSED = "closed", "Closed"


# How a report stands, to go after "EX-001 is" and to say whom it waits for.
STATE_WORDS = {
    ExceptionState.DRAFT: "waiting for its owner’s report",
    ExceptionState.SUBMITTED: "submitted and waiting for the ELT",
    ExceptionState.RETURNED: "returned to its owner",
    ExceptionState.ACCEPTED: "accepted",
    ExceptionState.CLOSED: "closed",
}
TAKES_REPORT = (ExceptionState.DRAFT, ExceptionState.RETURNED)


class ExceptionReportQuerySet(models.QuerySet["ExceptionReport"]):
    def open(self) -> "ExceptionReportQuerySet":
        return self.exclude(state=ExceptionState.CLOSED)

    def awaiting_decision(self) -> "ExceptionReportQuerySet":
        return self.filter(state=ExceptionState.SUBMITTED)

    def report_due(self) -> "ExceptionReportQuerySet":
        """Those that wait for their owner's report, or for a better one."""
        return self.filter(state__in=TAKES_REPORT)

    def report_overdue(self, *, on: date) -> "ExceptionReportQuerySet":
        return self.report_due().filter(report_due_date__lt=on)

    def to_escalate(self, *, on: date) -> "ExceptionReportQuerySet":
        """Those whose clock has run out and of which nobody told the executive lead yet."""
        return self.report_overdue(on=on).exclude(escalated_date__gt=F("report_due_date"))

    def escalated(self) -> "ExceptionReportQuerySet":
        """Those of which the executive lead was told, and whose report is still owed.

        ``escalated().led_by(user)`` is what a digest tells one person;
        ``escalated_date`` is the day on which each came to them.
        """
        return self.report_due().filter(escalated_date__gt=F("report_due_date"))

    def led_by(self, user: User) -> "ExceptionReportQuerySet":
        """Those of the work streams that a person leads, and of enablers that they direct."""
        return self.filter(
            Q(milestone__project__workstream__executive_lead=user)
            | Q(indicator__workstream__executive_lead=user)
            | Q(milestone__enabler__isnull=False, milestone__lead_director=user)
        )

    def of_workstream(self, workstream: Workstream) -> "ExceptionReportQuerySet":
        return self.filter(
            Q(milestone__project__workstream=workstream) | Q(indicator__workstream=workstream)
        )

    def with_reopenings(self) -> "ExceptionReportQuerySet":
        """With ``reopenings``: how many exceptions of the same subject came before each."""
        earlier = ExceptionReport.objects.filter(
            Q(milestone=OuterRef("milestone")) | Q(indicator=OuterRef("indicator")),
            number__lt=OuterRef("number"),
        )
        counted = earlier.order_by().values("programme").annotate(many=Count("pk")).values("many")
        return self.annotate(reopenings=Coalesce(Subquery(counted), 0))

    def newest_first(self) -> "ExceptionReportQuerySet":
        return self.order_by("-number", "-pk")

    def with_subject(self) -> "ExceptionReportQuerySet":
        """Everything one row of a list shows, in one query."""
        return self.select_related(
            "programme",
            "milestone__programme",
            "milestone__project__workstream__executive_lead",
            "milestone__enabler",
            "milestone__local_owner",
            "milestone__lead_director",
            "indicator__programme",
            "indicator__workstream__executive_lead",
            "indicator__local_owner",
            "submitted_by",
        )


class ExceptionReport(models.Model):
    """Something off plan beyond tolerance: opened by the system, explained by the local owner.

    One open report per subject. The ELT accepts or returns it; it closes by itself when its
    subject is back within tolerance or a change request for it is approved.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="exceptions")
    number = models.PositiveIntegerField()
    milestone = models.ForeignKey(
        Milestone, null=True, blank=True, on_delete=models.PROTECT, related_name="exceptions"
    )
    indicator = models.ForeignKey(
        Indicator, null=True, blank=True, on_delete=models.PROTECT, related_name="exceptions"
    )
    state = models.CharField(max_length=20, choices=ExceptionState, default=ExceptionState.DRAFT)
    # What was off plan when it opened, in words with the dates or figures.
    trigger = models.CharField(max_length=400)
    opened_date = models.DateField()
    report_due_date = models.DateField()
    cause = models.TextField(blank=True, max_length=3000)
    consequence = models.TextField(blank=True, max_length=3000)
    options = models.TextField(blank=True, max_length=3000)
    delivery_impact = models.TextField(blank=True, max_length=3000)
    recovery_date = models.DateField(null=True, blank=True)
    risk = models.ForeignKey(
        "governance.Risk",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="exceptions",
    )
    # When its report was overdue and the executive lead was told. A returned report has a new
    # clock, so this counts only if it is later than the day on which the report was due.
    escalated_date = models.DateField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_date = models.DateField(null=True, blank=True)
    # Everybody who wrote on it, whoever submitted it: none of them decides it.
    authors = models.ManyToManyField(User, related_name="+")
    closed_date = models.DateField(null=True, blank=True)
    closed_because = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    # From ``with_reopenings``.
    reopenings: int

    objects = ExceptionReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="exception_number_once", fields=["programme", "number"]),
            models.CheckConstraint(
                name="exception_has_one_subject",
                condition=Q(milestone__isnull=False, indicator__isnull=True)
                | Q(milestone__isnull=True, indicator__isnull=False),
            ),
            models.UniqueConstraint(
                name="exception_one_open_per_milestone",
                fields=["milestone"],
                condition=~Q(state=ExceptionState.CLOSED),
            ),
            models.UniqueConstraint(
                name="exception_one_open_per_indicator",
                fields=["indicator"],
                condition=~Q(state=ExceptionState.CLOSED),
            ),
            models.CheckConstraint(
                name="exception_closed_has_date",
                condition=Q(state=ExceptionState.CLOSED, closed_date__isnull=False)
                | (~Q(state=ExceptionState.CLOSED) & Q(closed_date__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.subject}"

    def get_absolute_url(self) -> str:
        return reverse("governance:exception_detail", args=[self.programme.slug, self.number])

    @property
    def label(self) -> str:
        return f"EX-{self.number:03}"

    @property
    def subject(self) -> Milestone | Indicator:
        subject = self.milestone or self.indicator
        assert subject is not None  # the database's constraint
        return subject

    @property
    def earlier(self) -> "ExceptionReportQuerySet":
        """The closed ones of the same subject: this one is that subject reopened."""
        same = ExceptionReport.objects.filter(milestone=self.milestone, indicator=self.indicator)
        return same.filter(programme=self.programme, number__lt=self.number)

    @property
    def subject_reference(self) -> str:
        return self.subject.reference

    @property
    def subject_title(self) -> str:
        subject = self.subject
        return subject.title if isinstance(subject, Milestone) else subject.name

    @property
    def workstream(self) -> Workstream | None:
        return self.subject.workstream

    @property
    def local_owner_id(self) -> int | None:
        return self.subject.local_owner_id

    @property
    def lead_director_id(self) -> int | None:
        return self.milestone.lead_director_id if self.milestone else None

    @property
    def author_id(self) -> int | None:
        return self.submitted_by_id

    @property
    def checker_id(self) -> int | None:
        """Nobody checks a report between its owner and the ELT."""
        return None

    @property
    def ready_date(self) -> date | None:
        """When it came to the ELT."""
        return self.submitted_date

    @property
    def is_open(self) -> bool:
        return self.state != ExceptionState.CLOSED

    @property
    def takes_report(self) -> bool:
        return self.state in TAKES_REPORT

    @property
    def state_words(self) -> str:
        return STATE_WORDS[ExceptionState(self.state)]

    @property
    def is_escalated(self) -> bool:
        """Whether its executive lead was told that the report is overdue, and it still is."""
        told = self.escalated_date
        return self.takes_report and told is not None and told > self.report_due_date

    @property
    def executive_lead(self) -> User | None:
        """To whom it is escalated: who leads the work stream, or directs an enabler's milestone."""
        if self.workstream:
            return self.workstream.executive_lead
        return self.milestone.lead_director if self.milestone else None

    def is_report_overdue(self, *, on: date) -> bool:
        return self.takes_report and self.report_due_date < on

    def report_working_days_late(self, *, on: date) -> int:
        """Working days since the report was due, while it is owed; 0 when it is not late."""
        if not self.is_report_overdue(on=on):
            return 0
        days = (on - self.report_due_date).days
        return sum(is_working_day(on - timedelta(days=n)) for n in range(days))
