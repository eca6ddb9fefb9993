"""Brings the database to what a plan file says, all or nothing, as often as wanted."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from reports.audiences import create_standard_audiences
from reports.plan_items import load_indicators, load_milestones
from reports.plan_structure import load_groups_and_facts, load_structure
from reports.plan_tally import LoadResult, Tally
from workstreams.models import Programme
from workstreams.plan import Plan
from workstreams.planfile_nodes import PlanFileError, PlanFileInvalid

People = dict[str, User]


def load_plan(*, plan: Plan, by: User | None, dry_run: bool) -> LoadResult:
    """Create or update a programme and everything that its plan file holds.

    Nothing is deleted, and milestones that people have changed since (baselined, updated) stay
    as they are. `by` is who loads it; None stands for the command line. A dry run tells the same
    result and writes nothing. Raises PlanFileInvalid for people who are no users and for days
    that have not come yet.
    """
    with transaction.atomic():
        programme = Programme.objects.select_for_update().filter(slug=plan.programme.slug).first()
        people = _people(plan)
        faults = _unknown_people(plan, people)
        faults += _days_to_come(plan, (programme or Programme()).today())
        if faults:
            raise PlanFileInvalid(faults)
        tally = Tally()
        programme = _load_programme(plan, programme, tally)
        structure = load_structure(plan, programme, people, tally)
        load_groups_and_facts(plan, programme, tally)
        load_milestones(plan, programme, structure, people, tally)
        load_indicators(plan, programme, structure, people, tally)
        create_standard_audiences(programme)
        result = tally.result()
        if dry_run:
            transaction.set_rollback(True)
        elif result.changed_anything:
            _record(programme, by, result)
    return result


def _record(programme: Programme, by: User | None, result: LoadResult) -> None:
    details = {
        "created": dict(result.created),
        "updated": dict(result.updated),
        "kept": list(result.kept),
    }
    audit.record(actor=by, action="plan.loaded", target=programme, details=details)


def _load_programme(plan: Plan, programme: Programme | None, tally: Tally) -> Programme:
    stated = plan.programme
    values: dict[str, Any] = {
        "name": stated.name,
        "organisation": stated.organisation,
        "office": stated.office,
        "lead_role": stated.lead_role,
        "start_date": stated.plan_month,
        "source": stated.source,
        "cqc": _cqc(plan),
        "other_figures": _other_figures(plan),
    }
    return tally.put("programmes", programme, Programme(slug=stated.slug), values)


def _cqc(plan: Plan) -> dict[str, Any]:
    """Give the regulator's findings as plain JSON, days as ISO texts."""
    cqc = plan.cqc
    if cqc is None:
        return {}
    return {
        "report_published": cqc.report_published.isoformat(),
        "overall": cqc.overall,
        "domains": dict(cqc.domains),
        "core_services": list(cqc.core_services),
        "inspections": [
            {
                "kind": each.kind,
                "from": each.first_day.isoformat(),
                "until": each.last_day.isoformat(),
            }
            for each in cqc.inspections
        ],
        "unallocated_findings": [
            {
                "text": each.text,
                "suggested_workstream": each.suggested_workstream,
                "source_lines": each.source_lines,
            }
            for each in cqc.unallocated_findings
        ],
    }


def _other_figures(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "qualifier": each.qualifier,
            "value": str(each.value),
            "unit": each.unit,
            "month": f"{each.month:%Y-%m}" if each.month else "",
            "source_lines": each.source_lines,
        }
        for each in plan.other_figures
    ]


def _people(plan: Plan) -> People:
    emails = {person.email for person in plan.people}
    return {user.email: user for user in User.objects.filter(email__in=emails, is_active=True)}


def _unknown_people(plan: Plan, people: People) -> list[PlanFileError]:
    return [
        PlanFileError(
            person.line,
            person.field,
            f'Nobody signs in with "{person.email}".',
            "Add this user first, or correct the address.",
        )
        for person in plan.people
        if person.email not in people
    ]


def _days_to_come(plan: Plan, today: date) -> Iterable[PlanFileError]:
    for milestone in plan.milestones:
        if milestone.is_complete and milestone.date and milestone.date > today:
            yield PlanFileError(
                milestone.key_line("date"),
                f"{milestone.field}.date",
                f"It cannot be complete on {milestone.date}, a day still to come.",
                "Correct the date, or its status.",
            )
    for indicator in plan.indicators:
        for value in (indicator.baseline, indicator.latest):
            if value and value.month > today:
                yield PlanFileError(
                    value.key_line("month"),
                    f"{value.field}.month",
                    f"There can be no value of {value.month:%Y-%m}, a month still to come.",
                    "Correct the month.",
                )
