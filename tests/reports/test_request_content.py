"""What a snapshot keeps of a change request, and how a pack shows it."""

from datetime import date

import pypdfium2
import pytest

from governance.models import ChangeKind
from reports.rendering import render_pack
from reports.snapshots.governance import change_requests_content
from tests.factories.governance import ChangeRequestFactory, RemedialActionFactory, new_date
from tests.factories.milestones import BaselinedMilestoneFactory
from tests.reports import snapshot_sample as sample
from workstreams.months import open_month

WITHDRAWAL = {"kind": ChangeKind.WITHDRAWAL, "old_value": "in_plan", "new_value": "withdrawn"}


@pytest.fixture
def several(workstream):
    milestone = BaselinedMilestoneFactory(project__workstream=workstream)
    scope = {"kind": ChangeKind.SCOPE, "old_value": "", "new_value": "Two sites first"}
    request = ChangeRequestFactory(
        milestone=milestone, number=4, changes=[new_date(milestone), scope]
    )
    action = RemedialActionFactory(exception=None, change_request=request)
    return {"request": request, "action": action}


def test_a_snapshot_keeps_every_change_and_the_requests_own_actions(programme, several):
    content = change_requests_content(open_month(programme, date(2016, 3, 1)), since=None)

    kept = content["awaiting"][0]
    assert kept["asks"] == "Move the planned date to 10 Jun 2016, with 1 more change"
    assert [tuple(change.values()) for change in kept["changes"]] == [
        ("Planned date", "Apr 2016", "10 Jun 2016", "41 days later"),
        ("Scope", "", "Two sites first", ""),
    ]
    assert kept["remedial_actions"] == [
        {
            "text": "Train 6 team leaders",
            "owner": str(several["action"].owner),
            "due": "15 Apr 2016",
            "done": "",
        }
    ]


@pytest.mark.parametrize("rows", [1, 10])
def test_the_requests_of_a_snapshot_cost_the_same_queries_however_many_there_are(
    workstream, programme, django_assert_num_queries, rows
):
    month = open_month(programme, date(2016, 3, 1))
    for number in range(1, rows + 1):
        milestone = BaselinedMilestoneFactory(project__workstream=workstream)
        ChangeRequestFactory(milestone=milestone, number=number, changes=[WITHDRAWAL])

    with django_assert_num_queries(5):
        change_requests_content(month, since=None)


def test_a_pack_shows_what_is_asked_for_each_change_and_the_actions(programme, several):
    snapshot = sample.snapshot()
    content = change_requests_content(open_month(programme, date(2016, 3, 1)), since=None)
    snapshot["change_requests"]["awaiting"] = content["awaiting"]

    pdf = render_pack(
        snapshot=snapshot,
        audience=sample.audience("decisions"),
        number=sample.NUMBER,
        sha256=sample.SHA256,
    )

    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]
    text = " ".join(" ".join(pages).split())
    for shown in [
        "Move the planned date to 10 Jun 2016, with 1 more change",
        "Two sites first",
        "Train 6 team leaders",
        "due 15 Apr 2016",
    ]:
        assert shown in text
