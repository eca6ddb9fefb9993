from django.db import migrations, models

import accounts.request_id
from accounts.append_only import guard


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_user_has_closed_tour"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="field",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="new_value",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="old_value",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="request_id",
            field=models.CharField(
                blank=True, default=accounts.request_id.current_request_id, max_length=36
            ),
        ),
        guard("accounts_auditentry"),
    ]
