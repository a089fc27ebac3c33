from django.db import migrations

KEY = """
    ALTER TABLE search_posting DROP CONSTRAINT search_posting_pkey,
    ADD PRIMARY KEY (generation_id, term, entry_id){}
"""


class Migration(migrations.Migration):
    """A search reads what a term counts in each entry from the key itself: the rows of a term lie
    scattered, one by one, over the whole table."""

    dependencies = [("search", "0006_embedding")]
    operations = [migrations.RunSQL(KEY.format(" INCLUDE (tf, length)"), KEY.format(""))]
