from django.db import migrations

# A range of text whose `medical` holds `medical/imaging`: from 'medical/' up to 'medical0', since 0
# comes right after / in the collation C. The empty word is everything. The multirange comes with it.
BRANCH = """
CREATE TYPE rights_branch AS RANGE (
    SUBTYPE = text, COLLATION = "C", MULTIRANGE_TYPE_NAME = rights_branches
);
"""
SPAN = """
CREATE FUNCTION rights_span(words text[]) RETURNS rights_branches
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT coalesce(
        range_agg(rights_branch(nullif(word || '/', '/'), nullif(word || '0', '0'))),
        '{}'::rights_branches
    ) FROM unnest(words) AS word
);
"""
# Two of these overlap where one shuts the other out. EXCLUSIVE is all numbers, SOLE the positive
# ones; each NON_EXCLUSIVE is a positive number of its own, each own use of the owner a negative one.
SLOT = """
CREATE FUNCTION rights_slot(id bigint, kind text, exclusivity text) RETURNS int8range
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN exclusivity = 'sole' THEN int8range(1, NULL)
    WHEN exclusivity = 'non_exclusive' AND kind = 'reservation' THEN int8range(-id, -id, '[]')
    WHEN exclusivity = 'non_exclusive' THEN int8range(id, id, '[]')
    ELSE int8range(NULL, NULL)
END;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(BRANCH, "DROP TYPE rights_branch"),
        migrations.RunSQL(SPAN, "DROP FUNCTION rights_span(text[])"),
        migrations.RunSQL(SLOT, "DROP FUNCTION rights_slot(bigint, text, text)"),
    ]
