"""Loads what a plan is built of: work streams, projects, CQC actions, enablers, groups."""

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.models import User
from reports.plan_tally import Tally
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
from workstreams.plan import Plan
from workstreams.planfile_nodes import Person


@dataclass(frozen=True)
class Structure:
    """The rows that milestones and indicators hang on, by their codes."""

    workstreams: Mapping[str, Workstream]
    projects: Mapping[str, Project]
    enablers: Mapping[str, Enabler]


def person_id(present: int | None, named: Person | None, people: Mapping[str, User]) -> int | None:
    """Give who shall stand there: whoever the product has already, else whom the file names."""
    if present is None and named:
        return people[named.email].pk
    return present


def load_structure(
    plan: Plan, programme: Programme, people: Mapping[str, User], tally: Tally
) -> Structure:
    """Load work streams, projects, CQC actions and enablers, and give them by their codes."""
    workstreams = _load_workstreams(plan, programme, people, tally)
    projects = _load_projects(plan, programme, workstreams, people, tally)
    _load_cqc_actions(plan, programme, workstreams, projects, tally)
    enablers = _load_enablers(plan, programme, tally)
    return Structure(workstreams=workstreams, projects=projects, enablers=enablers)


def _load_workstreams(
    plan: Plan, programme: Programme, people: Mapping[str, User], tally: Tally
) -> dict[str, Workstream]:
    present = {row.code: row for row in Workstream.objects.filter(programme=programme)}
    found = {}
    for position, item in enumerate(plan.workstreams, start=1):
        row = present.get(item.code)
        blank = Workstream(programme=programme, code=item.code)
        values = {
            "name": item.name,
            "aliases": list(item.also_called),
            "executive_lead_name": item.executive_lead_name,
            "executive_role": item.executive_role,
            "executive_lead_id": person_id(
                (row or blank).executive_lead_id, item.executive_lead, people
            ),
            "position": position,
            "source_lines": item.source_lines,
        }
        found[item.code] = tally.put("work streams", row, blank, values)
    return found


def _load_projects(
    plan: Plan,
    programme: Programme,
    workstreams: Mapping[str, Workstream],
    people: Mapping[str, User],
    tally: Tally,
) -> dict[str, Project]:
    present = {row.code: row for row in Project.objects.filter(workstream__programme=programme)}
    found = {}
    for position, item in enumerate(plan.projects, start=1):
        row = present.get(item.code)
        blank = Project(code=item.code)
        known = row or blank
        values = {
            "workstream_id": workstreams[item.workstream].pk,
            "name": item.name,
            "aliases": list(item.also_called),
            "aim": item.aim,
            "lead_director_id": person_id(known.lead_director_id, item.lead_director, people),
            "local_owner_id": person_id(known.local_owner_id, item.local_owner, people),
            "position": position,
            "source_lines": item.source_lines,
        }
        found[item.code] = tally.put("projects", row, blank, values)
    return found


def _load_cqc_actions(
    plan: Plan,
    programme: Programme,
    workstreams: Mapping[str, Workstream],
    projects: Mapping[str, Project],
    tally: Tally,
) -> None:
    present = {row.reference: row for row in CqcAction.objects.filter(programme=programme)}
    headings = {each.reference: f"{each.reference} {each.text}" for each in plan.cqc_headings}
    for position, item in enumerate(plan.cqc_actions, start=1):
        values = {
            "workstream_id": workstreams[item.workstream].pk,
            "level": item.level,
            "heading": headings.get(item.heading, ""),
            "text": item.text,
            "note": item.note,
            "position": position,
            "source_lines": item.source_lines,
        }
        blank = CqcAction(programme=programme, reference=item.reference)
        row = tally.put("CQC actions", present.get(item.reference), blank, values)
        tally.link(row, [projects[code] for code in item.answered_by])


def _load_enablers(plan: Plan, programme: Programme, tally: Tally) -> dict[str, Enabler]:
    present = {row.code: row for row in Enabler.objects.filter(programme=programme)}
    found = {}
    for position, item in enumerate(plan.enablers, start=1):
        values = {
            "name": item.name,
            "text": item.text,
            "position": position,
            "source_lines": item.source_lines,
        }
        blank = Enabler(programme=programme, code=item.code)
        found[item.code] = tally.put("enablers", present.get(item.code), blank, values)
    return found


def load_groups_and_facts(plan: Plan, programme: Programme, tally: Tally) -> None:
    """Load governance groups, partners' commitments and the improvements already made."""
    _load_groups(plan, programme, tally)
    commitments = PartnerCommitment.objects.filter(programme=programme)
    present = {row.position: row for row in commitments}
    for position, item in enumerate(plan.partner_commitments, start=1):
        blank = PartnerCommitment(programme=programme, position=position)
        values = {"partner": item.partner, "text": item.text, "source_lines": item.source_lines}
        tally.put("partner commitments", present.get(position), blank, values)
    _load_improvements(plan, programme, tally)


def _load_groups(plan: Plan, programme: Programme, tally: Tally) -> None:
    present = {row.name: row for row in GovernanceGroup.objects.filter(programme=programme)}
    for position, item in enumerate(plan.governance_groups, start=1):
        values = {
            "short_name": item.short_name,
            "purpose": item.purpose,
            "chair": item.chair,
            "cadence": item.cadence,
            "is_external": item.is_external,
            "note": item.note,
            "position": position,
            "source_lines": item.source_lines,
        }
        blank = GovernanceGroup(programme=programme, name=item.name)
        tally.put("governance groups", present.get(item.name), blank, values)


def _load_improvements(plan: Plan, programme: Programme, tally: Tally) -> None:
    present = {row.position: row for row in Improvement.objects.filter(programme=programme)}
    for position, item in enumerate(plan.improvements_made, start=1):
        blank = Improvement(programme=programme, position=position)
        values = {"section": item.section, "text": item.text, "source_lines": item.source_lines}
        tally.put("improvements made", present.get(position), blank, values)
