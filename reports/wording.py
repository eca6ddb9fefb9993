"""Words of the packs that follow from the programme's rules: key, definitions, lead sentence."""

from typing import Any

from metrics.rating import PerformanceRating
from milestones.rating import DeliveryRating
from reports.figures import ProgrammeFigures
from workstreams.models import Programme

ILLUSTRATIVE_NOTE = (
    "This programme is a demonstration. The plan’s work streams, projects, actions, milestones and "
    "indicators are the trust’s; people, dates that the plan does not state, updates, exceptions, "
    "requests and measurements are illustrative."
)


def delivery_key(programme: Programme) -> list[dict[str, str]]:
    """Give each delivery rating with the programme's word and what it means under its rules."""
    days = programme.tolerance_days
    meanings = {
        DeliveryRating.COMPLETE: "Done",
        DeliveryRating.ON_TRACK: "Done or expected by its planned date",
        DeliveryRating.DELAYED: f"1 to {days} days after its planned date",
        DeliveryRating.AT_RISK: f"More than {days} days after its planned date, or forecast so",
        DeliveryRating.NO_DATE: "No planned date yet",
        DeliveryRating.WITHDRAWN: "Taken out of the plan by an approved change request",
    }
    return _key(programme, meanings)


def performance_key(programme: Programme) -> list[dict[str, str]]:
    """Give each performance rating with the programme's word and what it means."""
    met, near = programme.met_threshold, programme.near_threshold
    meanings = {
        PerformanceRating.MET: f"At least {met}% of trajectory",
        PerformanceRating.NEAR: f"{near}% to under {met}% of trajectory",
        PerformanceRating.BELOW: f"Under {near}% of trajectory",
        PerformanceRating.NOT_REPORTED: "No value for the month",
        PerformanceRating.NO_TARGET: "Neither trajectory nor target",
    }
    return _key(programme, meanings)


def _key(programme: Programme, meanings: dict[Any, str]) -> list[dict[str, str]]:
    return [
        {"rating": rating.value, "word": programme.word_for(rating), "meaning": meaning}
        for rating, meaning in meanings.items()
    ]


def definitions(programme: Programme) -> list[dict[str, str]]:
    """Give the terms that a reader of a pack or page needs, as this programme uses them."""
    terms = {
        "Milestone": "A dated commitment of a project, with a lead director and a local owner.",
        "Baseline date": "The date first agreed. It never changes.",
        "Planned date": "The date in force. Only an approved change request moves it.",
        "Forecast date": "When the local owner now expects to finish.",
        "Lateness": "Days from the planned date to the completion, or to the forecast, or to the "
        "day of the report when the planned date has passed.",
        "Tolerance": f"{programme.tolerance_days} days. A milestone later than that is at risk.",
        "Trajectory": "The value an indicator should reach in each month.",
        "Attainment": "The value as a percentage of the trajectory, so that 100% or more is on it. "
        "Where a fall is good, the trajectory as a percentage of the value.",
        "Mean and limits": "The mean of an indicator’s values, and the lines 2.66 average changes "
        "from one value to the next above and below it. Nearly all values of a process that does "
        "not change lie between the limits.",
        "Rebase": "A new mean and new limits from a month on, because the process was changed. "
        "Set by the PMO with a reason.",
        "Exception report": "What a local owner reports when something is off plan: cause, "
        "consequence, remedial actions, delivery impact and recovery date. "
        f"Due within {programme.report_working_days} working days.",
        "Change request": "The exact change of plan asked for. The executive lead endorses it, the "
        "PMO checks it and the Executive Leadership Team decides.",
        "Chair’s action": "A decision below the ELT’s quorum, with a reason, for ratification.",
        "Snapshot": "The figures as frozen for the month. The same snapshot gives the same pack.",
    }
    return [{"term": term, "meaning": meaning} for term, meaning in terms.items()]


def lead_sentence(figures: ProgrammeFigures) -> str:
    """Give the one sentence that says where the programme stands, with numbers."""
    counts = figures.counts
    done = counts.get(DeliveryRating.COMPLETE, 0)
    at_risk = counts.get(DeliveryRating.AT_RISK, 0)
    delayed = counts.get(DeliveryRating.DELAYED, 0)
    undated = counts.get(DeliveryRating.NO_DATE, 0)
    if not figures.total:
        return "The plan holds no milestones yet."
    late = (
        f"{_number(at_risk, 'is', 'are')} at risk and {delayed} delayed"
        if at_risk or delayed
        else "none is late"
    )
    sentence = f"{done} of {figures.total} milestones are complete; {late}."
    if undated:
        sentence += f" {_number(undated, 'has', 'have')} no planned date yet."
    return sentence


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
