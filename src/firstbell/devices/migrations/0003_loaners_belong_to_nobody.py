"""A device knows that it is a loaner, so that verbs below the pool can say no; the database refuses it an owner."""

from django.db import migrations, models

GUARD = """
CREATE FUNCTION assignment_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.until IS NULL AND EXISTS (SELECT 1 FROM devices_device WHERE id = NEW.device_id AND is_loaner) THEN
        RAISE EXCEPTION 'a loaner belongs to nobody' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assignment_guard BEFORE INSERT OR UPDATE ON devices_assignment
    FOR EACH ROW EXECUTE FUNCTION assignment_guard();
"""
UNGUARD = "DROP TRIGGER assignment_guard ON devices_assignment; DROP FUNCTION assignment_guard();"


class Migration(migrations.Migration):
    dependencies = [("devices", "0002_custody_touches")]
    operations = [
        migrations.AddField(
            model_name="device",
            name="is_loaner",
            field=models.BooleanField(default=False, help_text="kept by the database as the loaner pool changes"),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
