"""The product's addresses, and the empty and thin pages that its own are compared with."""

from django.shortcuts import render
from django.urls import include, path

from oneonones.urls import handler429, handler500

from .thin import thin, thin_booking

__all__ = ["handler429", "handler500", "urlpatterns"]  # Django asks for those of the first file


def empty(request):
    """A signed-in page with nothing in it: session, person, frame."""
    return render(request, "base.html")


urlpatterns = [
    path("benchmark/empty/", empty, name="benchmark_empty"),
    path("benchmark/thin/<str:page>/", thin, name="benchmark_thin"),
    path("benchmark/book/<uuid:uid>/", thin_booking, name="benchmark_book"),
    path("", include("oneonones.urls")),
]
