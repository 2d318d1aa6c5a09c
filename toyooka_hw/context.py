"""What every page knows of the office."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def office(request: HttpRequest) -> dict[str, Any]:
    """Names, phone and hours of the office; ``demo_bar`` and ``form_errors`` exist on every page, empty unless something fills them."""
    return {
        "office": office_facts(),
        "demo_bar": None,
        "form_errors": 0,
        "zoom_terms_url": settings.ZOOM_TERMS_URL,
        "zoom_test_url": settings.ZOOM_TEST_URL,
    }


def office_facts() -> dict[str, str]:
    """The office as pages and mails name it."""
    return {
        "name": settings.OFFICE_NAME,
        "short_name": settings.OFFICE_SHORT_NAME,
        "phone": settings.OFFICE_PHONE,
        "phone_href": "tel:" + settings.OFFICE_PHONE.replace("-", ""),
        "hours": settings.OFFICE_HOURS,
    }
