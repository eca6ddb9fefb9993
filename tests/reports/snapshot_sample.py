from datetime import date, timedelta
from typing import Any

from tests.reports.snapshot_outline import KEY, NARRATIVES, PLAN, PROGRAMME_STEPS, STEPS
from tests.reports.snapshot_risks import risks

AS_OF = date(2016, 11, 14)
SHA256 = "9a117b14eef27865c0d3a1f2b45e6789aa01bb23cc45dd67ee89ff0112233445"
NUMBER = "SN-2016-11-1"

DUE_KEYS = ("reference", "title", "planned", "rating")
# rating, days between the planned and the expected day, at which places of a run of 12
RUN = (
    [("complete", 0)] * 4
    + [("on_track", 0)] * 3
    + [("delayed", 17), ("no_date", 0), ("no_date", 0), ("at_risk", 58), ("on_track", -5)]
)


def show(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def milestone(reference: str, title: str, place: int) -> dict[str, Any]:
    rating, late = RUN[place % len(RUN)]
    dated = rating != "no_date"
    planned = AS_OF + timedelta(days=(-90 if rating == "complete" else 20) + place % 9 * 7)
    expected = show(planned + timedelta(days=late)) if dated else ""
    return {
        "reference": reference,
        "title": title,
        "owner": f"Local owner {place % 7 + 1}",
        "baseline": show(planned - timedelta(days=30 if late > 50 else 0)) if dated else "",
        "planned": show(planned) if dated else "",
        "forecast": "" if rating == "complete" else expected,
        "completed": expected if rating == "complete" else "",
        "rating": rating,
        "late_days": late if dated else None,
        "late_baseline_days": late + (30 if late > 50 else 0) if dated else None,
        "narrative": NARRATIVES[place % len(NARRATIVES)],
        "not_updated": place % 11 == 3,
        "illustrative": True,
    }


def count(rows: list[dict[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["rating"]] = counts.get(row["rating"], 0) + 1
    return counts


def worst(counts: dict[str, int]) -> str | None:
    order = ("at_risk", "delayed", "no_date", "on_track", "complete")
    return next((rating for rating in order if counts.get(rating)), None)


def chart(name: str, place: int) -> str:
    points = [(40 + 16 * n, 120 - 3 * n - (n * 7 + place * 5) % 23) for n in range(24)]
    path = " ".join(f"{x},{y}" for x, y in points)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 430 170" role="img" '
        f'font-family="Arial, sans-serif" font-size="11"><title>{name}</title>'
        '<rect x="40" y="34" width="368" height="86" fill="#edf4fb"/>'
        '<path d="M40 140H408M40 20V140" fill="none" stroke="#768692"/>'
        '<path d="M40 118L408 40" fill="none" stroke="#7c2855" stroke-dasharray="5 4"/>'
        f'<polyline points="{path}" fill="none" stroke="#005eb8" stroke-width="2"/>'
        f'<circle cx="{points[-1][0]}" cy="{points[-1][1]}" r="4" fill="#005eb8"/>'
        '<text x="408" y="32" text-anchor="end" fill="#7c2855">Trajectory</text>'
        '<text x="40" y="156" fill="#4c6272">Nov 2014</text>'
        '<text x="408" y="156" text-anchor="end" fill="#4c6272">Oct 2016</text></svg>'
    )


def indicator(reference: str, name: str, place: int) -> dict[str, Any]:
    rating = ("met", "near", "met", "below", "not_reported", "met", "no_target")[place % 7]
    reported = rating != "not_reported"
    return {
        "reference": reference,
        "name": name,
        "unit": "percent",
        "month_name": "October 2016",
        "value": f"{70 + place % 25}%" if reported else "",
        "trajectory": "85%" if rating != "no_target" else "",
        "attainment": f"{82 + place % 18}%" if rating in ("met", "near", "below") else "",
        "target": "95%" if rating != "no_target" else "",
        "rating": rating,
        "reading": "Common cause variation: no sign of change in the last 24 months. The target "
        "is met in some months and missed in others.",
        "svg": chart(name, place) if reported else "",
        "alt": f"Line chart of {name} from November 2014 to October 2016 with its trajectory.",
    }


def workstream(row: tuple[str, str, str, str, dict[str, int], str]) -> dict[str, Any]:
    code, name, executive_lead, role, sizes, indicators = row
    projects = []
    for number, (project, size) in enumerate(sizes.items(), 1):
        milestones = [
            milestone(
                f"{code}-P{number}-{step + 1:02d}",
                STEPS[step % len(STEPS)].format(project.lower()),
                step + number * 3,
            )
            for step in range(size)
        ]
        projects.append(
            {
                "code": f"{code}-P{number}",
                "name": project,
                "aim": f"Bring {project.lower()} to the standard that patients and staff expect.",
                "lead": executive_lead,
                "owner": f"Local owner {number}",
                "worst": worst(count(milestones)),
                "counts": count(milestones),
                "milestones": milestones,
            }
        )
    every = [one for project in projects for one in project["milestones"]]
    return {
        "code": code,
        "name": name,
        "executive_lead": executive_lead,
        "executive_role": role,
        "total": len(every),
        "counts": count(every),
        "worst": worst(count(every)),
        "projects": projects,
        "indicators": [
            indicator(f"{code}-I{place + 1}", text, place)
            for place, text in enumerate(indicators.split("|"))
        ],
    }


def exception(number: int, row: dict[str, Any], name: str) -> dict[str, Any]:
    state, word = (
        ("submitted", "Submitted, awaiting the ELT"),
        ("accepted", "Accepted"),
        ("draft", "Draft"),
    )[number % 3]
    reported = state != "draft"
    late = row["late_days"]
    return {
        "number": f"EX-{number:03d}",
        "reference": row["reference"],
        "title": row["title"],
        "workstream": name,
        "reason": f"Forecast {late} days after the planned date of {row['planned']}.",
        "opened": "7 Nov 2016",
        "reopened": "Reopened twice" if number % 4 == 1 else "",
        "report_due": "14 November 2016",
        "escalated": "" if reported else "15 Nov 2016",
        "state": state,
        "state_word": word,
        "owner": row["owner"],
        "cause": "The supplier ran out of stock for the last 11 stations." if reported else "",
        "consequence": "The old arrangement stays in use for five weeks." if reported else "",
        "options": "Wait for the supplier, or borrow key safes: waiting costs nothing."
        if reported
        else "",
        "delivery_impact": "Patients: daily counts by team leaders until then.\nCQC: the must-do "
        "completes later.\nCost: none."
        if reported
        else "",
        "recovery": f"Back on plan by {row['forecast']}." if reported else "",
        "risk": "R-004 Suppliers deliver late" if number % 4 == 1 else "",
        "remedial_actions": [
            {
                "text": "Supplier to deliver 11 key safes",
                "owner": row["owner"],
                "due": "28 Nov 2016",
                "done": "",
            },
            {
                "text": "Fit key safes at the last stations",
                "owner": "Local owner 2",
                "due": "2 Dec 2016",
                "done": "10 Nov 2016",
            },
        ]
        if reported
        else [],
    }


def change_request(number: int, row: dict[str, Any], *, decided: bool) -> dict[str, Any]:
    return {
        "number": f"CR-{number:03d}",
        "reference": row["reference"],
        "title": row["title"],
        "workstream": "Achieving good governance",
        "changes": [
            {
                "field": "Planned date",
                "old": "30 November 2016",
                "new": "27 January 2017",
                "difference": "58 days later",
            },
            {
                "field": "Scope",
                "old": "All stations",
                "new": "All stations, pilot at 5 first",
                "difference": "Pilot added",
            },
        ][: 1 + number % 2],
        "reason": "Two of four bidders asked for data that was not in the tender. Reissuing it "
        "and extending the deadline avoids a challenge.",
        "delivery_impact": "Patients: daily checks by crews continue for eight more weeks.",
        "raised_by": row["owner"],
        "raised": "8 Nov 2016",
        "endorsed_by": "Sandra Adams",
        "endorsed": "9 Nov 2016",
        "checked_by": "PMO officer",
        "checked": "10 Nov 2016",
        "state": "approved" if decided else "checked",
        "state_word": "Approved" if decided else "Awaiting the ELT",
        "decision": {
            "outcome_word": "Approved",
            "by": "ELT member",
            "date": "11 November 2016",
            "meeting": "ELT meeting of November 2016",
            "comment": "The planned date moves; the baseline date stays.",
        }
        if decided
        else None,
        "dependants": ["WS2-P3-04 Staff trained in the new form"] if number % 2 else [],
    }


NAMES = {
    "progress": "Clinical Quality Review Group",
    "decisions": "Executive Leadership Team",
    "public": "Public",
}
PURPOSES = {
    "progress": "To assure the group of progress against the quality improvement plan.",
    "decisions": "To decide the change requests and exception reports of the month.",
    "public": "To tell the public how the plan is going.",
}


def audience(kind: str = "progress") -> dict[str, Any]:
    """An audience of schema 1: the CQRG's, or the ELT's with "decisions", or the public's."""
    progress = kind == "progress"
    return {
        "code": {"progress": "cqrg", "decisions": "elt"}.get(kind, kind),
        "name": NAMES[kind],
        "kind": kind,
        "purpose": PURPOSES[kind],
        "previously_considered_by": ["Quality Improvement Group", "Executive Leadership Team"]
        if progress
        else [],
    }


def snapshot() -> dict[str, Any]:
    """A whole snapshot of schema 1, as large as the plan of the London Ambulance Service."""
    workstreams = [workstream(row) for row in PLAN]
    own = [
        milestone(f"PRG-{place + 1:02d}", title, place)
        for place, title in enumerate(PROGRAMME_STEPS)
    ]
    named = [
        (one, stream["name"])
        for stream in workstreams
        for project in stream["projects"]
        for one in project["milestones"]
    ]
    every = [one for one, _ in named] + own
    late = [(one, name) for one, name in named if one["rating"] in ("delayed", "at_risk")]
    indicators = [one for stream in workstreams for one in stream["indicators"]]
    counts = count(every)
    return {
        "schema": 1,
        "programme": {
            "slug": "las-2016",
            "name": "Quality Improvement Plan",
            "organisation": "London Ambulance Service NHS Trust",
        },
        "month": "2016-11",
        "month_name": "November 2016",
        "version": 1,
        "as_of": AS_OF.isoformat(),
        "as_of_text": "14 November 2016",
        "illustrative": True,
        "illustrative_note": "Owners, dates and measurements are made up to show the tracker.",
        "previous": {"month_name": "October 2016", "version": 1},
        "key": {
            part: [{"rating": r, "word": word, "meaning": text} for r, word, text in rows]
            for part, rows in KEY.items()
        },
        "summary": {
            "lead": f"{counts['complete']} of {len(every)} milestones are complete, "
            f"{counts['at_risk']} are at risk and {counts['delayed']} delayed. "
            f"{count(indicators)['met']} of {len(indicators)} indicators meet their trajectory.",
            "total": len(every),
            "counts": counts,
            "performance_counts": count(indicators),
            "due_this_month": [
                {
                    **{k: one[k] for k in ("reference", "title", "planned", "rating")},
                    "outcome": text,
                }
                for (one, _), text in zip(
                    named[:6], ["Delivered on time", "Moves to 2 December"] * 3, strict=True
                )
            ],
            "delivered": 3,
            "changes": [
                {
                    "kind": kind,
                    "reference": one["reference"],
                    "title": one["title"],
                    "text": text,
                }
                for (one, _), (kind, text) in zip(
                    named[8:14],
                    [
                        ("completed", "Done on 4 November 2016"),
                        ("slipped", "Forecast moved from 30 November 2016 to 27 January 2017"),
                        ("moved", "Planned date moved by CR-001"),
                        ("rating", "On track to Delayed"),
                        ("added", "Added by CR-002"),
                        ("withdrawn", "Withdrawn by CR-003"),
                    ],
                    strict=True,
                )
            ],
        },
        "workstreams": workstreams,
        "programme_milestones": own,
        "exceptions": [exception(n, one, name) for n, (one, name) in enumerate(late, 1)],
        "change_requests": {
            "awaiting": [
                change_request(n, one, decided=False) for n, (one, _) in enumerate(late[:4], 4)
            ],
            "decided": [
                change_request(n, one, decided=True) for n, (one, _) in enumerate(late[4:7], 1)
            ],
        },
        "risks": risks(),
        "definitions": [
            {"term": "Baseline date", "meaning": "The date first agreed; never changed."},
            {"term": "Planned date", "meaning": "The date in force."},
            {"term": "Forecast date", "meaning": "When the owner now expects to finish."},
            {"term": "Exception", "meaning": "Something off plan beyond tolerance."},
            {"term": "Change request", "meaning": "The exact changes asked for, for decision."},
            {"term": "Trajectory", "meaning": "The target value of each month."},
        ],
    }
