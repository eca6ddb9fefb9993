"""What changed between two months, told from their snapshots alone."""

from collections.abc import Iterable
from typing import Any

from governance.models import ChangeRequestState
from milestones.rating import DeliveryRating

APPROVED = ChangeRequestState.APPROVED


def changes_between(previous: dict[str, Any], content: dict[str, Any]) -> list[dict[str, str]]:
    """Tell what changed since the previous snapshot, in the order of the plan.

    Each change has a kind (completed, moved, slipped, rating, added, withdrawn), the milestone's
    reference and title, and a sentence. A milestone may have several.
    """
    before = {row["reference"]: row for row in milestones_of(previous)}
    requests = {
        request["reference"]: request["number"]
        for request in content["change_requests"]["decided"]
        if request.get("state", APPROVED) == APPROVED
    }
    changes = []
    for row in milestones_of(content):
        earlier = before.get(row["reference"])
        for kind, text in _changes_of(earlier, row, requests.get(row["reference"], "")):
            change = {"kind": kind, "reference": row["reference"], "title": row["title"]}
            changes.append(change | {"text": text})
    return changes


def milestones_of(content: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Give every milestone of a snapshot's content, in the order of the plan."""
    for workstream in content["workstreams"]:
        for project in workstream["projects"]:
            yield from project["milestones"]
    yield from content["programme_milestones"]


def _changes_of(
    earlier: dict[str, Any] | None, row: dict[str, Any], request: str
) -> Iterable[tuple[str, str]]:
    by = f" by {request}" if request else ""
    if earlier is None:
        yield "added", f"Added to the plan{by}, {_planned(row)}"
        return
    rerated = row["rating"] != earlier["rating"]
    if rerated and row["rating"] == DeliveryRating.COMPLETE:
        yield "completed", f"Completed {row['completed']}"
        rerated = False
    elif rerated and row["rating"] == DeliveryRating.WITHDRAWN:
        yield "withdrawn", f"Withdrawn from the plan{by}"
        rerated = False
    # A new rating is told with what brought it about, where that is known.
    rating = f"; was {earlier['rating_word']}, now {row['rating_word']}" if rerated else ""
    if row["planned_date"] != earlier["planned_date"]:
        was = earlier["planned"] or "no date"
        now = row["planned"] or "no date"
        yield "moved", f"Planned date moved{by} from {was} to {now}{rating}"
        rating = ""
    if _slipped(earlier, row):
        was = earlier["forecast"] or earlier["planned"]
        yield "slipped", f"Forecast moved from {was} to {row['forecast']}{rating}"
    elif rating:
        yield "rating", "W" + rating.removeprefix("; w")


def _slipped(earlier: dict[str, Any], row: dict[str, Any]) -> bool:
    is_open = row["rating"] not in (DeliveryRating.COMPLETE, DeliveryRating.WITHDRAWN)
    if not is_open or row["forecast"] == earlier["forecast"] or not row["forecast_date"]:
        return False
    was = earlier["forecast_date"] or earlier["planned_date"]
    return bool(was) and row["forecast_date"] > was


def _planned(row: dict[str, Any]) -> str:
    return f"planned for {row['planned']}" if row["planned"] else "without a date yet"
