from django.db import migrations

from marketplace.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("negotiation", "0001_initial")]
    operations = [append_only("negotiation_offer", "negotiation_comment")]
