"""The pages of a milestone and an indicator lead back to the risks that name them."""

from datetime import date

import pytest
from django.urls import reverse

from tests.factories.governance import RiskFactory

HEADING = 'id="risks">Risks and issues'


@pytest.fixture(params=["milestone", "indicator"])
def subject(request):
    return request.getfixturevalue(request.param)


def linked(subject, **fields):
    risk = RiskFactory(workstream=subject.workstream, project=None, level="workstream", **fields)
    getattr(risk, f"{subject._meta.model_name}s").add(subject)
    return risk


def test_open_risks_and_issues_are_listed_with_their_band_worst_first(subject, client_of, auditor):
    low = {"current_likelihood": 1, "current_impact": 2}
    linked(subject, number=1, **low)
    linked(subject, number=2, kind="issue", review_date=date(2016, 3, 13))
    linked(subject, number=3, closed_date=date(2016, 3, 1), closed_because="Done")
    RiskFactory(workstream=subject.workstream, project=None, level="workstream", number=4)

    page = client_of(auditor).get(subject.get_absolute_url()).content.decode()

    panel = page.partition(HEADING)[2].partition("</section>")[0]
    shown = [
        reverse("governance:risk_detail", args=["las-2016", number])
        for number in range(1, 5)
        if reverse("governance:risk_detail", args=["las-2016", number]) in page
    ]
    assert [address.split("/")[-2] for address in shown] == ["1", "2"]
    assert panel.index("I-002 The supplier delivers late") < panel.index("R-001 The supplier")
    assert "Extreme" in panel
    assert "Low" in panel
    assert "review overdue since" in panel


def test_without_any_there_is_no_panel(subject, client_of, auditor, external_reader):
    RiskFactory(workstream=subject.workstream, project=None, level="workstream", number=1)

    assert HEADING not in client_of(auditor).get(subject.get_absolute_url()).content.decode()
    # Who sees no risk sees neither page.
    for address in (subject.get_absolute_url(), reverse("governance:risk_list", args=["las-2016"])):
        assert client_of(external_reader).get(address).status_code == 404


def test_an_earlier_day_of_a_milestone_shows_no_risk_of_today(milestone, client_of, auditor):
    linked(milestone, number=1)

    page = client_of(auditor).get(milestone.get_absolute_url() + "?as-at=2016-03-13")

    assert HEADING not in page.content.decode()


def test_it_costs_the_same_queries_however_many_there_are(
    subject, client_of, auditor, django_assert_max_num_queries, django_assert_num_queries
):
    client, address = client_of(auditor), subject.get_absolute_url()
    linked(subject, number=1)
    client.get(address)
    with django_assert_max_num_queries(100) as one:
        client.get(address)
    for number in range(2, 26):
        linked(subject, number=number)

    with django_assert_num_queries(len(one)):
        text = client.get(address).content.decode()

    assert "R-025" in text
