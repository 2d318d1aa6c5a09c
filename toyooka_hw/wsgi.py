import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "toyooka_hw.settings")

application = get_wsgi_application()

from toyooka_hw.checks import refuse_unsafe_start  # noqa: E402 - only once Django is set up

refuse_unsafe_start()
