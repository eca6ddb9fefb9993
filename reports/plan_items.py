"""Loads what a plan is judged by: milestones, indicators and the figures it states."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from metrics.models import Indicator, Measurement, TrajectoryPoint, TrajectoryVersion
from milestones.models import Dependency, FieldChange, Milestone, UpdateChannel
from milestones.writing import Act, write
from reports.plan_structure import Structure, person_id
from reports.plan_tally import Tally
from workstreams.models import Programme
from workstreams.plan import Plan, PlanIndicator, PlanMilestone, PlanValue

ASSUMED = "The plan names no month; this one is assumed."


def load_milestones(
    plan: Plan,
    programme: Programme,
    structure: Structure,
    people: Mapping[str, User],
    tally: Tally,
) -> None:
    """Load milestones and the links between them; leave those alone that people have changed."""
    rows = Milestone.objects.select_for_update().filter(programme=programme)
    present = {row.reference: row for row in rows}
    taken_over = _taken_over(programme, present.values())
    found = {}
    positions: Counter[str] = Counter()
    for item in plan.milestones:
        # Counted within its project, so that one more milestone moves only its neighbours.
        positions[item.project or item.enabler] += 1
        row = present.get(item.reference)
        blank = Milestone(programme=programme, reference=item.reference)
        values = _milestone_values(item, plan, structure)
        if row and item.reference in taken_over:
            tally.keep("milestones", row, item.reference, values)
            found[item.reference] = row
            continue
        known = row or blank
        values |= {
            "position": positions[item.project or item.enabler],
            "lead_director_id": person_id(known.lead_director_id, item.lead_director, people),
            "local_owner_id": person_id(known.local_owner_id, item.local_owner, people),
        }
        if row:
            row.programme = programme
        found[item.reference] = tally.put("milestones", row, blank, values, write=_record)
    _load_dependencies(plan, programme, found, taken_over, tally)


def _record(milestone: Milestone, values: Mapping[str, Any]) -> None:
    """Write what the file says of a milestone; nobody made the change but the file."""
    act = Act(by=None, channel=UpdateChannel.IMPORT)
    write(milestone, seen_version=milestone.version, fields=values, act=act)


def _taken_over(programme: Programme, milestones: Iterable[Milestone]) -> set[str]:
    """Give the references of those that people have taken over: the file no longer decides there.

    Every change counts the version up, the baseline too; changes of the file itself and of jobs
    are on record with nobody's name.
    """
    mechanical = (
        FieldChange.objects.filter(milestone__programme=programme, made_by=None)
        .values("milestone")
        .annotate(versions=Count("version", distinct=True))
    )
    versions = {row["milestone"]: row["versions"] for row in mechanical}
    return {
        milestone.reference
        for milestone in milestones
        if milestone.is_baselined or milestone.version - 1 > versions.get(milestone.pk, 0)
    }


def _milestone_values(item: PlanMilestone, plan: Plan, structure: Structure) -> dict[str, Any]:
    project = structure.projects[item.project] if item.project else None
    enabler = structure.enablers[item.enabler] if item.enabler else None
    planned = None if item.is_complete else item.date
    completed = item.date if item.is_complete else None
    if project:
        # The plan names a lead for each work stream and for the programme, and no other.
        lead_role = structure.workstreams[_workstream_of(plan, item.project)].executive_role
    else:
        lead_role = plan.programme.lead_role
    return {
        "project_id": project.pk if project else None,
        "enabler_id": enabler.pk if enabler else None,
        "title": item.title,
        "note": item.note,
        "quantity": item.quantity,
        "unit": item.unit,
        "lead_role": item.lead_role or lead_role,
        "status": item.status,
        "stated_date": planned,
        "planned_date": planned,
        "planned_precision": item.precision if planned else "",
        "completed_date": completed,
        "completed_precision": item.precision if completed else "",
        "source_lines": item.source_lines,
    }


def _workstream_of(plan: Plan, code: str) -> str:
    return next(project.workstream for project in plan.projects if project.code == code)


def _load_dependencies(
    plan: Plan,
    programme: Programme,
    found: Mapping[str, Milestone],
    taken_over: Collection[str],
    tally: Tally,
) -> None:
    rows = Dependency.objects.filter(successor__programme=programme)
    present = {(row.predecessor_id, row.successor_id): row for row in rows}
    for item in plan.milestones:
        successor = found[item.reference]
        for reference in dict.fromkeys(item.depends_on):
            predecessor = found[reference]
            row = present.get((predecessor.pk, successor.pk))
            if row is None and item.reference in taken_over:
                tally.kept.append(f"{item.reference} depends on {reference}")
                continue
            tally.put(
                "dependencies", row, Dependency(predecessor=predecessor, successor=successor), {}
            )


def load_indicators(
    plan: Plan,
    programme: Programme,
    structure: Structure,
    people: Mapping[str, User],
    tally: Tally,
) -> None:
    """Load indicators with the values that the plan states. An agreed target stays."""
    rows = Indicator.objects.select_for_update().filter(programme=programme)
    present = {row.reference: row for row in rows}
    points = TrajectoryPoint.objects.filter(indicator__programme=programme)
    versions = TrajectoryVersion.objects.filter(indicator__programme=programme)
    agreed = set(points.values_list("indicator_id", flat=True))
    agreed |= set(versions.values_list("indicator_id", flat=True))
    positions: Counter[str] = Counter()
    for item in plan.indicators:
        positions[item.workstream] += 1
        row = present.get(item.reference)
        blank = Indicator(programme=programme, reference=item.reference)
        values = _indicator_values(item, structure)
        target = _target_values(item)
        if row and row.pk in agreed:
            # Once it is set or agreed here, the file no longer moves the target.
            if any(getattr(row, name) != value for name, value in target.items()):
                tally.kept.append(f"{item.reference} target")
        else:
            values |= target
        owner_id = person_id((row or blank).local_owner_id, item.local_owner, people)
        values |= {"position": positions[item.workstream], "local_owner_id": owner_id}
        indicator = tally.put("indicators", row, blank, values)
        tally.link(indicator, [structure.projects[code] for code in item.projects])
        _load_values(item, indicator, tally)


def _indicator_values(item: PlanIndicator, structure: Structure) -> dict[str, Any]:
    return {
        "workstream_id": structure.workstreams[item.workstream].pk,
        "bullet": item.bullet,
        "name": item.name,
        "note": item.note,
        "unit": item.unit,
        "kind": item.kind,
        "direction": item.direction,
        "baseline_value": item.baseline.value if item.baseline else None,
        "baseline_month": item.baseline.month if item.baseline else None,
        "source_lines": item.source_lines,
    }


def _target_values(item: PlanIndicator) -> dict[str, Any]:
    return {
        "final_target": item.target.value if item.target else None,
        "is_target_inferred": bool(item.target and item.target.is_inferred),
    }


def _load_values(item: PlanIndicator, indicator: Indicator, tally: Tally) -> None:
    in_force = {row.month: row for row in indicator.measurements.in_force()}
    for stated in (item.baseline, item.latest):
        if stated:
            _load_value(stated, indicator, in_force.get(stated.month), tally)


def _load_value(
    stated: PlanValue, indicator: Indicator, row: Measurement | None, tally: Tally
) -> None:
    values = {"value": stated.value, "text": ASSUMED if stated.is_assumed else ""}
    if row and not row.is_from_plan:
        tally.keep("values", row, f"{indicator.reference} value of {stated.month:%Y-%m}", values)
        return
    now = timezone.now()
    reason = ""
    if row and any(getattr(row, name) != value for name, value in values.items()):
        # Values are never overwritten: the old one is kept beside the corrected one.
        row.replaced_at = now
        row.save(update_fields=["replaced_at"])
        row, reason = None, "The plan file was corrected."
    blank = Measurement(
        indicator=indicator,
        month=stated.month,
        is_from_plan=True,
        recorded_at=now,
        correction_reason=reason,
    )
    tally.put("values", row, blank, values)
