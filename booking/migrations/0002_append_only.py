from django.db import migrations

FUNCTION = """
CREATE FUNCTION booking_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""


class Migration(migrations.Migration):
    """A booking's history and the policy's are only ever added to: the database itself refuses UPDATE and DELETE."""

    dependencies = [("booking", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION booking_refuse_change()"),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION booking_refuse_change()",
                f"DROP TRIGGER {table}_append_only ON {table}",
            )
            for table in ("booking_bookingevent", "booking_policyvalue")
        ),
    ]
