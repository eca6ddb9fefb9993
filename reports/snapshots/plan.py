"""The plan as it stands: work streams, projects, milestones."""

from typing import Any

from milestones.rating import DeliveryRating
from reports.figures import MilestoneLine, ProjectFigures, Roll, WorkstreamFigures
from reports.snapshots.indicators import indicator_content
from reports.snapshots.texts import iso


def workstream_content(row: WorkstreamFigures, *, with_charts: bool) -> dict[str, Any]:
    """Give a work stream with its counts, projects and indicators."""
    return {
        "code": row.workstream.code,
        "name": row.workstream.name,
        "executive_lead": row.workstream.executive_lead_name or str(row.workstream.executive_lead),
        "executive_role": row.workstream.executive_role,
        "total": row.total,
        "counts": counts_of(row),
        "worst": row.worst and row.worst.value,
        "projects": [project_content(project) for project in row.projects],
        "indicators": [
            indicator_content(standing, with_chart=with_charts) for standing in row.standings
        ],
    }


def project_content(row: ProjectFigures) -> dict[str, Any]:
    """Give a project with its people, counts and milestones."""
    project = row.project
    return {
        "code": project.code,
        "name": project.name,
        "aim": project.aim,
        "lead": str(project.lead_director or project.workstream.executive_role),
        "owner": str(project.local_owner or ""),
        "worst": row.worst and row.worst.value,
        "counts": counts_of(row),
        "milestones": [milestone_content(line) for line in row.lines],
    }


def milestone_content(line: MilestoneLine) -> dict[str, Any]:
    """Give a milestone's dates in words, its rating and its last update."""
    milestone = line.milestone
    return {
        "reference": milestone.reference,
        "title": milestone.title,
        "owner": str(milestone.local_owner or ""),
        "baseline": milestone.baseline_text,
        "planned": milestone.planned_text,
        "planned_date": iso(milestone.planned_date),
        "forecast": milestone.forecast_text,
        "forecast_date": iso(milestone.forecast_date),
        "completed": milestone.completed_text if line.rating == DeliveryRating.COMPLETE else "",
        "rating": line.rating.value,
        "rating_word": line.word,
        "late_days": line.days_late,
        "late_baseline_days": line.days_late_on_baseline,
        "narrative": line.update.narrative if line.update else "",
        "not_updated": not line.is_updated,
        "illustrative": milestone.has_illustrative_date,
    }


def counts_of(roll: Roll) -> dict[str, int]:
    """Give the number of milestones of each rating, by the rating's stored value."""
    return {rating.value: count for rating, count in roll.counts.items()}
