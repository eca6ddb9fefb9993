"""What a chart says, in plain English: the words of its icons and the sentences under it."""

from dataclasses import dataclass

from metrics.process import Process
from metrics.rating import Direction
from metrics.spc import Assurance, Kind, Point
from workstreams.dates import long_month

VARIATION_WORDS: dict[Kind, str] = {
    "improvement": "Improving",
    "concern": "Concern",
    "common_cause": "Common cause",
    "neutral_high": "Neutral high",
    "neutral_low": "Neutral low",
}
ASSURANCE_WORDS: dict[Assurance, str] = {
    "pass": "Consistently passing",
    "fail": "Consistently failing",
    "hit_or_miss": "Hit or miss",
}
WITHOUT_TARGET = "There is no target to hold the limits against."
NUMBER_WORDS = "no one two three four five six seven eight nine ten".split()


@dataclass(frozen=True)
class Reading:
    """The words for a process. Those for variation and assurance are empty on a run chart."""

    variation: str
    assurance: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.sentences)


def reading_of(process: Process) -> Reading:
    """Say what the latest point of a process shows, and what its limits mean for the target."""
    return Reading(
        variation=VARIATION_WORDS[process.variation] if process.variation else "",
        assurance=ASSURANCE_WORDS[process.assurance] if process.assurance else "",
        sentences=tuple(_sentences(process)),
    )


def _sentences(process: Process) -> list[str]:
    latest = process.analysis.latest
    if not process.is_chartable:
        return [_not_charted(process)]
    if latest is None:
        return ["There is no value yet.", f"{process.progress}."]
    sentences = [_latest(process, latest), _target(process)] if process.is_spc else _early(process)
    if process.analysis.latest_step and process.analysis.latest_step.first:
        sentences.append(_step_change(process))
    if process.months[-1] in process.provisional:
        sentences.append(f"The value of {long_month(process.months[-1])} is provisional.")
    return sentences


def _not_charted(process: Process) -> str:
    what = "A yes or no" if process.indicator.is_yes_no else "A report in words"
    return f"{what} has no mean and no limits to be read against."


def _early(process: Process) -> list[str]:
    return [
        f"{process.progress}.",
        "Until then this is a run chart: too few values to tell a real change from chance.",
    ]


def _latest(process: Process, latest: Point) -> str:
    match latest.special_cause:
        case "outside":
            what, judged = _outside(process, latest), "more than chance"
        case "trend":
            what, judged = _trend(process, latest), "a real change"
        case "shift":
            real = "a real rise" if latest.direction > 0 else "a real fall"
            what, judged = _shift(process, latest), real
        case "two_of_three":
            what, judged = _two_of_three(process, latest), "more than chance"
        case _:
            shown = _shown_latest(process)
            return f"{shown} is usual variation: nothing says that the process has changed."
    return f"{what}: {judged}, and {_worth(latest)}."


def _outside(process: Process, latest: Point) -> str:
    limit = "above the upper" if latest.direction > 0 else "below the lower"
    return f"{_shown_latest(process)} lies {limit} limit"


def _shift(process: Process, latest: Point) -> str:
    side = "above" if latest.direction > 0 else "below"
    return f"The {_run(process, latest.run)} all lie {side} the mean"


def _trend(process: Process, latest: Point) -> str:
    move = "rises" if latest.direction > 0 else "falls"
    return f"The value {move} without a break over the {_run(process, latest.run)}"


def _two_of_three(process: Process, latest: Point) -> str:
    side, limit = ("above", "upper") if latest.direction > 0 else ("below", "lower")
    months = _run(process, 3)
    if latest.run == 3:
        return f"The {months} all lie close to the {limit} limit"
    return f"Two of the {months} lie close to the {limit} limit and all three {side} the mean"


def _worth(latest: Point) -> str:
    if latest.special_cause in ("trend", "shift"):
        way = "rising" if latest.direction > 0 else "falling"
    else:
        way = "high" if latest.direction > 0 else "low"
    match latest.kind:
        case "improvement":
            return f"{way} is good here"
        case "concern":
            return f"{way} is bad here"
        case _:
            return f"{way} is neither good nor bad here"


def _target(process: Process) -> str:
    indicator = process.indicator
    if indicator.final_target is None:
        return WITHOUT_TARGET
    if indicator.direction == Direction.NEITHER:
        return "Neither direction is good here, so the limits are not held against the target."
    is_up = indicator.direction == Direction.UP
    beyond, within = ("above", "below") if is_up else ("below", "above")
    period = "quarter" if indicator.is_quarterly else "month"
    target = f"The target of {indicator.show(indicator.final_target)}"
    match process.assurance:
        case "pass" | "fail" if _is_flat(process):
            met = "met" if process.assurance == "pass" else "missed"
            return f"{target} is {met} every {period}: the value does not vary."
        case "pass":
            return (
                f"{target} lies {within} the limits, so it is normally met every {period}; "
                "a miss would mean that the process has changed."
            )
        case "fail":
            return (
                f"{target} lies {beyond} the limits, so it is normally missed every {period}; "
                "only a change of the process will meet it."
            )
        case "hit_or_miss":
            return (
                f"{target} lies within what the process normally does, so it will be met "
                f"in some {period}s and missed in others."
            )
        case _:
            return "Without two neighbouring values there are no limits to hold the target against."


def _is_flat(process: Process) -> bool:
    step = process.analysis.latest_step
    return step is not None and step.lower == step.upper


def _step_change(process: Process) -> str:
    """Why the latest step began: its latest rebase, in the words of who set it."""
    step = process.analysis.latest_step
    assert step is not None
    reason = next(
        each.text for each in reversed(process.rebases) if each.month <= process.months[step.last]
    )
    since = long_month(process.months[step.first])
    return f"Mean and limits start afresh in {since}: {reason.strip().rstrip('.')}."


def _shown_latest(process: Process) -> str:
    return f"{process.indicator.show(process.values[-1])} in {long_month(process.months[-1])}"


def _run(process: Process, length: int) -> str:
    """The latest so many values: "seven months to October 2016"; up to ten in words."""
    shown = NUMBER_WORDS[length] if length < len(NUMBER_WORDS) else str(length)
    what = "values" if process.indicator.is_quarterly else "months"
    return f"{shown} {what} to {long_month(process.months[-1])}"
