import pytest
from django.urls import reverse

from accounts import audit
from tests.factories.workstreams import ProgrammeFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rows", [1, 50])
def test_the_journal_costs_the_same_queries_however_many_entries_it_has(
    programme, auditor, pmo_officer, client_of, django_assert_num_queries, rows
):
    for number in range(rows):
        audit.record(
            actor=pmo_officer,
            action="change_request.approved",
            target=programme,
            details={"n": number},
        )
    client = client_of(auditor)

    with django_assert_num_queries(12):
        response = client.get(reverse("reports:journal", args=["las-2016"]))

    assert len(response.context["entries"]) == rows
    assert b"Change request approved" in response.content


def test_the_journal_tells_nothing_of_another_programme(programme, auditor, client_of):
    other = ProgrammeFactory(slug="other-trust", name="CANARY")
    audit.record(actor=None, action="month.frozen", target=other)

    response = client_of(auditor).get(reverse("reports:journal", args=["las-2016"]))

    assert b"CANARY" not in response.content
    assert b"Nothing has been recorded yet" in response.content
