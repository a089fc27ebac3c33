"""For migrations: tables whose rows PostgreSQL itself lets nobody change or delete."""

from __future__ import annotations

from django.db.migrations import RunSQL

FUNCTION = """
CREATE OR REPLACE FUNCTION core_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
"""


def append_only(*tables: str) -> RunSQL:
    """The operation that guards `tables`."""
    return RunSQL(
        FUNCTION
        + "".join(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION core_append_only();"
            for table in tables
        ),
        "".join(f"DROP TRIGGER {table}_append_only ON {table};" for table in tables),
    )
