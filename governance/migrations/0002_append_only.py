from django.db import migrations

from accounts.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]
    operations = [
        guard(
            "governance_decision",
            "governance_ratification",
            "governance_riskchange",
            "governance_cqcstep",
            "governance_cqcstep_evidence",
            "governance_monthlyline",
        ),
        guard("governance_change", once="is_applied"),
    ]
