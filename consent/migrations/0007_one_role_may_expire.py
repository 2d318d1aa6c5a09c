from django.db import migrations

TABLES = ("consent_consent", "consent_consentwithdrawal", "consent_ministryrecord", "consent_changenotice", "consent_termsversion")

# ``manage.py grant_app_role --retention ROLE`` names the role here.
NOBODY_YET = "CREATE FUNCTION consent_may_expire() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT false'"
EXPIRY = """
CREATE OR REPLACE FUNCTION consent_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND consent_may_expire() THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""
NO_EXPIRY = """
CREATE OR REPLACE FUNCTION consent_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""


class Migration(migrations.Migration):
    """Evidence is never emptied, not even by the owner of the tables; one named role may delete what has expired."""

    dependencies = [("consent", "0006_decisions_and_outcomes")]

    operations = [
        migrations.RunSQL(NOBODY_YET, "DROP FUNCTION consent_may_expire()"),
        migrations.RunSQL(EXPIRY, NO_EXPIRY),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse_change()",
                f"DROP TRIGGER {table}_never_emptied ON {table}",
            )
            for table in TABLES
        ),
    ]
