from django.urls import path

from consent import views

urlpatterns = [
    path("terms/<slug:document>/", views.terms, name="terms"),
    path("terms/<slug:document>/<int:number>/", views.terms, name="terms_version"),
    path("terms/<slug:document>/notice/<int:number>/", views.notice, name="terms_notice"),
    path("terms/<slug:document>/comparison/<int:new>/<int:old>/", views.comparison, name="terms_comparison"),
    path("consents/", views.consents, name="consents"),
]
