from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Lower, Upper


class Migration(migrations.Migration):
    """Holds are found by their end first. Neither step keeps anybody from booking meanwhile."""

    atomic = False
    dependencies = [
        ('booking', '0027_waiting_places'),
    ]

    operations = [
        AddIndexConcurrently('hold', models.Index(Upper('span'), Lower('span'), name='hold_by_end')),
        RemoveIndexConcurrently('hold', 'hold_by_time'),
    ]
