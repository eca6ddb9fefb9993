from django.db import migrations

from accounts.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("governance", "0007_changes_of_earlier_requests")]
    operations = [guard("governance_change", once="is_applied")]
