# By Django; the functions of its constraint are in 0001.

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('listings', '0002_disclosure'),
        ('patents', '0001_initial'),
        ('rights', '0001_what_the_constraint_needs'),
    ]

    operations = [
        migrations.CreateModel(
            name='Asset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('patent', 'patent or application'), ('know_how', 'Know How'), ('software', 'Software')], max_length=8)),
                ('listing', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='listings.listing')),
                ('patent', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='patents.patent')),
            ],
        ),
        migrations.CreateModel(
            name='Occupation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(choices=[('grant', 'Grant'), ('option', 'Option'), ('lock', 'exclusivity in negotiation'), ('reservation', 'kept by the owner')], max_length=11)),
                ('exclusivity', models.CharField(choices=[('exclusive', 'exclusive 独占: shuts out the licensor too'), ('sole', 'sole 排他: the licensor may still use it'), ('non_exclusive', 'non-exclusive 普通')], max_length=14)),
                ('territories', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), help_text='WIPO ST.3, no regions.', size=None)),
                ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(blank=True, max_length=200), help_text='Such as medical/imaging, with all below it; an empty one is every field.', size=None)),
                ('acts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('make', 'Make'), ('use', 'Use'), ('sell', 'Sell'), ('offer', 'offer for sale'), ('import', 'Import'), ('sublicense', 'Sublicense')], max_length=10), size=None)),
                ('period', django.contrib.postgres.fields.ranges.DateRangeField(help_text='Days of the right itself, the last one excluded.')),
                ('live', django.contrib.postgres.fields.ranges.DateTimeRangeField(help_text='From when to when it stands in the way of others.')),
                ('subject', models.CharField(help_text='Its cause, such as agreement:<uuid>.', max_length=120)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='occupations', to='rights.asset')),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rights_held', to='accounts.organisation')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rights_given', to='accounts.organisation')),
            ],
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'patent'), ('listing', None), ('patent__isnull', False)), models.Q(models.Q(('kind', 'patent'), _negated=True), ('listing__isnull', False), ('patent', None)), _connector='OR'), name='an_asset_is_a_patent_or_of_a_listing'),
        ),
        migrations.AddIndex(
            model_name='occupation',
            index=models.Index(fields=['subject'], name='occupations_of_a_subject'),
        ),
        migrations.AddConstraint(
            model_name='occupation',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(models.F('asset'), models.F('asset'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('territories'), function='rights_span'), '&&'), (models.Func(models.F('fields'), function='rights_span'), '&&'), (models.Func(models.F('acts'), function='rights_span'), '&&'), (models.F('period'), '&&'), (models.F('live'), '&&'), (models.Func(models.F('id'), models.F('kind'), models.F('exclusivity'), function='rights_slot'), '&&')], name='no_right_is_granted_twice'),
        ),
        migrations.AddConstraint(
            model_name='occupation',
            constraint=models.CheckConstraint(condition=models.Q(('acts__len__gte', 1), ('fields__len__gte', 1), ('live__lower_inf', False), ('period__isempty', False), ('period__lower_inf', False), ('territories__len__gte', 1)), name='an_occupation_occupies_something'),
        ),
        migrations.AddConstraint(
            model_name='occupation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'reservation'), _negated=True), ('holder', models.F('owner')), _connector='OR'), name='a_reservation_is_the_owners'),
        ),
        migrations.AddConstraint(
            model_name='occupation',
            constraint=models.CheckConstraint(condition=models.Q(('exclusivity', 'sole'), ('kind', 'reservation'), _negated=True), name='a_reservation_keeps_out_all_or_none'),
        ),
    ]
