"""The product's addresses, and the empty page that every other page is compared with."""

from django.shortcuts import render
from django.urls import include, path


def empty(request):
    """A signed-in page with nothing in it: session, person, frame."""
    return render(request, "base.html")


urlpatterns = [
    path("benchmark/empty/", empty, name="benchmark_empty"),
    path("", include("oneonones.urls")),
]
