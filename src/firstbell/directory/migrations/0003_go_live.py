"""Schools go live by a verb. Those that are there when this runs are at work already: they count as live."""

from django.db import migrations, models

AT_WORK = "UPDATE directory_site SET live_on = CURRENT_DATE WHERE kind = 'school' AND closed_on IS NULL"


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0002_badges_and_old_codes"),
    ]

    operations = [
        migrations.AddField(
            model_name="site",
            name="live_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="site",
            name="live_reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.RunSQL(AT_WORK, migrations.RunSQL.noop),
    ]
