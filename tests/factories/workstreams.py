from datetime import date

import factory
from factory.django import DjangoModelFactory

from tests.factories.accounts import UserFactory
from workstreams.models import (
    CqcAction,
    CqcLevel,
    Enabler,
    Membership,
    PartnerCommitment,
    Programme,
    Project,
    ReportingMonth,
    Role,
    Workstream,
)


class ProgrammeFactory(DjangoModelFactory[Programme]):
    class Meta:
        model = Programme
        django_get_or_create = ("slug",)

    slug = "las-2016"
    name = "Quality improvement plan"
    organisation = "London Ambulance Service NHS Trust"
    start_date = date(2015, 6, 1)
    demonstration_date = date(2016, 3, 14)


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    programme = factory.SubFactory(ProgrammeFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.PMO_OFFICER


class WorkstreamFactory(DjangoModelFactory[Workstream]):
    class Meta:
        model = Workstream
        django_get_or_create = ("programme", "code")

    programme = factory.SubFactory(ProgrammeFactory)
    code = "WS2"
    name = "Achieving good governance"
    executive_role = "Director of Corporate Affairs"
    position = 2


class ProjectFactory(DjangoModelFactory[Project]):
    class Meta:
        model = Project
        django_get_or_create = ("workstream", "code")

    workstream = factory.SubFactory(WorkstreamFactory)
    code = "WS2-P3"
    name = "Improve incident reporting"
    position = 3


class CqcActionFactory(DjangoModelFactory[CqcAction]):
    class Meta:
        model = CqcAction

    workstream = factory.SubFactory(WorkstreamFactory)
    programme = factory.SelfAttribute("workstream.programme")
    reference = factory.Sequence(lambda n: f"WS2-S{n}")
    level = CqcLevel.SHOULD
    text = "Raise the quality of incident data"
    position = factory.Sequence(lambda n: n)


class EnablerFactory(DjangoModelFactory[Enabler]):
    class Meta:
        model = Enabler

    programme = factory.SubFactory(ProgrammeFactory)
    code = factory.Sequence(lambda n: f"E{n}")
    name = "Staff engagement"
    position = factory.Sequence(lambda n: n)


class PartnerCommitmentFactory(DjangoModelFactory[PartnerCommitment]):
    class Meta:
        model = PartnerCommitment

    programme = factory.SubFactory(ProgrammeFactory)
    partner = "Health Education England"
    text = "Support the leadership arm of the Academy"
    position = factory.Sequence(lambda n: n + 1)


class ReportingMonthFactory(DjangoModelFactory[ReportingMonth]):
    class Meta:
        model = ReportingMonth
        django_get_or_create = ("programme", "month")

    programme = factory.SubFactory(ProgrammeFactory)
    month = date(2016, 3, 1)
