"""What a browser sends from the milestone forms, and where to."""

from django.urls import reverse


def url(name, milestone):
    return reverse(f"milestones:{name}", args=[milestone.programme.slug, milestone.reference])


def update_data(milestone, **answers):
    answers = {
        "version": milestone.version,
        "status": "in_progress",
        "forecast_date": None,
        "completed_date": None,
        "owner_view": "",
        "narrative": "",
    } | answers
    return flatten(answers)


def plan_data(milestone, **answers):
    answers = {
        "version": milestone.version,
        "title": milestone.title,
        "lead_director": milestone.lead_director_id or "",
        "local_owner": milestone.local_owner_id or "",
        "planned_date": milestone.planned_date,
        "planned_precision": milestone.planned_precision or "day",
    } | answers
    return flatten(answers)


def flatten(answers):
    flat = {}
    for name, value in answers.items():
        if name.endswith("_date"):
            parts = (value.day, value.month, value.year) if value else ("", "", "")
            names = (f"{name}_{part}" for part in ("day", "month", "year"))
            flat |= dict(zip(names, parts, strict=True))
        else:
            flat[name] = value
    return flat
