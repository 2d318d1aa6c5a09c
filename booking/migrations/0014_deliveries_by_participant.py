import django.db.models.deletion
from django.db import migrations, models

FILL = """
UPDATE booking_codedelivery SET participant_id = (
    SELECT min(id) FROM booking_participant WHERE booking_participant.booking_id = booking_codedelivery.booking_id
)
"""


class Migration(migrations.Migration):
    """Codes are told to participants, and every attempt stays: the database itself refuses UPDATE and DELETE."""

    dependencies = [("booking", "0013_immediate_and_interviews")]

    operations = [
        migrations.RunSQL([FILL, "SET CONSTRAINTS ALL IMMEDIATE"], migrations.RunSQL.noop),
        migrations.RemoveField(model_name="codedelivery", name="booking"),
        migrations.AlterField(
            model_name="codedelivery",
            name="participant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="code_deliveries",
                to="booking.participant",
                verbose_name="参加者",
            ),
        ),
        migrations.RunSQL(
            "CREATE TRIGGER booking_codedelivery_append_only BEFORE UPDATE OR DELETE ON booking_codedelivery FOR EACH ROW EXECUTE FUNCTION booking_refuse_change()",
            "DROP TRIGGER booking_codedelivery_append_only ON booking_codedelivery",
        ),
    ]
