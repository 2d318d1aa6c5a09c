from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Order per address, what is not sent any more, and what came back."""

    dependencies = [("mail", "0001_initial")]

    operations = [
        migrations.AddField("outgoingmail", "queued_at", models.DateTimeField(null=True, editable=False)),
        migrations.RunSQL("UPDATE mail_outgoingmail SET queued_at = written_at", migrations.RunSQL.noop),
        migrations.AlterField("outgoingmail", "queued_at", models.DateTimeField(editable=False)),
        migrations.AddField("outgoingmail", "in_order", models.BooleanField(default=True, editable=False)),
        migrations.AddField("outgoingmail", "passed_from", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.AddField("outgoingmail", "dropped", models.CharField(blank=True, max_length=100, verbose_name="送らなかった理由")),
        migrations.AddField(
            "outgoingmail", "bounced_at", models.DateTimeField(blank=True, null=True, verbose_name="届かないことがわかった日時")
        ),
        migrations.AddField("outgoingmail", "bounce", models.CharField(blank=True, max_length=20, verbose_name="届かない理由")),
        migrations.AddIndex("outgoingmail", models.Index(fields=["to", "id"], name="mail_by_address")),
        migrations.AddIndex(
            "outgoingmail", models.Index(fields=["bounced_at"], condition=Q(bounced_at__isnull=False), name="mail_bounced")
        ),
    ]
