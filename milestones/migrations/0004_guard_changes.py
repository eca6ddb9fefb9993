from django.db import migrations

from accounts.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("milestones", "0003_register_and_evidence")]
    operations = [
        guard("milestones_fieldchange", "milestones_assurance", "milestones_milestoneupdate")
    ]
