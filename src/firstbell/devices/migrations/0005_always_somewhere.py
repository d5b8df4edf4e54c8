"""At the end of every transaction each device is in exactly one hand or place: never two, never none."""

from django.db import migrations

GUARD = """
CREATE FUNCTION device_is_somewhere() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE device bigint;
BEGIN
    IF TG_TABLE_NAME = 'devices_device' THEN device := NEW.id; ELSE device := NEW.device_id; END IF;
    IF NOT EXISTS (SELECT 1 FROM devices_custody WHERE device_id = device AND until IS NULL) THEN
        RAISE EXCEPTION 'device % would be nowhere', device USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER custody_goes_on AFTER UPDATE ON devices_custody
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION device_is_somewhere();
CREATE CONSTRAINT TRIGGER device_begins_somewhere AFTER INSERT ON devices_device
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION device_is_somewhere();
"""
UNGUARD = """
DROP TRIGGER device_begins_somewhere ON devices_device;
DROP TRIGGER custody_goes_on ON devices_custody;
DROP FUNCTION device_is_somewhere();
"""


class Migration(migrations.Migration):
    dependencies = [("devices", "0004_scans")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
