from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def give_changes(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make a change row of the planned date that each request asked for until now."""
    request_model = apps.get_model("governance", "ChangeRequest")
    change_model = apps.get_model("governance", "Change")
    earlier = request_model.objects.filter(
        proposed_planned_date__isnull=False, changes__isnull=True
    )
    change_model.objects.bulk_create(
        [
            change_model(
                request=request,
                kind="planned_date",
                old_value={
                    "date": request.old_planned_date.isoformat(),
                    "precision": request.old_planned_precision,
                },
                new_value={
                    "date": request.proposed_planned_date.isoformat(),
                    "precision": request.proposed_planned_precision,
                },
                is_applied=request.state == "approved",
            )
            for request in earlier.iterator(chunk_size=500)
        ],
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [("governance", "0006_changes")]
    operations = [migrations.RunPython(give_changes, migrations.RunPython.noop)]
