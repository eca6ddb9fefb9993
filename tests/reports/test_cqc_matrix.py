import re
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from governance.models import CqcState
from reports.cqc import CqcGap
from tests.factories.governance import CqcStepFactory
from tests.factories.metrics import IndicatorFactory, MeasurementFactory, TrajectoryPointFactory
from tests.factories.milestones import EvidenceFactory, MilestoneFactory
from tests.factories.workstreams import CqcActionFactory, ProjectFactory, WorkstreamFactory

URL = reverse("reports:cqc_action_list", args=["las-2016"])


def project_of(workstream, code, *, complete, below=None, evidence=False, withdrawn=False):
    """A project with a milestone, an indicator unless `below` is None, and evidence or not."""
    project = ProjectFactory(workstream=workstream, code=code)
    done = {"status": "complete", "completed_date": date(2016, 3, 1)} if complete else {}
    milestone = MilestoneFactory(project=project, **done)
    if withdrawn:
        MilestoneFactory(project=project, status="withdrawn")
    if below is not None:
        indicator = IndicatorFactory(workstream=workstream)
        indicator.projects.add(project)
        TrajectoryPointFactory(indicator=indicator, value=Decimal(90))
        MeasurementFactory(indicator=indicator, value=Decimal(50 if below else 90))
    if evidence:
        EvidenceFactory(milestone=milestone)
    return project


@pytest.fixture
def actions(workstream, elt_member):
    """Six actions, M1 to M6, and which gaps each has."""
    whole = project_of(workstream, "P1", complete=True, below=False, evidence=True, withdrawn=True)
    projects = {
        "M1": [],
        "M2": [project_of(workstream, "P2", complete=False, evidence=True)],
        "M3": [project_of(workstream, "P3", complete=False, below=False)],
        "M4": [project_of(workstream, "P4", complete=True, below=True, evidence=True)],
        "M5": [project_of(workstream, "P5", complete=False, below=True, evidence=True)],
        "M6": [whole],
    }
    for reference, own in projects.items():
        level = "must" if reference < "M4" else "should"
        action = CqcActionFactory(workstream=workstream, reference=reference, level=level)
        action.projects.set(own)
    for state in (CqcState.CLAIMED, CqcState.SUBMITTED):
        CqcStepFactory(cqc_action=action, state=state, made_by=elt_member)
    other = WorkstreamFactory(code="WS1", position=1)
    CqcActionFactory(workstream=other, reference="M7", text="Recruit paramedics", level="should")
    return projects


def shown(response):
    return [row.action.reference for _, rows in response.context["groups"] for row in rows]


@pytest.mark.parametrize(
    ("query", "references"),
    [
        ("", ["M1", "M2", "M3", "M7", "M4", "M5", "M6"]),
        ("?gap=project", ["M1", "M7"]),
        ("?gap=indicator", ["M1", "M2", "M7"]),
        ("?gap=evidence", ["M1", "M3", "M7"]),
        ("?gap=below", ["M4"]),
        ("?state=submitted", ["M6"]),
        ("?state=claimed", []),
        ("?state=open&level=must", ["M1", "M2", "M3"]),
        ("?workstream=WS1", ["M7"]),
        ("?text=paramedics", ["M7"]),
        ("?text=m4", ["M4"]),
        ("?text=%00", ["M1", "M2", "M3", "M7", "M4", "M5", "M6"]),
        ("?gap=nonsense", []),
        ("?workstream=WS9", []),
    ],
)
def test_the_matrix_is_filtered_by_documented_parameters(
    actions, client_of, auditor, query, references
):
    response = client_of(auditor).get(URL + query)

    assert response.status_code == 200
    assert shown(response) == references


def test_the_matrix_is_narrowed_to_what_one_person_answers_for(
    workstream, client_of, auditor, local_owner, executive_lead
):
    CqcActionFactory(workstream=workstream, reference="M1", local_owner=local_owner)
    CqcActionFactory(workstream=workstream, reference="M2")
    CqcActionFactory(workstream=WorkstreamFactory(code="WS1", position=1), reference="M3")
    client = client_of(auditor)

    assert shown(client.get(f"{URL}?owner={local_owner.pk}")) == ["M1"]
    # As the executive lead of its work stream: nobody else is named.
    assert shown(client.get(f"{URL}?owner={executive_lead.pk}")) == ["M2"]
    assert shown(client.get(f"{URL}?owner={auditor.pk}")) == []


def test_every_gap_is_a_link_whose_number_is_that_of_its_rows(actions, client_of, auditor):
    client = client_of(auditor)
    html = client.get(URL).content.decode()
    tiles = re.findall(r'href="([^"]*\?gap=\w+)">\s*<span class="qip-tile__number">(\d+)', html)

    counted = {url: len(shown(client.get(url))) for url, _ in tiles}

    assert counted == {url: int(number) for url, number in tiles}
    assert list(counted.values()) == [2, 3, 3, 1]
    assert len(tiles) == len(CqcGap)


def test_a_row_follows_its_action_to_projects_milestones_indicators_evidence_and_state(
    actions, client_of, auditor
):
    response = client_of(auditor).get(URL + "?text=M6")

    row = response.context["groups"][0][1][0]
    assert [str(each.project.code) for each in row.projects] == ["P1"]
    assert (row.complete, row.total, row.evidence, row.state) == (1, 1, 1, "submitted")
    html = response.content.decode()
    assert "1 of 1 complete" in html
    assert "1 piece" in html
    assert "Evidence submitted</strong>" in html


def test_the_gaps_of_a_row_stand_in_its_cells(actions, client_of, auditor):
    client = client_of(auditor)

    nothing = client.get(URL + "?text=M1").content.decode()
    below = client.get(URL + "?text=M4").content.decode()

    for gap in ("No project", "No indicator", "No evidence"):
        assert f'<span class="qip-late">{gap}</span>' in nothing
    assert "Below, though all milestones are done" in below


def test_evidence_that_was_removed_is_none(workstream, client_of, auditor, pmo_officer):
    project = project_of(workstream, "P1", complete=True)
    CqcActionFactory(workstream=workstream, reference="M1").projects.add(project)
    EvidenceFactory(
        milestone=project.milestones.get(), removed_by=pmo_officer, removed_date=date(2016, 3, 2)
    )

    assert shown(client_of(auditor).get(URL + "?gap=evidence")) == ["M1"]
