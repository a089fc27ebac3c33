from django.db import migrations, models

# Of the day of an earlier decline nothing was kept: who is verified today, until that day or a
# later one, and has none of the owner's people, was.
AS_KNOWN_TODAY = """
    UPDATE feedback_matchdecline decline SET vouched = true
    FROM needs_need need, listings_listing listing, accounts_organisation buyer
    WHERE need.id = decline.need_id AND listing.id = decline.listing_id
    AND buyer.id = need.organisation_id AND buyer.id <> listing.owner_id
    AND (buyer.is_sample OR buyer.verification = 'verified' AND buyer.verified_until
        >= (decline.declined_at AT TIME ZONE 'Asia/Hong_Kong')::date)
    AND NOT EXISTS (
        SELECT FROM accounts_membership one JOIN accounts_membership other USING (user_id)
        WHERE one.organisation_id = buyer.id AND other.organisation_id = listing.owner_id)
"""


class Migration(migrations.Migration):

    dependencies = [
        ("feedback", "0001_initial"),
        ("needs", "0001_initial"),
        ("listings", "0002_disclosure"),
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="matchdecline",
            name="vouched",
            field=models.BooleanField(
                default=False,
                help_text="By a verified buyer without people of the owner; only such are told to owners.",
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(AS_KNOWN_TODAY, migrations.RunSQL.noop),
    ]
