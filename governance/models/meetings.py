import hashlib
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import User
from workstreams.dates import DatePrecision, show_date
from workstreams.models import Programme, Workstream


class MeetingKind(models.TextChoices):
    ELT = "elt", "ELT meeting"
    QIG = "qig", "QIG meeting"
    WORKSTREAM = "workstream", "Work stream meeting"


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def newest_first(self) -> "MeetingQuerySet":
        return self.order_by("-held_date", "kind", "workstream__position", "-pk")

    def ahead(self, *, on: date) -> "MeetingQuerySet":
        return self.filter(held_date__gt=on)

    def held(self, *, on: date) -> "MeetingQuerySet":
        """Those of the day itself and of the days before."""
        return self.filter(held_date__lte=on)

    def that_may_decide(self, *, on: date) -> "MeetingQuerySet":
        """ELT meetings held by a day whose minutes do not stand yet."""
        return self.held(on=on).filter(kind=MeetingKind.ELT, closed_date__isnull=True)

    def of_series(self, meeting: "Meeting") -> "MeetingQuerySet":
        """The meetings of the same body: what one agrees is carried over to the next."""
        return self.filter(
            programme=meeting.programme_id, kind=meeting.kind, workstream=meeting.workstream_id
        )

    def with_subject(self) -> "MeetingQuerySet":
        """Everything one row of a list shows but the counts, in one query."""
        return self.select_related("programme", "workstream__executive_lead", "closed_by")

    def for_list(self) -> "MeetingQuerySet":
        """Everything one row of the list shows, in one query."""
        attendees = Meeting.attendees.through.objects.filter(meeting=OuterRef("pk"))
        actions = MeetingAction.objects.open().filter(meeting=OuterRef("pk"))
        return self.with_subject().annotate(
            attended=_counted(attendees),
            actions_open=_counted(actions),
            decided=Count("decisions"),
        )


def _counted(rows: models.QuerySet[Any]) -> Coalesce:
    counts = rows.order_by().values("meeting").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counts), 0)


class Meeting(models.Model):
    """A meeting of the ELT, the QIG or a work stream, planned or held.

    At the quorum an ELT meeting may decide; the others only note and agree actions.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="meetings")
    kind = models.CharField(max_length=20, choices=MeetingKind, default=MeetingKind.ELT)
    workstream = models.ForeignKey(
        Workstream, null=True, blank=True, on_delete=models.PROTECT, related_name="meetings"
    )
    held_date = models.DateField()
    attendees = models.ManyToManyField(User, related_name="+")
    apologies = models.CharField(max_length=500, blank=True)
    notes = models.TextField(blank=True, max_length=5000)
    # Once closed its minutes stand: no more notes, attendees or actions.
    closed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_date = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="meeting_once_per_day",
                fields=["programme", "kind", "held_date"],
                condition=Q(workstream__isnull=True),
            ),
            models.UniqueConstraint(
                name="workstream_meeting_once_per_day",
                fields=["workstream", "held_date"],
                condition=Q(workstream__isnull=False),
            ),
            models.CheckConstraint(
                name="meeting_of_a_workstream_names_it",
                condition=Q(kind=MeetingKind.WORKSTREAM, workstream__isnull=False)
                | (~Q(kind=MeetingKind.WORKSTREAM) & Q(workstream__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {show_date(self.held_date, DatePrecision.DAY)}"

    def get_absolute_url(self) -> str:
        return reverse("governance:meeting_detail", args=[self.programme.slug, self.pk])

    @property
    def name(self) -> str:
        """What it is a meeting of: "ELT meeting", "WS2 meeting"."""
        return f"{self.workstream.code} meeting" if self.workstream else self.get_kind_display()

    @property
    def is_closed(self) -> bool:
        return self.closed_date is not None

    @property
    def is_elt(self) -> bool:
        return self.kind == MeetingKind.ELT

    def is_ahead(self, *, on: date) -> bool:
        return self.held_date > on

    def state(self, *, on: date) -> str:
        """Where it stands, in a word: "Planned", "Held", "Minutes closed"."""
        if self.is_closed:
            return "Minutes closed"
        return "Planned" if self.is_ahead(on=on) else "Held"


class MeetingActionQuerySet(models.QuerySet["MeetingAction"]):
    def open(self) -> "MeetingActionQuerySet":
        """Those carried over from meeting to meeting until they are done."""
        return self.filter(done_date__isnull=True)

    def carried_into(self, meeting: Meeting) -> "MeetingActionQuerySet":
        """Actions of earlier meetings of the same body that were not done before this one."""
        earlier = Meeting.objects.of_series(meeting).filter(held_date__lt=meeting.held_date)
        not_done = Q(done_date__isnull=True) | Q(done_date__gte=meeting.held_date)
        return self.filter(not_done, meeting__in=earlier)

    def first_due_first(self) -> "MeetingActionQuerySet":
        """Everything one row shows, in one query."""
        people = self.select_related("meeting__programme", "meeting__workstream", "owner")
        return people.order_by("due_date", "pk")


class MeetingAction(models.Model):
    """What somebody agreed at a meeting to do; carried over until it is done."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="actions")
    text = models.CharField(max_length=500)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="meeting_actions")
    due_date = models.DateField()
    done_date = models.DateField(null=True, blank=True)
    done_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = MeetingActionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.text

    @property
    def programme(self) -> Programme:
        return self.meeting.programme

    @property
    def local_owner_id(self) -> int:
        """Its owner, by the name that permissions ask for."""
        return self.owner_id

    @property
    def fingerprint(self) -> str:
        """What was agreed, in short: it changes with the words, the owner and the due date."""
        agreed = f"{self.due_date.isoformat()} {self.owner_id} {self.text}"
        return hashlib.sha256(agreed.encode()).hexdigest()

    def is_overdue(self, *, on: date) -> bool:
        return self.done_date is None and self.due_date < on
