"""What a browser sends from My work, and what the page would show."""

from datetime import UTC, datetime

from django.urls import reverse

from milestones.models import MilestoneStatus
from milestones.services import Position, record_update
from reports.my_work import my_work

NOON = datetime(2016, 3, 14, 12, tzinfo=UTC)


def address(name, *keys):
    return reverse(f"reports:{name}", args=["las-2016", *keys])


def work_of(user, programme):
    roles = programme.roles_of(user)
    return my_work(programme, user, roles=roles, today=programme.today(), at=NOON)


def answers(milestone, **typed):
    forecast = typed.pop("forecast_date", milestone.forecast_date)
    parts = (forecast.day, forecast.month, forecast.year) if forecast else ("", "", "")
    names = ("day", "month", "year")
    return {
        "version": milestone.version,
        "status": "in_progress",
        **{f"forecast_date_{name}": part for name, part in zip(names, parts, strict=True)},
        **{f"completed_date_{name}": "" for name in names},
        "no_evidence_reason": "",
        "narrative": "",
        **typed,
    }


def said_by(milestone, by, **position):
    record_update(
        milestone_id=milestone.pk,
        by=by,
        seen_version=milestone.version,
        position=Position(status=MilestoneStatus.IN_PROGRESS, **position),
    )
    milestone.refresh_from_db()
