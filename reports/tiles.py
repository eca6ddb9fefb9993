"""The numbers at the head of the dashboard, each with the list of exactly its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from governance.queue import next_elt_date
from metrics.rating import PerformanceRating
from milestones.models import DueWindow
from milestones.rating import DeliveryRating
from reports.figures import LATE, ProgrammeFigures
from reports.frozen import Movement
from workstreams.dates import long_day
from workstreams.models import Programme

DAYS_OF_WEEK = 7
OFF_TRAJECTORY = (PerformanceRating.BELOW, PerformanceRating.NEAR)


@dataclass(frozen=True)
class Tile:
    """A number and what it counts; ``url`` is empty where it counts no rows."""

    number: int | str
    label: str
    url: str
    kind: str
    of: str = ""
    note: str = ""


def list_links(programme: Programme, *, as_at: date | None = None) -> dict[str, str]:
    """Give the lists behind the numbers; "as_at" is what a link to the register adds."""
    milestones = reverse("milestones:milestone_list", args=[programme.slug])
    indicators = reverse("metrics:indicator_list", args=[programme.slug])
    exceptions = reverse("governance:exception_list", args=[programme.slug])
    requests = reverse("governance:change_request_list", args=[programme.slug])
    asked = f"&as-at={as_at.isoformat()}" if as_at else ""
    return {
        "as_at": asked,
        "milestones": milestones,
        "late": f"{milestones}?{_ratings(LATE)}{asked}",
        "due_soon": f"{milestones}?due={DueWindow.NEXT_30_DAYS.value}&sort=planned{asked}",
        "off_trajectory": f"{indicators}?{_ratings(OFF_TRAJECTORY)}",
        "actions": reverse("governance:remedial_action_list", args=[programme.slug]),
        "decisions": reverse("governance:decision_queue", args=[programme.slug]) + "#elt",
        "exceptions": f"{exceptions}?state=open",
        "escalated": f"{exceptions}?state=escalated",
        "requests": f"{requests}?state=open",
    }


def dashboard_tiles(
    figures: ProgrammeFigures,
    links: Mapping[str, str],
    *,
    movement: Movement | None,
    planned: int,
    live: Mapping[str, Any] | None,
    settings_url: str,
) -> list[Tile]:
    """Give the tiles of a day; ``live`` holds the counts that only today's page has.

    ``settings_url`` is empty for who does not set the day of the next inspection.
    """
    due = Tile(len(figures.due_soon), "Due in 30 days", links["due_soon"], "plain")
    ratings = _rating_tiles(figures, links, movement, planned)
    if live is None:
        return [*ratings, due]
    off = live["off_trajectory_count"]
    return [
        Tile(
            live["waiting_count"],
            "Waiting for ELT",
            links["decisions"],
            "ask",
            note=f"ELT meets {long_day(next_elt_date(figures.programme, on=figures.as_of))}",
        ),
        *ratings,
        due,
        Tile(
            off,
            "Indicators off or near trajectory",
            links["off_trajectory"],
            "below" if off else "met",
            of=f"of {len(figures.standings)}",
        ),
        Tile(live["exceptions_count"], "Open exceptions", links["exceptions"], "plain"),
        Tile(live["requests_count"], "Change requests under way", links["requests"], "plain"),
        inspection_tile(figures.programme, on=figures.as_of, settings_url=settings_url),
    ]


def inspection_tile(programme: Programme, *, on: date, settings_url: str) -> Tile:
    """Count the weeks to the regulator's next visit, the last fourteen days as days."""
    day = programme.next_inspection_date
    if day is None:
        asked = "Set the day" if settings_url else "The PMO administrator sets it"
        note = f"No day is known. {asked}"
        return Tile("–", "Next inspection", settings_url, "plain", note=note)
    days = (day - on).days
    if days < 0:
        note = f"It was on {long_day(day)}"
        return Tile("–", "Next inspection", settings_url, "plain", note=note)
    if days < 2 * DAYS_OF_WEEK:
        unit, number = ("day" if days == 1 else "days"), days
    else:
        unit, number = "weeks", days // DAYS_OF_WEEK
    note = f"{long_day(day)}, illustrative" if programme.is_demonstration else long_day(day)
    return Tile(number, f"{unit} to the next inspection", "", "plain", note=note)


def _rating_tiles(
    figures: ProgrammeFigures, links: Mapping[str, str], movement: Movement | None, planned: int
) -> list[Tile]:
    return [
        Tile(
            count.count,
            count.word,
            f"{links['milestones']}?rating={count.code}{links['as_at']}",
            count.code,
            of=f"of {figures.total}" if count.code == DeliveryRating.COMPLETE else "",
            note=_note(count.code, movement, planned),
        )
        for count in figures.rating_counts
    ]


def _note(code: str, movement: Movement | None, planned: int) -> str:
    said = [f"{planned} planned by now"] if code == DeliveryRating.COMPLETE else []
    return ". ".join([*said, *([movement.words_for(code)] if movement else [])])


def _ratings(codes: Any) -> str:
    return "&".join(f"rating={rating.value}" for rating in codes)
