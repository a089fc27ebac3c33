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
# Two of these overlap where one shuts the other out. EXCLUSIVE is every text, SOLE all that begin
# with n; each NON_EXCLUSIVE is one text with n, each own use of the owner one with o.
SLOT = """
CREATE FUNCTION rights_slot(id uuid, kind text, exclusivity text) RETURNS rights_branch
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN exclusivity = 'sole' THEN rights_branch('n', 'o')
    WHEN exclusivity = 'non_exclusive' AND kind = 'reservation'
        THEN rights_branch('o' || id, 'o' || id, '[]')
    WHEN exclusivity = 'non_exclusive' THEN rights_branch('n' || id, 'n' || id, '[]')
    ELSE rights_branch(NULL, NULL)
END;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(BRANCH, "DROP TYPE rights_branch"),
        migrations.RunSQL(SPAN, "DROP FUNCTION rights_span(text[])"),
        migrations.RunSQL(SLOT, "DROP FUNCTION rights_slot(uuid, text, text)"),
    ]
