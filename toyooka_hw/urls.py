from django.conf import settings
from django.contrib import admin
from django.urls import include, path

handler400 = "toyooka_hw.errors.bad_request"
handler500 = "toyooka_hw.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("consent.urls")),
    path("", include("booking.urls")),
]

if settings.DEMO:
    urlpatterns.append(path("demo/", include("toyooka_hw.demo.urls")))
