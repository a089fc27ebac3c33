from django.db import migrations

SQL = """
CREATE FUNCTION ledger_posting_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  which uuid;
BEGIN
  which := CASE TG_TABLE_NAME WHEN 'ledger_posting' THEN (to_jsonb(NEW)->>'id')::uuid
                              ELSE (to_jsonb(NEW)->>'posting_id')::uuid END;
  IF NOT EXISTS (SELECT 1 FROM ledger_entry WHERE posting_id = which) THEN
    RAISE EXCEPTION 'posting % has no entries', which USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM ledger_entry WHERE posting_id = which
             GROUP BY currency HAVING sum(amount) <> 0) THEN
    RAISE EXCEPTION 'posting % does not balance', which USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON ledger_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_posting_balances();
CREATE CONSTRAINT TRIGGER ledger_posting_balances AFTER INSERT ON ledger_posting
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_posting_balances();

CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only: post a reversal' USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry
  FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_posting_append_only BEFORE UPDATE OR DELETE ON ledger_posting
  FOR EACH ROW EXECUTE FUNCTION ledger_append_only();

-- Truncating what is empty loses nothing, and Django's test runner does it.
CREATE FUNCTION ledger_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM ledger_posting) OR EXISTS (SELECT 1 FROM ledger_entry) THEN
    RAISE EXCEPTION 'the ledger is append-only: post a reversal' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_entry_keep BEFORE TRUNCATE ON ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_keep();
CREATE TRIGGER ledger_posting_keep BEFORE TRUNCATE ON ledger_posting
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_keep();
"""

BACK = """
DROP TRIGGER ledger_entry_keep ON ledger_entry;
DROP TRIGGER ledger_posting_keep ON ledger_posting;
DROP TRIGGER ledger_entry_append_only ON ledger_entry;
DROP TRIGGER ledger_posting_append_only ON ledger_posting;
DROP TRIGGER ledger_entry_balances ON ledger_entry;
DROP TRIGGER ledger_posting_balances ON ledger_posting;
DROP FUNCTION ledger_keep();
DROP FUNCTION ledger_append_only();
DROP FUNCTION ledger_posting_balances();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(SQL, BACK)]
