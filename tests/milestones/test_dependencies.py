from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AuditEntry
from milestones.dependencies import (
    add_dependency,
    conflicts,
    late_waits_of,
    loop_closed_by,
    remove_dependency,
    waiting_for,
    waits_of,
)
from milestones.models import Dependency, Milestone, MilestoneStatus
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from tests.factories.workstreams import ProgrammeFactory, ProjectFactory, WorkstreamFactory

TODAY = date(2016, 3, 14)


@pytest.fixture
def chain(workstream, local_owner):
    """Three milestones of two projects, none of which waits for another yet."""
    first = ProjectFactory(workstream=workstream, code="WS2-P1", position=1)
    second = ProjectFactory(workstream=workstream, code="WS2-P2", position=2)
    return [
        MilestoneFactory(project=project, reference=reference, local_owner=local_owner)
        for project, reference in [
            (first, "WS2-P1-01"),
            (second, "WS2-P2-03"),
            (second, "WS2-P2-04"),
        ]
    ]


def link(successor, predecessor, by):
    return add_dependency(
        successor_id=successor.pk, predecessor_reference=predecessor.reference, by=by
    )


def refusal_of(successor, reference, by) -> str:
    with pytest.raises(ValidationError) as refusal:
        add_dependency(successor_id=successor.pk, predecessor_reference=reference, by=by)
    return refusal.value.message_dict["predecessor"][0]


def test_a_milestone_waits_for_one_of_another_project_and_the_journal_says_so(chain, pmo_officer):
    dependency = add_dependency(
        successor_id=chain[0].pk, predecessor_reference=" ws2-p2-03 ", by=pmo_officer
    )

    assert (dependency.predecessor, dependency.successor) == (chain[1], chain[0])
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.details) == (
        "milestone.dependency_added",
        {"waits_for": "WS2-P2-03"},
    )
    chain[0].refresh_from_db()
    assert chain[0].version == 1


def test_the_pmo_links_a_milestone_after_its_baseline_too(chain, pmo_officer):
    baselined = BaselinedMilestoneFactory(project=chain[0].project)

    link(baselined, chain[1], pmo_officer)

    assert list(baselined.predecessors.all()) == [chain[1]]


def test_a_link_is_removed_and_the_journal_keeps_it(chain, pmo_officer):
    dependency = link(chain[0], chain[1], pmo_officer)

    remove_dependency(dependency_id=dependency.pk, by=pmo_officer)

    assert not Dependency.objects.exists()
    assert AuditEntry.objects.order_by("pk").last().action == "milestone.dependency_removed"


def test_nobody_but_the_pmo_adds_or_removes_a_link(
    chain, pmo_officer, executive_lead, local_owner, elt_member, auditor
):
    dependency = link(chain[0], chain[1], pmo_officer)

    for person in (executive_lead, local_owner, elt_member, auditor):
        with pytest.raises(PermissionDenied, match="Only the PMO"):
            link(chain[1], chain[2], person)
        with pytest.raises(PermissionDenied, match="Only the PMO"):
            remove_dependency(dependency_id=dependency.pk, by=person)

    assert Dependency.objects.get() == dependency


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("WS9-P9-99", "This programme has no milestone WS9-P9-99"),
        ("CANARY-1", "This programme has no milestone CANARY-1"),
        ("WS2\x00", "This programme has no milestone WS2\x00"),
        ("ws2-p1-01", "WS2-P1-01 cannot wait for itself"),
        ("WS2-P2-03", "WS2-P1-01 waits for WS2-P2-03 already"),
        ("GONE", "GONE was withdrawn, so nothing waits for it"),
    ],
)
def test_a_wrong_reference_is_refused_with_what_is_wrong(chain, pmo_officer, reference, message):
    link(chain[0], chain[1], pmo_officer)
    MilestoneFactory(project=chain[0].project, reference="GONE", status=MilestoneStatus.WITHDRAWN)
    other = WorkstreamFactory(programme=ProgrammeFactory(slug="other-trust", name="Other"))
    MilestoneFactory(project=ProjectFactory(workstream=other), reference="CANARY-1")

    said = refusal_of(chain[0], reference, pmo_officer)

    assert said == message
    assert Dependency.objects.count() == 1


def test_a_loop_of_two_is_refused_by_its_name(chain, pmo_officer):
    link(chain[1], chain[0], pmo_officer)

    said = refusal_of(chain[0], "WS2-P2-03", pmo_officer)

    assert said.endswith("in a loop: WS2-P1-01 -> WS2-P2-03 -> WS2-P1-01")
    assert Dependency.objects.count() == 1


def test_a_longer_loop_names_everyone_in_the_order_in_which_they_wait(chain, pmo_officer):
    link(chain[0], chain[1], pmo_officer)
    link(chain[1], chain[2], pmo_officer)

    said = refusal_of(chain[2], "WS2-P1-01", pmo_officer)

    assert said.endswith("WS2-P2-04 -> WS2-P1-01 -> WS2-P2-03 -> WS2-P2-04")


def test_two_ways_to_the_same_milestone_are_no_loop(chain, pmo_officer):
    link(chain[0], chain[1], pmo_officer)
    link(chain[1], chain[2], pmo_officer)

    link(chain[0], chain[2], pmo_officer)

    assert Dependency.objects.count() == 3


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=15),
    st.tuples(st.integers(0, 5), st.integers(0, 5)),
)
def test_a_loop_is_found_exactly_when_there_is_one_and_each_step_of_it_is_a_link(links, new):
    predecessor, successor = new
    before = {successor}
    for _ in range(6):
        before |= {after for first, after in links if first in before}

    loop = loop_closed_by(new, links)

    assert bool(loop) == (predecessor in before)
    if loop:
        assert loop[:2] == [successor, predecessor]
        assert loop[-1] == successor
        steps = zip(loop[1:], loop, strict=False)
        assert all(step in {*links, new} for step in steps)


@pytest.mark.django_db(transaction=True)
def test_of_links_that_make_a_loop_together_and_are_added_at_once_one_is_refused(
    programme, workstream, pmo_officer
):
    project = ProjectFactory(workstream=workstream)
    ring = MilestoneFactory.create_batch(8, project=project)

    results = at_once(lambda n: link(ring[n], ring[(n + 1) % 8], pmo_officer), threads=8)

    refused = [result for result in results if isinstance(result, ValidationError)]
    assert len(refused) == 1
    assert Dependency.objects.count() == 7


def at_once(act: Callable[[int], object], *, threads: int) -> list[object]:
    gun = Barrier(threads)

    def run(number: int) -> object:
        try:
            gun.wait(timeout=10)
            return act(number)
        except ValidationError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


@pytest.mark.parametrize(
    ("before", "after", "days"),
    [
        # Planned for the day on which it is needed: not late. The day after: one day.
        ({"planned_date": date(2016, 5, 31)}, {"planned_date": date(2016, 5, 31)}, 0),
        ({"planned_date": date(2016, 6, 1)}, {"planned_date": date(2016, 5, 31)}, 1),
        # The forecast counts before the planned date, both ways.
        (
            {"planned_date": date(2016, 5, 1), "forecast_date": date(2016, 6, 12)},
            {"planned_date": date(2016, 5, 31)},
            12,
        ),
        (
            {"planned_date": date(2016, 6, 12), "forecast_date": date(2016, 5, 1)},
            {"planned_date": date(2016, 5, 31)},
            0,
        ),
        # A planned start is earlier than the planned date, so it counts.
        (
            {"planned_date": date(2016, 5, 20)},
            {"planned_date": date(2016, 5, 31), "planned_start_date": date(2016, 5, 10)},
            10,
        ),
        # A completed one counts with the day on which it was done.
        (
            {
                "planned_date": date(2016, 6, 1),
                "status": "complete",
                "completed_date": date(2016, 3, 10),
            },
            {"planned_date": date(2016, 3, 7)},
            3,
        ),
        (
            {
                "planned_date": date(2016, 6, 1),
                "status": "complete",
                "completed_date": date(2016, 3, 7),
            },
            {"planned_date": date(2016, 3, 7)},
            0,
        ),
        # Overdue and still open: not before today, whatever its date says.
        ({"planned_date": date(2016, 2, 1)}, {"planned_date": date(2016, 3, 4)}, 10),
        # Nothing to compare, or nothing that still waits.
        ({"planned_date": None}, {"planned_date": date(2016, 5, 31)}, 0),
        ({"planned_date": date(2016, 6, 1)}, {"planned_date": None}, 0),
        (
            {"planned_date": date(2016, 6, 1), "status": "withdrawn"},
            {"planned_date": date(2016, 5, 1)},
            0,
        ),
        (
            {"planned_date": date(2016, 6, 1)},
            {
                "planned_date": date(2016, 3, 1),
                "status": "complete",
                "completed_date": date(2016, 3, 1),
            },
            0,
        ),
    ],
)
def test_a_successor_is_held_up_from_the_day_after_it_needs_its_predecessor(
    chain, before, after, days
):
    Milestone.objects.filter(pk=chain[0].pk).update(**before)
    Milestone.objects.filter(pk=chain[1].pk).update(**after)
    Dependency.objects.create(predecessor=chain[0], successor=chain[1])

    (wait,) = waits_of(chain[1], as_of=TODAY)
    listed = conflicts(chain[0].programme, as_of=TODAY)

    assert wait.days_too_late == days
    assert bool(wait.text) == bool(days)
    assert [each.days_too_late for each in listed] == ([days] if days else [])
    assert [each.dependency for each in waiting_for(chain[0], as_of=TODAY)] == [wait.dependency]


def test_the_mark_names_the_predecessor_and_the_days(chain):
    Milestone.objects.filter(pk=chain[0].pk).update(forecast_date=date(2016, 5, 12))
    Dependency.objects.create(predecessor=chain[0], successor=chain[1])

    held = late_waits_of(chain, as_of=TODAY)

    assert held.keys() == {chain[1].pk}
    assert held[chain[1].pk][0].text == "waits for WS2-P1-01, 12 days too late"


def test_the_worst_comes_first(chain):
    Milestone.objects.filter(pk=chain[0].pk).update(forecast_date=date(2016, 5, 1))
    Milestone.objects.filter(pk=chain[1].pk).update(forecast_date=date(2016, 5, 12))
    for predecessor in chain[:2]:
        Dependency.objects.create(predecessor=predecessor, successor=chain[2])

    found = conflicts(chain[0].programme, as_of=TODAY)

    assert [wait.late_text for wait in found] == ["12 days too late", "1 day too late"]
