"""Every address of the site."""

from django.urls import include, path

from . import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("", include("people.urls")),
    path("", include("scheduling.urls")),
    path("", include("notes.urls")),
]
