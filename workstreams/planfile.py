"""Reads a plan file into a Plan, or lists every fault in it. Touches no database."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypedDict

from workstreams.dates import DatePrecision
from workstreams.models.plan import CqcLevel
from workstreams.models.programme import RESERVED_SLUGS
from workstreams.plan import (
    Plan,
    PlanCommitment,
    PlanCqc,
    PlanCqcAction,
    PlanCqcHeading,
    PlanEnabler,
    PlanFigure,
    PlanFinding,
    PlanGroup,
    PlanImprovement,
    PlanIndicator,
    PlanInspection,
    PlanMilestone,
    PlanProgramme,
    PlanProject,
    PlanTarget,
    PlanValue,
    PlanWorkstream,
)
from workstreams.planfile_checks import check_plan
from workstreams.planfile_dates import BadDate, read_span
from workstreams.planfile_nodes import Block, PlanFileError, PlanFileInvalid, read_root

# `milestones` and `metrics` stand above this app; a test holds these against their choices.
STATUSES = ("not_started", "in_progress", "complete")
KINDS = ("number", "percent", "rate", "duration", "yes_no", "narrative")
DIRECTIONS = ("up", "down", "neither")
INSPECTIONS = ("announced", "unannounced")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# In place of a date that could not be read: its fault is listed, so no Plan will carry it.
UNREAD = date.min


class Place(TypedDict):
    line: int
    field: str
    key_lines: dict[str, int]
    source_lines: str


def read_plan(path: Path) -> Plan:
    """Read a plan file. Raises PlanFileInvalid with every fault, and OSError if unreadable."""
    faults: list[PlanFileError] = []
    root = read_root(path, faults)
    plan = _plan(root)
    root.finish()
    check_plan(plan, faults)
    if faults:
        raise PlanFileInvalid(faults)
    return plan


def _plan(root: Block) -> Plan:
    programme = root.block("programme") or root.empty("programme")
    cqc = root.block("cqc", required=False)
    return Plan(
        programme=_programme(programme),
        cqc=_cqc(cqc) if cqc else None,
        workstreams=tuple(_workstream(each) for each in root.blocks("work_streams")),
        projects=tuple(_project(each) for each in root.blocks("projects")),
        cqc_headings=tuple(_heading(each) for each in _optional(root, "cqc_headings")),
        cqc_actions=tuple(_action(each) for each in _optional(root, "cqc_actions")),
        enablers=tuple(_enabler(each) for each in _optional(root, "enablers")),
        milestones=tuple(_milestone(each) for each in _optional(root, "milestones")),
        indicators=tuple(_indicator(each) for each in _optional(root, "indicators")),
        governance_groups=tuple(_group(each) for each in _optional(root, "governance_groups")),
        partner_commitments=tuple(
            _commitment(each) for each in _optional(root, "partner_commitments")
        ),
        improvements_made=tuple(
            _improvement(each) for each in _optional(root, "improvements_made")
        ),
        other_figures=tuple(_figure(each) for each in _optional(root, "other_figures")),
    )


def _optional(root: Block, key: str) -> list[Block]:
    return root.blocks(key, required=False)


def _end(block: Block) -> Place:
    """Close a block: ask for its source lines, report unknown keys, give its place."""
    lines = block.source_lines()
    block.finish()
    return {
        "line": block.line,
        "field": block.field,
        "key_lines": block.key_lines(),
        "source_lines": lines,
    }


def _programme(block: Block) -> PlanProgramme:
    slug = block.text("slug", longest=60)
    if slug and not SLUG.fullmatch(slug):
        block.fault("slug", f'"{slug}" cannot be an address.', "Write it like las-2016.")
    if slug in RESERVED_SLUGS:
        message = f'"{slug}" is the address of another page.'
        block.fault("slug", message, "Add something to it, such as the year.")
    return PlanProgramme(
        slug=slug,
        name=block.text("name", longest=200),
        organisation=block.text("organisation", longest=200),
        plan_month=block.month("plan_month") or UNREAD,
        source=block.text("source", longest=300, required=False),
        office=block.text("office", longest=200),
        lead_role=block.text("lead_role", longest=150),
        change_authority=block.text("change_authority", required=False),
        reports_to=block.texts("reports_to"),
        review_cadence=block.text("review_cadence", required=False),
        tracks=block.texts("tracks"),
        **_end(block),
    )


def _cqc(block: Block) -> PlanCqc:
    cqc = PlanCqc(
        report_published=block.day("report_published") or UNREAD,
        overall=block.text("overall", longest=100),
        domains=block.pairs("domains"),
        core_services=block.texts("core_services"),
        inspections=tuple(_inspection(each) for each in _optional(block, "inspections")),
        unallocated_findings=tuple(
            _finding(each) for each in _optional(block, "unallocated_findings")
        ),
    )
    block.finish()
    return cqc


def _inspection(block: Block) -> PlanInspection:
    first_day = block.day("from")
    last_day = block.day("until", required=False) or first_day
    if first_day and last_day and last_day < first_day:
        block.fault("until", "It ends before it begins.", "Exchange from and until.")
    return PlanInspection(
        kind=block.choice("kind", INSPECTIONS),
        first_day=first_day or UNREAD,
        last_day=last_day or UNREAD,
        **_end(block),
    )


def _finding(block: Block) -> PlanFinding:
    return PlanFinding(
        text=block.text("text"),
        suggested_workstream=block.reference("suggested_work_stream", required=False),
        **_end(block),
    )


def _workstream(block: Block) -> PlanWorkstream:
    return PlanWorkstream(
        code=block.reference("code", longest=10),
        name=block.text("name", longest=200),
        also_called=block.texts("also_called"),
        executive_lead_name=block.text("executive_lead", longest=150, required=False),
        executive_role=block.text("executive_role", longest=150),
        executive_lead=block.person("executive_lead_email"),
        **_end(block),
    )


def _project(block: Block) -> PlanProject:
    return PlanProject(
        code=block.reference("code"),
        workstream=block.reference("work_stream"),
        name=block.text("name", longest=200),
        also_called=block.texts("also_called"),
        aim=block.text("aim", required=False),
        lead_director=block.person("lead_director_email"),
        local_owner=block.person("local_owner_email"),
        **_end(block),
    )


def _heading(block: Block) -> PlanCqcHeading:
    return PlanCqcHeading(
        reference=block.reference("reference"),
        workstream=block.reference("work_stream"),
        text=block.text("text", longest=270),
        **_end(block),
    )


def _action(block: Block) -> PlanCqcAction:
    return PlanCqcAction(
        reference=block.reference("reference"),
        workstream=block.reference("work_stream"),
        level=block.choice("level", CqcLevel.values),
        heading=block.reference("heading", required=False),
        text=block.text("text"),
        answered_by=block.texts("answered_by"),
        note=block.text("note", required=False),
        **_end(block),
    )


def _enabler(block: Block) -> PlanEnabler:
    return PlanEnabler(
        code=block.reference("code", longest=10),
        name=block.text("name", longest=200),
        text=block.text("text", required=False),
        **_end(block),
    )


def _milestone(block: Block) -> PlanMilestone:
    day, precision = _span(block)
    milestone = PlanMilestone(
        reference=block.reference("reference"),
        project=block.reference("project", required=False),
        enabler=block.reference("enabler", required=False),
        title=block.text("title", longest=300),
        status=block.choice("status", STATUSES),
        date=day,
        precision=precision,
        quantity=block.number("quantity", required=False),
        unit=block.text("unit", longest=40, required=False),
        depends_on=block.texts("depends_on"),
        lead_role=block.text("lead_role", longest=150, required=False),
        lead_director=block.person("lead_director_email"),
        local_owner=block.person("local_owner_email"),
        note=block.text("note", required=False),
        **_end(block),
    )
    if bool(milestone.project) == bool(milestone.enabler):
        found = "both a project and an enabler" if milestone.project else "no project or enabler"
        block.fault("project", f"The milestone has {found}.", "Give it exactly one of the two.")
    if milestone.is_complete and not block.has("date"):
        message = "A complete milestone needs the day it was done."
        remedy = 'Add "date: 2016-01" and "precision: by" if the day is not known.'
        block.fault("date", message, remedy)
    return milestone


def _span(block: Block) -> tuple[date | None, str]:
    text = block.text("date", required=False)
    precision = block.choice("precision", DatePrecision.values, required=False)
    if precision and not block.has("date"):
        block.fault("precision", "There is no date for it.", "Add a date, or remove this line.")
    if not text:
        return None, ""
    try:
        return read_span(text, precision)
    except BadDate as error:
        block.fault("date", error.message, error.remedy)
        return None, ""


def _indicator(block: Block) -> PlanIndicator:
    reference = block.reference("reference")
    return PlanIndicator(
        reference=reference,
        workstream=block.reference("work_stream"),
        bullet=block.reference("bullet", required=False) or reference,
        name=block.text("name", longest=200),
        kind=block.choice("kind", KINDS),
        unit=block.text("unit", longest=40, required=False),
        direction=block.choice("direction", DIRECTIONS),
        baseline=_value(block.block("baseline", required=False)),
        latest=_value(block.block("latest", required=False)),
        target=_target(block.block("target", required=False)),
        projects=block.texts("projects"),
        local_owner=block.person("local_owner_email"),
        note=block.text("note", required=False),
        **_end(block),
    )


def _value(block: Block | None) -> PlanValue | None:
    if block is None:
        return None
    return PlanValue(
        value=block.number("value") or Decimal(0),
        month=block.month("month") or UNREAD,
        is_assumed=block.flag("assumed"),
        **_end(block),
    )


def _target(block: Block | None) -> PlanTarget | None:
    if block is None:
        return None
    return PlanTarget(
        value=block.number("value") or Decimal(0),
        is_inferred=block.flag("inferred"),
        **_end(block),
    )


def _group(block: Block) -> PlanGroup:
    return PlanGroup(
        name=block.text("name", longest=200),
        short_name=block.text("short_name", longest=20, required=False),
        purpose=block.text("purpose", required=False),
        chair=block.text("chair", longest=200, required=False),
        cadence=block.text("cadence", longest=60, required=False),
        is_external=block.flag("external"),
        note=block.text("note", required=False),
        **_end(block),
    )


def _commitment(block: Block) -> PlanCommitment:
    return PlanCommitment(
        partner=block.text("partner", longest=200), text=block.text("text"), **_end(block)
    )


def _improvement(block: Block) -> PlanImprovement:
    return PlanImprovement(
        section=block.text("section", longest=100), text=block.text("text"), **_end(block)
    )


def _figure(block: Block) -> PlanFigure:
    return PlanFigure(
        name=block.text("name", longest=200),
        qualifier=block.text("qualifier", longest=40, required=False),
        value=block.number("value") or Decimal(0),
        unit=block.text("unit", longest=40, required=False),
        month=block.month("month", required=False),
        **_end(block),
    )
