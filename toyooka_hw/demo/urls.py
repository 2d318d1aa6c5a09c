"""Pages that exist in a demo only."""

from django.urls import path

from toyooka_hw.demo import views

urlpatterns = [
    path("", views.tour, name="demo_tour"),
    path("codes/", views.codes, name="demo_codes"),
    path("mail/", views.mails, name="demo_mails"),
    path("mail/<slug:key>/", views.mail, name="demo_mail"),
    path("mail/<slug:key>/html/", views.mail_html, name="demo_mail_html"),
    path("clock/", views.move, name="demo_clock"),
]
