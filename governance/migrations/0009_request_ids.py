from django.db import migrations, models

import accounts.request_id
from accounts.append_only import guard


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0008_guard_applied_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="riskchange",
            name="request_id",
            field=models.CharField(
                blank=True, default=accounts.request_id.current_request_id, max_length=36
            ),
        ),
        guard("governance_riskchange"),
    ]
