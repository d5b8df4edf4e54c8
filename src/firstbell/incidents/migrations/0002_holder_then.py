"""An incident hangs on the custody that held when it happened, and stays as it was noted."""

from django.db import migrations

GUARD = """
CREATE FUNCTION incident_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'an incident is history: DELETE refused' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND ROW(OLD.device_id, OLD.custody_id, OLD.cause, OLD.holder_kind, OLD.happened_at)
       IS DISTINCT FROM ROW(NEW.device_id, NEW.custody_id, NEW.cause, NEW.holder_kind, NEW.happened_at) THEN
        RAISE EXCEPTION 'an incident stays as it was noted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' AND NOT EXISTS (
        SELECT 1 FROM devices_custody
         WHERE id = NEW.custody_id AND device_id = NEW.device_id AND since <= NEW.happened_at
           AND (until IS NULL OR until > NEW.happened_at)
    ) THEN
        RAISE EXCEPTION 'damage belongs to whoever had custody when it happened' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incident_guard BEFORE INSERT OR UPDATE OR DELETE ON incidents_incident
    FOR EACH ROW EXECUTE FUNCTION incident_guard();
"""
UNGUARD = "DROP TRIGGER incident_guard ON incidents_incident; DROP FUNCTION incident_guard();"


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial"), ("devices", "0002_custody_touches")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
