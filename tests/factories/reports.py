import factory
from factory.django import DjangoModelFactory

from reports.models import Audience, Recipient
from reports.rendering import PackKind
from tests.factories.workstreams import ProgrammeFactory


class AudienceFactory(DjangoModelFactory[Audience]):
    """A group outside the trust that gets the progress report."""

    class Meta:
        model = Audience

    programme = factory.SubFactory(ProgrammeFactory)
    code = factory.Sequence(lambda n: f"group-{n}")
    name = "Clinical Quality Review Group"
    kind = PackKind.PROGRESS
    position = factory.Sequence(lambda n: n)


class RecipientFactory(DjangoModelFactory[Recipient]):
    class Meta:
        model = Recipient

    audience = factory.SubFactory(AudienceFactory)
    name = "CQRG"
    email = factory.Sequence(lambda n: f"reader-{n}@cqrg.example")
