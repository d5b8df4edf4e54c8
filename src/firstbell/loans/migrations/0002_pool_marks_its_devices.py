"""The pool marks its devices as loaners, and takes none that belongs to somebody."""

from django.db import migrations

GUARD = """
CREATE FUNCTION pool_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.until IS NULL
       AND EXISTS (SELECT 1 FROM devices_assignment WHERE device_id = NEW.device_id AND until IS NULL) THEN
        RAISE EXCEPTION 'a loaner belongs to nobody' USING ERRCODE = 'check_violation';
    END IF;
    UPDATE devices_device SET is_loaner = (NEW.until IS NULL)
     WHERE id = NEW.device_id AND is_loaner IS DISTINCT FROM (NEW.until IS NULL);
    RETURN NEW;
END $$;
CREATE TRIGGER pool_guard AFTER INSERT OR UPDATE ON loans_pooldevice
    FOR EACH ROW EXECUTE FUNCTION pool_guard();
UPDATE devices_device SET is_loaner = true
 WHERE id IN (SELECT device_id FROM loans_pooldevice WHERE until IS NULL);
"""
UNGUARD = "DROP TRIGGER pool_guard ON loans_pooldevice; DROP FUNCTION pool_guard();"


class Migration(migrations.Migration):
    dependencies = [("loans", "0001_initial"), ("devices", "0003_loaners_belong_to_nobody")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
