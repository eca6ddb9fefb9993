import shutil
from datetime import date

import pytest

from reports.mail import SMTP_BACKEND
from reports.models import Audience, Recipient
from reports.rendering import PackKind
from tests.factories.metrics import IndicatorFactory
from tests.factories.milestones import MilestoneFactory
from tests.factories.workstreams import CqcActionFactory, ProjectFactory
from tests.processes import Browser, Redis
from tests.reports.editors import Editor, Editors
from tests.smtp_sink import Sink, running
from workstreams.models import Project, Role
from workstreams.months import open_month


@pytest.fixture
def audiences(programme, external_reader):
    """An inside audience and an outside one, each with a recipient."""
    elt = Audience.objects.create(
        programme=programme,
        code="elt",
        name="Executive Leadership Team",
        kind=PackKind.DECISIONS,
        is_external=False,
        position=1,
    )
    cqrg = Audience.objects.create(
        programme=programme,
        code="cqrg",
        name="Clinical Quality Review Group",
        kind=PackKind.PROGRESS,
        position=2,
    )
    Recipient.objects.create(audience=elt, name="ELT", email="elt@las.example")
    Recipient.objects.create(
        audience=cqrg, name="CQRG", email="cqrg@las.example", user=external_reader
    )
    return [elt, cqrg]


@pytest.fixture
def twenty_recipients(audiences):
    """Nineteen more recipients of the outside audience."""
    for number in range(19):
        email = f"reader-{number}@cqrg.example"
        Recipient.objects.create(audience=audiences[1], name=f"Reader {number}", email=email)


@pytest.fixture
def milestone(workstream, executive_lead, local_owner):
    """Datix Web, planned for April 2016, with its people."""
    project = Project.objects.create(
        workstream=workstream, code="WS2-P3", name="Improve incident reporting", position=3
    )
    return MilestoneFactory(
        project=project,
        reference="WS2-P3-03",
        lead_director=executive_lead,
        local_owner=local_owner,
        planned_date=date(2016, 4, 30),
    )


@pytest.fixture
def march(programme):
    return open_month(programme, date(2016, 3, 1))


@pytest.fixture
def owned(workstream, executive_lead, local_owner):
    """Make a milestone of WS2 that the local owner owns, planned for April 2016."""

    def make(**fields):
        project = ProjectFactory(workstream=workstream)
        people = {"lead_director": executive_lead, "local_owner": local_owner}
        return MilestoneFactory(project=project, **(people | fields))

    return make


@pytest.fixture
def indicator(workstream, local_owner):
    return IndicatorFactory(workstream=workstream, local_owner=local_owner, reference="WS2-I1")


@pytest.fixture
def owner(client_of, local_owner):
    return client_of(local_owner)


@pytest.fixture
def action(milestone, local_owner):
    """WS2-M1 of the CQC, which the milestone's project answers."""
    workstream = milestone.project.workstream
    action = CqcActionFactory(workstream=workstream, reference="WS2-M1", local_owner=local_owner)
    action.projects.add(milestone.project)
    return action


@pytest.fixture
def live_programme(programme, milestone):
    """The programme, following the clock that it is given."""
    programme.demonstration_date = None
    programme.save(update_fields=["demonstration_date"])
    return programme


@pytest.fixture
def mail_server(settings):
    """A mail server that takes 10 ms for each message, to which the tracker sends."""
    sink = Sink(delay=0.01)
    with running(sink) as port:
        settings.EMAIL_BACKEND = SMTP_BACKEND
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_TIMEOUT = 10
        yield sink


@pytest.fixture
def tell(capsys):
    """Print a row of a table in docs/reliability.md."""

    def print_row(*cells):
        with capsys.disabled():
            print(f"\n| {' | '.join(str(cell) for cell in cells)} |")  # noqa: T201

    return print_row


@pytest.fixture
def redis(tmp_path):
    """A Redis of the test's own that is not started yet."""
    if not shutil.which("redis-server"):
        pytest.skip("There is no redis-server on this machine (Debian: apt-get install redis).")
    redis = Redis(tmp_path)
    yield redis
    redis.kill()


@pytest.fixture
def editors(workstream, executive_lead, member, client_of):
    """Eight owners with a milestone each, signed in at the server of a port."""
    project = ProjectFactory(workstream=workstream)
    owners = [member(Role.LOCAL_OWNER) for _ in range(8)]
    milestones = [
        MilestoneFactory(project=project, local_owner=owner, lead_director=executive_lead)
        for owner in owners
    ]

    def at(port):
        return Editors(
            [
                Editor(Browser(client_of(owner), port), milestone)
                for owner, milestone in zip(owners, milestones, strict=True)
            ]
        )

    return at
