"""Why something is off plan and why it is back, in words."""

from datetime import date

from governance.models import ExceptionReport
from metrics.models import Indicator
from metrics.process import Process, process_of
from metrics.rating import PerformanceRating
from metrics.reading import reading_of
from metrics.standing import Standing, reporting_month, standing
from milestones.models import Milestone
from milestones.rating import DeliveryRating, explain

OFF_PLAN = (DeliveryRating.DELAYED, DeliveryRating.AT_RISK)
OFF_TRAJECTORY = (PerformanceRating.NEAR, PerformanceRating.BELOW)
LONGEST = 400  # of an exception's trigger
TIMES = {1: "once", 2: "twice"}


def why_milestone(milestone: Milestone, *, as_of: date) -> str:
    """Say why a milestone is beyond tolerance on a day; empty if it is not."""
    if milestone.rating(as_of=as_of) not in OFF_PLAN:
        return ""
    return explain(
        planned=milestone.planned_date,
        forecast=milestone.forecast_date,
        completed=milestone.completed_date,
        as_of=as_of,
        tolerance_days=milestone.programme.tolerance_days,
    )


def why_milestone_is_back(milestone: Milestone, *, as_of: date) -> str:
    """Say why the exception of a milestone that is not beyond tolerance on a day is over."""
    rating = milestone.rating(as_of=as_of)
    if rating == DeliveryRating.WITHDRAWN:
        return "Withdrawn from the plan by an approved change request"
    if rating == DeliveryRating.COMPLETE:
        return f"Completed: {milestone.completed_text}"
    if rating == DeliveryRating.NO_DATE:
        return "It has no planned date any more, so it cannot be late"
    return f"Back within tolerance: {milestone.programme.word_for(rating)}"


def why_indicator(standing: Standing, process: Process) -> str:
    """Say everything that is off about an indicator in a month; empty if nothing is.

    Near or Below, a special cause for concern at the latest point, a process that consistently
    fails its target (design: change control). The last two need an SPC chart.
    """
    sentences = reading_of(process).sentences
    reasons = [standing.explanation] if standing.rating in OFF_TRAJECTORY else []
    if process.variation == "concern":
        reasons.append(f"Special cause for concern: {_lower_first(sentences[0])}")
    if process.assurance == "fail":
        reasons.append(f"Consistently failing: {_lower_first(sentences[1])}")
    return _fitting(reasons)


def why_indicator_is_back(standing: Standing, process: Process) -> str:
    """Say why an indicator about which nothing is off is within tolerance; empty if unknown.

    A month without a value proves nothing.
    """
    if standing.rating == PerformanceRating.MET:
        return f"Back on trajectory: {standing.explanation}"
    if standing.rating == PerformanceRating.NOT_REPORTED:
        return ""
    return (
        f"Neither a concern nor consistently failing any more. {reading_of(process).sentences[0]}"
    )


def reopened(times: int) -> str:
    """How often something was off plan before: "Reopened once", "Reopened 3 times"; "" if never."""
    if not times:
        return ""
    return f"Reopened {TIMES.get(times, f'{times} times')}"


def why_open(report: ExceptionReport, *, as_of: date) -> str:
    """Say why an exception stands on a day, which may have changed since it opened."""
    if not report.is_open:
        return ""
    if report.indicator is None:
        return why_milestone(report.milestone, as_of=as_of) if report.milestone else ""
    month = reporting_month(as_of)
    indicator = Indicator.objects.with_people().with_series().get(pk=report.indicator.pk)
    return why_indicator(standing(indicator, month=month), process_of(indicator, month=month))


def _lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _fitting(sentences: list[str]) -> str:
    """As many whole sentences as a trigger has room for."""
    while len(" ".join(sentences)) > LONGEST and len(sentences) > 1:
        sentences = sentences[:-1]
    return " ".join(sentences)
