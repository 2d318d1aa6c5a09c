import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What the portal notes by itself names no member of staff."""

    dependencies = [("audit", "0002_append_only")]

    operations = [
        migrations.AlterField(
            "auditentry",
            "by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="職員",
            ),
        ),
    ]
