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


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        ([], "nothing"),
        (0, "0"),
        (False, "no"),
        ([3, 4], "3, 4"),
        ([["Train", "7", "2016-04-15"], ["Buy", "8", "2016-05-01"]],
         "Train, 7, 2016-04-15; Buy, 8, 2016-05-01"),
        ({"from": {"date": "2016-04-30", "precision": "month"}, "to": ""},
         "date 2016-04-30, precision month to nothing"),
    ],
)  # fmt: skip
def test_a_value_is_read_in_words(value, words):
    assert audit.in_words(value) == words


def test_a_changed_field_is_shown_from_what_to_what(programme, pmo_officer, auditor, client_of):
    changes = {"planned_date": ("2016-04-30", "2016-06-10")}
    audit.record(actor=pmo_officer, action="test.act", target=programme, changes=changes)

    page = client_of(auditor).get(reverse("reports:journal", args=["las-2016"])).content.decode()

    assert "<b>Planned date:</b> 2016-04-30 → 2016-06-10" in page
