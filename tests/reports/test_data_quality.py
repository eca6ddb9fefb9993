from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from metrics.quality import has_trajectory_gap
from metrics.standing import standing
from milestones.models import Evidence, MilestoneStatus
from milestones.quality import Gap, evidence_is_old_from, with_gap
from milestones.services import Position, record_update
from reports.month_page import month_page
from reports.quality import Subject
from reports.snapshots import build_content
from tests.factories.accounts import UserFactory
from tests.factories.metrics import IndicatorFactory, MeasurementFactory, TrajectoryPointFactory
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from workstreams.models import Membership

pytestmark = pytest.mark.django_db
TODAY = date(2016, 3, 14)


def url(programme):
    return reverse("reports:data_quality", args=[programme.slug])


def evidence_of(milestone, day, **fields):
    return Evidence.objects.create(
        milestone=milestone,
        title="Minutes",
        url="https://las.example/minutes",
        added_by=milestone.local_owner,
        added_date=day,
        added_at=datetime(2016, 3, 14, 9, tzinfo=UTC),
        **fields,
    )


def complete(owned, **fields):
    return owned(status=MilestoneStatus.COMPLETE, completed_date=date(2016, 1, 31), **fields)


@pytest.fixture
def gappy(programme, owned, workstream, local_owner):
    """One or more of each gap."""
    owned(planned_date=None, planned_precision="")
    owned(local_owner=None)
    owned(forecast_date=date(2016, 3, 13))
    owned(forecast_date=TODAY)
    owned(status=MilestoneStatus.WITHDRAWN, forecast_date=date(2016, 1, 1))
    complete(owned)
    evidence_of(complete(owned), date(2015, 11, 30))
    evidence_of(complete(owned), date(2015, 12, 1))
    removed = {"removed_by": local_owner, "removed_date": TODAY}
    evidence_of(complete(owned), TODAY, **removed)
    gone = UserFactory(is_active=False)
    Membership.objects.create(programme=programme, user=gone, role="local_owner")
    owned(local_owner=gone)
    hopeful = owned(planned_date=date(2016, 3, 1))
    position = Position(status=MilestoneStatus.IN_PROGRESS, owner_view="on_track")
    record_update(milestone_id=hopeful.pk, by=local_owner, seen_version=1, position=position)
    IndicatorFactory(workstream=workstream, local_owner=None)
    IndicatorFactory(workstream=workstream, local_owner=gone, kind="narrative")
    return programme


def rows_of(context):
    if context.get("page_obj"):
        return context["page_obj"].paginator.count
    return sum(len(standings) for _, standings in context["groups"])


def test_each_count_is_a_list_with_exactly_its_rows(client_of, auditor, gappy):
    client = client_of(auditor)

    checks = client.get(url(gappy)).context["checks"]

    found = {each.code: (each.count, rows_of(client.get(each.url).context)) for each in checks}
    assert {code: number for code, (number, _) in found.items()} == {
        "no_date": 1,
        "no_owner": 1,
        "no_baseline": 6,
        "forecast_past": 1,
        "no_recent_update": 5,
        "view_differs": 1,
        "no_evidence": 2,
        "stale_evidence": 1,
        "inactive_person": 1,
        "indicator_no_owner": 1,
        "not_reported": 2,
        "trajectory_gaps": 1,
        "indicator_inactive_person": 1,
    }
    assert [row for row in found.items() if row[1][0] != row[1][1]] == []


def test_page_month_and_snapshot_ask_the_same_and_count_the_same(client_of, auditor, gappy, march):
    checks = client_of(auditor).get(url(gappy)).context["checks"]

    content = build_content(march, as_of=TODAY, version=1, previous=None)

    frozen = content["data_quality"]
    of_month = month_page(march, today=TODAY)
    assert of_month.checks == checks
    assert of_month.found_checks == [check for check in checks if check.count]
    assert [
        (row["code"], row["label"], row["meaning"], row["count"], row["of"]) for row in frozen
    ] == [(check.code, check.full_label, check.meaning, check.count, check.of) for check in checks]
    assert sum(check.count for check in checks) == 24
    assert [row["count"] for row in frozen] == [len(row["items"]) for row in frozen]


def test_each_list_has_the_very_milestones_that_a_snapshot_names(client_of, auditor, gappy):
    client = client_of(auditor)

    for check in client.get(url(gappy)).context["checks"]:
        if check.subject == Subject.MILESTONES:
            listed = {row.milestone.reference for row in client.get(check.url).context["rows"]}
            assert listed == {finding.reference for finding in check.found}


@pytest.mark.parametrize(
    ("today", "is_linked"), [(date(2016, 3, 14), True), (date(2016, 4, 4), False)]
)
def test_a_month_links_its_counts_only_while_they_are_of_today(
    client_of, auditor, gappy, march, today, is_linked
):
    gappy.demonstration_date = today
    gappy.save()

    html = client_of(auditor).get(march.get_absolute_url()).content.decode()

    assert ("?missing=owner" in html) == is_linked
    assert ("Data quality at 31\xa0March 2016" in html) != is_linked


def test_a_record_without_gaps_says_so(client_of, auditor, programme):
    html = client_of(auditor).get(url(programme)).content.decode()

    assert "Nothing is missing, old or contradictory in the record." in html


@pytest.mark.parametrize(
    ("day", "is_late"),
    [(date(2016, 2, 13), True), (date(2016, 2, 14), False)],
)
def test_an_update_counts_for_thirty_days(programme, owned, local_owner, day, is_late):
    milestone = owned()
    programme.demonstration_date = day
    programme.save()
    position = Position(status=MilestoneStatus.IN_PROGRESS)
    record_update(milestone_id=milestone.pk, by=local_owner, seen_version=1, position=position)

    found = with_gap(
        programme.milestones.all(), Gap.NO_RECENT_UPDATE, programme=programme, on=TODAY
    )

    assert found.exists() == is_late


def test_somebody_without_a_role_is_as_good_as_gone(programme, owned, local_owner):
    milestone = owned()
    rows = programme.milestones.all()
    before = with_gap(rows, Gap.INACTIVE_PERSON, programme=programme, on=TODAY).count()

    Membership.objects.filter(user=local_owner).delete()

    after = with_gap(rows, Gap.INACTIVE_PERSON, programme=programme, on=TODAY)
    assert before == 0
    assert list(after) == [milestone]


def test_evidence_is_old_after_the_months_of_a_recheck(programme):
    programme.recheck_months = 4

    assert evidence_is_old_from(programme, on=TODAY) == date(2015, 11, 1)


@pytest.mark.parametrize(
    ("months", "final", "has_gap"),
    [
        ([], None, True),
        ([1, 2], None, False),
        ([1, 2, 3], None, False),
        ([1, 3], None, True),
        ([1], None, True),  # it ended in January, and February is asked about
        ([1], 90, False),  # it reached the final target
        ([1], 95, True),
    ],
)
def test_a_trajectory_has_a_gap_where_a_month_has_no_target(programme, months, final, has_gap):
    indicator = IndicatorFactory(final_target=final and Decimal(final))
    for month in months:
        TrajectoryPointFactory(indicator=indicator, month=date(2016, month, 1))

    assert has_trajectory_gap(standing(indicator, month=date(2016, 2, 1))) == has_gap


@pytest.mark.parametrize(
    ("fields", "has_gap"),
    [
        ({"kind": "narrative"}, False),
        ({"direction": "neither"}, False),
        ({"direction": "neither", "kind": "yes_no"}, True),
        ({"frequency": "quarterly"}, True),
    ],
)
def test_only_what_is_rated_needs_a_trajectory(programme, fields, has_gap):
    indicator = IndicatorFactory(**fields)

    assert has_trajectory_gap(standing(indicator, month=date(2016, 2, 1))) == has_gap


def test_a_quarterly_trajectory_has_no_gap_between_its_quarters(programme):
    indicator = IndicatorFactory(frequency="quarterly")
    for month in (date(2015, 12, 1), date(2016, 3, 1)):
        TrajectoryPointFactory(indicator=indicator, month=month)

    assert not has_trajectory_gap(standing(indicator, month=date(2016, 2, 1)))


def test_the_page_costs_the_same_queries_for_one_row_and_for_fifty(
    client_of, auditor, milestone, django_assert_num_queries
):
    client, programme, project = client_of(auditor), milestone.programme, milestone.project
    IndicatorFactory(workstream=project.workstream)
    client.get(url(programme))
    with CaptureQueriesContext(connection) as few:
        client.get(url(programme))
    for milestone in BaselinedMilestoneFactory.create_batch(25, project=project):
        evidence_of(milestone, TODAY)
    MilestoneFactory.create_batch(25, project=project)
    for indicator in IndicatorFactory.create_batch(25, workstream=project.workstream):
        TrajectoryPointFactory(indicator=indicator)
        MeasurementFactory(indicator=indicator)

    with django_assert_num_queries(len(few)):
        client.get(url(programme))
