from pathlib import Path

from django.db import migrations

from marketplace.core.append_only import append_only
from marketplace.documents.first import first_versions


class Migration(migrations.Migration):
    dependencies = [("deals", "0001_initial"), ("documents", "0002_guards")]
    operations = [
        append_only("deals_dealevent"),
        first_versions(Path(__file__).parents[1] / "texts"),
    ]
