"""What must hold between the items of a plan file: unique references that lead somewhere."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from workstreams.plan import Item, Plan
from workstreams.planfile_nodes import PlanFileError

# Where an item's references must lead: the key in the file, the references, what they name.
Links = Iterable[tuple[Item, str, Iterable[str], str]]


def check_plan(plan: Plan, faults: list[PlanFileError]) -> None:
    """Add a fault for each reference that is taken twice or leads nowhere."""
    known = _known(plan)
    for kind, named in known.items():
        if kind != "CQC heading":  # those are checked together with the actions
            _check_unique(kind, named, faults)
    for item, key, references, kind in _links(plan):
        _check_known(item, key, references, kind, known, faults)
    _check_circles(plan, faults)
    _check_figures(plan, faults)


def _known(plan: Plan) -> dict[str, list[tuple[str, Item]]]:
    """List every reference by the kind of thing that it names, with the item that bears it."""
    headings = [(each.reference, each) for each in plan.cqc_headings]
    actions = [(each.reference, each) for each in plan.cqc_actions]
    return {
        "work stream": [(each.code, each) for each in plan.workstreams],
        "project": [(each.code, each) for each in plan.projects],
        "CQC heading": list(headings),
        # A heading stands beside the actions on screen: no reference may be both.
        "CQC action": [*headings, *actions],
        "enabler": [(each.code, each) for each in plan.enablers],
        "milestone": [(each.reference, each) for each in plan.milestones],
        "indicator": [(each.reference, each) for each in plan.indicators],
        "governance group": [(each.name, each) for each in plan.governance_groups],
    }


def _links(plan: Plan) -> Links:
    if plan.cqc:
        for finding in plan.cqc.unallocated_findings:
            suggested = [finding.suggested_workstream]
            yield finding, "suggested_work_stream", suggested, "work stream"
    for project in plan.projects:
        yield project, "work_stream", [project.workstream], "work stream"
    for heading in plan.cqc_headings:
        yield heading, "work_stream", [heading.workstream], "work stream"
    for action in plan.cqc_actions:
        yield action, "work_stream", [action.workstream], "work stream"
        yield action, "heading", [action.heading], "CQC heading"
        yield action, "answered_by", action.answered_by, "project"
    for milestone in plan.milestones:
        yield milestone, "project", [milestone.project], "project"
        yield milestone, "enabler", [milestone.enabler], "enabler"
        yield milestone, "depends_on", milestone.depends_on, "milestone"
    for indicator in plan.indicators:
        yield indicator, "work_stream", [indicator.workstream], "work stream"
        yield indicator, "projects", indicator.projects, "project"


def _check_unique(kind: str, named: list[tuple[str, Item]], faults: list[PlanFileError]) -> None:
    first: dict[str, Item] = {}
    for reference, item in named:
        # Case does not tell two references apart: they stand in addresses and in speech.
        earlier = first.setdefault(reference.lower(), item) if reference else item
        if earlier is not item:
            message = f'"{reference}" is taken by another {kind}, in line {earlier.line}.'
            remedy = "Give one of them a new one."
            faults.append(PlanFileError(item.line, item.field, message, remedy))


def _check_known(
    item: Item,
    key: str,
    references: Iterable[str],
    kind: str,
    known: Mapping[str, list[tuple[str, Item]]],
    faults: list[PlanFileError],
) -> None:
    there = [reference for reference, _ in known[kind] if reference]
    for reference in references:
        if not reference or reference in there:
            continue
        near = get_close_matches(reference, there, n=1)
        remedy = f'Did you mean "{near[0]}"?' if near else f"Add that {kind}, or correct this."
        message = f'There is no {kind} "{reference}".'
        faults.append(PlanFileError(item.key_line(key), f"{item.field}.{key}", message, remedy))


def _check_circles(plan: Plan, faults: list[PlanFileError]) -> None:
    """Milestones that wait for each other in a circle could never be done."""
    waiting: defaultdict[str, set[str]] = defaultdict(set)
    for milestone in plan.milestones:
        waiting[milestone.reference].update(milestone.depends_on)
    for milestone in plan.milestones:
        if milestone.reference in _before(milestone.reference, waiting):
            field = f"{milestone.field}.depends_on"
            message = f'"{milestone.reference}" would have to wait for itself.'
            line = milestone.key_line("depends_on")
            faults.append(PlanFileError(line, field, message, "Remove one link of the circle."))


def _before(reference: str, waiting: Mapping[str, set[str]]) -> set[str]:
    """Give every milestone that must be done before the given one, however far away."""
    found: set[str] = set()
    ahead = list(waiting.get(reference, ()))
    while ahead:
        each = ahead.pop()
        if each not in found:
            found.add(each)
            ahead += waiting.get(each, ())
    return found


def _check_figures(plan: Plan, faults: list[PlanFileError]) -> None:
    for indicator in plan.indicators:
        for figure in (indicator.baseline, indicator.latest, indicator.target):
            if figure is None:
                continue
            field, line = f"{figure.field}.value", figure.key_line("value")
            if indicator.kind == "percent" and not 0 <= figure.value <= 100:
                message = f"{figure.value} is no per cent of a whole."
                remedy = 'Write 0 to 100, or "kind: rate".'
                faults.append(PlanFileError(line, field, message, remedy))
            if indicator.kind == "yes_no" and figure.value not in (0, 1):
                message = f"{figure.value} answers no yes/no question."
                faults.append(PlanFileError(line, field, message, "Write 1 for yes, 0 for no."))
            if indicator.kind == "narrative":
                message = "A narrative indicator has words and no figures."
                remedy = "Remove the figure, or choose another kind."
                faults.append(PlanFileError(line, field, message, remedy))
