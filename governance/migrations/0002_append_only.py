from django.db import migrations

from accounts.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]
    operations = [guard("governance_decision")]
