from django.urls import path

from booking.views.slots import slots
from tests.bench import bare, replay
from toyooka_hw.urls import handler400, handler500
from toyooka_hw.urls import urlpatterns as portal

__all__ = ["handler400", "handler500", "urlpatterns"]

urlpatterns = [
    path("bare/plain/", bare.plain),
    path("bare/slots/", bare.slots),
    path("anew/slots/", bare.anew(slots)),
    path("anew/bare/slots/", bare.anew(bare.slots)),
    path("bare/step/<int:number>/", replay.step),
    path("bare/request/", bare.request),
    path("bare/confirm/", bare.confirm),
    *portal,
]
