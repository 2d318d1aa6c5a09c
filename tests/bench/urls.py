from django.urls import path

from tests.bench import bare
from toyooka_hw.urls import handler400, handler500
from toyooka_hw.urls import urlpatterns as portal

__all__ = ["handler400", "handler500", "urlpatterns"]

urlpatterns = [
    path("bare/plain/", bare.plain),
    path("bare/slots/", bare.slots),
    path("bare/request/", bare.request),
    path("bare/confirm/", bare.confirm),
    *portal,
]
