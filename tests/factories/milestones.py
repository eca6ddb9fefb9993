from datetime import UTC, date, datetime

import factory
from factory.django import DjangoModelFactory

from milestones.models import Evidence, Milestone, MilestoneStatus
from tests.factories.accounts import UserFactory
from tests.factories.workstreams import ProjectFactory
from workstreams.dates import DatePrecision


class MilestoneFactory(DjangoModelFactory[Milestone]):
    """An open milestone with people and a planned date, not baselined."""

    class Meta:
        model = Milestone

    project = factory.SubFactory(ProjectFactory)
    programme = factory.SelfAttribute("project.workstream.programme")
    reference = factory.Sequence(lambda n: f"WS2-P3-{n:03}")
    title = "Datix Web launched"
    lead_director = factory.SubFactory(UserFactory)
    local_owner = factory.SubFactory(UserFactory)
    status = MilestoneStatus.IN_PROGRESS
    planned_date = date(2016, 4, 30)
    planned_precision = DatePrecision.MONTH
    position = factory.Sequence(lambda n: n)


class BaselinedMilestoneFactory(MilestoneFactory):
    """A milestone whose planned date is its baseline; ``set_baseline`` writes version 1."""

    baseline_date = factory.SelfAttribute("planned_date")
    baseline_precision = factory.SelfAttribute("planned_precision")


class EvidenceFactory(DjangoModelFactory[Evidence]):
    """A link that shows that a milestone was done."""

    class Meta:
        model = Evidence

    milestone = factory.SubFactory(MilestoneFactory)
    title = "Minutes of the board"
    url = "https://las.example/minutes"
    added_by = factory.SubFactory(UserFactory)
    added_date = date(2016, 3, 1)
    added_at = datetime(2016, 3, 1, 9, 0, tzinfo=UTC)
