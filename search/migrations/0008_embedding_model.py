from django.conf import settings
from django.db import migrations, models


def by_the_model_that_is_set(apps, schema_editor):
    apps.get_model("search", "Embedding").objects.update(model=settings.EMBEDDING_MODEL)


class Migration(migrations.Migration):

    dependencies = [
        ("search", "0007_scores_from_the_index_alone"),
    ]

    operations = [
        migrations.AddField(
            model_name="embedding",
            name="model",
            field=models.CharField(default="", max_length=200),
            preserve_default=False,
        ),
        migrations.RunPython(by_the_model_that_is_set, migrations.RunPython.noop),
    ]
