from django.core.management import call_command
from django.db import migrations


def create_cache_table(apps, schema_editor):
    """Sign-in counts wrong passwords in the cache, which lives in the database."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    # Its command opens a transaction of its own.
    atomic = False
    dependencies = [("accounts", "0002_append_only")]
    operations = [migrations.RunPython(create_cache_table, migrations.RunPython.noop)]
