from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workstreams", "0002_owners_of_actions")]

    operations = [
        migrations.AddField(
            model_name="programme",
            name="next_inspection_date",
            field=models.DateField(
                blank=True,
                help_text="The regulator’s next visit, as far as it is known. Empty while it is "
                "not.",
                null=True,
            ),
        ),
    ]
