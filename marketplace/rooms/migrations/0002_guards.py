from django.db import migrations

from marketplace.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("rooms", "0001_initial")]
    operations = [append_only("rooms_opening")]
