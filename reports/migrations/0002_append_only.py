from django.db import migrations

from accounts.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]
    operations = [guard("reports_deliveryattempt", "reports_commentary")]
