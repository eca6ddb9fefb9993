from django.db import migrations

from accounts.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_commentary_and_editions")]
    operations = [guard("reports_commentary")]
