import re
from collections import Counter
from datetime import date

import pytest
from django.urls import reverse

from governance import risks
from governance.heat_map import heat_map
from governance.models import Risk, RiskKind, RiskLevel
from governance.risk_filters import with_defaults
from governance.risk_movement import register_movement, risks_as_at
from reports.models import Snapshot
from tests.factories.governance import RiskFactory
from tests.factories.workstreams import ProgrammeFactory, ProjectFactory, WorkstreamFactory
from workstreams.months import open_month

FROZEN_DAY = date(2016, 2, 29)
LINK = re.compile(r'<td class="qip-heat__cell[^>]*>\s*<a href="\?([^"#]*)#rows"[^>]*>(\d+)<')


def url(query=""):
    return reverse("governance:risk_list", args=["las-2016"]) + query


def shown(response):
    return [risk.number for risk in response.context["risks"]]


@pytest.fixture
def register(risk, executive_lead):
    """R-001 to R-004 and I-005 open, R-006 closed, and R-007 of another programme."""
    project = risk.project
    RiskFactory(project=project, number=2, current_likelihood=5, current_impact=5)
    RiskFactory(
        project=None,
        workstream=WorkstreamFactory(code="WS1", position=1),
        level=RiskLevel.WORKSTREAM,
        number=3,
        current_likelihood=1,
        current_impact=3,
        title="Recruits do not come",
        review_date=date(2016, 3, 1),
        owner=executive_lead,
    )
    RiskFactory(project=project, number=4, current_likelihood=2, current_impact=4)
    RiskFactory(project=project, number=5, kind=RiskKind.ISSUE)
    RiskFactory(project=project, number=6, closed_date=date(2016, 3, 1), closed_because="Delivered")
    elsewhere = WorkstreamFactory(programme=ProgrammeFactory(slug="other-trust"))
    RiskFactory(project=ProjectFactory(workstream=elsewhere), number=7)
    return project


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [2, 1, 4, 3]),
        ("?kind=issue", [5]),
        ("?state=closed", [6]),
        ("?state=all", [2, 1, 6, 4, 3]),
        ("?level=workstream", [3]),
        ("?workstream=WS1", [3]),
        ("?workstream=WS2&band=extreme", [2, 1]),
        ("?band=high", [4]),
        ("?band=moderate", []),
        ("?band=low", [3]),
        ("?overdue=on", [3]),
        ("?likelihood=4&impact=4", [1]),
        ("?text=recruits", [3]),
        ("?text=R-004", [4]),
        ("?text=%00", [2, 1, 4, 3]),
        ("?kind=nonsense", []),
        ("?owner=999999999", []),
        ("?likelihood=9", []),
    ],
)
def test_the_register_is_filtered_by_documented_parameters(
    register, client_of, auditor, query, numbers
):
    response = client_of(auditor).get(url(query))

    assert response.status_code == 200
    assert shown(response) == numbers


def test_the_register_is_filtered_by_owner(register, client_of, auditor, executive_lead):
    assert shown(client_of(auditor).get(url(f"?owner={executive_lead.pk}"))) == [3]


@pytest.mark.parametrize("query", ["", "?state=all&workstream=WS2", "?likelihood=4&impact=4"])
def test_each_number_of_the_heat_map_leads_to_exactly_its_rows(register, client_of, auditor, query):
    client = client_of(auditor)
    page = client.get(url(query))

    cells = LINK.findall(page.content.decode())

    behind = [shown(client.get(url("?" + question.replace("&amp;", "&")))) for question, _ in cells]
    assert [len(numbers) for numbers in behind] == [int(count) for _, count in cells]
    whole = client.get(url(query.replace("likelihood=4&impact=4", "")))
    assert sorted(sum(behind, [])) == sorted(shown(whole))


def test_every_cell_has_its_score_and_band(programme, rf):
    rows = heat_map(Risk.objects.all(), query=with_defaults(rf.get("/").GET))

    cells = [cell for row in rows for cell in row.cells]
    assert [cell.score for cell in rows[0].cells] == [5, 10, 15, 20, 25]
    assert len(cells) == 25
    counted = Counter(cell.band.value for cell in cells)
    assert counted == {"low": 5, "moderate": 7, "high": 7, "extreme": 6}


def test_tabs_and_lead_count_what_is_open(register, client_of, auditor):
    text = " ".join(client_of(auditor).get(url()).content.decode().split())

    assert "Risks (4)" in text
    assert "Issues (1)" in text
    assert "2 risks</a> score 15 or more." in text
    assert "1 review</a> is overdue." in text


def test_movement_is_told_since_the_last_frozen_month(
    register, risk, client_of, pmo_officer, local_owner
):
    month = open_month(risk.programme, date(2016, 2, 1))
    Snapshot.objects.create(
        month=month,
        version=1,
        as_of_date=FROZEN_DAY,
        content="{}",
        sha256="",
        frozen_by=pmo_officer,
        frozen_at="2016-03-07T12:00Z",
    )
    Risk.objects.filter(number=4).update(raised_date=date(2016, 3, 1))
    for version, (likelihood, impact) in enumerate([(5, 4), (3, 4)], start=1):
        risks.review_risk(
            risk_id=risk.pk,
            by=local_owner,
            seen_version=version,
            current_likelihood=likelihood,
            current_impact=impact,
            review_date=date(2016, 4, 30),
        )

    text = " ".join(client_of(local_owner).get(url()).content.decode().split())

    assert "Since 29 February 2016 1 came down and 1 is new." in text.replace("\xa0", " ")
    assert "16 to 12" in text
    assert "New, 8" in text
    assert "down from 16" in text


def test_movement_counts_from_the_end_of_the_day(risk, local_owner):
    programme = risk.programme
    for version, day, likelihood in ((1, date(2016, 2, 29), 5), (2, date(2016, 3, 1), 2)):
        programme.demonstration_date = day
        programme.save()
        risks.review_risk(
            risk_id=risk.pk,
            by=local_owner,
            seen_version=version,
            current_likelihood=likelihood,
            current_impact=4,
            review_date=date(2016, 4, 30),
        )
    risk.refresh_from_db()

    scores = {
        day: register_movement([risk], since=day).by_risk[risk.pk].before
        for day in (date(2016, 2, 28), date(2016, 2, 29), date(2016, 3, 1))
    }

    assert scores == {date(2016, 2, 28): 16, date(2016, 2, 29): 20, date(2016, 3, 1): 8}
    for day, score in scores.items():
        assert [each.current_score for each in risks_as_at(programme, day=day)] == [score]


def test_the_register_of_a_day_holds_what_was_open_then(risk, local_owner, pmo_officer):
    programme = risk.programme
    risks.promote_risk(
        risk_id=risk.pk, by=local_owner, seen_version=1, reason="Beyond us", owner=pmo_officer
    )
    risks.close_risk(risk_id=risk.pk, by=pmo_officer, seen_version=2, reason="Delivered")

    before, after = (
        risks_as_at(programme, day=day) for day in (date(2016, 3, 13), date(2016, 3, 14))
    )

    assert [(each.level, each.owner, each.is_open) for each in before] == [
        (RiskLevel.PROJECT, local_owner, True)
    ]
    assert after == []
    closed = risks_as_at(programme, day=date(2016, 3, 14), since=date(2016, 3, 13))
    assert [each.closed_because for each in closed] == ["Delivered"]
    assert risks_as_at(programme, day=date(2016, 1, 28)) == []


@pytest.mark.parametrize("query", ["", "?kind=issue", "?text=nothing"])
def test_an_empty_register_says_why(programme, client_of, auditor, query):
    assert "qip-empty" in client_of(auditor).get(url(query)).content.decode()


def test_a_wrong_filter_is_said_at_its_field(programme, client_of, auditor):
    text = client_of(auditor).get(url("?band=purple")).content.decode()

    assert '<a href="#id_band">' in text


@pytest.mark.parametrize("rows", [1, 50])
def test_the_register_costs_the_same_queries_however_long_it_is(
    risk, client_of, auditor, pmo_officer, django_assert_num_queries, rows
):
    for number in range(2, rows + 1):
        RiskFactory(project=risk.project, number=number)
    client = client_of(auditor)

    with django_assert_num_queries(16):
        response = client.get(url())

    assert len(response.context["risks"]) == rows
