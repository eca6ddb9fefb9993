from django.db import migrations

from accounts.append_only import guard


def doubt_what_was_on_its_way(apps, schema_editor):
    """Until now a message on its way may have been sent: a person decides on those."""
    deliveries = apps.get_model("reports", "Delivery").objects
    deliveries.filter(state="sending").update(state="unconfirmed")


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_outbox")]
    operations = [
        migrations.RunPython(doubt_what_was_on_its_way, migrations.RunPython.noop),
        guard("reports_deliveryattempt"),
    ]
