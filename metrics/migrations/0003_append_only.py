from django.db import migrations

from accounts.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("metrics", "0002_spc_and_trajectories")]
    operations = [guard("metrics_trajectoryversion")]
