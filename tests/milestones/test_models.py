from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from milestones.models import (
    Dependency,
    DueWindow,
    Milestone,
    MilestoneStatus,
    MissingFact,
)
from milestones.rating import WORST_FIRST, DeliveryRating, count_ratings
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from tests.factories.workstreams import EnablerFactory, ProjectFactory, WorkstreamFactory

TODAY = date(2016, 3, 14)
near_today = st.integers(-70, 70).map(lambda days: TODAY + timedelta(days=days))


@st.composite
def milestone_dates(draw):
    completed = draw(st.none() | near_today)
    withdrawn = completed is None and draw(st.booleans())
    return {
        "planned_date": draw(st.none() | near_today),
        "forecast_date": draw(st.none() | near_today),
        "completed_date": completed,
        "status": status_for(completed, withdrawn),
    }


def status_for(completed, withdrawn=False):
    if withdrawn:
        return MilestoneStatus.WITHDRAWN
    return MilestoneStatus.COMPLETE if completed else MilestoneStatus.IN_PROGRESS


@pytest.fixture
def project(workstream):
    return ProjectFactory(workstream=workstream)


def make(project, rows):
    fresh = [
        Milestone(
            programme=project.workstream.programme,
            project=project,
            reference=f"M{number}",
            position=number,
            **row,
        )
        for number, row in enumerate(rows)
    ]
    return Milestone.objects.bulk_create(fresh)


@given(rows=st.lists(milestone_dates(), min_size=1, max_size=12), tolerance=st.integers(0, 40))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_database_rates_lists_and_orders_as_the_pure_rules_do(project, rows, tolerance):
    Milestone.objects.all().delete()
    project.workstream.programme.tolerance_days = tolerance
    made = make(project, rows)
    expected = {row.pk: row.rating(as_of=TODAY) for row in made}
    rules = {"as_of": TODAY, "tolerance_days": tolerance}

    found = {
        pk: rating
        for rating in DeliveryRating
        for pk in Milestone.objects.rated(rating, **rules).values_list("pk", flat=True)
    }
    late = [row.days_late(as_of=TODAY) for row in Milestone.objects.latest_first(as_of=TODAY)]
    order = [expected[row.pk] for row in Milestone.objects.worst_first(as_of=TODAY)]

    assert found == expected
    assert Milestone.objects.count_by_rating(**rules) == count_ratings(expected.values())
    known = [days for days in late if days is not None]
    assert late == sorted(known, reverse=True) + [None] * (len(late) - len(known))
    places = [*WORST_FIRST, DeliveryRating.WITHDRAWN]
    assert order == sorted(order, key=places.index)


def test_a_count_takes_one_query_and_leaves_withdrawn_ones_out(project, django_assert_num_queries):
    other = ProjectFactory(
        workstream=WorkstreamFactory(programme=project.programme, code="WS5", position=5),
        code="WS5-P1",
    )
    MilestoneFactory(project=project, planned_date=date(2016, 2, 1))
    MilestoneFactory(project=project, planned_date=None, planned_precision="")
    MilestoneFactory(project=other, planned_date=TODAY)
    MilestoneFactory(project=other, status=MilestoneStatus.WITHDRAWN)
    MilestoneFactory(
        project=None, enabler=EnablerFactory(), programme=project.programme, planned_date=TODAY
    )
    rules = {"as_of": TODAY, "tolerance_days": 28}

    with django_assert_num_queries(1):
        overall = Milestone.objects.count_by_rating(**rules)

    assert overall == count_ratings(["at_risk", "no_date", "on_track", "on_track"])


def test_nothing_counted_gives_a_zero_for_each_rating(db):
    counts = Milestone.objects.count_by_rating(as_of=TODAY, tolerance_days=28)

    assert counts == count_ratings([])


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (DueWindow.OVERDUE, ["yesterday", "month-start"]),
        (DueWindow.NEXT_30_DAYS, ["today", "in-30", "month-end"]),
        (DueWindow.NEXT_90_DAYS, ["today", "in-30", "in-31", "in-90", "month-end"]),
        (DueWindow.THIS_MONTH, ["yesterday", "today", "month-start", "month-end"]),
    ],
)
def test_a_due_window_holds_its_first_and_last_day_and_open_milestones_only(
    project, window, expected
):
    days = {
        "month-before": date(2016, 2, 29),
        "month-start": date(2016, 3, 1),
        "yesterday": date(2016, 3, 13),
        "today": TODAY,
        "month-end": date(2016, 3, 31),
        "in-30": date(2016, 4, 13),
        "in-31": date(2016, 4, 14),
        "in-90": date(2016, 6, 12),
        "in-91": date(2016, 6, 13),
    }
    for reference, day in days.items():
        MilestoneFactory(project=project, reference=reference, planned_date=day)
    done = {"status": MilestoneStatus.COMPLETE, "completed_date": date(2016, 3, 1)}
    MilestoneFactory(project=project, reference="done", planned_date=TODAY, **done)
    MilestoneFactory(project=project, planned_date=None, planned_precision="")

    found = set(Milestone.objects.due_in(window, on=TODAY).values_list("reference", flat=True))

    before_this_month = {"month-before"} if window == DueWindow.OVERDUE else set()
    assert found == set(expected) | before_this_month


def test_due_between_counts_the_done_ones_too_but_not_the_withdrawn(project):
    done = {"status": MilestoneStatus.COMPLETE, "completed_date": date(2016, 3, 1)}
    MilestoneFactory(project=project, reference="done", planned_date=TODAY, **done)
    MilestoneFactory(project=project, planned_date=TODAY, status=MilestoneStatus.WITHDRAWN)

    due = Milestone.objects.due_between(TODAY, TODAY)

    assert [milestone.reference for milestone in due] == ["done"]


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (MissingFact.DATE, {"undated"}),
        (MissingFact.OWNER, {"ownerless"}),
        (MissingFact.BASELINE, {"undated", "ownerless"}),
    ],
)
def test_missing_finds_the_open_milestones_without_that_fact(project, fact, expected):
    nothing = {"planned_date": None, "planned_precision": "", "local_owner": None}
    done = {"status": MilestoneStatus.COMPLETE, "completed_date": date(2016, 3, 1)}
    BaselinedMilestoneFactory(project=project)
    MilestoneFactory(project=project, reference="undated", planned_date=None)
    MilestoneFactory(project=project, reference="ownerless", local_owner=None)
    MilestoneFactory(project=project, **nothing, status=MilestoneStatus.WITHDRAWN)
    MilestoneFactory(project=project, **nothing, **done)

    found = Milestone.objects.missing(fact).values_list("reference", flat=True)

    assert set(found) == expected


def test_a_baseline_needs_two_people_and_a_date(project):
    with pytest.raises(IntegrityError, match="milestone_baselined_has_people_and_date"):
        BaselinedMilestoneFactory(project=project, local_owner=None)


def test_a_completed_date_goes_with_the_status_complete_and_with_no_other(project):
    with (
        pytest.raises(IntegrityError, match="milestone_completed_date_iff_complete"),
        transaction.atomic(),
    ):
        MilestoneFactory(project=project, completed_date=TODAY)
    with pytest.raises(IntegrityError, match="milestone_completed_date_iff_complete"):
        MilestoneFactory(project=project, status=MilestoneStatus.COMPLETE)


def test_a_milestone_belongs_to_a_project_or_to_an_enabler(project):
    with pytest.raises(IntegrityError, match="milestone_of_project_or_enabler"):
        MilestoneFactory(project=project, enabler=EnablerFactory())


def test_a_milestone_does_not_wait_for_itself(project):
    milestone = MilestoneFactory(project=project)

    with pytest.raises(IntegrityError, match="dependency_not_on_itself"):
        Dependency.objects.create(predecessor=milestone, successor=milestone)


def test_what_a_baseline_lacks_is_named_in_words(project):
    milestone = MilestoneFactory(project=project, lead_director=None, planned_date=None)

    assert milestone.missing_for_baseline == ["a lead director", "a planned date"]


def test_only_a_demonstration_has_illustrative_dates(project):
    stated = MilestoneFactory(project=project, stated_date=date(2016, 4, 30))
    made_up = MilestoneFactory(project=project, stated_date=None)

    assert not stated.has_illustrative_date
    assert made_up.has_illustrative_date
    made_up.programme.demonstration_date = None
    assert not made_up.has_illustrative_date


def test_a_link_reads_the_same_from_both_of_its_ends(project):
    before, after = MilestoneFactory.create_batch(2, project=project)
    Dependency.objects.create(predecessor=before, successor=after)

    assert list(after.predecessors.all()) == [before]
    assert list(before.successors.all()) == [after]
    assert not before.predecessors.exists()
