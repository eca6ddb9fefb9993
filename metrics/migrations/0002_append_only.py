from django.db import migrations

from accounts.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("metrics", "0001_initial")]
    operations = [guard("metrics_trajectoryversion")]
