"""The 5 x 5 table of likelihood and impact with the number of risks in each cell."""

from dataclasses import dataclass

from django.db.models import Count
from django.http import QueryDict

from governance.models import Impact, Likelihood, RiskBand, RiskQuerySet, band

CELL = ("likelihood", "impact")


@dataclass(frozen=True)
class Cell:
    """One likelihood and impact; ``query`` leads to exactly its ``count`` rows."""

    likelihood: Likelihood
    impact: Impact
    count: int
    query: str
    is_chosen: bool

    @property
    def score(self) -> int:
        return self.likelihood * self.impact

    @property
    def band(self) -> RiskBand:
        return band(self.score)


@dataclass(frozen=True)
class Row:
    likelihood: Likelihood
    cells: list[Cell]


def heat_map(risks: RiskQuerySet, *, query: QueryDict) -> list[Row]:
    """Count risks by their current score, the most likely on top; one query.

    ``risks`` is what the list shows without a choice of cell, ``query`` how it was asked for.
    """
    counts = {
        (row["current_likelihood"], row["current_impact"]): row["number"]
        for row in risks.order_by()
        .values("current_likelihood", "current_impact")
        .annotate(number=Count("pk", distinct=True))
    }
    chosen = tuple(query.get(name, "") for name in CELL)
    return [
        Row(
            likelihood,
            [
                Cell(
                    likelihood,
                    impact,
                    counts.get((likelihood, impact), 0),
                    _query(query, likelihood, impact),
                    chosen == (str(likelihood.value), str(impact.value)),
                )
                for impact in Impact
            ],
        )
        for likelihood in reversed(Likelihood)
    ]


def _query(query: QueryDict, likelihood: Likelihood, impact: Impact) -> str:
    wanted = query.copy()
    for name, value in zip(CELL, (likelihood, impact), strict=True):
        wanted[name] = str(value.value)
    wanted.pop("page", None)
    return wanted.urlencode()
