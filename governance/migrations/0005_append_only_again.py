from django.db import migrations

from accounts.append_only import guard


class Migration(migrations.Migration):
    # SQLite rebuilt the decisions to give them a column, and forgot their guard.
    dependencies = [("governance", "0004_meetings_risks_and_cqc_steps")]
    operations = [
        guard(
            "governance_decision",
            "governance_ratification",
            "governance_riskchange",
            "governance_cqcstep",
            "governance_cqcstep_evidence",
            "governance_monthlyline",
        )
    ]
