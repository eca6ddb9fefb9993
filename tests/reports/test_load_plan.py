from collections import Counter
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, User
from metrics.models import Indicator, IndicatorKind, Measurement, TrajectoryPoint
from metrics.rating import Direction
from milestones.models import Dependency, Milestone, MilestoneStatus
from reports.plan_loading import load_plan
from workstreams.models import (
    CqcAction,
    Enabler,
    GovernanceGroup,
    Improvement,
    PartnerCommitment,
    Programme,
    Project,
    Workstream,
)
from workstreams.planfile import DIRECTIONS, KINDS, STATUSES, read_plan
from workstreams.planfile_nodes import PlanFileInvalid

LAS = Path(__file__).parents[2] / "plans" / "las-2016.yaml"

SMALL = """\
programme:
  slug: small-2016
  name: Small plan
  organisation: Small trust
  plan_month: 2016-01
  office: Programme office
  lead_role: Director of Plans
work_streams:
  - code: WS1
    name: First theme
    executive_role: Director of Firsts
projects:
  - code: WS1-P1
    work_stream: WS1
    name: First project
    local_owner_email: owner@small.example
milestones:
  - reference: WS1-P1-01
    project: WS1-P1
    title: First step
    status: not started
    date: 2016-04
    local_owner_email: owner@small.example
  - reference: WS1-P1-02
    project: WS1-P1
    title: Second step
    status: not started
    depends_on: [WS1-P1-01]
indicators:
  - reference: WS1-I1
    work_stream: WS1
    name: Steps taken
    kind: number
    direction: up
    latest: {value: 3, month: 2016-01}
    target: {value: 10}
"""


@pytest.fixture
def owner(db):
    return User.objects.create_user("owner@small.example", full_name="Local owner")


@pytest.fixture
def las(db):
    load_plan(plan=read_plan(LAS), by=None, dry_run=False)
    return Programme.objects.get(slug="las-2016")


@pytest.fixture
def small(owner, tmp_path):
    """Gives a function that loads the small plan with some of its text replaced."""

    def load(*replacements, dry_run=False, by=None):
        text = SMALL
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "small.yaml"
        path.write_text(text)
        return load_plan(plan=read_plan(path), by=by, dry_run=dry_run)

    return load


def test_the_words_of_the_plan_file_are_the_codes_of_the_models():
    assert set(STATUSES) == set(MilestoneStatus.values) - {"withdrawn"}
    assert tuple(IndicatorKind.values) == KINDS
    assert tuple(Direction.values) == DIRECTIONS


def test_the_plan_has_its_five_work_streams_with_executive_leads(las):
    found = Workstream.objects.in_order().values_list(
        "code", "executive_lead_name", "executive_role"
    )

    assert list(found) == [
        ("WS1", "Paul Beal", "Director of Human Resources"),
        ("WS2", "Sandra Adams", "Director of Corporate Affairs"),
        ("WS3", "Zoë Packman", "Director of Nursing"),
        ("WS4", "Andrew Grimshaw", "Director of Finance and Performance"),
        ("WS5", "Fenella Wrigley", "Interim Medical Director"),
    ]


def test_the_plan_has_25_projects_with_aims_in_its_order(las):
    found = Project.objects.order_by("position")

    assert Counter(project.code[:3] for project in found) == {
        "WS1": 7, "WS2": 6, "WS3": 3, "WS4": 5, "WS5": 4,
    }  # fmt: skip
    assert [project.code for project in found][:2] == ["WS1-P1", "WS1-P2"]
    assert all(project.aim and project.source_lines for project in found)


def test_the_plan_has_9_must_dos_under_5_headings_and_34_should_dos(las):
    musts = CqcAction.objects.filter(level="must")

    assert musts.count() == 9
    assert len({action.heading or action.reference for action in musts}) == 5
    assert CqcAction.objects.filter(level="should").count() == 34
    assert not CqcAction.objects.filter(reference="WS5-M1").exists()
    assert not CqcAction.objects.filter(projects__isnull=True).exists()


def test_the_plan_has_42_indicators_of_38_bullets_and_invents_no_target(las):
    found = Indicator.objects.all()

    assert found.count() == 42
    assert len({indicator.bullet for indicator in found}) == 38
    assert {indicator.reference for indicator in found if indicator.final_target is not None} == {
        "WS1-I2", "WS2-I1", "WS2-I4", "WS4-I7", "WS4-I11",
    }  # fmt: skip
    inferred = found.filter(is_target_inferred=True).values_list("reference", flat=True)
    assert set(inferred) == {"WS2-I1", "WS2-I4", "WS4-I7"}
    assert not TrajectoryPoint.objects.exists()


def test_the_plan_has_five_stated_values_and_one_pair_of_them_is_assumed(las):
    found = Measurement.objects.order_by("indicator__reference", "month")

    assert [(row.indicator.reference, row.month, row.value) for row in found] == [
        ("WS1-I1a", date(2015, 4, 1), Decimal("15.1")),
        ("WS1-I1a", date(2015, 12, 1), Decimal("12.6")),
        ("WS1-I1b", date(2014, 12, 1), Decimal("6.9")),
        ("WS1-I1b", date(2015, 12, 1), Decimal("6.5")),
        ("WS4-I11", date(2016, 1, 1), Decimal(84)),
    ]
    assert [bool(row.text) for row in found] == [False, False, True, True, False]
    assert all(row.is_from_plan for row in found)


def test_the_plan_has_132_milestones_of_projects_and_six_of_enablers(las):
    of_projects = Milestone.objects.filter(project__isnull=False)
    done = of_projects.filter(status=MilestoneStatus.COMPLETE)
    still_open = of_projects.open()

    assert of_projects.count() == 132
    assert done.count() == 42
    # 24 without any date in the plan, and one that the plan gives a financial year for.
    assert done.filter(completed_precision="by", completed_date=date(2016, 1, 31)).count() == 25
    assert still_open.filter(planned_date__isnull=False).count() == 11
    assert still_open.filter(planned_date__isnull=True).count() == 79
    assert Milestone.objects.filter(enabler__isnull=False).count() == 6


def test_no_milestone_gets_an_owner_or_a_baseline_from_the_plan(las):
    found = Milestone.objects.all()

    assert not found.filter(local_owner__isnull=False).exists()
    assert not found.filter(baseline_date__isnull=False).exists()
    assert not found.filter(lead_role="").exists()
    assert not found.filter(source_lines="").exists()


def test_a_month_a_quarter_and_a_financial_year_are_stored_as_their_last_day(las):
    dates = {each.reference: each for each in Milestone.objects.all()}

    assert dates["WS2-P3-03"].planned_date == date(2016, 4, 30)
    assert dates["WS2-P3-03"].planned_text == "Apr 2016"
    assert dates["WS2-P4-02"].completed_date == date(2015, 12, 31)
    assert dates["WS2-P4-02"].completed_precision == "quarter"
    assert dates["WS1-P7-02"].planned_date == date(2017, 3, 31)
    assert dates["WS2-P1-07"].planned_precision == "day"


def test_the_plan_has_its_enablers_groups_commitments_and_improvements(las):
    assert Enabler.objects.count() == 5
    assert GovernanceGroup.objects.count() == 10
    assert PartnerCommitment.objects.count() == 7
    assert Improvement.objects.count() == 51
    assert set(Dependency.objects.values_list("successor__reference", flat=True)) == {
        "WS4-P4-04", "WS3-P2-02", "WS3-P2-04", "WS5-P2-01",
    }  # fmt: skip
    assert las.cqc["domains"]["Well-led"] == "Inadequate"
    assert len(las.cqc["inspections"]) == 6
    assert len(las.other_figures) == 8


def test_a_second_load_changes_no_row_and_leaves_no_trace_in_the_journal(las):
    entries = AuditEntry.objects.count()

    with CaptureQueriesContext(connection) as queries:
        result = load_plan(plan=read_plan(LAS), by=None, dry_run=False)

    assert (result.created, result.updated, result.kept) == ({}, {}, ())
    assert result.unchanged["milestones"] == 138
    writes = [
        row["sql"] for row in queries if row["sql"].startswith(("UPDATE", "INSERT", "DELETE"))
    ]
    assert writes == []
    assert AuditEntry.objects.count() == entries


def test_a_load_is_one_entry_in_the_journal_with_its_counts(small, owner):
    small(by=owner)

    entry = AuditEntry.objects.get(action="plan.loaded")
    assert entry.actor == owner
    assert entry.programme == "small-2016"
    assert entry.details["created"]["milestones"] == 2


def test_a_changed_file_updates_only_what_differs(small):
    small()

    result = small(("title: First step", "title: First stride"))

    assert (result.created, result.updated) == ({}, {"milestones": 1})
    assert Milestone.objects.get(reference="WS1-P1-01").title == "First stride"


def test_nothing_is_deleted_when_an_item_leaves_the_file(small):
    small()

    small(("  - reference: WS1-P1-02", "  - reference: WS1-P1-03"))

    references = Milestone.objects.order_by("reference").values_list("reference", flat=True)
    assert list(references) == ["WS1-P1-01", "WS1-P1-02", "WS1-P1-03"]


def test_a_baselined_milestone_is_kept_and_named(small, owner):
    small()
    Milestone.objects.filter(reference="WS1-P1-01").update(
        baseline_date=date(2016, 4, 30), lead_director=owner
    )

    result = small(("date: 2016-04", "date: 2016-05"), ("title: First", "title: Other"))

    assert result.kept == ("WS1-P1-01",)
    assert result.updated == {}
    assert Milestone.objects.get(reference="WS1-P1-01").planned_date == date(2016, 4, 30)


def test_a_milestone_that_its_owner_has_updated_is_kept(small):
    small()
    Milestone.objects.filter(reference="WS1-P1-02").update(
        status=MilestoneStatus.COMPLETE, completed_date=date(2016, 2, 1), version=2
    )

    result = small()

    assert result.kept == ("WS1-P1-02",)
    assert Milestone.objects.get(reference="WS1-P1-02").status == MilestoneStatus.COMPLETE


def test_people_chosen_in_the_product_stay_when_the_file_names_others(small, owner):
    small()
    other = User.objects.create_user("other@small.example", full_name="Other owner")
    Project.objects.update(local_owner=other)

    result = small()

    assert result.updated == {}
    assert Project.objects.get().local_owner == other


def test_an_agreed_target_is_kept_once_the_indicator_has_a_trajectory(small):
    small()
    indicator = Indicator.objects.get()
    TrajectoryPoint.objects.create(indicator=indicator, month=date(2016, 4, 1), value=5)

    result = small(("target: {value: 10}", "target: {value: 12}"))

    assert result.kept == ("WS1-I1 target",)
    assert Indicator.objects.get().final_target == 10


def test_a_value_corrected_in_the_file_keeps_the_old_one_beside_it(small):
    small()

    small(("{value: 3, month", "{value: 4, month"))

    values = Measurement.objects.order_by("pk")
    assert [(row.value, row.replaced_at is None) for row in values] == [(3, False), (4, True)]


def test_a_value_entered_by_a_person_is_kept(small, owner):
    small()
    Measurement.objects.update(value=7, is_from_plan=False, recorded_by=owner)

    result = small()

    assert result.kept == ("WS1-I1 value of 2016-01",)
    assert Measurement.objects.get().value == 7


def test_a_dry_run_tells_the_same_and_writes_nothing(small):
    told = small(dry_run=True)

    assert not Programme.objects.exists()
    assert not AuditEntry.objects.exists()
    assert told == small()


def test_people_who_are_no_users_are_all_named_with_their_lines_and_nothing_is_written(
    small, owner
):
    with pytest.raises(PlanFileInvalid) as caught:
        small(("owner@small.example", "nobody@small.example"))

    assert [(each.line, each.field) for each in caught.value.errors] == [
        (16, "projects[0].local_owner_email"),
        (23, "milestones[0].local_owner_email"),
    ]
    assert 'Nobody signs in with "nobody@small.example".' in str(caught.value)
    assert not Programme.objects.exists()


def test_a_milestone_cannot_be_complete_on_a_day_to_come(small):
    with pytest.raises(PlanFileInvalid) as caught:
        small(("status: not started\n    date: 2016-04", "status: complete\n    date: 2098-04"))

    assert [(each.line, each.field) for each in caught.value.errors] == [(22, "milestones[0].date")]
    assert not Programme.objects.exists()


def test_the_command_prints_the_counts(db):
    out = StringIO()

    call_command("load_plan", str(LAS), stdout=out)

    assert "loaded." in out.getvalue()
    assert "milestones: 138 created" in out.getvalue()


def test_the_check_of_the_command_writes_nothing(db):
    out = StringIO()

    call_command("load_plan", str(LAS), "--check", stdout=out)

    assert "CQC actions: 43 to create" in out.getvalue()
    assert not Programme.objects.exists()


def test_the_command_lists_every_fault_with_file_and_line_and_writes_nothing(db, tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text(SMALL.replace("2016-04", "31 Feb 2016").replace("WS1-P1-02", "ws1-p1-01"))

    with pytest.raises(CommandError) as caught:
        call_command("load_plan", str(path))

    told = str(caught.value).splitlines()
    assert told[0] == (
        f'{path}:22: milestones[0].date: "31 Feb 2016" is not a date. Write it as 2016-02-29.'
    )
    assert told[1].startswith(f"{path}:24: milestones[1]")
    assert told[-1].endswith("nothing was written.")
    assert caught.value.returncode == 1
    assert not Programme.objects.exists()


def test_the_command_says_in_one_sentence_that_a_file_is_not_there(db):
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("load_plan", "plans/nowhere.yaml")
