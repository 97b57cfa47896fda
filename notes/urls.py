"""Addresses of this app."""

app_name = "notes"

urlpatterns = []
