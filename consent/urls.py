from django.urls import path

from consent import views

urlpatterns = [
    path("<slug:document>/", views.terms, name="terms"),
    path("<slug:document>/<int:number>/", views.terms, name="terms_version"),
]
