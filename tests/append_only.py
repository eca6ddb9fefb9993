from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from accounts.append_only import guard_sql, unguard_sql

TABLES = [
    "accounts_auditentry",
    "milestones_planversion",
    "milestones_milestoneupdate",
    "milestones_fieldchange",
    "milestones_assurance",
    "metrics_trajectoryversion",
    "governance_change",
    "governance_decision",
    "governance_ratification",
    "governance_riskchange",
    "governance_cqcstep",
    "governance_cqcstep_evidence",
    "governance_monthlyline",
    "reports_commentary",
    "reports_deliveryattempt",
]
# Rows of these are guarded from the moment that the column is true of them.
ONCE = {"governance_change": "is_applied"}


@contextmanager
def guards_lifted() -> Iterator[None]:
    """Take the append-only guards off for the emptying of the test database."""
    _run(lambda table: unguard_sql(table, connection.vendor))
    try:
        yield
    finally:
        _run(lambda table: guard_sql(table, connection.vendor, once=ONCE.get(table, "")))


def _run(statements_for) -> None:
    with connection.cursor() as cursor:
        for table in TABLES:
            for statement in statements_for(table):
                cursor.execute(statement)
