"""The data-quality section: each question with its count and what it counts."""

from typing import Any

from reports.figures import ProgrammeFigures
from reports.quality import checks_of


def quality_content(figures: ProgrammeFigures) -> list[dict[str, Any]]:
    """Give each data-quality check with its count and what it is counted of."""
    return [
        {
            "code": check.code,
            "label": check.full_label,
            "meaning": check.meaning,
            "count": check.count,
            "of": check.of,
            "items": [
                {"reference": each.reference, "title": each.title, "detail": each.detail}
                for each in check.found
            ],
        }
        for check in checks_of(figures)
    ]
