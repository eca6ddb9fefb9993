from django.db import migrations

from accounts.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("milestones", "0001_initial")]
    operations = [
        guard(
            "milestones_planversion",
            "milestones_milestoneupdate",
            "milestones_fieldchange",
            "milestones_assurance",
        )
    ]
