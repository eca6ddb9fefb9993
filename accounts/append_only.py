"""Database triggers that refuse every change to rows that are evidence."""

from collections.abc import Callable
from functools import partial

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def guard_sql(table: str, vendor: str, *, once: str = "") -> list[str]:
    """Give the statements that make `table` refuse UPDATE and DELETE (and TRUNCATE).

    With `once`, the name of a boolean column, a row may change until it is true of that row.
    """
    message = f"{table} is append-only"
    when = f"WHEN (OLD.{once}) " if once else ""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb} ON {table} {when}"
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
        f"CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW {when}EXECUTE FUNCTION refuse_change()",
        f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]


def unguard_sql(table: str, vendor: str) -> list[str]:
    """Give the statements that take the guard off again (to reverse a migration)."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER {table}_no_{verb}" for verb in ("UPDATE", "DELETE")]
    return [f"DROP TRIGGER {table}_no_{what} ON {table}" for what in ("change", "truncate")]


def guard(*tables: str, once: str = "") -> migrations.RunPython:
    """Give the migration operation that makes the tables append-only (see ``guard_sql``).

    SQLite rebuilds a table to alter it and forgets its triggers: a migration that changes a
    guarded table is followed by one that guards it again. Guarding twice does no harm.
    """

    def put(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        _execute(schema_editor, partial(guard_sql, once=once), tables)

    def lift(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        _execute(schema_editor, unguard_sql, tables)

    return migrations.RunPython(put, lift)


def _execute(
    schema_editor: BaseDatabaseSchemaEditor,
    statements_for: Callable[[str, str], list[str]],
    tables: tuple[str, ...],
) -> None:
    for table in tables:
        for statement in statements_for(table, schema_editor.connection.vendor):
            # No parameters at all: PL/pgSQL's own "%" must stay as it is.
            schema_editor.execute(statement, params=None)
