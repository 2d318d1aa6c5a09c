from django.db import migrations

FROZEN = """
CREATE FUNCTION consent_refuse_thaw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW IS NOT DISTINCT FROM OLD THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'terms version % is announced and frozen', OLD.id USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER consent_termsversion_frozen BEFORE UPDATE OR DELETE ON consent_termsversion
    FOR EACH ROW WHEN (OLD.announced_at IS NOT NULL) EXECUTE FUNCTION consent_refuse_thaw();
"""
THAW = "DROP TRIGGER consent_termsversion_frozen ON consent_termsversion; DROP FUNCTION consent_refuse_thaw();"

# A check constraint sees one table only; ground and moments stand in two.
IN_TIME = """
CREATE FUNCTION consent_refuse_late_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.ground = 'reasonable' AND NOT EXISTS (
        SELECT FROM consent_termsversion WHERE id = NEW.version_id AND effective_at > announced_at
    ) THEN
        RAISE EXCEPTION 'a reasonable change takes effect after its announcement' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER consent_changenotice_in_time BEFORE INSERT ON consent_changenotice
    FOR EACH ROW EXECUTE FUNCTION consent_refuse_late_notice();
CREATE TRIGGER consent_changenotice_append_only BEFORE UPDATE OR DELETE ON consent_changenotice
    FOR EACH ROW EXECUTE FUNCTION consent_refuse_change();
"""
AT_ANY_TIME = """
DROP TRIGGER consent_changenotice_append_only ON consent_changenotice;
DROP TRIGGER consent_changenotice_in_time ON consent_changenotice;
DROP FUNCTION consent_refuse_late_notice();
"""


class Migration(migrations.Migration):
    """What was announced stays as it was announced: the database refuses to change or delete the version and its notice (C13, S9)."""

    dependencies = [("consent", "0003_versions_and_notices")]

    operations = [migrations.RunSQL(FROZEN, THAW), migrations.RunSQL(IN_TIME, AT_ANY_TIME)]
