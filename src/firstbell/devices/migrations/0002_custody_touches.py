"""Custody intervals touch end to start: the database refuses gaps, overlaps, rewriting and removal."""

from django.db import migrations

GUARD = """
CREATE FUNCTION custody_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last_until timestamptz;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'custody is history: DELETE refused' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.until IS NOT NULL OR NEW.until IS NULL
           OR ROW(OLD.device_id, OLD.kind, OLD.person_id, OLD.place_id, OLD.shipment_id, OLD.site_id, OLD.since)
              IS DISTINCT FROM
              ROW(NEW.device_id, NEW.kind, NEW.person_id, NEW.place_id, NEW.shipment_id, NEW.site_id, NEW.since)
        THEN
            RAISE EXCEPTION 'custody can only be ended, once' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    SELECT until INTO last_until FROM devices_custody
     WHERE device_id = NEW.device_id ORDER BY since DESC, id DESC LIMIT 1;
    IF FOUND AND last_until IS DISTINCT FROM NEW.since THEN
        RAISE EXCEPTION 'custody must begin where the last one ended' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER custody_guard BEFORE INSERT OR UPDATE OR DELETE ON devices_custody
    FOR EACH ROW EXECUTE FUNCTION custody_guard();
"""
UNGUARD = "DROP TRIGGER custody_guard ON devices_custody; DROP FUNCTION custody_guard();"


class Migration(migrations.Migration):
    dependencies = [("devices", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
