from datetime import date

import pytest
from django.urls import reverse

from tests.factories.governance import RiskFactory
from tests.factories.workstreams import ProgrammeFactory, ProjectFactory, WorkstreamFactory

URL = reverse("reports:my_work", args=["las-2016"])


@pytest.fixture
def project(workstream):
    return ProjectFactory(workstream=workstream)


def test_overdue_reviews_wait_in_my_work_of_their_owner(
    project, owner, client_of, local_owner, executive_lead
):
    late = {"project": project, "owner": local_owner, "review_date": date(2016, 3, 13)}
    RiskFactory(number=1, **late)
    RiskFactory(number=2, **(late | {"review_date": date(2016, 3, 14)}))
    RiskFactory(number=3, **late, closed_date=date(2016, 3, 1), closed_because="Done")
    elsewhere = WorkstreamFactory(programme=ProgrammeFactory(slug="other-trust"))
    RiskFactory(number=4, **(late | {"project": ProjectFactory(workstream=elsewhere)}))

    text = owner.get(URL).content.decode()

    assert reverse("governance:risk_review", args=["las-2016", 1]) in text
    assert "Review R-001 The supplier delivers late" in text
    assert not [label for label in ("R-002", "R-003", "R-004") if label in text]
    assert "R-001" not in client_of(executive_lead).get(URL).content.decode()


def test_my_work_costs_the_same_queries_however_many_reviews_are_owed(
    project, owner, local_owner, django_assert_max_num_queries, django_assert_num_queries
):
    late = {"project": project, "owner": local_owner, "review_date": date(2016, 3, 13)}
    RiskFactory(number=1, **late)
    with django_assert_max_num_queries(40) as one:
        owner.get(URL)
    for number in range(2, 26):
        RiskFactory(number=number, **late)

    with django_assert_num_queries(len(one)):
        text = owner.get(URL).content.decode()

    assert "R-025" in text
