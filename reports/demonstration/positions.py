"""How a milestone of the demonstration fares: when it is done, and what its owner says of it."""

from datetime import date, timedelta

from governance.models import ExceptionReport
from milestones.models import Milestone, MilestoneStatus
from milestones.rating import DeliveryRating, delivery_rating
from milestones.services import Position
from reports.demonstration import DEMONSTRATION_DATE, drawn
from reports.demonstration.words import narrative

NO_EVIDENCE = "The papers that show it are kept by the team that runs it."


def needs_new_date(milestone: Milestone) -> bool:
    """Whether it cannot be done by its date in force, and nobody has asked for another yet."""
    if milestone.planned_date is None or not milestone.is_baselined:
        return False
    is_asked = milestone.change_requests.under_way().exists()
    return finish_of(milestone) > milestone.planned_date and not is_asked


def recovery_of(report: ExceptionReport, today: date) -> date:
    if report.milestone:
        return max(today + timedelta(days=45), finish_of(report.milestone))
    return today + timedelta(days=60 + int(200 * drawn("recovery", report.number)))


def finish_of(milestone: Milestone) -> date:
    """When the milestone will truly be done: fixed by its name, whatever was approved since."""
    planned = milestone.baseline_date or milestone.planned_date or DEMONSTRATION_DATE
    luck = drawn("slip", milestone.reference)
    if luck < 0.55:
        return planned - timedelta(days=int(12 * luck))
    if luck < 0.8:
        return planned + timedelta(days=int(8 + 80 * (luck - 0.55)))
    return planned + timedelta(days=int(35 + 700 * (luck - 0.8)))


def position_of(milestone: Milestone, today: date) -> Position:
    planned, finish = milestone.planned_date or today, finish_of(milestone)
    if finish <= today:
        return done_on(milestone.reference, finish)
    is_near = planned - today < timedelta(days=75)
    late = finish > planned
    forecast = finish if is_near and late else planned
    hopeful = late and drawn("hopeful", milestone.reference) < 0.3
    view = DeliveryRating.ON_TRACK if hopeful else rating_of(milestone, today, forecast)
    words = "later" if not is_near else "late" if late else "steady"
    return Position(
        status=MilestoneStatus.IN_PROGRESS if is_near else MilestoneStatus.NOT_STARTED,
        forecast_date=forecast,
        owner_view=view,
        narrative=narrative(words, milestone.reference, today),
    )


def done_on(reference: str, day: date) -> Position:
    return Position(
        status=MilestoneStatus.COMPLETE,
        completed_date=day,
        owner_view=DeliveryRating.COMPLETE,
        narrative=narrative("done", reference, day),
        no_evidence_reason=NO_EVIDENCE,
    )


def rating_of(milestone: Milestone, today: date, forecast: date | None = None) -> DeliveryRating:
    return delivery_rating(
        planned=milestone.planned_date,
        forecast=forecast or milestone.forecast_date,
        completed=None,
        as_of=today,
        tolerance_days=milestone.programme.tolerance_days,
    )
