from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0003_lengths_by_field")]
    operations = [
        migrations.AddField(
            "entry",
            "family",
            models.TextField(blank=True, default="", help_text="Empty: it stands alone."),
            preserve_default=False,
        ),
    ]
