from django.db import migrations

# A range type over text lets GiST compare keys without the extension btree_gist, which the
# PostgreSQL of the wheel does not have.
FORWARD = """
CREATE TYPE rulebook_text AS RANGE (subtype = text, collation = "C");
ALTER TABLE rulebook_rule ADD CONSTRAINT no_two_confirmed_rules_overlap EXCLUDE USING gist (
  rulebook_text(key, key, '[]') WITH &&,
  rulebook_text(jurisdiction, jurisdiction, '[]') WITH &&,
  daterange(valid_from, valid_to, '[]') WITH &&
) WHERE (status = 'confirmed');
"""
BACK = """
ALTER TABLE rulebook_rule DROP CONSTRAINT no_two_confirmed_rules_overlap;
DROP TYPE rulebook_text;
"""


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
