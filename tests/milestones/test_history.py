import ast
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from milestones.assurance import give_assurance
from milestones.evidence import add_link
from milestones.evidence import remove as remove_evidence
from milestones.figures import Standing
from milestones.models import (
    AssuranceOutcome,
    Evidence,
    Milestone,
    MilestoneStatus,
    SubTask,
    UpdateChannel,
)
from milestones.services import (
    PlanText,
    Position,
    edit_plan,
    move_planned_date,
    record_update,
    set_baseline,
)
from milestones.writing import Act, write
from tests.factories.workstreams import ProjectFactory
from tests.milestones.answers import url

ROOT = Path(__file__).parents[2]
APPS = ("accounts", "workstreams", "milestones", "metrics", "governance", "reports")
IN_PROGRESS = MilestoneStatus.IN_PROGRESS


def today(milestone, day):
    milestone.programme.demonstration_date = day
    milestone.programme.save()


def stored(milestone):
    return Milestone.objects.with_people().get(pk=milestone.pk)


def history(milestone):
    now = stored(milestone)
    return Standing(now, now.programme.today()).history


def told(milestone):
    """Each entry's title and its lines, the newest first."""
    return [(entry.title, list(entry.lines)) for entry in history(milestone).entries]


def update(milestone, by, **position):
    return record_update(
        milestone_id=milestone.pk,
        by=by,
        seen_version=stored(milestone).version,
        position=Position(**{"status": IN_PROGRESS} | position),
    )


def test_one_act_is_one_entry_with_every_field_it_changed(milestone, local_owner):
    update(milestone, local_owner, forecast_date=date(2016, 5, 3), narrative="On its way.")
    today(milestone, date(2016, 3, 20))

    update(
        milestone,
        local_owner,
        status=MilestoneStatus.NOT_STARTED,
        forecast_date=date(2016, 7, 5),
        owner_view="delayed",
        narrative="Supplier late.",
    )

    newest, first = history(milestone).entries
    assert newest.title == "Update for March 2016"
    assert list(newest.lines) == [
        "Status from In progress to Not started",
        "Forecast from 3 May 2016 to 5 Jul 2016, 63 days later",
        "Owner’s view: Delayed",
    ]
    assert (newest.note, newest.who, newest.channel) == (
        "Supplier late.",
        "WS2 local owner",
        "Page",
    )
    assert (newest.day, first.day) == (date(2016, 3, 20), date(2016, 3, 14))
    assert list(first.lines) == ["Forecast set to 3 May 2016"]


def test_an_update_that_changes_nothing_says_where_it_stands(milestone, local_owner):
    update(milestone, local_owner, forecast_date=date(2016, 5, 3))

    update(milestone, local_owner, forecast_date=date(2016, 5, 3), narrative="As before.")

    newest = history(milestone).entries[0]
    assert list(newest.lines) == ["In progress, forecast 3 May 2016"]
    assert newest.note == "As before."


def test_the_plan_its_baseline_and_its_moves_are_told(milestone, pmo_officer, member):
    director = member("executive_lead", full_name="Medical Director")
    plan = PlanText(
        title="Datix Web in use",
        lead_director=director,
        local_owner=None,
        planned_date=date(2016, 5, 10),
        planned_precision="month",
    )
    old_lead = str(milestone.lead_director)
    edit_plan(milestone_id=milestone.pk, by=pmo_officer, seen_version=1, plan=plan)
    write(
        stored(milestone),
        seen_version=2,
        fields={"local_owner": director},
        act=Act(by=pmo_officer, channel=UpdateChannel.BULK, reason="The owner left."),
    )
    set_baseline(milestone_id=milestone.pk, by=pmo_officer)
    move_planned_date(
        milestone_id=milestone.pk,
        to=date(2016, 6, 30),
        precision="month",
        change_request_number=7,
        by=pmo_officer,
    )

    entries = history(milestone).entries

    assert told(milestone) == [
        (
            "Planned date moved to Jun 2016, plan version 2",
            ["Planned date from May 2016 to Jun 2016, 30 days later"],
        ),
        ("Baseline set to May 2016, plan version 1", []),
        ("Plan edited", ["Local owner set to Medical Director"]),
        (
            "Plan edited",
            [
                "Title from Datix Web launched to Datix Web in use",
                "Planned date from Apr 2016 to May 2016, 31 days later",
                f"Lead director from {old_lead} to Medical Director",
                "Local owner removed; it was WS2 local owner",
            ],
        ),
    ]
    assert [entry.change_request_number for entry in entries] == [7, None, None, None]
    assert (entries[2].channel, entries[2].reason) == ("Bulk change", "The owner left.")


def test_a_date_known_less_exactly_is_a_change_too(milestone):
    write(milestone, seen_version=1, fields={"planned_precision": "day"}, act=Act(by=None))

    assert told(milestone) == [("Changed", ["Planned date from Apr 2016 to 30 Apr 2016"])]


def test_what_the_plan_file_corrected_is_told_as_its_own(milestone, workstream):
    fields = {
        "project_id": ProjectFactory(workstream=workstream, code="WS2-P9", name="Forms").pk,
        "quantity": Decimal("12.5"),
        "position": 9,
    }
    act = Act(by=None, channel=UpdateChannel.IMPORT)
    write(milestone, seen_version=1, fields=fields, act=act)
    write(milestone, seen_version=2, fields={"position": 10}, act=act)

    (entry,) = history(milestone).entries

    assert (entry.title, entry.who, entry.channel) == ("Plan file loaded", "", "Import")
    assert entry.lines[0].endswith(f"to {stored(milestone).project}")
    assert entry.lines[1] == "Quantity set to 12.5"


def test_evidence_assurance_sub_tasks_and_reopenings_are_told(
    milestone, local_owner, pmo_officer, auditor
):
    today(milestone, date(2016, 3, 10))
    link = {"title": "Launch notice", "url": "https://las.example/datix"}
    evidence = add_link(milestone_id=milestone.pk, by=local_owner, **link)
    SubTask.objects.create(
        milestone=milestone, title="Agree the form", position=1, done_date=date(2016, 3, 1)
    )
    today(milestone, date(2016, 3, 14))
    done = {"status": MilestoneStatus.COMPLETE, "completed_date": date(2016, 3, 12)}
    update(milestone, local_owner, **done)
    give_assurance(
        milestone_id=milestone.pk,
        by=pmo_officer,
        seen_version=2,
        outcome=AssuranceOutcome.RETURNED,
        comment="The notice is a draft.",
    )
    update(milestone, local_owner, **done)
    update(milestone, local_owner)
    remove_evidence(evidence_id=evidence.pk, by=local_owner)

    entries = history(milestone).entries

    assert [entry.title for entry in entries] == [
        "Update for March 2016, opened again",
        "Update for March 2016",
        "Completion returned",
        "Update for March 2016",
        "Evidence removed: Launch notice",
        "Evidence added: Launch notice",
        "Sub-task done: Agree the form",
    ]
    returned = entries[2]
    assert (returned.note, returned.reason) == ("The notice is a draft.", "")
    assert list(returned.lines) == [
        "Status from Complete to In progress",
        "Completed date removed; it was 12 Mar 2016",
    ]


def test_the_page_links_the_change_request_and_names_the_channel(
    client_of, milestone, pmo_officer, auditor
):
    set_baseline(milestone_id=milestone.pk, by=pmo_officer)
    move_planned_date(
        milestone_id=milestone.pk,
        to=date(2016, 5, 31),
        precision="month",
        change_request_number=7,
        by=pmo_officer,
    )

    page = client_of(auditor).get(url("milestone_detail", milestone)).content.decode()

    timeline = page[page.index('class="qip-timeline"') :]
    assert '<a href="/las-2016/change-requests/7/">change request 7</a>' in timeline
    assert "PMO officer, page" in timeline


def test_a_narrative_shows_its_markup_as_text(client_of, milestone, local_owner):
    update(milestone, local_owner, narrative="<script>alert(1)</script>")

    page = client_of(local_owner).get(url("milestone_detail", milestone)).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(("acts", "folded"), [(20, 0), (25, 5)])
def test_what_is_older_than_twenty_entries_is_folded_away(
    client_of, milestone, local_owner, acts, folded
):
    for number in range(acts):
        update(milestone, local_owner, narrative=f"Note {number}.")

    page = client_of(local_owner).get(url("milestone_detail", milestone)).content.decode()

    shown = history(milestone)
    assert (len(shown.newest), len(shown.older)) == (20, folded)
    assert (f"{folded} earlier" in page) == bool(folded)
    assert "Note 0." in page


@pytest.mark.parametrize("acts", [1, 25])
def test_a_long_history_costs_no_more_queries(
    milestone, local_owner, pmo_officer, django_assert_num_queries, acts
):
    for number in range(acts):
        owner = local_owner if number % 2 else pmo_officer
        write(
            stored(milestone),
            seen_version=stored(milestone).version,
            fields={"local_owner": owner, "forecast_date": date(2016, 5, 1 + number)},
            act=Act(by=pmo_officer),
        )
        Evidence.objects.create(
            milestone=milestone,
            title="Link",
            url="https://las.example/",
            added_by=owner,
            added_date=date(2016, 3, 14),
            added_at=timezone.now(),
        )
    now = stored(milestone)

    # updates, changes, names, plan versions, assurances, evidence, sub-tasks
    with django_assert_num_queries(7):
        entries = Standing(now, date(2016, 3, 14)).history.entries

    assert len(entries) == 2 * acts


def writes_past_the_record(source):
    """Give the calls that change stored milestones without ``milestones.writing``."""
    names = {"Milestone", "milestone", "milestones"}
    changing = {"update", "bulk_update", "update_or_create", "save"}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            chain = list(receivers(node.func.value))
            if node.func.attr in changing and names & set(chain[:1] + chain[-1:]):
                yield ast.unparse(node)


def receivers(node):
    """Give the names in a chain of calls, the last one first: ``a.b.filter().c`` is c, b, a."""
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            if node.attr not in {"filter", "exclude", "all", "objects", "order_by", "open"}:
                yield node.attr
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return
    yield node.id


def test_nothing_changes_a_milestone_past_its_record():
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    allowed = {ROOT / "milestones" / "writing.py"}

    found = {
        f"{path.relative_to(ROOT)}: {call}"
        for path in files
        if "migrations" not in path.parts and path not in allowed
        for call in writes_past_the_record(path.read_text())
    }

    assert found == set()


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("Milestone.objects.filter(pk=1).update(title='')", True),
        ("Milestone.objects.update(title='')", True),
        ("milestones.filter(local_owner=None).update(x=1)", True),
        ("self.programme.milestones.open().update(x=1)", True),
        ("milestone.save()", True),
        ("report.milestone.save(update_fields=['title'])", True),
        ("Milestone.objects.bulk_update(rows, ['title'])", True),
        ("waiting[milestone.reference].update(x)", False),
        ("MilestoneUpdate.objects.update(x=1)", False),
        ("evidence.save()", False),
    ],
)
def test_the_check_sees_the_ways_past_the_record(source, seen):
    assert bool(list(writes_past_the_record(source))) == seen
