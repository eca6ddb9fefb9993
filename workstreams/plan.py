"""What a plan file says, as plain frozen values. Lines are those of the plan file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from workstreams.planfile_nodes import Person


@dataclass(frozen=True)
class Item:
    """What every item carries: its place in the file and its lines in the published plan."""

    line: int
    field: str
    key_lines: Mapping[str, int]
    source_lines: str

    def key_line(self, key: str) -> int:
        """Give the line of the file where a key of this item stands."""
        return self.key_lines.get(key, self.line)


@dataclass(frozen=True)
class PlanProgramme(Item):
    slug: str
    name: str
    organisation: str
    plan_month: date
    source: str
    office: str
    lead_role: str
    # Said by the plan and fixed in the product; kept so that the file is the whole plan.
    change_authority: str
    reports_to: tuple[str, ...]
    review_cadence: str
    tracks: tuple[str, ...]


@dataclass(frozen=True)
class PlanInspection(Item):
    kind: str
    first_day: date
    last_day: date


@dataclass(frozen=True)
class PlanFinding(Item):
    text: str
    suggested_workstream: str


@dataclass(frozen=True)
class PlanCqc:
    report_published: date
    overall: str
    domains: dict[str, str]
    core_services: tuple[str, ...]
    inspections: tuple[PlanInspection, ...]
    unallocated_findings: tuple[PlanFinding, ...]


@dataclass(frozen=True)
class PlanWorkstream(Item):
    code: str
    name: str
    also_called: tuple[str, ...]
    executive_lead_name: str
    executive_role: str
    executive_lead: Person | None


@dataclass(frozen=True)
class PlanProject(Item):
    code: str
    workstream: str
    name: str
    also_called: tuple[str, ...]
    aim: str
    lead_director: Person | None
    local_owner: Person | None


@dataclass(frozen=True)
class PlanCqcHeading(Item):
    reference: str
    workstream: str
    text: str


@dataclass(frozen=True)
class PlanCqcAction(Item):
    reference: str
    workstream: str
    level: str
    heading: str
    text: str
    answered_by: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class PlanEnabler(Item):
    code: str
    name: str
    text: str


@dataclass(frozen=True)
class PlanMilestone(Item):
    """The date is the completed date of a complete milestone, the planned date of any other."""

    reference: str
    project: str
    enabler: str
    title: str
    status: str
    date: date | None
    precision: str
    quantity: Decimal | None
    unit: str
    depends_on: tuple[str, ...]
    lead_role: str
    lead_director: Person | None
    local_owner: Person | None
    note: str

    @property
    def is_complete(self) -> bool:
        return self.status == "complete"


@dataclass(frozen=True)
class PlanValue(Item):
    value: Decimal
    month: date
    is_assumed: bool


@dataclass(frozen=True)
class PlanTarget(Item):
    value: Decimal
    is_inferred: bool


@dataclass(frozen=True)
class PlanIndicator(Item):
    reference: str
    workstream: str
    bullet: str
    name: str
    kind: str
    unit: str
    direction: str
    baseline: PlanValue | None
    latest: PlanValue | None
    target: PlanTarget | None
    projects: tuple[str, ...]
    local_owner: Person | None
    note: str


@dataclass(frozen=True)
class PlanGroup(Item):
    name: str
    short_name: str
    purpose: str
    chair: str
    cadence: str
    is_external: bool
    note: str


@dataclass(frozen=True)
class PlanCommitment(Item):
    partner: str
    text: str


@dataclass(frozen=True)
class PlanImprovement(Item):
    section: str
    text: str


@dataclass(frozen=True)
class PlanFigure(Item):
    name: str
    qualifier: str
    value: Decimal
    unit: str
    month: date | None


@dataclass(frozen=True)
class Plan:
    """A whole plan file without a fault, every list in the order of the file."""

    programme: PlanProgramme
    cqc: PlanCqc | None
    workstreams: tuple[PlanWorkstream, ...]
    projects: tuple[PlanProject, ...]
    cqc_headings: tuple[PlanCqcHeading, ...]
    cqc_actions: tuple[PlanCqcAction, ...]
    enablers: tuple[PlanEnabler, ...]
    milestones: tuple[PlanMilestone, ...]
    indicators: tuple[PlanIndicator, ...]
    governance_groups: tuple[PlanGroup, ...]
    partner_commitments: tuple[PlanCommitment, ...]
    improvements_made: tuple[PlanImprovement, ...]
    other_figures: tuple[PlanFigure, ...]

    @property
    def people(self) -> list[Person]:
        """Everybody that the file names by e-mail address, as often as it does."""
        named: list[Person | None] = [item.executive_lead for item in self.workstreams]
        for project in self.projects:
            named += [project.lead_director, project.local_owner]
        for milestone in self.milestones:
            named += [milestone.lead_director, milestone.local_owner]
        named += [item.local_owner for item in self.indicators]
        return [person for person in named if person]
