from datetime import UTC, date, datetime

import factory
from factory.django import DjangoModelFactory

from governance.models import (
    Change,
    ChangeKind,
    ChangeRequest,
    ChangeRequestState,
    CqcState,
    CqcStep,
    ExceptionReport,
    ExceptionState,
    Meeting,
    MeetingAction,
    RemedialAction,
    Risk,
)
from tests.factories.accounts import UserFactory
from tests.factories.milestones import BaselinedMilestoneFactory
from tests.factories.workstreams import CqcActionFactory, ProgrammeFactory, ProjectFactory


class ExceptionReportFactory(DjangoModelFactory[ExceptionReport]):
    """An open exception on a milestone, its report due on 21 March 2016."""

    class Meta:
        model = ExceptionReport

    milestone = factory.SubFactory(BaselinedMilestoneFactory)
    programme = factory.LazyAttribute(
        lambda report: (report.milestone or report.indicator).programme
    )
    number = factory.Sequence(lambda n: n + 1)
    trigger = "Forecast 4 June 2016 is 35 days after the planned date, 30 April 2016."
    opened_date = date(2016, 3, 14)
    report_due_date = date(2016, 3, 21)


class SubmittedReportFactory(ExceptionReportFactory):
    """An exception whose report is complete and waits for the ELT."""

    state = ExceptionState.SUBMITTED
    cause = "The supplier’s test environment was late."
    consequence = "Staff go on reporting on paper."
    delivery_impact = "One CQC action finishes a month later."
    recovery_date = date(2016, 6, 4)
    submitted_by = factory.SelfAttribute("milestone.local_owner")
    submitted_date = date(2016, 3, 14)


class RemedialActionFactory(DjangoModelFactory[RemedialAction]):
    class Meta:
        model = RemedialAction

    exception = factory.SubFactory(ExceptionReportFactory)
    text = "Train 6 team leaders"
    owner = factory.SubFactory(UserFactory)
    due_date = date(2016, 4, 15)


def subject_of(request):
    return request.milestone or request.indicator or request.project


class ChangeRequestFactory(DjangoModelFactory[ChangeRequest]):
    """A checked request to move the planned date from 30 April to 10 June 2016.

    ``changes`` are others to ask for, as keywords of a change.
    """

    class Meta:
        model = ChangeRequest
        skip_postgeneration_save = True

    milestone = factory.SubFactory(BaselinedMilestoneFactory)
    indicator = None
    project = None
    programme = factory.LazyAttribute(lambda request: subject_of(request).programme)
    number = factory.Sequence(lambda n: n + 1)
    state = ChangeRequestState.CHECKED
    reason = "The supplier delivers six weeks late."
    delivery_impact = "Incident reports stay on paper until June."
    raised_by = factory.LazyAttribute(lambda request: subject_of(request).local_owner)
    raised_date = date(2016, 3, 14)
    endorsed_by = factory.SubFactory(UserFactory)
    endorsed_date = date(2016, 3, 14)
    checked_by = factory.SubFactory(UserFactory)
    checked_date = date(2016, 3, 14)

    @factory.post_generation
    def changes(self, create, extracted, **kwargs):
        for change in extracted or [new_date(self.milestone)]:
            Change.objects.create(request=self, is_applied=self.state == "approved", **change)


def new_date(milestone, day="2016-06-10"):
    """The change that moves a milestone's planned date to a day."""
    planned = {
        "date": milestone.planned_date.isoformat(),
        "precision": milestone.planned_precision,
    }
    return {
        "kind": ChangeKind.PLANNED_DATE,
        "old_value": planned,
        "new_value": {"date": day, "precision": "day"},
    }


class RiskFactory(DjangoModelFactory[Risk]):
    """An open risk of a project, likely and major: 16, extreme; to be reviewed on 31 March 2016."""

    class Meta:
        model = Risk

    project = factory.SubFactory(ProjectFactory)
    workstream = factory.LazyAttribute(lambda risk: risk.project and risk.project.workstream)
    programme = factory.SelfAttribute("workstream.programme")
    number = factory.Sequence(lambda n: n + 1)
    title = "The supplier delivers late"
    inherent_likelihood = 4
    inherent_impact = 5
    current_likelihood = 4
    current_impact = 4
    target_likelihood = 2
    target_impact = 4
    owner = factory.SubFactory(UserFactory)
    review_date = date(2016, 3, 31)
    raised_by = factory.SelfAttribute("owner")
    raised_date = date(2016, 1, 29)


class MeetingFactory(DjangoModelFactory[Meeting]):
    """An ELT meeting of today, 14 March 2016, with whoever is given as attendees."""

    class Meta:
        model = Meeting
        skip_postgeneration_save = True

    programme = factory.SubFactory(ProgrammeFactory)
    held_date = date(2016, 3, 14)

    @factory.post_generation
    def attendees(self, create, people, **kwargs):
        if people:
            self.attendees.set(people)


class MeetingActionFactory(DjangoModelFactory[MeetingAction]):
    class Meta:
        model = MeetingAction

    meeting = factory.SubFactory(MeetingFactory)
    text = "Bring the workforce plan"
    owner = factory.SubFactory(UserFactory)
    due_date = date(2016, 4, 1)


class CqcStepFactory(DjangoModelFactory[CqcStep]):
    """The owner's word that a CQC action is complete, given on 14 March 2016."""

    class Meta:
        model = CqcStep

    cqc_action = factory.SubFactory(CqcActionFactory)
    number = factory.LazyAttribute(lambda step: step.cqc_action.steps.count() + 1)
    state = CqcState.CLAIMED
    made_by = factory.SubFactory(UserFactory)
    made_date = date(2016, 3, 14)
    made_at = datetime(2016, 3, 14, 9, 0, tzinfo=UTC)
