"""Who has what since when and until when stays as it was agreed: only how a loan ended is written later."""

from django.db import migrations

GUARD = """
CREATE FUNCTION loan_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR ROW(OLD.device_id, OLD.person_id, OLD.out_at, OLD.due_on)
       IS DISTINCT FROM ROW(NEW.device_id, NEW.person_id, NEW.out_at, NEW.due_on) THEN
        RAISE EXCEPTION 'a loan stays as it was agreed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER loan_guard BEFORE UPDATE OR DELETE ON loans_loan FOR EACH ROW EXECUTE FUNCTION loan_guard();
"""
UNGUARD = "DROP TRIGGER loan_guard ON loans_loan; DROP FUNCTION loan_guard();"


class Migration(migrations.Migration):
    dependencies = [("loans", "0002_pool_marks_its_devices")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
