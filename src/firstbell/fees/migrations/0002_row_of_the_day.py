"""Policy rows never change and never overlap; a charge points at the row of its day and stays below its cap."""

from django.db import migrations

GUARD = """
CREATE FUNCTION policy_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a policy row is history: DELETE refused' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.until IS NOT NULL
           OR ROW(OLD.cause, OLD.holder_kind, OLD.occurrence, OLD.amount_cents, OLD.cap_cents, OLD.since)
              IS DISTINCT FROM
              ROW(NEW.cause, NEW.holder_kind, NEW.occurrence, NEW.amount_cents, NEW.cap_cents, NEW.since)
        THEN
            RAISE EXCEPTION 'a policy row can only be ended, once' USING ERRCODE = 'restrict_violation';
        END IF;
        IF EXISTS (SELECT 1 FROM fees_charge WHERE policy_id = NEW.id AND happened_on >= NEW.until) THEN
            RAISE EXCEPTION 'a charge stands on this policy row' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT 1 FROM fees_feepolicy
         WHERE cause = NEW.cause AND holder_kind = NEW.holder_kind AND occurrence = NEW.occurrence
           AND daterange(since, until) && daterange(NEW.since, NEW.until)
    ) THEN
        RAISE EXCEPTION 'policy rows of one case do not overlap' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER policy_guard BEFORE INSERT OR UPDATE OR DELETE ON fees_feepolicy
    FOR EACH ROW EXECUTE FUNCTION policy_guard();

CREATE FUNCTION charge_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM fees_feepolicy
         WHERE id = NEW.policy_id AND cause = NEW.cause AND holder_kind = NEW.holder_kind
           AND occurrence <= NEW.occurrence
           AND since <= NEW.happened_on AND (until IS NULL OR until > NEW.happened_on)
    ) THEN
        RAISE EXCEPTION 'a charge points at the policy row of its day' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.amount_cents > (SELECT cap_cents FROM fees_feepolicy WHERE id = NEW.policy_id) THEN
        RAISE EXCEPTION 'a charge is never above the cap' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER charge_guard BEFORE INSERT OR UPDATE ON fees_charge
    FOR EACH ROW EXECUTE FUNCTION charge_guard();
"""
UNGUARD = """
DROP TRIGGER charge_guard ON fees_charge; DROP FUNCTION charge_guard();
DROP TRIGGER policy_guard ON fees_feepolicy; DROP FUNCTION policy_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("fees", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
