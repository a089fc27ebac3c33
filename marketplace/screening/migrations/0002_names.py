from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("screening", "0001_initial")]

    operations = [migrations.RenameModel("Hit", "ScreeningHit")]
