from pathlib import Path

from django.db import migrations

from marketplace.documents.first import first_versions


class Migration(migrations.Migration):
    dependencies = [("agreements", "0001_initial"), ("documents", "0002_guards")]
    operations = [first_versions(Path(__file__).parents[1] / "texts")]
