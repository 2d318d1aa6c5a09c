from django.db import migrations

TABLES = ("consent_consent", "consent_consentwithdrawal", "consent_ministryrecord")

FUNCTION = """
CREATE FUNCTION consent_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""


class Migration(migrations.Migration):
    """Evidence of consent is only ever added: the database itself refuses UPDATE and DELETE."""

    dependencies = [("consent", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION consent_refuse_change()"),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION consent_refuse_change()",
                f"DROP TRIGGER {table}_append_only ON {table}",
            )
            for table in TABLES
        ),
    ]
